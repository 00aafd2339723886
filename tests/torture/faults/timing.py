"""Time on the way: ticks that wrap at any moment, and clocks that leap when the receiver tells the date."""

import time
from functools import partial
from itertools import pairwise
from typing import Any

from holdback.simulation import Air
from holdback.simulation.machine import board as virtual_board
from holdback.simulation.machine.board import BOOT_MS
from holdback.simulation.world.strap import Strap
from pacing.cues import EASE
from pacing.journal import EV_END, EV_RESUME, EV_UTC
from system.day import Day
from system.firmware_rig import WRITE, Body, host, make_plan, pulses

from torture.faults.worlds import ended_well

WRAP = 1 << 30
HOUR_S = 3600
POWER, WATCHDOG = 1, 3
ELAPSED_S = 3  # by which a stage's clock may be wrong after a leap and a restart


async def _armed(air: Air, clock_s: float | None, **plan_how: Any) -> Day:
    """A day at its start; `clock_s` is the date that a host has set, None none: then it counts from 2000."""
    plan = make_plan(length_m=20_000, hr_cap_bpm=0, **plan_how)
    body = Body(air)
    await body.board.start()
    await body.seconds(2)
    async with host(body) as h:
        if clock_s is not None:
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(clock_s))
            assert await h.command(WRITE, 0, 4, {"datetime": text}) == {}
        await h.arm(plan)
    strap = Strap(air.device("strap"))
    await strap.start()
    return Day(body, plan, strap)


async def wrapped(air: Air, after_ms: int, within: str) -> None:
    """Ticks wrap so long after the life on the trail has begun, `within` what: nobody notices."""
    before, virtual_board.TICKS_MS_AT_START = virtual_board.TICKS_MS_AT_START, WRAP - after_ms
    try:
        day = await _armed(air, air.utc_s)
        body = day.body
        await day.go(40, 0.0, 90)
        pressed_ms = air.now_ms
        await body.hold_and_press()
        started_ms = air.now_ms
        await day.go(200, 3.9)
        wrap_ms = body.board.resets[-1][0] + BOOT_MS + after_ms
        moments = {
            "the wait": wrap_ms < pressed_ms,
            "the start": pressed_ms <= wrap_ms <= started_ms,
            "a cue": any(at < wrap_ms < at + length for at, length in body.pulses if at > started_ms),
            "a flush": abs(wrap_ms - started_ms - 64_000) <= 1000,
        }
        assert moments[within], f"the wrap is at {wrap_ms}, the start at {started_ms}, pulses {body.pulses}"
        recording = await ended_well(day, 195)
        felt = body.felt(started_ms + 1000)
        assert felt[: len(pulses(EASE))] == pulses(EASE), f"felt {felt}"
        steps_ms = {b[0] - a[0] for a, b in pairwise(recording.samples[:195])}
        assert steps_ms <= {900, 1000, 1100}, f"samples are {sorted(steps_ms)} ms apart"
    finally:
        virtual_board.TICKS_MS_AT_START = before


async def leaping(air: Air, by_s: int | None, *, running: bool, restart: int = 0) -> None:
    """The clock is wrong by so much (None: nobody has set it) until the first fix, which comes before the start or a
    minute behind it. The stage's own time goes on as if nothing were, also over a `restart` for this cause."""
    day = await _armed(air, None if by_s is None else air.utc_s + by_s, gun_utc_s=round(air.utc_s) + 60)
    body = day.body
    await day.go(30, 0.0, 90, fix=False)
    if not running:
        await day.go(10, 0.0, 90)
    await body.hold_and_press()
    begun_ms = air.now_ms
    await day.go(60, 3.9, fix=not running)
    await day.go(80, 3.9)
    if restart:
        await body.board.restart(cause=restart)
        await day.go(80, 3.9)
    ended_s = (air.now_ms - begun_ms) / 1000 + 4  # the gesture
    recording = await ended_well(day, 130, 1 if restart == WATCHDOG else 0)
    true_start_s = air.start_utc + begun_ms / 1000
    anchors = [utc_s - ms / 1000 for utc_s, ms in recording.of(EV_UTC)]
    assert anchors and all(abs(at_s - true_start_s) <= ELAPSED_S for at_s in anchors), f"UTC is {anchors}"
    ((_, end_ms),) = recording.of(EV_END)
    assert abs(end_ms / 1000 - ended_s) <= ELAPSED_S, f"the end at {end_ms} ms, not at {ended_s:.0f} s"
    assert len(recording.of(EV_RESUME)) == (1 if restart else 0)
    times = [sample[0] for sample in recording.samples]
    assert times == sorted(set(times)), "time goes backwards"
    if not restart:
        assert max(b - a for a, b in pairwise(times[:130])) <= 1100, "the stage's clock leaps"


def _wrap(name: str, after_ms: int) -> tuple[Any, dict[str, Any]]:
    return partial(wrapped, after_ms=after_ms, within=name), {}


def _leaps() -> dict[str, tuple[Any, dict[str, Any]]]:
    clocks = {"from 2000": None, "back by 5 h": 5 * HOUR_S, "on by 5 h": -5 * HOUR_S, "back by a year": 8760 * HOUR_S}
    cases: dict[str, tuple[Any, dict[str, Any]]] = {}
    for name, by_s in clocks.items():
        cases[f"clock leaps {name}, armed"] = partial(leaping, by_s=by_s, running=False), {}
        cases[f"clock leaps {name}, running"] = partial(leaping, by_s=by_s, running=True), {}
        for cause, restart in (("watchdog", WATCHDOG), ("power cut", POWER)):
            cases[f"clock leaps {name}, running, then a {cause}"] = (
                partial(leaping, by_s=by_s, running=True, restart=restart),
                {},
            )
    return cases


CASES = {
    **{f"ticks wrap in the wait, {ms} ms": _wrap("the wait", ms) for ms in (1, 1000, 20_000)},
    **{f"ticks wrap in the start, {ms} ms": _wrap("the start", ms) for ms in (36_000, 38_700, 39_700, 39_900)},
    **{f"ticks wrap in a flush, {ms} ms": _wrap("a flush", ms) for ms in (103_100, 103_750, 104_020, 104_900)},
    **{f"ticks wrap in a cue, {ms} ms": _wrap("a cue", ms) for ms in (135_100, 135_420, 136_400)},
    **_leaps(),
}
