"""An activity of whatever make: one list of points in time order."""

from itertools import pairwise

import msgspec
from msgspec import structs

from holdback.errors import HoldbackError, IntegrityError

NIGHT_S = 12 * 3600.0  # a longer pause ends a run


class ActivityError(HoldbackError):
    """A file that is readable but holds no activity; names the file and the next step."""


class DamagedActivityError(IntegrityError):
    """A file so broken that not one point of it could be read."""


class Point(msgspec.Struct, gc=False):
    """One moment of an activity; None where the file says nothing.

    time_s: unix seconds. lat, lon: degrees WGS 84, both or neither. alt_m: metres. speed_ms: m/s.
    dist_m: metres since the start, as the device counted them. hr_bpm: 1..254.
    """

    time_s: float
    lat: float | None = None
    lon: float | None = None
    alt_m: float | None = None
    speed_ms: float | None = None
    dist_m: float | None = None
    hr_bpm: int | None = None


class Activity(msgspec.Struct):
    """Points in time order, each second at most once; `notes` says what had to be mended or was left out."""

    points: list[Point]
    sport: str = ""  # as the file says: running, cycling, ...
    source: str = ""  # the maker or the program that wrote the file
    name: str = ""
    notes: list[str] = msgspec.field(default_factory=list)
    person: dict[str, str | float] = msgspec.field(default_factory=dict)  # FIT's user_profile: gender, height in m

    @property
    def elapsed_s(self) -> float:
        """From the first to the last point, pauses included."""
        return self.points[-1].time_s - self.points[0].time_s


def position(lat: float | None, lon: float | None) -> tuple[float | None, float | None]:
    """Both coordinates if they are on the globe, else neither; 0, 0 is how some devices write "no fix"."""
    if lat is None or lon is None or not (abs(lat) <= 90.0 and abs(lon) <= 180.0) or lat == lon == 0.0:
        return None, None
    return lat, lon


def tidy(activity: Activity) -> Activity:
    """Sort by time, and merge points of one moment (the first says, later ones fill gaps); notes what it did."""
    points = activity.points
    backwards = sum(b.time_s < a.time_s for a, b in pairwise(points))
    if backwards:
        points.sort(key=lambda point: point.time_s)
        activity.notes.append(f"times went backwards {backwards} times: sorted")
    unique: list[Point] = []
    for point in points:
        if unique and point.time_s == unique[-1].time_s:
            _fill(unique[-1], point)
        else:
            unique.append(point)
    if len(unique) < len(points):
        activity.notes.append(f"{len(points) - len(unique)} points repeated a time: merged")
    activity.points = unique
    return activity


def of_one_day(activity: Activity) -> Activity:
    """The stretch with most points of those that NIGHT_S sets apart; a note says what is left out.

    A watch whose clock was wrong for one second, and a file of a whole month, both look like a run of years.
    """
    points = activity.points
    ends = [i for i in range(1, len(points)) if points[i].time_s - points[i - 1].time_s > NIGHT_S]
    stretches = [points[start:end] for start, end in pairwise([0, *ends, len(points)])]
    longest = max(stretches, key=len)
    left_out = len(points) - len(longest)
    notes = [f"points of other days, left out: {left_out}"] if left_out else []
    return structs.replace(activity, points=longest, notes=activity.notes + notes)


def _fill(point: Point, other: Point) -> None:
    """Copy into `point` what only `other` knows."""
    if point.lat is None:
        point.lat, point.lon = other.lat, other.lon
    for field in ("alt_m", "speed_ms", "dist_m", "hr_bpm"):
        if getattr(point, field) is None:
            setattr(point, field, getattr(other, field))
