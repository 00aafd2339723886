"""Simulated runners as rough as real ones: false cues of a day on plan, and how soon one who runs too hard is told."""

import math
import os
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

from holdback.planning.athlete import Athlete, hr_bound
from holdback.planning.course import CELL_M, Course
from holdback.planning.encoding import corners
from holdback.simulation.world.runner import HR_GAIN_BPM_PER_MS
from pacing import cues, planwriter
from pacing.effort import Effort
from pacing.governor import Governor
from pacing.pacer import Pacer
from pacing.plan import Plan
from pacing.sample import FIX_BEST, Sample

from bench.pacing import charts, detectors
from bench.pacing.real_runs import ON_PLAN, Run, runs
from bench.pacing.rough import HOURS, THRESHOLD_BPM, Rough, rough_run, roughness
from bench.pacing.tables import Table, interval

SEEDS = range(1, 33)
EAGER = (1.05, 1.08, 1.12, 1.20)
OURS = "ours: EASE of the whole core"
FELT = "ours: repeats and heart rate's guard, too"
LATE_MIN = 120  # who is told later has spent the day


@dataclass(frozen=True)
class Told:
    """One method with one runner: cues of the day on plan, minutes to the first for each eagerness (inf: none)."""

    on_plan: int
    first_min: tuple[float, ...]


@dataclass(frozen=True)
class Judged:
    """One runner: hours on the move, `roughness`, and what every method tells him."""

    hours: float
    rough: tuple[float, ...]
    told: dict[str, Told]


def methods() -> dict[str, detectors.Detector]:
    """Every detector, given a run and the plan's effort: the seconds at which the runner is told."""
    smooth = once(detectors.speed_60)
    return {
        "speed 30 s over by 5 %, as watches do": detectors.seconds_over(detectors.speed, 30, 0.05),
        "speed 300 s over by 5 %, as watches do": detectors.seconds_over(smooth, 300, 0.05),
        "heart rate 30 s over by 3 %": detectors.seconds_over(detectors.heart, 30, 0.03),
        "heart rate 300 s over by 3 %": detectors.seconds_over(detectors.heart, 300, 0.03),
        "debt on heart rate": detectors.debt(detectors.heart, 50),
        "CUSUM on speed": detectors.cusum(detectors.speed, 24, 12),
        "debt on speed": detectors.debt(smooth, 50),
        "our detector alone": alone,
    }


def once(signal: detectors.Signal) -> detectors.Signal:
    """The same signal, worked out once for each run in turn."""
    kept: list[tuple[Run, list[float]]] = []

    def again(run: Run) -> list[float]:
        if not kept or kept[0][0] is not run:
            kept[:] = [(run, signal(run))]
        return kept[0][1]

    return again


def judge(seed: int, hours: float = HOURS) -> Judged:
    """The runner of this seed, under a plan that is his own effort and under those that ask for less."""
    run = rough_run(seed, hours)
    told = {}
    for name, detect in methods().items():
        firsts = [list(detect(run, ON_PLAN / share)) for share in EAGER]
        told[name] = Told(len(list(detect(run, ON_PLAN))), tuple(_first(seconds) for seconds in firsts))
    felt = list(core(run, ON_PLAN))
    eager = [_first_two(core(run, ON_PLAN / share)) for share in EAGER]
    told[OURS] = Told(sum(effort for _, effort in felt), tuple(both[0] for both in eager))
    told[FELT] = Told(len(felt), tuple(both[1] for both in eager))
    return Judged(run.hours, roughness(run), told)


def _first(seconds: Sequence[int]) -> float:
    return (seconds[0] + 1) / 60 if seconds else math.inf


def _first_two(felt: Iterator[tuple[int, bool]]) -> tuple[float, float]:
    """Minutes to the first EASE for effort, and to the first of any kind; no more is asked of the core than that."""
    first = math.inf
    for second, effort in felt:
        first = min(first, (second + 1) / 60)
        if effort:
            return (second + 1) / 60, first
    return math.inf, first


