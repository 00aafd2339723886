"""The owner's kit's look at a board's bus, in MicroPython, against the models of chips that the drivers have."""

import ast
import os
import subprocess

import pytest
from core.interpreters import FIRMWARE, unix_port
from hardware.session import PROBES

CHIPS = FIRMWARE.parent / "tests" / "chips"
SCRIPT = """
import sys
class Facts:
    BUTTON, POWER, MOTOR = 0, "{power}", -1
class Machine:
    class Pin:
        IN = 1
        def __init__(self, pin, mode): pass
        def value(self): return 1
sys.modules["board"], sys.modules["machine"] = Facts, Machine
from models import Bus, Haptic, Registers
from probes import chips
bus = Bus(**{chips})
bus.scan = lambda: sorted(bus.chips)
class Board:
    _bus, faults = bus, [("power", OSError(19))]
chips.ready_board = Board
print(chips.run())
"""
AXP2101, AXP192, OTHER = ("Registers({3: %d})" % identity for identity in (0x4A, 0x03, 0x77))  # noqa: UP031


@pytest.mark.parametrize(
    ("power", "chips", "found"),
    [
        ("axp2101", f"x34={AXP2101}, x5A=Haptic(), x19=Registers()", ("0x19, AXP2101, DRV2605L", "found", "found")),
        ("axp", f"x34={AXP192}, x5A=Haptic(3)", ("AXP192, DRV2605", "found", "found")),
        ("axp", f"x34={AXP2101}, x77=Registers({{0xD0: 0x60}})", ("AXP2101, BME280", "found", "missing")),
        ("axp2101", f"x34={AXP192}, x5A=Haptic(5)", ("AXP192, 0x5A", "missing", "missing")),
        ("axp", f"x34={OTHER}", ("0x34", "missing", "missing")),
        ("axp", "", ("none", "missing", "missing")),
    ],
)
def test_chips_are_named_by_their_identity(power: str, chips: str, found: tuple[str, str, str]) -> None:
    unix = unix_port()
    if unix.missing:
        pytest.skip(unix.missing)
    script = SCRIPT.replace("{power}", power).replace("**{chips}", chips)
    env = os.environ | {"MICROPYPATH": f"{PROBES.parent}:{FIRMWARE}:{CHIPS}:.frozen"}
    done = subprocess.run([*unix.command, "-c", script], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = ast.literal_eval(done.stdout)
    assert (told["chips"], told["power"], told["haptic"]) == found
    assert told["button_level"] == 1 and told["faults"].startswith("power: ")
