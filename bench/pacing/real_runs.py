"""The recorded runs that detectors are judged on: an hour or more on foot, chosen by what is in the files."""

import math
import os
import statistics
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from pathlib import Path

from holdback.errors import HoldbackError
from holdback.planning.athlete import BPM_PER_MS
from holdback.recordings.activity import Activity, Point
from holdback.recordings.files import read_activities
from pacing.cost import flat_factor_pm, walk_speed_cms

ON_PLAN = 0.8  # each run's mean effort is called .8 of critical speed; the plan says .8, or less for an eager runner
SHORTEST_S = 3600
GAP_S = 60  # points further apart are a pause: nothing is known in between
STANDING_MS = 0.3


@dataclass
class Run:
    """A real run second by second; efforts are fractions of a critical speed that makes their mean ON_PLAN."""

    start_s: float
    point_count: int
    lat: list[float] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    along_m: list[float] = field(default_factory=list)
    speed_ms: list[float] = field(default_factory=list)
    hr_bpm: list[int] = field(default_factory=list)
    known: list[bool] = field(default_factory=list)  # not in a pause of the recording
    live: list[bool] = field(default_factory=list)  # known and moving
    grade_pm: list[int] = field(default_factory=list)
    effort: list[float] = field(default_factory=list)  # grade-adjusted speed / cs
    profile_m: list[float] = field(default_factory=list)  # each 10 m of the way, smoothed over 100 m
    no_fix: list[bool] = field(default_factory=list)  # seconds for which the receiver is to be taken as lost
    cs_ms: float = 0.0
    hr_a_bpm: float = 0.0

    @cached_property
    def has_hr(self) -> bool:
        """A strap was worn most of the time."""
        return sum(1 for hr in self.hr_bpm if hr) > 0.8 * len(self.hr_bpm)

    @property
    def hours(self) -> float:
        """Time on the move."""
        return sum(self.live) / 3600

    def lost(self, second: int) -> bool:
        """The receiver says nothing."""
        return bool(self.no_fix) and self.no_fix[second]

    def walks_uphill(self, second: int) -> bool:
        """Slower than where running uphill is no cheaper than walking."""
        grade_pm = self.grade_pm[second]
        return grade_pm > 0 and 100 * self.speed_ms[second] < walk_speed_cms(grade_pm)

    def minutes(self) -> list[float]:
        """Mean effort of each minute on the move."""
        moving = [effort for effort, live in zip(self.effort, self.live, strict=True) if live]
        return [statistics.mean(moving[i : i + 60]) for i in range(0, len(moving) - 59, 60)]


def runs(folder: Path) -> list[Run]:
    """Every run on foot of an hour or more in the files below `folder`; of copies of one run the fullest."""
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            activities = read_activities(path) if path.is_file() else []
        except HoldbackError:
            continue
        found += [run for run in map(on_foot, activities) if run]
    found.sort(key=lambda run: (not run.has_hr, -run.point_count))
    kept: list[Run] = []
    for run in found:
        if not any(_overlap(run, other) for other in kept):
            kept.append(run)
    return kept


def _overlap(a: Run, b: Run) -> bool:
    ends = min(a.start_s + len(a.live), b.start_s + len(b.live))
    return ends - max(a.start_s, b.start_s) > 0.5 * min(len(a.live), len(b.live))


def on_foot(activity: Activity) -> Run | None:
    """The activity second by second, or None: too short, without places and altitudes, or not at a runner's speed."""
    points = [point for point in activity.points if point.lat is not None and point.alt_m is not None]
    if len(points) < 300 or points[-1].time_s - points[0].time_s < SHORTEST_S or activity.sport == "cycling":
        return None
    run = by_second(points)
    moving = [speed for speed, live in zip(run.speed_ms, run.live, strict=True) if live]
    if not moving or not 1.2 < statistics.mean(moving) < 4.5:
        return None
    adjust(run)
    return run


def by_second(points: list[Point]) -> Run:
    """Places, speed and heart rate each second; speed from places over 6 s where the file has none."""
    shrink = math.cos(math.radians(points[0].lat or 0))
    places = [((point.lat or 0) * 111195, (point.lon or 0) * 111195 * shrink) for point in points]
    steps = [math.dist(a, b) for a, b in pairwise(places)]
    marks = [0.0, *accumulate(steps)]
    seconds = int(points[-1].time_s - points[0].time_s)
    run = Run(points[0].time_s, len(points))
    told = sum(point.speed_ms is not None for point in points) > len(points) / 2
    at = 0
    for second in range(seconds):
        now = points[0].time_s + second
        while at + 2 < len(points) and points[at + 1].time_s <= now:
            at += 1
        a, b = points[at], points[at + 1]
        part = min(1.0, (now - a.time_s) / (b.time_s - a.time_s))
        run.along_m.append(marks[at] + steps[at] * part)
        run.lat.append(_between(a.lat, b.lat, part))
        run.lon.append(_between(a.lon, b.lon, part))
        run.hr_bpm.append(a.hr_bpm or 0)
        run.speed_ms.append(a.speed_ms or 0.0)
        run.known.append(b.time_s - a.time_s <= GAP_S)
    if not told:
        far = run.along_m
        run.speed_ms = [
            (far[min(i + 3, seconds - 1)] - far[max(i - 3, 0)]) / (min(i + 3, seconds - 1) - max(i - 3, 0))
            for i in range(seconds)
        ]
    run.live = [known and speed > STANDING_MS for known, speed in zip(run.known, run.speed_ms, strict=True)]
    run.profile_m = _profile(points, marks)
    return run


def _between(a: float | None, b: float | None, part: float) -> float:
    return (a or 0.0) + ((b or 0.0) - (a or 0.0)) * part


def _profile(points: list[Point], marks: list[float]) -> list[float]:
    heights, at = [], 0
    for cell in range(int(marks[-1] / 10) + 1):
        while at + 1 < len(points) and marks[at] < cell * 10:
            at += 1
        heights.append(points[at].alt_m or 0.0)
    sums = [0.0, *accumulate(heights)]
    ends = [(max(0, i - 5), min(len(heights), i + 6)) for i in range(len(heights))]
    return [(sums[high] - sums[low]) / (high - low) for low, high in ends]


def adjust(run: Run) -> None:
    """Grades, grade-adjusted efforts, critical speed and the heart-rate line, so that the run's means lie at .8."""
    last = len(run.profile_m) - 1
    for metres in run.along_m:
        low, high = max(0, int(metres / 10) - 2), min(last, int(metres / 10) + 2)
        rise = run.profile_m[high] - run.profile_m[low]
        run.grade_pm.append(int(rise * 100 / (high - low)) if high > low else 0)
    adjusted = [v * flat_factor_pm(g) / 1000 for v, g in zip(run.speed_ms, run.grade_pm, strict=True)]
    run.cs_ms = statistics.mean(v for v, live in zip(adjusted, run.live, strict=True) if live) / ON_PLAN
    run.effort = [v / run.cs_ms for v in adjusted]
    beats = [hr for hr in run.hr_bpm if hr] or [0]
    run.hr_a_bpm = statistics.mean(beats) - ON_PLAN * BPM_PER_MS * run.cs_ms


def recorded_runs() -> list[Run]:
    """The runs in HOLDBACK_DATA, none without it."""
    folder = os.environ.get("HOLDBACK_DATA")
    return runs(Path(folder) / "runs_hr") if folder else []
