"""Activities of every make: FIT, GPX, TCX and the device's own recordings as one list of points in time order."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import msgspec

from holdback.errors import HoldbackError, IntegrityError, NotFoundError

MAX_BYTES = 256 << 20  # a day at 1 Hz as TCX with every extension is about 50 MB


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

    @property
    def elapsed_s(self) -> float:
        """From the first to the last point, pauses included."""
        return self.points[-1].time_s - self.points[0].time_s


def read_activities(path: Path | str) -> list[Activity]:
    """All activities of a file, told by its content: one per leg of a FIT, one per track of a GPX, TCX or .hbr.

    Raises NotFoundError, ActivityError (another kind of file, or no times in it), DamagedActivityError (nothing
    readable), GpxError (a GPX that is no XML). A file broken half way gives what comes before, with a note.
    """
    path = Path(path)
    data = read_file(path)
    activities = [activity for activity in _reader_for(data, path)(data, str(path)) if activity.points]
    if not activities:
        raise ActivityError(
            f"{path}: no activity", "no point in it has a time", "give a recorded run, not a course or a route"
        )
    return activities


def read_file(path: Path) -> bytes:
    """The bytes at `path`. Raises NotFoundError, ActivityError (a folder, too large), DamagedActivityError (empty)."""
    try:
        size = path.stat().st_size
        if 0 < size <= MAX_BYTES:
            return path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such file", next_step="check the path") from None
    except OSError as error:
        raise ActivityError(f"{path}: cannot be read", error.strerror or str(error), "give a file") from None
    if not size:
        raise DamagedActivityError(f"{path}: the file is empty", next_step="export or pull it again")
    raise ActivityError(f"{path}: too large", f"{size >> 20} MB, {MAX_BYTES >> 20} MB are read", "give one activity")


def _reader_for(data: bytes, path: Path) -> Callable[[bytes, str], Iterable[Activity]]:
    """The reader of this content; suffixes lie too often to be asked."""
    head = data[:4096]
    if data[8:12] == b".FIT":
        from holdback.recordings.fit_reader import read_fit as reader
    elif b"<TrainingCenterDatabase" in head:
        from holdback.recordings.tcx import read_tcx as reader
    elif b"<gpx" in head or b":gpx" in head:
        reader = _read_gpx
    else:
        from holdback.recordings.journal import looks_like_journal, read_as_activities

        if not looks_like_journal(data, str(path)):
            raise ActivityError(
                f"{path}: not a recording", "it is neither FIT, GPX, TCX nor .hbr", "give a file of one of these kinds"
            )
        reader = read_as_activities
    return reader


def _read_gpx(data: bytes, name: str) -> Iterable[Activity]:
    from holdback.gpx import read_gpx

    document = read_gpx(data.lstrip(), name)
    for track in document.tracks:
        points = [
            Point(point.time_s, *position(point.lat, point.lon), point.ele_m, point.speed_ms, None, point.hr_bpm)
            for segment in track.segments
            for point in segment
            if point.time_s is not None
        ]
        yield tidy(Activity(points, sport=track.type, source=document.creator, name=track.name))


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


def _fill(point: Point, other: Point) -> None:
    """Copy into `point` what only `other` knows."""
    if point.lat is None:
        point.lat, point.lon = other.lat, other.lon
    for field in ("alt_m", "speed_ms", "dist_m", "hr_bpm"):
        if getattr(point, field) is None:
            setattr(point, field, getattr(other, field))
