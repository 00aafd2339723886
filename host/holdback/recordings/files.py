"""Reading files of every make: FIT, GPX, TCX and the device's own recordings, told by their content."""

from collections.abc import Callable, Iterable
from pathlib import Path

from holdback.errors import NotFoundError
from holdback.recordings.activity import Activity, ActivityError, DamagedActivityError, Point, position, tidy

MAX_BYTES = 256 << 20  # a day at 1 Hz as TCX with every extension is about 50 MB


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
    untimed = sum(p.time_s is None for track in document.tracks for segment in track.segments for p in segment)
    notes = [*document.notes, f"points of the file without a time, left out: {untimed}"] if untimed else document.notes
    for track in document.tracks:
        points = [
            Point(point.time_s, *position(point.lat, point.lon), point.ele_m, point.speed_ms, None, point.hr_bpm)
            for segment in track.segments
            for point in segment
            if point.time_s is not None
        ]
        activity = Activity(points, sport=track.type, source=document.creator, name=track.name, notes=list(notes))
        yield tidy(activity)
