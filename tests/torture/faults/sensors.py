"""Receiver and strap fail in every way of the list, on the firmware in the virtual board; the stage goes on."""

import calendar
from collections.abc import Awaitable, Callable
from functools import partial
from random import Random
from typing import Any

from holdback.simulation import Air
from holdback.simulation.world.receiver import EXACT, Receiver, ReceiverModel
from holdback.simulation.world.strap import Strap
from pacing.journal import EV_UTC
from system.day import Day
from system.firmware_rig import Recording, make_plan

from torture.faults import timing
from torture.faults.worlds import attack, begun, ended_well
from torture.rows import Report, Row, Scale

BEFORE_S, AFTER_S = 120, 180
WEEKS_1024_S = 1024 * 7 * 86400
YEAR_END = calendar.timegm((2026, 12, 31, 23, 58, 0))
MIDNIGHT = calendar.timegm((2026, 7, 1, 23, 58, 0))
Fault = Callable[[Day], Awaitable[None]]
Look = Callable[[Recording], None]


async def stage(air: Air, fault: Fault, look: Look, seconds: int) -> None:
    """Two minutes of running, the fault, three minutes; `seconds` is how long the fault lasts."""
    plan = make_plan(length_m=40_000, hr_cap_bpm=0)
    day = await begun(air, plan)
    await day.go(BEFORE_S, 3.0)
    await fault(day)
    await day.go(AFTER_S, 3.0)
    recording = await ended_well(day, BEFORE_S + seconds + AFTER_S - 8)
    late = recording.samples[-40:-10]  # the end by hand takes seconds without a receiver
    assert all(sample[4] & 3 >= 2 for sample in late), "the fix does not come back"
    assert all(sample[3] == 120 for sample in late), "the heart rate does not come back"
    times = [sample[0] for sample in recording.samples]
    assert times == sorted(set(times)), "time goes backwards"
    look(recording)


def anything(_recording: Recording) -> None:
    """No more is promised."""


def utc_right(recording: Recording) -> None:
    """The clock of the recording is that of the world: one anchor at the start, and none that contradicts it."""
    anchors = [utc_s - ms // 1000 for utc_s, ms in recording.of(EV_UTC)]
    assert anchors and max(anchors) - min(anchors) <= 2, f"UTC anchors apart: {anchors}"
    assert abs(anchors[0] - recording.reader.utc_s) <= 2, "the start has another date"


def no_hr(seconds: int) -> Look:
    """At least so many seconds have no heart rate, and few more."""

    def look(recording: Recording) -> None:
        blind = sum(sample[3] == 0 for sample in recording.samples)
        assert blind <= seconds + 60, f"{blind} s without a heart rate"

    return look


async def silent(day: Day, seconds: int) -> None:
    """The receiver says nothing."""
    await day.go(seconds, 3.0, silent=True)


async def babbling(day: Day, seconds: int) -> None:
    """The wrong baud rate: noise, with a sentence's beginning now and then."""
    rng = Random(7)
    for _ in range(seconds):
        day.body.board.feed_uart(
            rng.randbytes(rng.randrange(400)) + rng.choice((b"", b"$GNRMC,", b"\r\n$", b"*00\r\n"))
        )
        await day.go(1, 3.0, silent=True)


async def restarting(day: Day, seconds: int) -> None:
    """It loses its time and its place, and finds them again after 25 s."""
    body = day.body
    body.receiver = Receiver(3, ReceiverModel(ttff_s=25, position_m=0, altitude_m=0, speed_ms=0))
    await day.go(seconds, 3.0)
    body.receiver = Receiver(1, EXACT)


async def jumping(day: Day, seconds: int) -> None:
    """500 m aside and back, again and again."""
    for second in range(seconds):
        day.body.east_m = 500.0 if second % 20 < 6 else 0.0
        await day.go(1, 3.0)
    day.body.east_m = 0.0


async def frozen(day: Day, seconds: int) -> None:
    """The same place and speed, to the digit."""
    for _ in range(seconds):
        day.body.m -= 3.0
        await day.go(1, 3.0)


async def rolled_over(day: Day, seconds: int) -> None:
    """Dates of 1024 weeks ago."""
    body = day.body
    real = body.receiver.epoch
    body.receiver.epoch = lambda utc_s, truth: real(utc_s - WEEKS_1024_S, truth)  # type: ignore[method-assign]
    await day.go(seconds, 3.0)
    body.receiver.epoch = real  # type: ignore[method-assign]


async def plain(day: Day, seconds: int) -> None:
    """Nothing fails."""
    await day.go(seconds, 3.0)


async def strap_gone(day: Day, seconds: int) -> None:
    """Out of reach."""
    day.strap.vanish()
    await day.go(seconds, 3.0)
    day.strap.come_back()
    await day.go(60, 3.0)


async def heart(day: Day, seconds: int, rates: tuple[int, ...]) -> None:
    """The strap says these, one after another."""
    for second in range(seconds):
        await day.strap.beat(rates[second % len(rates)])
        await day.go(1, 3.0, hr=0)


async def another(day: Day, seconds: int) -> None:
    """A stranger's strap comes near, the runner's goes for a while."""
    other = Strap(day.body.air.device("other"), "Other")
    await other.start()
    day.strap.vanish()
    for _ in range(seconds):
        await other.beat(77)
        await day.go(1, 3.0)
    day.strap.come_back()
    await day.go(60, 3.0)


def never(bpm: int) -> Look:
    """This heart rate is nobody's here."""

    def look(recording: Recording) -> None:
        assert bpm not in {sample[3] for sample in recording.samples}, "a stranger's heart"

    return look


def _case(fault: Any, seconds: int, look: Look = anything, **air: Any) -> tuple[Any, dict[str, Any]]:
    return partial(stage, fault=partial(fault, seconds=seconds), look=look, seconds=seconds), air


def _heart(*rates: int) -> Any:
    return partial(heart, rates=rates)


CASES = {
    "receiver silent 1 min": _case(silent, 60),
    "receiver silent 20 min": _case(silent, 1200),
    "wrong baud 5 min": _case(babbling, 300),
    "receiver restarts": _case(restarting, 90),
    "jumps of 500 m": _case(jumping, 200),
    "receiver frozen": _case(frozen, 120),
    "week rollover on the way": _case(rolled_over, 120, utc_right),
    "midnight": _case(plain, 120, utc_right, start_utc=MIDNIGHT),
    "year end": _case(plain, 120, utc_right, start_utc=YEAR_END),
    "strap lost 1 s": _case(strap_gone, 1, no_hr(1)),
    "strap lost 1 min": _case(strap_gone, 60, no_hr(60)),
    "strap lost 1 h": _case(strap_gone, 3600, no_hr(3600)),
    "strap stuck": _case(_heart(163), 900),
    "strap spikes": _case(_heart(120, 121, 240, 120, 31), 300),
    "strap says 0": _case(_heart(0), 300),
    "two straps": _case(another, 300, never(77)),
    **timing.CASES,
}


def run(scale: Scale, report: Report) -> Row:
    """All of them, or some."""
    return attack("sensors", CASES, scale, report)
