"""How soon an eager runner is told, and how often an even one is disturbed, on real recorded runs."""

import math
import os
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

from bench.pacing.charts import Mark, Panel, Row, dots
from bench.pacing.detectors import (
    Detector,
    cusum,
    debt,
    firmware,
    fused,
    heart,
    heart_held,
    heart_summed,
    once,
    ours,
    seconds_over,
    speed,
    speed_60,
)  # fmt: skip
from bench.pacing.kalman import RETUNED, TRUSTING
from bench.pacing.real_runs import ON_PLAN, Run, runs
from bench.pacing.tables import Table

EAGER = (1.08, 1.12, 1.20)
COLUMNS = ("cues/h on plan, median / mean", *(f"+{share - 1:.0%}: min, median / p90" for share in EAGER))
RESAMPLED = 400
LINE, HEAD_START = "debt on speed", "debt on speed, head start 50"
LATER, FIRST_DAY = "ours, a later day", "ours, day 1"
FELT = "felt: EASE for effort of the whole core, day 1"
GUARDED = "felt: every EASE, with the planner's bound of heart rate"
HELD, SUMMED = "heart rate 60 s over the planner's bound + 5 bpm", "ours: beats over that bound, 40 bpm-minutes"
WITH_STRAP = ("heart rate 30 s over by 3 %", "heart rate 300 s over by 3 %", HELD, SUMMED, GUARDED)


class Told(NamedTuple):
    """What one method tells one runner: cues an hour on plan, minutes to the first for each of EAGER (inf: none)."""

    rate: float
    first_min: tuple[float, ...]


def told(detect: Detector, run: Run) -> Told:
    """The method on this run; of an eager runner's cues only the first is asked for."""
    firsts = [list(islice(detect(run, ON_PLAN / share), 1)) for share in EAGER]
    rate = sum(1 for _ in detect(run, ON_PLAN)) / run.hours
    return Told(rate, tuple((seconds[0] + 1) / 60 if seconds else math.inf for seconds in firsts))


def methods() -> dict[str, Detector]:
    """Every row: watches, the line to beat, and ours."""
    smooth, trusting, retuned = once(speed_60), once(fused(TRUSTING)), once(fused(RETUNED))
    return {
        "speed 30 s over by 5 %, as watches do": seconds_over(speed, 30, 0.05),
        "speed 300 s over by 5 %, as watches do": seconds_over(smooth, 300, 0.05),
        "heart rate 30 s over by 3 %": seconds_over(heart, 30, 0.03),
        "heart rate 300 s over by 3 %": seconds_over(heart, 300, 0.03),
        HELD: heart_held(),
        SUMMED: heart_summed(),
        "CUSUM on speed, h = 24": cusum(speed, 24),
        "CUSUM on a filter that trusts heart rate, h = 24": cusum(trusting, 24),
        "CUSUM on a filter tuned on real runs, h = 18": cusum(retuned, 18),
        "debt on that filter, a moment 10 % at most, head start 50": debt(retuned, 50, 10),
        LINE: debt(smooth),
        HEAD_START: debt(smooth, 50),
        LATER: ours(2),
        FIRST_DAY: ours(1),
        FELT: firmware(bound=False),
        GUARDED: firmware(bound=True),
    }


def judge(run: Run) -> dict[str, Told]:
    """Every method that this run can be judged by."""
    return {name: told(detect, run) for name, detect in methods().items() if run.has_hr or name not in WITH_STRAP}


def figures(found: Sequence[Told]) -> list[float]:
    """Cues an hour on plan, median and mean; minutes to the first cue, median and p90 for each of EAGER."""
    rates = [one.rate for one in found]
    out = [statistics.median(rates), statistics.fmean(rates)]
    for i in range(len(EAGER)):
        firsts = [one.first_min[i] for one in found]
        out += [statistics.median(firsts), late(firsts)]
    return out


