"""A FIT activity file, written by ourselves: the few messages that every reader needs, in one pass.

A general library takes seconds an hour of samples; the format of one known set of messages is a dozen structs.
Layout (FIT protocol 2.0, all little endian): 14-byte header with its own CRC, file_id, then in time order events
and records, a lap, a session, the activity, CRC-16. A value that is missing is written as its type's invalid value.
"""

import struct
from collections.abc import Iterable, Sequence

import msgspec

from holdback.errors import HoldbackError
from holdback.recordings.activity import Point
from holdback.recordings.summary import GAP_S, Summary, distances_m, summarise

FIT_EPOCH_S = 631065600  # FIT counts seconds from 1989-12-31T00:00:00Z
MAX_FIT_TIME = 0xFFFFFFFE
DEVELOPMENT = 255  # the manufacturer id for those who have none
SPORTS = {"generic": 0, "running": 1, "cycling": 2, "transition": 3, "swimming": 5, "walking": 11, "hiking": 17}
TRAIL = 3  # sub_sport

_ENUM, _U8, _U16, _U32, _S32, _U32Z, _STRING = 0x00, 0x02, 0x84, 0x86, 0x85, 0x8C, 0x07  # base types
_FORMATS = {_ENUM: "B", _U8: "B", _U16: "H", _U32: "I", _S32: "i", _U32Z: "I"}
_INVALID = {_ENUM: 0xFF, _U8: 0xFF, _U16: 0xFFFF, _U32: 0xFFFFFFFF, _S32: 0x7FFFFFFF, _U32Z: 0}
_NAME_BYTES = 16


class Marker(msgspec.Struct):
    """Something that happened at `time_s` (unix seconds), written as a user_marker event with `data` (u32)."""

    time_s: float
    data: int


class _Message:
    """One message type: its definition, and how its values are packed."""

    def __init__(self, local: int, number: int, fields: Sequence[tuple[int, int]]) -> None:
        self.local = local
        self.types = [base for _, base in fields]
        sizes = [_NAME_BYTES if base == _STRING else struct.calcsize(_FORMATS[base]) for base in self.types]
        parts = (f"{_NAME_BYTES}s" if base == _STRING else _FORMATS[base] for base in self.types)
        self.pack = struct.Struct("<B" + "".join(parts)).pack
        self.definition = struct.pack("<BBBHB", 0x40 | local, 0, 0, number, len(fields)) + b"".join(
            bytes((field, size, base)) for (field, base), size in zip(fields, sizes, strict=True)
        )

    def data(self, *values: int | float | bytes | None) -> bytes:
        """One data message; None becomes the invalid value, floats are rounded."""
        packed = (_value(value, base) for value, base in zip(values, self.types, strict=True))
        return self.pack(self.local, *packed)


def _value(value: int | float | bytes | None, base: int) -> int | bytes:
    if isinstance(value, bytes):
        return value
    if value is None:
        return _INVALID[base]
    low, high = (-0x7FFFFFFF, 0x7FFFFFFE) if base == _S32 else (0, _INVALID[base] - 1 if base != _U32Z else 0xFFFFFFFF)
    return min(max(round(value), low), high)


# (local number, global number, (field, base type) ...): fields as the public FIT profile numbers them.
_FILE_ID = _Message(0, 0, ((0, _ENUM), (1, _U16), (2, _U16), (3, _U32Z), (4, _U32), (8, _STRING)))
_EVENT = _Message(1, 21, ((253, _U32), (0, _ENUM), (1, _ENUM), (3, _U32)))
# timestamp, position_lat, position_long, distance (cm), altitude ((m + 500) * 5), speed (mm/s), heart_rate
_RECORD = _Message(2, 20, ((253, _U32), (0, _S32), (1, _S32), (5, _U32), (2, _U16), (6, _U16), (3, _U8)))
# message_index, timestamp, start_time, elapsed, timer (ms), distance (cm), then avg and max speed, ascent, descent,
# avg and max HR, event, event_type; the session goes on with sport, sub_sport, first_lap_index, num_laps
_TOTALS = ((254, _U16), (253, _U32), (2, _U32), (7, _U32), (8, _U32), (9, _U32))
_LAP = _Message(
    3, 19, (*_TOTALS, (13, _U16), (14, _U16), (21, _U16), (22, _U16), (15, _U8), (16, _U8), (0, _ENUM), (1, _ENUM))
)
_SESSION = _Message(
    4,
    18,
    (
        *_TOTALS,
        *((14, _U16), (15, _U16), (22, _U16), (23, _U16), (16, _U8), (17, _U8), (0, _ENUM), (1, _ENUM)),
        *((5, _ENUM), (6, _ENUM), (25, _U16), (26, _U16)),
    ),
)
_ACTIVITY = _Message(5, 34, ((253, _U32), (0, _U32), (1, _U16), (2, _ENUM), (3, _ENUM), (4, _ENUM)))
_MESSAGES = (_FILE_ID, _EVENT, _RECORD, _LAP, _SESSION, _ACTIVITY)

_TIMER, _MARKER_EVENT, _SESSION_EVENT, _LAP_EVENT, _ACTIVITY_EVENT = 0, 32, 8, 9, 26
_START, _STOP, _MARKER, _STOP_ALL = 0, 1, 3, 4


