// Runs a Python script on the 32-bit wasm build: node wasm.mjs BUILD SCRIPT [ARG ...]. Its files are copied into the build's own
// file system, because wasm sees no disk: every .py and fixture of firmware/ and tests/core/.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [build, script, ...args] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(build));
const mp = await loadMicroPython({ heapsize: 8 * 1024 * 1024, linebuffer: true });

function copy(from, to) {
  mp.FS.mkdirTree(to);
  for (const name of readdirSync(from)) {
    const path = join(from, name);
    if (statSync(path).isDirectory()) {
      if (name !== "__pycache__") copy(path, `${to}/${name}`);
    } else mp.FS.writeFile(`${to}/${name}`, readFileSync(path));
  }
}

const here = dirname(script);
copy(join(here, "../../firmware"), "/firmware");
copy(here, "/core");
mp.runPython(`import sys\nsys.path[:] = ["/firmware", "/core"]\nsys.argv[:] = ${JSON.stringify(["", ...args])}`);
try {
  mp.runPython(readFileSync(script, "utf8"));
} catch (error) {
  console.log(String(error.message ?? error));
  process.exit(1);
}