def cells(found: Sequence[Told]) -> list[str]:
    """The same as printed, two to a cell."""
    rates, delays = figures(found)[:2], [minutes(value) for value in figures(found)[2:]]
    pairs = zip(delays[::2], delays[1::2], strict=True)
    return [f"{rates[0]:.2f} / {rates[1]:.2f}", *(f"{middle} / {last}" for middle, last in pairs)]


def late(values: Sequence[float]) -> float:
    """The 90th percentile: of 9 runs the second last, of 13 too."""
    return sorted(values)[int(0.9 * (len(values) - 1) + 0.5)]


def minutes(value: float) -> str:
    """Minutes, or never."""
    return "never" if math.isinf(value) else f"{value:.1f}"


def spread(found: Sequence[Run], work: Callable[[Run], dict[str, Told]]) -> list[dict[str, Told]]:
    """`work` on each run, on all processors, the longest first; the answers in the order of the runs."""
    order = sorted(range(len(found)), key=lambda i: -len(found[i].live))
    with Pool(os.cpu_count()) as pool:
        done = dict(zip(order, pool.map(work, [found[i] for i in order], chunksize=1), strict=True))
    return [done[i] for i in range(len(found))]


# --- what heart rate adds ---

SAND_S = 1800
LOST_S = 600
HOT_BPM, HOT_S = 15, 5400


