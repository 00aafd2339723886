"""A recorded run on foot, as its cost is judged: cells of 10 m, each with its grade, its time and its heart rate."""

import math
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from statistics import median

from holdback.recordings.activity import Activity, Point, of_one_day
from holdback.recordings.summary import climb_m

CELL_M = 10.0
SMOOTH_CELLS = 5  # to either side: elevation over 110 m, for 3 m of noise over 50 m would be 8.5 % of grade
SPIKE_M = 20.0  # further than this from the median around it, an altitude is no altitude
PLACE_STEP_M = 5.0  # places that are nearer to the last one are its noise
WINDOW_S = 10.0  # to either side: a receiver's noise does not get far in that time, a walker does
MOVING_MS = 0.5  # net, over the window
CLIMBING_MS = 0.12  # 430 m an hour: nobody stands and climbs
GAP_S = 300.0  # points further apart are a pause: nothing is known in between
FASTEST_MS = 12.0  # no step of anybody on foot is faster
SHORTEST_S, SHORTEST_M = 600.0, 1500.0
FEWEST_POINTS = 100
SLOWEST_MEAN_MS, FASTEST_MEAN_MS = 0.5, 6.0

RUNNING = {"", "9", "run", "running", "trail_running", "trail running", "street_running", "track_running", "trail"}
WALKING = {"4", "10", "walk", "walking", "hike", "hiking", "trekking", "mountaineering", "snowshoe"}


class NotUsableError(Exception):
    """An activity from which nothing can be learnt, and why; the file goes on the list of those left out."""


@dataclass
class Run:
    """One run or walk. grade: rise over run of each cell. seconds: on the move. clock_s: with standing. hr_bpm: 0 none.

    person: what the file says of its wearer (FIT user_profile), empty if nothing.
    """

    path: str
    start_s: float
    end_s: float
    points: int
    walked: bool = False
    person: dict[str, str | float] = field(default_factory=dict)
    grade: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    clock_s: list[float] = field(default_factory=list)
    hr_bpm: list[int] = field(default_factory=list)
    descent_m: float = 0.0

    @property
    def metres(self) -> float:
        """Distance in whole cells."""
        return len(self.seconds) * CELL_M

    @property
    def hours(self) -> float:
        """Time on the move."""
        return sum(self.seconds) / 3600

    @property
    def has_hr(self) -> bool:
        """Heart rate is known for most of the way."""
        return sum(1 for hr in self.hr_bpm if hr) > 0.7 * len(self.hr_bpm)

    def overlaps(self, other: "Run") -> bool:
        """Whether both are recordings of the same hours."""
        both_s = min(self.end_s, other.end_s) - max(self.start_s, other.start_s)
        return both_s > 0.5 * min(self.end_s - self.start_s, other.end_s - other.start_s)


def on_foot(activity: Activity, path: str) -> Run:
    """The run in an activity; NotUsableError says why it is none, or none to learn from."""
    sport = activity.sport.lower()
    if sport not in RUNNING | WALKING:
        raise NotUsableError(f"another sport: {sport}")
    activity = of_one_day(activity)
    points = _usable(activity.points)
    metres, moving = _distances(points)
    run = Run(path, points[0].time_s, points[-1].time_s, len(points), sport in WALKING, activity.person)
    _into_cells(run, points, metres, moving)
    if run.metres < SHORTEST_M or run.hours * 3600 < SHORTEST_S:
        raise NotUsableError(f"too short: {run.metres / 1000:.1f} km, {run.hours * 60:.0f} min on the move")
    mean_ms = run.metres / (run.hours * 3600)
    if not SLOWEST_MEAN_MS < mean_ms < FASTEST_MEAN_MS:
        raise NotUsableError(f"not on foot: {mean_ms * 3.6:.1f} km/h on the move")
    run.descent_m = climb_m(point.alt_m for point in points)[1] or 0.0
    return run