def alone(run: Run, plan: float) -> list[int]:
    """The core's effort and its governor's demand, with the map's grade and no policy: no quiet times, no budget."""
    made = plan_of(run, plan)
    effort, governor, sample, told = Effort(made), Governor(made), Sample(), []
    for second in range(len(run.live)):
        fill(sample, run, second)
        if run.live[second] or not sample.flags:
            effort.step(sample, run.grade_pm[second], 1, run.live[second])
        governor.step(sample, effort, run.grade_pm[second], 1)
        if governor.too_hard:
            told.append(second)
            governor.spoken()
    return told


def core(run: Rough, plan: float) -> Iterator[tuple[int, bool]]:
    """(second, whether effort is why) of each EASE of the real core at 1 Hz. The runner does not heed it."""
    assert run.course
    pacer, sample = Pacer(plan_of(run, plan, line_of(run.course))), Sample()
    for second in range(len(run.live)):
        fill(sample, run, second)
        if pacer.step(sample) in (cues.EASE, cues.EASE_HARD):
            yield second, pacer.reason in (cues.BY_EFFORT, cues.DOUBTFUL)


def fill(sample: Sample, run: Run, second: int) -> None:
    """The sample that the device takes."""
    sample.stage_ms = second * 1000
    sample.flags = run.flags[second] if isinstance(run, Rough) else FIX_BEST
    if sample.flags:
        sample.lat_e6, sample.lon_e6 = round(run.lat[second] * 1e6), round(run.lon[second] * 1e6)
    sample.speed_cms = round(run.speed_ms[second] * 100) if sample.flags else 0
    sample.hr_bpm = run.hr_bpm[second]


def plan_of(run: Run, plan: float, line: dict[str, object] | None = None) -> Plan:
    """A first day's plan on the map's course: one cap, the planner's own bound of heart rate."""
    athlete = Athlete(critical_speed_ms=run.cs_ms, threshold_hr_bpm=THRESHOLD_BPM)
    bound = hr_bound(athlete, plan, len(run.live) / 3600, first_day=True)
    spec = {
        "stage_no": 1,
        "cs_cms": round(run.cs_ms * 100),
        "hr_a_dbpm": round(run.hr_a_bpm * 10),
        "hr_b_dbpm": round(HR_GAIN_BPM_PER_MS * run.cs_ms * 10),
        "hr_cap_bpm": bound.cap_bpm,
        "hr_drift_dbpm_h": round(bound.drift_bpm_h * 10),
        "hr_drift_max_dbpm": round(bound.drift_max_bpm * 10),
        "caps": [(1 << 29, round(plan * 1000), 0, 0)],
    }
    data = planwriter.encode(spec | (line or {}))

    def read(offset: int, buf: bytearray) -> None:
        buf[:] = data[offset : offset + len(buf)]

    return Plan(read, len(data))


def line_of(course: Course) -> dict[str, object]:
    """The course as a plan has it."""
    track = course.track
    lat0_e6, lon0_e6, cos_q15 = planwriter.frame_for(track.lat, track.lon)
    points = [(round(track.lat[i] * 1e6), round(track.lon[i] * 1e6), round(track.s_m[i] * 10)) for i in corners(course)]
    profile = (round(CELL_M * 10), [round(alt * 10) for alt in course.alt_m])
    return {"lat0_e6": lat0_e6, "lon0_e6": lon0_e6, "cos_q15": cos_q15, "points": points, "profile": profile}


# --- the tables ---


def late(values: Sequence[float]) -> float:
    """The 90th percentile."""
    return sorted(values)[int(0.9 * (len(values) - 1) + 0.5)]


def minutes(value: float) -> str:
    """Minutes, or never."""
    return "never" if math.isinf(value) else f"{value:.0f}"


def _rate(judged: Sequence[Judged], name: str) -> tuple[float, float, float]:
    return interval([8 * runner.told[name].on_plan / runner.hours for runner in judged], statistics.mean)


