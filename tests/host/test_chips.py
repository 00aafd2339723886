"""The drivers against models of their chips (tests/chips), in MicroPython: the right bytes, wrong chips, bus errors."""

import os
import subprocess
from pathlib import Path

import pytest
from core.interpreters import FIRMWARE, HERE, unix_port

CHIPS = Path(__file__).parents[1] / "chips"


@pytest.mark.parametrize("module", sorted(path.stem for path in CHIPS.glob("test_*.py")))
def test_on_micropython(module: str) -> None:
    unix = unix_port()
    if unix.missing:
        pytest.skip(unix.missing)
    env = os.environ | {"MICROPYPATH": f"{FIRMWARE}:{CHIPS}:.frozen"}
    command = [*unix.command, str(HERE / "run_module.py"), module]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0 and done.stdout.endswith("DONE\n"), done.stdout + done.stderr
    assert done.stdout.count("PASS") == (CHIPS / f"{module}.py").read_text().count("\ndef test_")
