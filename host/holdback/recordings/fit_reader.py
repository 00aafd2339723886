"""FIT activities of any make, decoded by fitdecode: one activity a session, so a multisport file gives its legs."""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import fitdecode
import msgspec

from holdback.gpx import ALTITUDES_M, MAX_DISTANCE_M, MAX_POINTS, MAX_SPEED_MS
from holdback.recordings.activity import Activity, ActivityError, DamagedActivityError, Point, position, tidy

FIT_EPOCH_S = 631065600  # FIT counts seconds from 1989-12-31T00:00:00Z
DEGREES = 180 / 2**31  # a semicircle
_LAST = 0xFFFFFFFE  # the last moment that a FIT can name
MAX_BYTES = 32 << 20  # a day at 1 Hz with every field a watch knows is about 5 MB
MAX_FILES = 1000  # in one stream, and sessions in one of them
_PERSON = ("gender", "height")  # what no season changes: enough to tell the files of two people apart
_ABSOLUTE = 0x10000000  # FIT times below this count from power-up, not from the epoch
# What fitdecode raises on broken input: its own errors, and those its assertions and unpacking let through.
_BROKEN = (fitdecode.FitError, AssertionError, LookupError, TypeError, ValueError, ArithmeticError, struct.error)


class _File(msgspec.Struct):
    """What one FIT file (a stream may chain several) says: points in file order, sessions as (start_s, sport)."""

    points: list[Point] = msgspec.field(default_factory=list)
    sessions: list[tuple[float, str]] = msgspec.field(default_factory=list)
    source: str = ""
    notes: list[str] = msgspec.field(default_factory=list)
    person: dict[str, str | float] = msgspec.field(default_factory=dict)

    @property
    def is_too_long(self) -> bool:
        """Whether there is more in it than anybody recorded."""
        return len(self.points) > MAX_POINTS or len(self.sessions) > MAX_FILES


def read_fit(data: bytes, name: str) -> Iterator[Activity]:
    """The activities in `data`, read from the file `name`. Raises DamagedActivityError if nothing can be read,
    ActivityError if there is more in it than anybody recorded."""
    if len(data) > MAX_BYTES:
        why = f"{len(data) >> 20} MB, {MAX_BYTES >> 20} MB of FIT are read"
        raise ActivityError(f"{name}: too large", why, "give one activity")
    files = _read_files(data, name)
    if files and files[-1].notes and not any(file.points for file in files):
        raise DamagedActivityError(f"{name}: damaged", "; ".join(files[-1].notes), "export it again")
    for file in files:
        yield from _legs(file)


def _read_files(data: bytes, name: str) -> list[_File]:
    files: list[_File] = []
    options: dict[str, Any] = {"processor": None, "error_handling": fitdecode.ErrorHandling.IGNORE}
    try:
        with fitdecode.FitReader(data, check_crc=fitdecode.CrcCheck.READONLY, **options) as reader:
            for frame in reader:
                _take(frame, files)
                if files and (len(files) > MAX_FILES or files[-1].is_too_long):
                    why = f"more than {MAX_POINTS} points, or {MAX_FILES} files or sessions"
                    raise ActivityError(f"{name}: too much in it", why, "give one activity")
    except _BROKEN as error:
        files = files or [_File()]
        files[-1].notes.append(f"damaged after {len(files[-1].points)} points: {error}")
    return files


def _take(frame: Any, files: list[_File]) -> None:
    if isinstance(frame, fitdecode.FitHeader):
        files.append(_File())
    elif isinstance(frame, fitdecode.FitCRC) and not frame.matched:
        files[-1].notes.append("its checksum does not match: values may be wrong")
    elif isinstance(frame, fitdecode.FitDataMessage):
        values = {field.name: field.value for field in frame.fields if field.value is not None}
        if frame.name == "record":
            _take_record(values, files[-1])
        elif frame.name == "session":
            start = values.get("start_time", values.get("timestamp"))
            if isinstance(start, int) and 0 <= start <= _LAST:
                files[-1].sessions.append((start + FIT_EPOCH_S, str(values.get("sport", ""))))
        elif frame.name == "file_id":
            maker = str(values.get("manufacturer", ""))
            product = values.get("product_name", values.get("garmin_product", values.get("product", "")))
            files[-1].source = f"{maker} {product}".strip()
        elif frame.name == "user_profile":
            files[-1].person |= {k: v for k, v in values.items() if k in _PERSON and isinstance(v, str | float)}


def _take_record(values: dict[str, Any], file: _File) -> None:
    when, hr_bpm = values.get("timestamp"), values.get("heart_rate")
    if not isinstance(when, int) or not 0 <= when <= _LAST:
        return
    lat, lon = (
        _within(values, -(1 << 31), 1 << 31, "position_lat"),
        _within(values, -(1 << 31), 1 << 31, "position_long"),
    )
    file.points.append(
        Point(
            when + FIT_EPOCH_S,
            *position(None if lat is None else lat * DEGREES, None if lon is None else lon * DEGREES),
            _within(values, *ALTITUDES_M, "enhanced_altitude", "altitude"),
            _within(values, 0, MAX_SPEED_MS, "enhanced_speed", "speed"),
            _within(values, -MAX_DISTANCE_M, MAX_DISTANCE_M, "distance"),
            hr_bpm if isinstance(hr_bpm, int) and 0 < hr_bpm < 255 else None,
        )
    )


def _within(values: dict[str, Any], least: float, most: float, *names: str) -> float | None:
    """The first of these fields that is there, if it is a number in range: a file may give any field any type."""
    value = next((values[name] for name in names if name in values), None)
    return value if isinstance(value, int | float) and least <= value <= most else None


def _legs(file: _File) -> Iterator[Activity]:
    """Each record goes to the last session that began before it."""
    _drop_relative_times(file)
    sessions = sorted(file.sessions) or [(0.0, "")]
    starts = [start for start, _ in sessions]
    legs: list[list[Point]] = [[] for _ in sessions]
    for point in file.points:
        legs[max(0, bisect_right(starts, point.time_s) - 1)].append(point)
    for (_, sport), points in zip(sessions, legs, strict=True):
        yield tidy(Activity(points, sport=sport, source=file.source, notes=list(file.notes), person=file.person))


def _drop_relative_times(file: _File) -> None:
    """A device that did not know the time yet stamped seconds since power-up; they fit nowhere among real times."""
    absolute = [point for point in file.points if point.time_s >= FIT_EPOCH_S + _ABSOLUTE]
    if absolute and len(absolute) < len(file.points):
        file.notes.append(f"{len(file.points) - len(absolute)} points without a clock time: left out")
        file.points = absolute
