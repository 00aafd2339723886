"""How soon an eager runner is told, and how often an even one is disturbed, on real recorded runs."""

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from holdback.planning.filter_gains import HR_GAIN_BPM_S_M, Noise, filter_gains, integer_gains
from pacing import cues, planwriter
from pacing.effort import Effort
from pacing.pacer import Pacer
from pacing.plan import Plan
from pacing.sample import FIX_GOOD, Sample

from bench.pacing.real_runs import ON_PLAN, Run, recorded_runs

EAGER = (1.08, 1.12, 1.20)
OLD_NOISE = Noise(effort=0.002, map_error=0.036, day_bpm=4.0, speed=0.2, hr_bpm=6.0)
COURSE_STEP_M = 30
Signal = Callable[[Run], list[float]]
Detector = Callable[[Run, float], Sequence[int]]


# --- detectors: the seconds at which a run is told to ease, given the plan's effort ---


def seconds_over(signal: Signal, wait_s: int, share: float) -> Detector:
    """Watch-like: the signal stays over the plan by `share` for `wait_s`."""

    def detect(run: Run, plan: float) -> list[int]:
        told, over = [], 0
        for second, value in enumerate(signal(run)):
            if run.live[second]:
                over = over + 1 if value > plan * (1 + share) else 0
                if over == wait_s:
                    told.append(second)
        return told

    return detect


def cusum(signal: Signal, limit: float) -> Detector:
    """CUSUM of 60-s means above 1.04 of the plan in units of .025, with half a limit of head start."""

    def detect(run: Run, plan: float) -> list[int]:
        told, total, count, excess = [], 0.0, 0, limit / 2
        for second, value in enumerate(signal(run)):
            if not run.live[second]:
                continue
            total, count = total + value, count + 1
            if count == 60:
                excess = max(0.0, excess + (total / 60 - 1.04 * plan) / 0.025)
                total, count = 0.0, 0
                if excess >= limit:
                    told.append(second)
                    excess = 0.0
        return told

    return detect


def debt(signal: Signal, most: float = math.inf) -> Detector:
    """Percent-minutes above 1.03 of the plan, told at 100 and each doubling; a moment counts `most` percent at most."""

    def detect(run: Run, plan: float) -> list[int]:
        told, owed, level = [], 50.0, 100.0
        for second, value in enumerate(signal(run)):
            if not run.live[second]:
                continue
            excess = max(-most, min(most, (value / plan - 1.03) * 100))
            owed = max(0.0, owed + excess / 60)
            if owed >= level and excess > 0:
                told.append(second)
                level *= 2
            elif level > 100 and owed < level / 4:
                level /= 2
        return told

    return detect


def remembered(detect: Detector) -> Detector:
    """The same, each run and plan only once: the whole core takes a while over 45 hours."""
    kept: dict[tuple[int, float], Sequence[int]] = {}

    def again(run: Run, plan: float) -> Sequence[int]:
        if (id(run), plan) not in kept:
            kept[id(run), plan] = detect(run, plan)
        return kept[id(run), plan]

    return again


def firmware(run: Run, plan: float) -> list[int]:
    """EASEs of the real core: map-matching on the run's own track, silences, quiet times and budget included."""
    pacer = Pacer(stage_plan(run, plan, with_course=True))
    told, sample = [], Sample()
    for second in range(len(run.live)):
        fill(sample, run, second)
        code = pacer.step(sample)
        if code == cues.EASE and pacer.reason == cues.BY_EFFORT:
            told.append(second)
    return told


def fill(sample: Sample, run: Run, second: int) -> None:
    """The sample that the device would have taken."""
    sample.stage_ms = second * 1000
    sample.lat_e6, sample.lon_e6 = round(run.lat[second] * 1e6), round(run.lon[second] * 1e6)
    sample.speed_cms = round(run.speed_ms[second] * 100) if run.known[second] else 0
    sample.hr_bpm = run.hr_bpm[second] if run.has_hr else 0
    sample.flags = FIX_GOOD if run.known[second] else 0


def stage_plan(run: Run, plan: float, noise: Noise | None = None, *, with_course: bool = False) -> Plan:
    """A first day's plan with one cap for the whole run."""
    spec = {
        "stage_no": 1,
        "cs_cms": round(run.cs_ms * 100),
        "hr_a_dbpm": round(run.hr_a_bpm * 10),
        "hr_b_dbpm": round(HR_GAIN_BPM_S_M * run.cs_ms * 10),
        "gains": integer_gains(filter_gains(run.cs_ms, noise)),
        "caps": [(1 << 29, round(plan * 1000), 0, 0)],
    }
    if with_course:
        spec |= course_of(run)
    data = planwriter.encode(spec)

    def read(offset: int, buf: bytearray) -> None:
        buf[:] = data[offset : offset + len(buf)]

    return Plan(read, len(data))


