"""The radio itself stalls on the way: the strap's link is there and says nothing, and each remedy but the last fails.

Bounds are those of app.strap: 10 s of silence, then attempts of up to 24 s each (scan 10, connect 6, hang up 5, pause
3); the radio is restarted at the third that fails, or after four scans that hear nothing, the device at the sixth.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

from holdback.simulation import Air
from system.day import Day
from system.firmware_rig import Body, altered, make_plan

from torture.faults.worlds import begun, ended_well

PIN = 33  # the test's word to the stand-ins: when its level changes the radio stalls, until a start at the latest
BEFORE_S, AFTER_S = 60, 240
# What `KIND` breaks: notifications always; further what its name in STALLS says.
SCRIPT = f"""
import bluetooth
from machine import Pin
BLE, pin = bluetooth.BLE, Pin({PIN})
base = [pin.value()]
def stalled():
    return pin.value() != base[0]
def cured():
    base[0] = pin.value()
def event(self, kind, *rest, real=BLE._event):
    if not stalled() or kind != 118 and not (KIND == "deaf" and kind == 105):
        return real(self, kind, *rest)
def connect(self, kind, *rest, real=BLE.gap_connect):
    if kind is None or not stalled() or KIND in ("silent", "stuck", "deaf"):
        return real(self, kind, *rest)
def disconnect(self, conn, real=BLE.gap_disconnect):
    if stalled() and KIND == "stuck":
        return True
    if KIND == "silent":
        cured()
    return real(self, conn)
def active(self, on=None, real=BLE.active):
    if on and stalled() and KIND == "no memory":
        raise OSError(12)
    if on is False and stalled():
        print("radio restart")
        if KIND in ("no connection", "stuck", "deaf"):
            cured()
    return real(self, on)
BLE._event, BLE.gap_connect, BLE.gap_disconnect, BLE.active = event, connect, disconnect, active
"""


@dataclass(frozen=True)
class Stall:
    """What is broken, and what it may cost: radio restarts, resets, seconds without a heart rate."""

    kind: str
    restarts: int
    resets: int
    most_s: int


STALLS = {
    "silent": Stall("silent", 0, 0, 25),  # connecting again helps
    "no connection": Stall("no connection", 1, 0, 60),  # only a restart of the radio does
    "no connection until a reset": Stall("dead", 1, 1, 110),
    "a link that cannot be ended": Stall("stuck", 1, 0, 110),  # so that the strap does not advertise
    "scans hear nothing": Stall("deaf", 1, 0, 110),
    "no memory at the restart": Stall("no memory", 1, 1, 90),
}


def toggle(body: Body) -> None:
    """The radio stalls from now on."""
    body.board.set_pin(PIN, 1 - body.board.pins.get(PIN, 1))


async def stalled(air: Air, stall: Stall, tell: Callable[[str], object] = print) -> None:
    """The stage goes on; the heart rate is back within the bound, by the mildest remedy that helps."""
    with TemporaryDirectory() as name:
        script = altered(name, f"KIND = {stall.kind!r}\n" + SCRIPT)
        plan = make_plan(length_m=40_000, hr_cap_bpm=0)
        day = await begun(air, plan, script=script)
        body = day.body
        await day.go(BEFORE_S, 3.0)
        toggle(body)
        await day.go(AFTER_S, 3.0)
        await _look(day, stall, tell)


async def _look(day: Day, stall: Stall, tell: Callable[[str], object]) -> None:
    body: Body = day.body
    restarts = body.board.log.count("radio restart")
    resets = len(body.board.resets) - 1
    raised = [line for line in body.board.log if "Error" in line and "ENOMEM" not in line and "ENODEV" not in line]
    assert not raised, raised
    body.board._log.file.truncate(0)  # what was foreseen has been looked at
    recording = await ended_well(day, BEFORE_S + AFTER_S - 8 - 8 * stall.resets, stall.resets)
    times = [ms // 1000 for ms, _, _, hr_bpm, _ in recording.samples if not hr_bpm and ms < (BEFORE_S + AFTER_S) * 1000]
    blind_s = times[-1] - BEFORE_S if times else 0
    tell(f"{stall.kind}: {blind_s} s after the stall the heart is heard again, {restarts} restarts, {resets} resets")
    assert 5 <= blind_s <= stall.most_s, f"{blind_s} s without a heart rate"
    assert (restarts, resets) == (stall.restarts, stall.resets), f"{restarts} radio restarts, {resets} resets"


def _case(stall: Stall) -> tuple[Any, dict[str, Any]]:
    return partial(stalled, stall=stall), {}


CASES = {f"stall: {name}": _case(stall) for name, stall in STALLS.items()}