def _usable(points: list[Point]) -> list[Point]:
    placed = [point for point in points if point.lat is not None]
    if len(placed) < max(FEWEST_POINTS, len(points) // 2):
        raise NotUsableError("no places in it (a treadmill?): neither its speed nor its grade can be trusted")
    high = [point for point in placed if point.alt_m is not None and abs(point.alt_m) < 9000]
    if len(high) < max(FEWEST_POINTS, len(placed) // 2):
        raise NotUsableError("no altitude in it: its grade is not known")
    return high


def _distances(points: list[Point]) -> tuple[list[float], list[bool]]:
    """Metres along at each point, the device's own count where it has one; and whether the runner moved."""
    shrink = math.cos(math.radians(points[0].lat or 0.0))
    places = [((p.lat or 0.0) * 111_195, (p.lon or 0.0) * 111_195 * shrink) for p in points]
    counted = sum(point.dist_m is not None for point in points) > 0.9 * len(points)
    metres = _counted(points) if counted else _along(points, places)
    moving = _moving(points, places)
    steps = [0.0]
    for i in range(1, len(points)):
        dt, ds = points[i].time_s - points[i - 1].time_s, metres[i] - metres[i - 1]
        got_on = ds >= MOVING_MS * dt if dt > 2 * WINDOW_S else moving[i] or moving[i - 1]
        moving[i - 1] = got_on and dt <= GAP_S and ds <= FASTEST_MS * dt
        steps.append(ds if moving[i - 1] else 0.0)
    return list(accumulate(steps)), moving


def _counted(points: list[Point]) -> list[float]:
    metres, last, total = [], points[0].dist_m or 0.0, 0.0
    for point in points:
        if point.dist_m is not None:
            total += max(0.0, point.dist_m - last)
            last = point.dist_m
        metres.append(total)
    return metres


def _along(points: list[Point], places: list[tuple[float, float]]) -> list[float]:
    """The way from place to place, in steps of PLACE_STEP_M at least, evened out between them."""
    metres, last, at, total = [0.0] * len(points), places[0], 0, 0.0
    for i in range(1, len(points)):
        step = math.dist(places[i], last)
        if step < PLACE_STEP_M and i + 1 < len(points):
            continue
        before, total, span = total, total + step, points[i].time_s - points[at].time_s
        for k in range(at + 1, i + 1):
            metres[k] = before + step * (points[k].time_s - points[at].time_s) / span if span else total
        last, at = places[i], i
    return metres


def _moving(points: list[Point], places: list[tuple[float, float]]) -> list[bool]:
    """Whether the runner got anywhere in the 20 s around each point."""
    flags, low, high, last = [], 0, 0, len(points) - 1
    for i, point in enumerate(points):
        while points[low].time_s < point.time_s - WINDOW_S:
            low += 1
        high = max(high, i)
        while high < last and points[high].time_s < point.time_s + WINDOW_S:
            high += 1
        span = points[high].time_s - points[low].time_s
        rise = abs((points[high].alt_m or 0.0) - (points[low].alt_m or 0.0))
        flags.append(
            span > 0 and (math.dist(places[low], places[high]) >= MOVING_MS * span or rise >= CLIMBING_MS * span)
        )
    return flags


def _into_cells(run: Run, points: list[Point], metres: list[float], moving: list[bool]) -> None:
    """Time, altitude and heart rate at each 10 m; `moving[i]` is about the step from point i to the next."""
    steps = [b.time_s - a.time_s for a, b in pairwise(points)]
    on_the_move = [0.0, *accumulate(dt if live else 0.0 for dt, live in zip(steps, moving, strict=False))]
    start_s, at, marks, clocks, heights = points[0].time_s, 0, [], [], []
    for cell in range(int(metres[-1] / CELL_M) + 1):
        while at + 2 < len(points) and metres[at + 1] < cell * CELL_M:
            at += 1
        step = metres[at + 1] - metres[at]
        part = min(1.0, max(0.0, (cell * CELL_M - metres[at]) / step)) if step > 0 else 0.0
        a, b = points[at], points[at + 1]
        marks.append(on_the_move[at] + (on_the_move[at + 1] - on_the_move[at]) * part)
        clocks.append(a.time_s - start_s + (b.time_s - a.time_s) * part)
        heights.append((a.alt_m or 0.0) + ((b.alt_m or 0.0) - (a.alt_m or 0.0)) * part)
        run.hr_bpm.append(a.hr_bpm or 0)
    run.seconds = [b - a for a, b in pairwise(marks)]
    run.clock_s = [b - a for a, b in pairwise(clocks)]
    run.grade = _grades(heights)
    run.hr_bpm = run.hr_bpm[: len(run.seconds)]


def _grades(heights: list[float]) -> list[float]:
    """Rise over run of each cell of the smoothed profile, without spikes; never beyond 60 %."""
    count = len(heights)
    spans = [(max(0, i - SMOOTH_CELLS), min(count, i + SMOOTH_CELLS + 1)) for i in range(count)]
    middles = [median(heights[low:high]) for low, high in spans]
    sound = [m if abs(height - m) > SPIKE_M else height for height, m in zip(heights, middles, strict=True)]
    sums = [0.0, *accumulate(sound)]
    smooth = [(sums[high] - sums[low]) / (high - low) for low, high in spans]
    ends = [(max(0, i - 1), min(count - 1, i + 2)) for i in range(count - 1)]
    return [max(-0.6, min(0.6, (smooth[b] - smooth[a]) / ((b - a) * CELL_M))) for a, b in ends]