def course_of(run: Run) -> dict[str, object]:
    """The run's own track as its course."""
    lat0_e6, lon0_e6, cos_q15 = planwriter.frame_for(run.lat, run.lon)
    points, last_m = [], -math.inf
    for lat, lon, metres in zip(run.lat, run.lon, run.along_m, strict=True):
        if metres >= last_m + COURSE_STEP_M:
            points.append((round(lat * 1e6), round(lon * 1e6), round(metres * 10)))
            last_m = metres
    heights = [round(height * 10) for height in run.profile_m]
    return {"lat0_e6": lat0_e6, "lon0_e6": lon0_e6, "cos_q15": cos_q15, "points": points, "profile": (100, heights)}


# --- signals ---


def speed(run: Run) -> list[float]:
    """Grade-adjusted speed as a share of critical speed."""
    return run.effort


def speed_60(run: Run) -> list[float]:
    """Its mean over the last 60 s on the move."""
    out, window, total = [], [], 0.0
    for value, live in zip(run.effort, run.live, strict=True):
        if live:
            window.append(value)
            total += value - (window[-61] if len(window) > 60 else 0.0)
        out.append(total / max(1, min(60, len(window))))
    return out


def heart(run: Run) -> list[float]:
    """Effort as heart rate has it."""
    slope = HR_GAIN_BPM_S_M * run.cs_ms
    return [(hr - run.hr_a_bpm) / slope if hr else ON_PLAN for hr in run.hr_bpm]


def fused(noise: Noise | None = None) -> Signal:
    """Effort of the firmware's filter with the gains for `noise`."""
    kept: dict[int, list[float]] = {}

    def signal(run: Run) -> list[float]:
        if id(run) not in kept:
            kept[id(run)] = _filtered(run, noise)
        return kept[id(run)]

    return signal


def _filtered(run: Run, noise: Noise | None) -> list[float]:
    effort, sample, out = Effort(stage_plan(run, ON_PLAN, noise), 800), Sample(), []
    for second in range(len(run.live)):
        fill(sample, run, second)
        if run.live[second]:
            effort.step(sample, run.grade_pm[second], 1, True)
        elif run.known[second]:
            effort.stand(sample.hr_bpm)
        out.append(effort.effort_pm / 1000)
    return out


# --- the table ---


def judged(detect: Detector, found: list[Run]) -> str:
    """Cues an hour on plan, median / mean, and minutes to the first cue, median / p90, for each eagerness."""
    rates = [len(detect(run, ON_PLAN)) / run.hours for run in found]
    parts = [f"{statistics.median(rates):4.1f} / {statistics.mean(rates):4.1f} per h"]
    for share in EAGER:
        told = [detect(run, ON_PLAN / share) for run in found]
        firsts = sorted(seconds[0] / 60 if seconds else math.inf for seconds in told)
        middle, late = statistics.median(firsts), firsts[int(0.9 * (len(firsts) - 1) + 0.5)]
        parts.append(
            f"+{share - 1:.0%} " + " / ".join("never" if math.isinf(x) else f"{x:.0f}" for x in (middle, late))
        )
    return "   ".join(parts)


def rows(_peer: Path | None) -> Iterator[tuple[str, str]]:
    """The table, on all runs and on those with a strap."""
    found = recorded_runs()
    if not found:
        yield "detectors", "not measured: HOLDBACK_DATA names no folder with runs"
        return
    old, new, core = fused(OLD_NOISE), fused(), remembered(firmware)
    straps = [run for run in found if run.has_hr]
    yield f"{len(found)} runs: cues on plan; minutes to the first", "median / mean   median / p90 for each eagerness"
    for name, detect in (
        ("watch-like: 30 s over by 5 %", seconds_over(speed, 30, 0.05)),
        ("watch-like: 300 s over by 5 %", seconds_over(speed_60, 300, 0.05)),
        ("CUSUM on speed, h = 24", cusum(speed, 24)),
        ("CUSUM on effort, gains that trust heart rate, h = 24", cusum(old, 24)),
        ("CUSUM on effort, our gains, h = 18", cusum(new, 18)),
        ("debt on speed", debt(speed_60)),
        ("debt on effort", debt(new)),
        ("debt on effort, a moment counts 10 % at most (ours)", debt(new, 10)),
        ("EASE of the whole firmware core, policy included", core),
    ):
        yield name, judged(detect, found)
    yield f"{len(straps)} runs with a strap", ""
    for name, detect in (
        ("heart rate 30 s over by 3 %", seconds_over(heart, 30, 0.03)),
        ("heart rate 300 s over by 3 %", seconds_over(heart, 300, 0.03)),
        ("debt on speed", debt(speed_60)),
        ("debt on effort (ours)", debt(new, 10)),
        ("EASE of the whole firmware core, policy included", core),
    ):
        yield name, judged(detect, straps)
