"""Where would it have buzzed? A recorded run of any make, felt again by the real firmware on the virtual board.

There is no plan for somebody else's run, so one is made of the run itself: its own track as the course, an even effort
of 0.8 of a critical speed that is estimated from the same file. That estimate is rough and is said to be one.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from holdback.device import sync
from holdback.device.plans import check_plan, open_plan
from holdback.errors import HoldbackError
from holdback.gpx import GpxPoint
from holdback.planning import Athlete, Course, CourseError, Day, StagePlan, plan_hours, plan_stage
from holdback.planning.athlete import BPM_PER_MS
from holdback.recordings import fit
from holdback.recordings.activity import Activity
from holdback.recordings.journal import Recording, read_recording, to_activity
from holdback.recordings.replay import Cue, recorded_cues
from holdback.recordings.summary import Summary, distances_m, summarise
from holdback.simulation.air import START_UTC_S, Air, run
from holdback.simulation.machine.flash import Flash
from holdback.simulation.machine.provision import hold_simulated_keys
from holdback.simulation.world.receiver import EXACT
from holdback.simulation.world.recorded import Second, pauses, seconds
from holdback.simulation.world.wrist import LEAD_S, StageRun, Wrist, run_recorded

EFFORT = 0.8  # of critical speed: what a long run in training or a stage takes on average
CS_RANGE_MS = (1.5, 7.0)  # what a plan can say
DAY_S = 86_400
FIRST_SANE_S = 1_704_067_200  # 2024: the firmware believes no earlier date, receivers without a fix tell such
LAST_SANE_S = 4_102_444_800  # 2100: years of two digits, as NMEA has them, end there
MORNING_S = 60  # scan and push before the runner stands on the line


@dataclass(frozen=True)
class Estimate:
    """What the file lets us guess of its runner. `equivalent_ms` is the mean moving grade-adjusted speed."""

    critical_speed_ms: float
    threshold_hr_bpm: float | None
    equivalent_ms: float
    note: str = ""

    @property
    def athlete(self) -> Athlete:
        """For the planner."""
        return Athlete(self.critical_speed_ms, self.threshold_hr_bpm)


@dataclass(frozen=True)
class PlacedCue:
    """A cue, and where the file itself was then: seconds and metres since its start; whether it says nothing there."""

    cue: Cue
    elapsed_s: float
    file_m: float
    in_pause: bool


@dataclass(frozen=True)
class ReplayResult:
    """Everything that came back. In the recording the file's times are `shift_s` later; `fed`, `cues` and the FIT have
    the file's own (the FIT the recording's, where the file's are of a year that FIT does not know)."""

    estimate: Estimate
    plan: StagePlan
    summary: Summary
    fed: Sequence[Second]
    stage: StageRun
    recording: Recording
    cues: list[PlacedCue]
    path: Path
    fit: Path
    pull_s: float
    shift_s: int

    @property
    def device_m(self) -> float:
        """Metres that the firmware counted."""
        return self.recording.samples[-1].dist_dm / 10 if self.recording.samples else 0.0


def course_of(activity: Activity) -> Course:
    """The run's own track as a course. Raises CourseError."""
    points = [GpxPoint(p.lat, p.lon, p.alt_m) for p in activity.points if p.lat is not None and p.lon is not None]
    return Course(points, name=activity.name or "track")


def estimate(activity: Activity, own: Course | None) -> Estimate:
    """Critical speed such that the run's mean moving grade-adjusted speed is 0.8 of it; heart rate likewise."""
    summary = summarise(activity.points)
    # The file's own metres, stretched by what its gradients cost: a track that wanders while standing adds nothing.
    metres = summary.distance_m * (own.equivalent_m / own.length_m if own else 1.0)
    mean_ms = metres / max(summary.moving_s, 1.0)
    low, high = CS_RANGE_MS
    speed = min(high, max(low, mean_ms / EFFORT))
    note = "" if speed == mean_ms / EFFORT else f"out of a runner's range, taken as {speed:g} m/s"
    hearts = [p.hr_bpm for p in activity.points if p.hr_bpm]
    threshold = fmean(hearts) + (1 - EFFORT) * BPM_PER_MS * speed if hearts else None
    return Estimate(speed, threshold, mean_ms, note)