def encode(
    points: Sequence[Point], *, sport: str = "running", markers: Iterable[Marker] = (), serial: int = 0
) -> bytes:
    """A FIT activity of `points` (in time order; one a second is kept, FIT counts whole seconds).

    Units in the file: 1e-7 degrees or so (semicircles), 0.2 m of altitude, cm of distance, mm/s, whole seconds.
    Raises HoldbackError without points, or if one lies outside FIT's years, 1989 to 2126.
    """
    kept = _whole_seconds(points)
    if not kept or not knows(kept):
        why = "FIT knows the years 1989 to 2126 alone" if kept else "it has no points"
        raise HoldbackError("cannot write a FIT file of this activity", why, "export it as CSV and look at the times")
    summary = summarise(kept)
    body = bytearray().join(
        (
            *(message.definition for message in _MESSAGES),
            _FILE_ID.data(4, DEVELOPMENT, 0, serial, _fit_time(kept[0]), b"Holdback"),
            *_timeline(kept, markers),
            *_totals(summary, _fit_time(kept[-1]), sport),
        )
    )
    header = struct.pack("<BBHI4s", 14, 0x20, 2100, len(body), b".FIT")
    whole = header + struct.pack("<H", crc16(header)) + body
    return whole + struct.pack("<H", crc16(whole))


def knows(points: Sequence[Point]) -> bool:
    """Whether FIT has numbers for all their times (points in time order, at least one)."""
    return points[0].time_s >= FIT_EPOCH_S and _fit_time(points[-1]) <= MAX_FIT_TIME


def _whole_seconds(points: Sequence[Point]) -> list[Point]:
    kept: list[Point] = []
    for point in points:
        if not kept or int(point.time_s) > int(kept[-1].time_s):
            kept.append(point)
    return kept


def _fit_time(point: Point | Marker) -> int:
    return int(point.time_s) - FIT_EPOCH_S


def _timeline(points: Sequence[Point], markers: Iterable[Marker]) -> Iterable[bytes]:
    """Records with what happened between them: the timer stops over a gap, markers come before their record."""
    waiting = sorted(markers, key=lambda marker: marker.time_s, reverse=True)
    distances = distances_m(list(points))
    previous = points[0]
    yield _EVENT.data(_fit_time(previous), _TIMER, _START, 0)
    for point, dist_m in zip(points, distances, strict=True):
        if point.time_s - previous.time_s > GAP_S:
            yield _EVENT.data(_fit_time(previous), _TIMER, _STOP, 0)
            yield _EVENT.data(_fit_time(point), _TIMER, _START, 0)
        while waiting and waiting[-1].time_s <= point.time_s:
            marker = waiting.pop()
            yield _EVENT.data(_fit_time(marker), _MARKER_EVENT, _MARKER, marker.data)
        yield _record(point, dist_m)
        previous = point
    for marker in reversed(waiting):
        yield _EVENT.data(_fit_time(marker), _MARKER_EVENT, _MARKER, marker.data)
    yield _EVENT.data(_fit_time(previous), _TIMER, _STOP_ALL, 0)


def _record(point: Point, dist_m: float) -> bytes:
    """One record. Written out instead of through data(): this is the loop that ten hours go through."""
    lat, lon, alt, speed = point.lat, point.lon, point.alt_m, point.speed_ms
    return _RECORD.pack(
        _RECORD.local,
        int(point.time_s) - FIT_EPOCH_S,
        0x7FFFFFFF if lat is None else _semicircles(lat),
        0x7FFFFFFF if lon is None else _semicircles(lon),
        min(max(round(dist_m * 100), 0), 0xFFFFFFFE),
        0xFFFF if alt is None else min(max(round((alt + 500) * 5), 0), 0xFFFE),
        0xFFFF if speed is None else min(max(round(speed * 1000), 0), 0xFFFE),
        point.hr_bpm or 0xFF,
    )


def _semicircles(degrees: float) -> int:
    """2**31 semicircles are 180 degrees; +180 itself would be the invalid value, so it wraps to -180."""
    value = round(degrees * (2**31 / 180))
    return value if value < 0x7FFFFFFF else -0x80000000


def _totals(summary: Summary, end: int, sport: str) -> Iterable[bytes]:
    start = int(summary.start_s) - FIT_EPOCH_S
    common = (
        *(0, end, start, summary.elapsed_s * 1000, summary.timer_s * 1000, summary.distance_m * 100),
        summary.speed_avg_ms * 1000,
        None if summary.speed_max_ms is None else summary.speed_max_ms * 1000,
        *(summary.ascent_m, summary.descent_m, summary.hr_avg_bpm, summary.hr_max_bpm),
    )
    number = SPORTS.get(sport, SPORTS["generic"])
    sub_sport = TRAIL if sport == "running" else 0
    yield _LAP.data(*common, _LAP_EVENT, _STOP)
    yield _SESSION.data(*common, _SESSION_EVENT, _STOP, number, sub_sport, 0, 1)
    yield _ACTIVITY.data(end, summary.timer_s * 1000, 1, 0, _ACTIVITY_EVENT, _STOP)


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)  # noqa: PLW2901
        table.append(value)
    return tuple(table)


_CRC_TABLE = _crc_table()


def crc16(data: bytes | bytearray) -> int:
    """CRC-16/ARC (polynomial 0x8005 reflected, start 0), as FIT uses it."""
    crc = 0
    table = _CRC_TABLE
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc
