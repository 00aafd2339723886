"""FIT activities of any make, decoded by fitdecode: one activity a session, so a multisport file gives its legs."""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import fitdecode
import msgspec

from holdback.recordings.activity import Activity, DamagedActivityError, Point, position, tidy

FIT_EPOCH_S = 631065600  # FIT counts seconds from 1989-12-31T00:00:00Z
DEGREES = 180 / 2**31  # a semicircle
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


def read_fit(data: bytes, name: str) -> Iterator[Activity]:
    """The activities in `data`, read from the file `name`. Raises DamagedActivityError if nothing can be read."""
    files = _read_files(data)
    if files and files[-1].notes and not any(file.points for file in files):
        raise DamagedActivityError(f"{name}: damaged", "; ".join(files[-1].notes), "export it again")
    for file in files:
        yield from _legs(file)


def _read_files(data: bytes) -> list[_File]:
    files: list[_File] = []
    options: dict[str, Any] = {"processor": None, "error_handling": fitdecode.ErrorHandling.IGNORE}
    try:
        with fitdecode.FitReader(data, check_crc=fitdecode.CrcCheck.READONLY, **options) as reader:
            for frame in reader:
                _take(frame, files)
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
            if isinstance(start, int):
                files[-1].sessions.append((start + FIT_EPOCH_S, str(values.get("sport", ""))))
        elif frame.name == "file_id":
            maker = str(values.get("manufacturer", ""))
            product = values.get("product_name", values.get("garmin_product", values.get("product", "")))
            files[-1].source = f"{maker} {product}".strip()
        elif frame.name == "user_profile":
            files[-1].person |= {k: v for k, v in values.items() if k in _PERSON and isinstance(v, str | float)}


def _take_record(values: dict[str, Any], file: _File) -> None:
    when = values.get("timestamp")
    if not isinstance(when, int):
        return
    lat, lon = values.get("position_lat"), values.get("position_long")
    if lat is not None and lon is not None:
        lat, lon = position(lat * DEGREES, lon * DEGREES)
    hr_bpm = values.get("heart_rate")
    file.points.append(
        Point(
            when + FIT_EPOCH_S,
            lat if lon is not None else None,
            lon if lat is not None else None,
            values.get("enhanced_altitude", values.get("altitude")),
            values.get("enhanced_speed", values.get("speed")),
            values.get("distance"),
            hr_bpm if isinstance(hr_bpm, int) and 0 < hr_bpm < 255 else None,
        )
    )


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