def sand(run: Run) -> Run:
    """Every other half hour on ground that costs 15 % more: slower at the same effort, the heart as it was."""
    return replace(run, speed_ms=[v / 1.15 if i // SAND_S % 2 == 0 else v for i, v in enumerate(run.speed_ms)])


def soft(run: Run) -> Run:
    """The whole way on ground that costs 30 % more."""
    return replace(run, speed_ms=[v / 1.3 for v in run.speed_ms])


def flat_map(run: Run) -> Run:
    """A map without hills."""
    return replace(run, grade_pm=[0] * len(run.grade_pm))


def steep_map(run: Run) -> Run:
    """A map whose hills are half as steep again as they are."""
    return replace(run, grade_pm=[grade * 3 // 2 for grade in run.grade_pm])


def hot(run: Run) -> Run:
    """A heart that drifts 15 beats up in an hour and a half."""
    return replace(run, hr_bpm=[hr and hr + HOT_BPM * min(i, HOT_S) // HOT_S for i, hr in enumerate(run.hr_bpm)])


def tired(run: Run) -> Run:
    """A heart 12 beats lower than the plan knows it."""
    return replace(run, hr_bpm=[hr and hr - 12 for hr in run.hr_bpm])


def tense(run: Run) -> Run:
    """A heart 10 beats higher than the plan knows it."""
    return replace(run, hr_bpm=[hr and hr + 10 for hr in run.hr_bpm])


def lost(run: Run) -> Run:
    """No fix in every other ten minutes, from the start on."""
    return replace(run, no_fix=[i // LOST_S % 2 == 0 for i in range(len(run.live))])


def recorded(run: Run) -> Run:
    """As it was."""
    return run


CHANGES = (recorded, sand, soft, flat_map, steep_map, hot, tense, tired, lost)
WAYS = (("speed alone", ours(1, strap=False)), ("with heart rate", ours(1)))
BY_HEART = ("heart rate alone where he walks uphill", ours(1, walks_by_heart=True))


def judge_changed(run: Run) -> dict[str, Told]:
    """Ours with and without a strap, on this run as it was and changed."""
    found = {}
    for change in CHANGES:
        changed = change(run)
        for name, detect in (*WAYS, BY_HEART) if change is recorded else WAYS:
            found[f"{change.__name__.replace('_', ' ')}: {name}"] = told(detect, changed)
    return found


# --- the tables ---


def tables(data: Path | None) -> Iterator[Table]:
    """Runs with a strap, all runs, and what heart rate adds."""
    found = runs(data) if data else []
    if not found:
        return
    judged = spread(found, judge)
    straps = [one for one, run in zip(judged, found, strict=True) if run.has_hr]
    if straps:
        yield table("Real runs with heart rate: cues on plan, minutes to the first", straps, "detection")
    yield table("All real runs, heart rate or not", judged, "detection-all")
    worn = [run for run in found if run.has_hr]
    if worn:
        yield heart_table(spread(worn, judge_changed))


def table(title: str, judged: Sequence[dict[str, Told]], slug: str) -> Table:
    """A row for each method that all of these runs can be judged by."""
    names = [name for name in methods() if all(name in one for one in judged)]
    rows = [[name, *cells([one[name] for one in judged])] for name in names]
    notes = (
        f"Measured: {len(judged)} runs of an hour or more, none left out, those of several files once. Of so few runs "
        "p90 is a single one.",
        "Elevation each 10 m, smoothed over 100 m; critical speed: mean grade-adjusted speed on the move / .8; the "
        "line of heart rate goes through the run's mean at .8; the plan says .8, or .8/1.08, /1.12, /1.2.",
        "Debt on speed: percent-minutes of 60-s means above 1.03 of the plan, repaid by easing, told at 100 and each "
        "doubling. The head start is what day 1 owes from the first second on; ours is 70, on later days 20.",
        "On plan: the run's mean is the plan. Who starts fast and fades is told, and counts here as disturbed.",
        f"Of {RESAMPLED} resamples of these runs, ours is sooner in median and p90 at every level with no more cues in "
        f"median and mean: a later day in {better(judged, LATER, LINE):.0%}, against debt on speed; day 1 in "
        f"{better(judged, FIRST_DAY, HEAD_START):.0%}, against the same with its head start.",
        "Ours alone is effort and governor; felt is the whole core, its silences, quiet times and budget included. The "
        "runner heeds nothing.",
    )
    return Table(title, ("method", *COLUMNS), rows, notes, slug, chart(title, judged, names))


def better(judged: Sequence[dict[str, Told]], name: str, other: str) -> float:
    """The share of resamples of the runs in which `name` beats `other` in every figure."""
    rng = random.Random(f"{name} {other}")
    won = 0
    for _ in range(RESAMPLED):
        drawn = rng.choices(judged, k=len(judged))
        a, b = figures([one[name] for one in drawn]), figures([one[other] for one in drawn])
        quiet = all(x <= y for x, y in zip(a[:2], b[:2], strict=True))
        won += quiet and all(x < y for x, y in zip(a[2:], b[2:], strict=True))
    return won / RESAMPLED


def chart(title: str, judged: Sequence[dict[str, Told]], names: Sequence[str]) -> str:
    """Median to p90 of the minutes, beside the cues on plan."""
    mean = [Row(name, [_point(statistics.fmean(one[name].rate for one in judged))], "ours" in name) for name in names]
    panels = [Panel("cues an hour on plan, mean", mean, log=True, least=0.2, most=20)]
    for i, share in enumerate(EAGER):
        rows = [Row(name, [_delay([one[name].first_min[i] for one in judged])], "ours" in name) for name in names]
        panels.append(Panel(f"+{share - 1:.0%}: minutes, median to p90", rows, log=True, least=1, most=200))
    return dots(title, panels)


def _point(value: float) -> Mark:
    return Mark(value, value, value)


def _delay(firsts: Sequence[float]) -> Mark:
    middle = statistics.median(firsts)
    return Mark(middle, middle, late(firsts))


def heart_table(judged: Sequence[dict[str, Told]]) -> Table:
    """Ours by speed alone and with heart rate, where speed misleads and where the heart does."""
    rows = [[name, *cells([one[name] for one in judged])] for name in judged[0]]
    changed = " ".join(f"{change.__name__.replace('_', ' ')}: {change.__doc__}" for change in CHANGES[1:])
    notes = (
        f"{len(judged)} real runs with a strap. As recorded is measured; in every other row one thing is simulated on "
        f"top of the recordings. {changed}",
        "Heart rate may only add to effort, and only what it is above its line by more than 5 bpm for ten minutes or "
        "so: a tired heart takes nothing away, and a map that errs to the other side stays as it is.",
    )
    title = "Where heart rate adds what speed cannot, day 1"
    return Table(title, ("run: ours", *COLUMNS), rows, notes, "detection-heart")
