"""What tells a runner to ease, second by second: alerts as watches have them, CUSUM, debt, and the core's own."""

import math
from collections.abc import Callable, Iterable, Iterator

from holdback.planning.athlete import BPM_PER_MS, Athlete, hr_bound
from pacing import cues, planwriter
from pacing.effort import Effort
from pacing.governor import Governor
from pacing.pacer import Pacer
from pacing.plan import Plan
from pacing.sample import FIX_GOOD, Sample

from bench.pacing.kalman import Filter, Noise, filter_gains
from bench.pacing.real_runs import ON_PLAN, Run

COURSE_STEP_M = 30
Signal = Callable[[Run], list[float]]
Detector = Callable[[Run, float], Iterable[int]]


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


def cusum(signal: Signal, limit: float, start: float = 0.0) -> Detector:
    """CUSUM of 60-s means above 1.04 of the plan in units of .025, from `start`."""

    def detect(run: Run, plan: float) -> list[int]:
        told, total, count, excess = [], 0.0, 0, start
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


def debt(signal: Signal, start: float = 0.0, most: float = math.inf) -> Detector:
    """Percent-minutes above 1.03 of the plan, from `start`, repaid by easing; told at 100 and each doubling. A moment
    counts `most` percent at most.
    """

    def detect(run: Run, plan: float) -> list[int]:
        told, owed, level = [], start, 100.0
        for second, value in enumerate(signal(run)):
            if not run.live[second]:
                continue
            excess = max(-most, min(most, (value / plan - 1.03) * 100))
            owed = max(0.0, owed + excess / 60)
            if owed >= level and excess > 0:
                told.append(second)
                level *= 2
        return told

    return detect


def ours(stage_no: int, *, strap: bool = True, walks_by_heart: bool = False) -> Detector:
    """The core's own effort and governor. Each demand counts as told: no quiet times, no budget."""

    def detect(run: Run, plan: float) -> Iterator[int]:
        made = stage_plan(run, plan, stage_no, bound=strap and run.has_hr)
        effort, governor, sample = Effort(made, made.cap_pm), Governor(made), Sample()
        for second, live in enumerate(run.live):
            if not live:
                continue
            fill(sample, run, second)
            if not strap:
                sample.hr_bpm = 0
            speed_ok = sample.flags > 0 and not (walks_by_heart and run.walks_uphill(second) and sample.hr_bpm)
            effort.step(sample, run.grade_pm[second], 1, speed_ok)
            governor.step(sample, effort, 0, 1)  # no crests: they are the policy's
            if governor.too_hard:
                governor.spoken()
                yield second

    return detect


def heart_held(wait_s: int = 60, margin_bpm: int = 5) -> Detector:
    """The heart `wait_s` above the planner's bound and margin: not repeated while it stays above the bound."""

    def detect(run: Run, plan: float) -> Iterator[int]:
        made, held = stage_plan(run, plan, bound=True), 0
        for second, hr in enumerate(run.hr_bpm):
            drift = min(made.hr_drift_max_dbpm, made.hr_drift_dbpm_h * second // 3600) // 10
            over_bpm = hr - made.hr_cap_bpm - drift
            held = held + 1 if run.live[second] and over_bpm > margin_bpm else held if over_bpm > 0 else 0
            if held == wait_s:
                held += 1
                yield second

    return detect


def heart_summed() -> Detector:
    """The core's guard of heart rate alone, each demand told."""

    def detect(run: Run, plan: float) -> Iterator[int]:
        made, sample = stage_plan(run, plan, bound=True), Sample()
        effort, governor = Effort(made, made.cap_pm), Governor(made)
        for second, live in enumerate(run.live):
            fill(sample, run, second)
            if live:
                effort.step(sample, run.grade_pm[second], 1, True)
            governor.step(sample, effort, 0, 1)
            if governor.hr_high:
                governor.spoken()
                yield second

    return detect


def firmware(*, bound: bool) -> Detector:
    """EASEs of the whole core: map-matching on the run's own track, silences, quiet times and budget. Without `bound`
    those for effort, repeats not counted; with it those for heart rate and repeats, too. Nobody heeds them.
    """

    def detect(run: Run, plan: float) -> Iterator[int]:
        pacer, sample = Pacer(stage_plan(run, plan, bound=bound, with_course=True)), Sample()
        for second in range(len(run.live)):
            fill(sample, run, second)
            code = pacer.step(sample)
            if (bound and code == cues.EASE_HARD) or (code == cues.EASE and (bound or pacer.reason == cues.BY_EFFORT)):
                yield second

    return detect


def fill(sample: Sample, run: Run, second: int) -> None:
    """The sample that the device would have taken."""
    fixed = run.known[second] and not run.lost(second)
    sample.stage_ms = second * 1000
    sample.lat_e6, sample.lon_e6 = round(run.lat[second] * 1e6), round(run.lon[second] * 1e6)
    sample.speed_cms = round(run.speed_ms[second] * 100) if fixed else 0
    sample.hr_bpm = run.hr_bpm[second] if run.has_hr else 0
    sample.flags = FIX_GOOD if fixed else 0


def stage_plan(run: Run, plan: float, stage_no: int = 1, *, bound: bool = False, with_course: bool = False) -> Plan:
    """A plan with one cap for the whole run; `bound`: with the planner's bound of heart rate."""
    spec: dict[str, object] = {
        "stage_no": stage_no,
        "cs_cms": round(run.cs_ms * 100),
        "hr_a_dbpm": round(run.hr_a_bpm * 10),
        "hr_b_dbpm": round(BPM_PER_MS * run.cs_ms * 10),
        "caps": [(1 << 29, round(plan * 1000), 0, 0)],
    }
    if bound:
        athlete = Athlete(run.cs_ms, threshold_hr_bpm=run.hr_a_bpm + BPM_PER_MS * run.cs_ms)
        limit = hr_bound(athlete, plan, run.hours, first_day=stage_no == 1)
        spec["hr_cap_bpm"] = limit.cap_bpm
        spec["hr_drift_dbpm_h"] = round(limit.drift_bpm_h * 10)
        spec["hr_drift_max_dbpm"] = round(limit.drift_max_bpm * 10)
    data = planwriter.encode(spec | course_of(run) if with_course else spec)

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
    slope = BPM_PER_MS * run.cs_ms
    return [(hr - run.hr_a_bpm) / slope if hr else ON_PLAN for hr in run.hr_bpm]


def fused(noise: Noise) -> Signal:
    """Effort of a Kalman filter over speed and heart rate."""

    def signal(run: Run) -> list[float]:
        one = Filter(filter_gains(run.cs_ms, noise), run.cs_ms, run.hr_a_bpm, ON_PLAN)
        out, value = [], ON_PLAN
        for share, hr, live in zip(run.effort, run.hr_bpm, run.live, strict=True):
            value = one.step(share, hr if run.has_hr else 0) if live else value
            out.append(value)
        return out

    return signal


def once(signal: Signal) -> Signal:
    """The same signal, worked out once for each run in turn."""
    kept: list[tuple[Run, list[float]]] = []

    def again(run: Run) -> list[float]:
        if not kept or kept[0][0] is not run:
            kept[:] = [(run, signal(run))]
        return kept[0][1]

    return again