def _cells(judged: Sequence[Judged], name: str) -> list[str]:
    mean, low, high = _rate(judged, name)
    middle = statistics.median(8 * runner.told[name].on_plan / runner.hours for runner in judged)
    cells = [f"{mean:.1f} ({low:.1f}–{high:.1f})", f"{middle:.1f}"]
    for i in range(len(EAGER)):
        firsts = [runner.told[name].first_min[i] for runner in judged]
        centre, low, high = interval(firsts, statistics.median)
        missed = sum(first > LATE_MIN for first in firsts) / len(firsts)
        cells.append(f"{minutes(centre)} ({minutes(low)}–{minutes(high)}) / {minutes(late(firsts))} / {missed:.0%}")
    return cells


def tables(data: Path | None, seeds: Sequence[int] = SEEDS, hours: float = HOURS) -> Iterator[Table]:
    """The roughness that was reached, then what each method says of it."""
    with Pool(os.cpu_count()) as pool:
        judged = pool.starmap(judge, [(seed, hours) for seed in seeds], chunksize=1)
    yield _roughness(judged, data)
    columns = ["method", "cues per 8 h on plan, mean", "median"]
    columns += [f"+{share - 1:.0%}: min, median / p90 / missed" for share in EAGER]
    names = list(judged[0].told)
    yield Table(
        "Simulated runners: false cues on plan, and minutes to the first cue of one who runs too hard",
        columns,
        [[name, *_cells(judged, name)] for name in names],
        [
            f"Simulated: {len(judged)} runners of {hours:g} h each, seeds {seeds[0]} to {seeds[-1]}, none left out. "
            "In brackets: 95 % by resampling the runners.",
            "Each run is also that of a runner 5, 8, 12 or 20 % too fast, under a plan that asks for as much less.",
            f"Missed: not told within {LATE_MIN} minutes.",
            "Who speaks often is soon by luck as well: read the delays beside the false cues.",
            "The runner heeds nothing, so that each EASE is repeated as to one who will not hear.",
            "The ground costs 3 % (standard deviation, assumed) above or below the map's word, all day long: where it "
            "is easier, speed calls a runner on plan too fast.",
        ],
        "simulated",
        _picture(judged, names),
    )


def _picture(judged: Sequence[Judged], names: Sequence[str]) -> str:
    rates = [_rate(judged, name) for name in names]
    rows = [
        charts.Row(name, [charts.Mark(*rate)], name in (OURS, FELT)) for name, rate in zip(names, rates, strict=True)
    ]
    delays = []
    for name in names:
        marks = []
        for i in range(len(EAGER)):
            firsts = [runner.told[name].first_min[i] for runner in judged]
            marks.append(charts.Mark(statistics.median(firsts), statistics.median(firsts), late(firsts)))
        delays.append(charts.Row(name, marks, name in (OURS, FELT)))
    return charts.dots(
        "Simulated runners",
        [
            charts.Panel("false cues per 8 h on plan (mean, 95 %)", rows, log=True, least=0.5),
            charts.Panel(
                "minutes to the first cue: median, line to p90", delays, log=True, least=1, most=60 * HOURS,
                legend=[f"+{share - 1:.0%}" for share in EAGER],
            ),
        ],
    )  # fmt: skip


def _roughness(judged: Sequence[Judged], data: Path | None) -> Table:
    """How rough they are, beside the real recordings where there are some."""
    rows = [_rough_row("simulated", [runner.rough for runner in judged])]
    found = runs(data) if data else []
    if found:
        rows.append(_rough_row("recorded", [roughness(run) for run in found]))
    notes = ["Stated: 4–25 %, median 13 %, on 15 real runs."]
    notes += [] if found else ["No recordings beside it: DATA names no folder with runs."]
    columns = ["", "runs", "60-s means of effort vary by: median", "range", "alike after 1 min", "3 min", "10 min"]
    return Table("How rough these runners are", columns, rows, notes, "roughness")


def _rough_row(name: str, found: Sequence[tuple[float, ...]]) -> list[str]:
    rough, *alike = zip(*found, strict=True)
    middles = [f"{statistics.median(values):.2f}" for values in alike]
    return [name, str(len(found)), f"{statistics.median(rough):.0%}", f"{min(rough):.0%}–{max(rough):.0%}", *middles]
