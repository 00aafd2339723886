// Runs a Python script on the 32-bit wasm build: node wasm.mjs BUILD SCRIPT [ARG ...]. Its files are copied into the build's own
// file system, because wasm sees no disk: every .py and fixture of firmware/ and tests/core/, and every ARG that is a folder.
// Memory is collected when a run ends, and not at gc.collect(): a line "# %%" ends a part of the script, which is a run of its own.
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
for (const arg of args) if (statSync(arg, { throwIfNoEntry: false })?.isDirectory()) copy(arg, arg);
mp.runPython(`import sys\nsys.path[:] = ["/firmware", "/core"]\nsys.argv[:] = ${JSON.stringify(["", ...args])}`);
try {
  for (const part of readFileSync(script, "utf8").split("\n# %%\n")) mp.runPython(part);
} catch (error) {
  console.log(String(error.message ?? error));
  process.exit(1);
}
