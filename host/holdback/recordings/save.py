"""Writing activities: the format by its name, a temporary file, then the name."""

from pathlib import Path

from holdback.errors import HoldbackError
from holdback.recordings.activity import Activity
from holdback.recordings.fit import Marker, encode
from holdback.recordings.journal import Clock, Recording
from holdback.recordings.text import to_csv, to_gpx
from holdback.writing import write_whole


def save(path: Path, kind: str, activity: Activity, recording: Recording | None = None) -> int:
    """Write `activity` as "fit", "gpx" or "csv"; bytes written. A recording adds its cues to a FIT, as markers.

    Raises HoldbackError if there is nothing to write (a GPX without one position) or no way to write it.
    """
    data = _contents(path, kind, activity, recording)
    try:
        write_whole(path, data)
    except OSError as error:
        raise HoldbackError(f"{path}: cannot be written", error.strerror or str(error), "choose another: -o") from None
    return len(data)


def _contents(path: Path, kind: str, activity: Activity, recording: Recording | None) -> bytes:
    if kind == "fit":
        more = {"markers": _markers(recording), "serial": _serial(recording)}
        try:
            return encode(activity.points, sport=activity.sport, **more)
        except HoldbackError as error:
            raise HoldbackError(f"{path}: not written", error.why, error.next_step) from None
    if kind == "csv":
        return to_csv(activity).encode()
    if all(point.lat is None for point in activity.points):
        raise HoldbackError(f"{path}: not written", "the recording has no position", "export it as FIT or CSV")
    return to_gpx(activity).encode()


def _markers(recording: Recording | None) -> list[Marker]:
    if recording is None:
        return []
    clock = Clock(recording)
    return [Marker(clock.utc_s(cue.stage_ms), cue.value) for cue in recording.cues]


def _serial(recording: Recording | None) -> int:
    """The last four bytes of the device's id: FIT's serial numbers have no more."""
    return int(recording.device_id[-8:] or "0", 16) if recording else 0
