"""What attacks on the virtual board share: a case is a coroutine that lives a world and raises what it finds broken."""

import time
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from pacing.journal import EV_END
from system.day import Day
from system.firmware_rig import Recording, armed, pulled, replayed

from torture.rows import Report, Row, Scale

Case = Callable[[Air], Any]
KINDS = 8


def attack(name: str, cases: Mapping[str, tuple[Case, dict[str, Any]]], scale: Scale, report: Report) -> Row:
    """Live every case, or as many by chance as the scale has inputs."""
    row, start = Row(name, scale.seed), time.monotonic()
    names = list(cases)
    if scale.inputs < len(names):
        names = Random(scale.seed).sample(names, scale.inputs)
    for one in names:
        row.inputs += 1
        try:
            live(cases[one])
            row.taken += 1
        except Exception as error:
            row.crashes += 1
            if len(row.failures) < KINDS:
                row.failures.append(f"{name}: {one}: {type(error).__name__}: {error}")
        report(f"{name}: {one}, {row.crashes} broken so far")
    row.seconds = time.monotonic() - start
    return row


def live(case: tuple[Case, dict[str, Any]]) -> Any:
    """One world from its beginning to its end."""
    story, air = case
    return run(story, **air)


async def begun(air: Air, plan: bytes, calm_s: int = 40, **board: Any) -> Day:
    """A stage begun by hand after `calm_s` at its start, with a strap; `board` as system.firmware_rig.armed."""
    body = await armed(air, plan, **board)
    strap = Strap(air.device("strap"))
    await strap.start()
    day = Day(body, plan, strap)
    await day.go(calm_s, 0.0, 90)
    await body.hold_and_press()
    return day


async def ended_well(day: Day, least_samples: int, most_resets: int = 0) -> Recording:
    """End the stage by hand and pull it. Whole, ended, its cues a replay's, nothing raised, no restart but the arming
    and those that are allowed."""
    body = day.body
    resets = [cause for _, cause in body.board.resets[1:]]
    await body.hold_and_press()
    await body.seconds(3)
    data = await pulled(body)
    recording = Recording(data)
    assert recording.damaged == 0, f"{recording.damaged} bytes damaged"
    assert len(recording.samples) >= least_samples, f"{len(recording.samples)} samples, {least_samples} expected"
    assert recording.of(EV_END), "no end"
    assert recording.cues == replayed(data, day.plan), "a replay has other cues"
    assert len(resets) <= most_resets, f"restarts: {resets}"
    raised = [line for line in body.board.log if "Error" in line]
    assert not raised, raised
    return recording
