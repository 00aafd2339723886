"""A runner made of formulas: critical speed, heart, hills and tiring are known, so that a fit can be held to them."""

import math
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from holdback.planning.cost import pace_factor
from holdback.recordings.activity import Activity, Point

START_S = 1_750_000_000
DAY_S = 86_400
M_PER_DEG = 111_195.0
LAT, LON = 46.5, 9.8


@dataclass(frozen=True)
class Runner:
    """slope_bpm: per m/s. durability: share of critical speed lost in an hour at it. tilt: own hills, see `cost`."""

    cs_ms: float = 3.6
    reserve_m: float = 150.0
    threshold_bpm: float = 168.0
    slope_bpm: float = 26.0
    durability: float = 0.055
    tilt: float = -0.9
    noise: float = 0.05

    def cost(self, grade: float) -> float:
        """Level speed over speed: the project's table, as it stands 9 % cheaper at +10 %, 9 % dearer at -10 %."""
        return pace_factor(grade) * math.exp(self.tilt * grade)


def height_m(kind: str, metres: float) -> float:
    """The ground: "flat", or "hilly" with grades of up to 18 %."""
    if kind == "flat":
        return 500.0 + 2.0 * math.sin(metres / 700)
    return 900.0 + 45.0 * math.sin(metres / 380) + 60.0 * math.sin(metres / 900)


def run(
    runner: Runner, hours: float, effort: float = 0.8, *, day: int = 0, kind: str = "hilly", strap: bool = True
) -> Activity:
    """So many hours at 1 Hz. `effort`: grade-adjusted speed over critical speed; surges and noise are on top."""
    rng = random.Random(f"{day} {kind} {hours}")
    metres = surge = spent = 0.0
    followed, offset_bpm, points = effort * runner.cs_ms, rng.gauss(0, 2), []
    for second in range(round(hours * 3600)):
        surge += -surge / 90 + runner.noise * rng.gauss(0, math.sqrt(2 / 90))
        grade = (height_m(kind, metres + 5) - height_m(kind, metres - 5)) / 10
        asked = effort * math.exp(surge) * runner.cs_ms  # what the heart answers to, tired or not
        followed += (asked - followed) / 57.6
        spent += runner.durability * effort**3 / 3600
        metres += asked * math.exp(-spent) / runner.cost(grade)
        beat = runner.threshold_bpm + runner.slope_bpm * (followed - runner.cs_ms) + offset_bpm + rng.gauss(0, 1)
        point = Point(START_S + day * DAY_S + second, LAT + (metres + rng.gauss(0, 0.5)) / M_PER_DEG, LON + day / 1000)
        point.alt_m, point.hr_bpm = height_m(kind, metres) + rng.gauss(0, 0.3), round(beat) if strap else None
        points.append(point)
    return Activity(points, sport="running")


def trial(runner: Runner, *, day: int = 0) -> Activity:
    """All out over 1, 2, 3 and 5 flat km, with ten easy minutes before each: what a test of critical speed is."""
    parts = []
    for i, metres in enumerate((1000, 2000, 3000, 5000)):
        seconds = (metres - runner.reserve_m) / runner.cs_ms
        all_out = replace(runner, noise=0.0, durability=0.0)
        parts.append(run(all_out, 600 / 3600, 0.65, day=day + i, kind="flat"))
        parts.append(run(all_out, seconds / 3600, metres / seconds / runner.cs_ms, day=day + i, kind="flat"))
    points: list[Point] = []
    for part in parts:
        first, last = part.points[0], points[-1] if points else part.points[0]
        shift_s, shift_lat = last.time_s + 1 - first.time_s, (last.lat or LAT) - (first.lat or LAT)
        for point in part.points:
            place = (point.lat or LAT) + shift_lat
            points.append(Point(point.time_s + shift_s, place, LON, point.alt_m, None, None, point.hr_bpm))
    return Activity(points, sport="running")


def write(folder: Path, name: str, activity: Activity, *, altitude: bool = True, places: bool = True) -> Path:
    """The activity as a GPX file in `folder`; None as heart rate is written as 0."""
    folder.mkdir(parents=True, exist_ok=True)
    points = "".join(
        f'<trkpt lat="{point.lat if places else 0:.7f}" lon="{point.lon if places else 0:.7f}">'
        + (f"<ele>{point.alt_m:.1f}</ele>" if altitude else "")
        + f"<time>{datetime.fromtimestamp(point.time_s, UTC):%Y-%m-%dT%H:%M:%SZ}</time>"
        f"<extensions><hr>{point.hr_bpm or 0}</hr></extensions></trkpt>"
        for point in activity.points
    )
    head = f'<gpx version="1.1" creator="made"><trk><type>{activity.sport}</type><trkseg>'
    path = folder / f"{name}.gpx"
    path.write_text(f"{head}{points}</trkseg></trk></gpx>")
    return path