def plan_of(activity: Activity, course: Course | None = None) -> tuple[StagePlan, Estimate]:
    """A plan for the run: on `course`, else on its own track, else (no usable track) by its hours alone."""
    day = Day(name=activity.name or "replay", race="replay", role="train", intensity=EFFORT)
    own = None
    try:
        own = course_of(activity)
        guess = estimate(activity, own)
        return plan_stage(course or own, guess.athlete, day), guess
    except CourseError as error:
        if course:
            raise
        why = f"planned without a course: {error.why or error.what}"
    guess = replace(estimate(activity, own), note=why)
    return plan_hours(max(activity.elapsed_s, 60.0) / 3600, guess.athlete, day), guess


def replay(
    activity: Activity,
    folder: Path,
    *,
    name: str = "recording",
    course: Course | None = None,
    resets_at: Sequence[int] = (),
    flash: Flash | None = None,
    progress: Callable[[str, int, int | None], None] = lambda what, done, total: None,
    stop: Callable[[], bool] = lambda: False,
    **air: Any,
) -> ReplayResult:
    """Feed `activity` to the firmware and bring the recording back to `folder`; `air` goes to `simulation.run`.

    `name` is for errors. `resets_at`: numbers of fed seconds before which the board's power fails for a moment.
    """
    fed = list(seconds(activity))
    if not any(second.truth for second in fed):
        raise HoldbackError(f"{name}: nothing to replay", "it has no position", "give a run recorded outdoors")
    folder.mkdir(parents=True, exist_ok=True)

    plan, guess = plan_of(activity, course)
    shift_s = shift_of(fed[0].utc_s)
    shifted = [second._replace(utc_s=second.utc_s + shift_s) for second in fed]

    async def main(air: Air) -> tuple[StageRun, Path, float]:
        hold_simulated_keys()
        wrist = Wrist(air, flash or Flash(), receiver=EXACT, stop=stop)
        await wrist.power_on()
        await _push(wrist, plan)
        tell = lambda share: progress("run", round(share * len(fed)), len(fed))  # noqa: E731
        stage = await run_recorded(wrist, shifted, tell, resets_at)
        return stage, *await _pull(wrist, plan, folder, lambda done, total: progress("pull", done, total))

    start_utc = int(shifted[0].utc_s) - MORNING_S - LEAD_S
    stage, path, pull_s = run(main, start_utc=start_utc, **air)
    recording = read_recording(path)
    fit_path = path.with_suffix(".fit")
    fit_path.write_bytes(_fit(recording, shift_s, activity.sport))
    cues = _placed(recorded_cues(recording, open_plan(plan.data)), activity, shift_s)
    summary = summarise(activity.points)
    return ReplayResult(guess, plan, summary, fed, stage, recording, cues, path, fit_path, pull_s, shift_s)


def shift_of(utc_s: float) -> int:
    """Whole days, in seconds, that bring a run to a date that the firmware believes; the time of day stays."""
    return 0 if FIRST_SANE_S <= utc_s < LAST_SANE_S else round(START_UTC_S // DAY_S - utc_s // DAY_S) * DAY_S


def _fit(recording: Recording, shift_s: int, sport: str) -> bytes:
    points = to_activity(recording).points
    for point in points:
        point.time_s -= shift_s
    if not fit.knows(points):
        points = to_activity(recording).points
    return fit.encode(points, sport=sport or "running")


async def _push(wrist: Wrist, plan: StagePlan) -> None:
    air = wrist.air
    sync.utc_now.set(lambda: air.utc_s)
    with air.bleak():
        device = await sync.find()
        await sync.push(device.address, [check_plan(plan.data)])


async def _pull(wrist: Wrist, plan: StagePlan, folder: Path, progress: sync.Progress) -> tuple[Path, float]:
    air = wrist.air
    began_ms = air.now_ms
    with air.bleak():
        device = await sync.find()
        pulled = await sync.pull(device.address, plan.stage_no, folder, progress)
    return pulled.path, (air.now_ms - began_ms) / 1000


def _placed(cues: Sequence[Cue], activity: Activity, shift_s: int) -> list[PlacedCue]:
    times = [point.time_s for point in activity.points]
    metres = distances_m(activity.points)
    silent = pauses(activity.points)
    placed = []
    for cue in cues:
        utc_s = cue.utc_s - shift_s
        at = max(0, bisect_right(times, utc_s + 0.5) - 1)
        in_pause = any(start < utc_s < end for start, end in silent)
        placed.append(PlacedCue(cue, utc_s - times[0], metres[at] - metres[0], in_pause))
    return placed
