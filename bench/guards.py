"""The guards beside effort on real runs: what of the strap is believed, cues about descents, and what is owed."""

import statistics
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from holdback.gpx import GpxPoint
from holdback.planning.athlete import Athlete
from holdback.planning.stage import plan_course
from pacing import cues, ledger, planwriter
from pacing.heart import Heart
from pacing.pacer import Pacer
from pacing.plan import Plan
from pacing.sample import FIX_GOOD, Sample

from bench.pacing.real_runs import ON_PLAN, Run, recorded_runs

POINT_M = 10
FREE_BPM_S_M = 24.2  # Hunt 2015: what a metre a second more adds


def rows(_peer: Path | None) -> Iterator[tuple[str, str]]:
    """One row a question; each run is its own course and its own line of heart rate."""
    found = recorded_runs()
    if not found:
        yield "guards", "not measured: HOLDBACK_DATA names no folder with runs"
        return
    straps = [run for run in found if run.has_hr]
    believed = [_heart(run) for run in straps]
    yield f"{len(straps)} runs with a strap, {sum(run.hours for run in straps):.0f} h", ""
    yield "longest run of one number on the move, s", f"{max(_longest(run) for run in straps)}"
    yield "readings not believed", f"{sum(refused for refused, _ in believed)} s"
    offsets = [offset for _, mean in believed for offset in mean]
    yield "heart against its own line, mean over 17 min", f"{min(offsets):+.0f} to {max(offsets):+.0f} bpm"
    yield f"{len(found)} runs, {sum(run.hours for run in found):.0f} h, on plans of their own course", ""
    for eager in (1.0, 1.12):
        descents, owed = zip(*(_stage(run, eager) for run in found), strict=True)
        shares = [ledger.share_pm(value) for value in owed]
        yield f"+{eager - 1:.0%}: EASEs for descents in all", f"{sum(descents)}"
        yield f"+{eager - 1:.0%}: percent-minutes owed, median and most", f"{statistics.median(owed):.0f} / {max(owed)}"
        yield (
            f"+{eager - 1:.0%}: of the next caps, median and least",
            f"{statistics.median(shares):.0f} / {min(shares)} ‰",
        )


def _longest(run: Run) -> int:
    """Seconds on the move with the same heart rate."""
    moving = [hr for hr, live in zip(run.hr_bpm, run.live, strict=True) if live]
    return max(len(list(same)) for hr, same in groupby(moving) if hr)


def _heart(run: Run) -> tuple[int, list[float]]:
    """Seconds of readings that are not believed, and the mean distance from the line at each second, bpm."""
    spec = {
        "stage_no": 2,
        "cs_cms": round(run.cs_ms * 100),
        "hr_a_dbpm": round(run.hr_a_bpm * 10),
        "hr_b_dbpm": round(FREE_BPM_S_M * run.cs_ms * 10),
    }
    heart, sample, refused, means = Heart(_plan(planwriter.encode(spec))), Sample(), 0, []
    for second in range(len(run.live)):
        _fill(sample, run, second)
        heart.step(sample, run.grade_pm[second], 1, run.live[second])
        refused += sample.hr_bpm > 0 and not heart.hr_bpm
        means.append((heart._sum >> 10) / 10)
    return refused, means


def _stage(run: Run, eager: float) -> tuple[int, int]:
    """(EASEs for descents, percent-minutes owed) of a plan that asks for so much less than was run."""
    points, last_m = [], -float(POINT_M)
    for lat, lon, metres in zip(run.lat, run.lon, run.along_m, strict=True):
        if metres >= last_m + POINT_M:
            points.append(GpxPoint(lat, lon, run.profile_m[min(int(metres / POINT_M), len(run.profile_m) - 1)]))
            last_m = metres
    athlete = Athlete(critical_speed_ms=run.cs_ms / eager)
    pacer, sample, descents = Pacer(_plan(plan_course(points, athlete, intensity=ON_PLAN).data)), Sample(), 0
    for second in range(len(run.live)):
        _fill(sample, run, second)
        descents += pacer.step(sample) > 0 and pacer.reason == cues.BY_DESCENT
    return descents, pacer.ledger.owed


def _fill(sample: Sample, run: Run, second: int) -> None:
    """The sample that the device would have taken."""
    sample.stage_ms = second * 1000
    sample.lat_e6, sample.lon_e6 = round(run.lat[second] * 1e6), round(run.lon[second] * 1e6)
    sample.speed_cms = round(run.speed_ms[second] * 100) if run.known[second] else 0
    sample.hr_bpm = run.hr_bpm[second] if run.has_hr else 0
    sample.flags = FIX_GOOD if run.known[second] else 0


def _plan(data: bytes) -> Plan:
    def read(offset: int, buf: bytearray) -> None:
        buf[:] = data[offset : offset + len(buf)]

    return Plan(read, len(data))
