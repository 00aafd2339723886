"""Every core test module again, on the MicroPythons that are here. Not itself a core test: it needs pytest."""

import pytest

from core.interpreters import HERE, MICROPYTHONS

MODULES = sorted(path.stem for path in HERE.glob("test_*.py") if path.stem != "test_on_micropython")


@pytest.mark.parametrize("interpreter", MICROPYTHONS, ids=lambda interpreter: interpreter.name)
@pytest.mark.parametrize("module", MODULES)
def test_core(interpreter, module):
    if interpreter.missing:
        pytest.skip(interpreter.missing)
    ran = interpreter.run(HERE / "run_module.py", module)
    assert ran.returncode == 0 and "DONE" in ran.stdout, ran.stdout + ran.stderr
    assert "PASS" in ran.stdout, "a module without tests"
