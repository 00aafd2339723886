"""FIT: bytes a sample, and seconds for ten hours, ours beside fit-tool on the same points."""

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.record_message import RecordMessage
from fit_tool.profile.profile_type import FileType, Manufacturer
from holdback.recordings.activity import Point
from holdback.recordings.fit import encode

HOUR = 3600
PEER_HOURS = 1  # fit-tool's time grows with the file; ten hours of it would hold the bench up for half a minute


def rows(_peer: Path | None) -> Iterator[tuple[str, str]]:
    """Size and time of ten hours, then the ratio to fit-tool for one hour of the same points."""
    ten_hours = _points(10 * HOUR)
    seconds, data = _timed(encode, ten_hours)
    yield "ten hours, seconds", f"{seconds:.2f}"
    yield "ten hours, bytes a sample", f"{len(data) / len(ten_hours):.1f} ({len(data) / 1e3:.0f} kB)"
    one_hour = ten_hours[: PEER_HOURS * HOUR]
    ours, _ = _timed(encode, one_hour)
    theirs, peer_data = _timed(_by_fit_tool, one_hour)
    yield "one hour, seconds: ours, fit-tool (records alone)", f"{ours:.3f}, {theirs:.2f} ({theirs / ours:.0f} x)"
    yield "one hour, bytes a sample: fit-tool", f"{len(peer_data) / len(one_hour):.1f}"


def _timed(encoder: Any, points: list[Point]) -> tuple[float, bytes]:
    started = time.perf_counter()
    data = encoder(points)
    return time.perf_counter() - started, data


def _points(count: int) -> list[Point]:
    return [
        Point(1_783_058_400 + i, 47 + i * 2e-5, 11 + math.sin(i / 300) / 50, 1500 + i % 500, 2.8, i * 2.8, 140)
        for i in range(count)
    ]


def _by_fit_tool(points: list[Point]) -> bytes:
    builder = FitFileBuilder(auto_define=True)
    file_id = FileIdMessage()
    file_id.type = FileType.ACTIVITY
    file_id.manufacturer = Manufacturer.DEVELOPMENT.value
    file_id.time_created = round(points[0].time_s * 1000)
    builder.add(file_id)
    for point in points:
        builder.add(_record(point))
    return builder.build().to_bytes()


def _record(point: Point) -> RecordMessage:
    record: Any = RecordMessage()
    record.timestamp = round(point.time_s * 1000)
    record.position_lat, record.position_long = point.lat, point.lon
    record.distance, record.altitude = point.dist_m, point.alt_m
    record.speed, record.heart_rate = point.speed_ms, point.hr_bpm
    return record
