"""Our FIT files, judged by two decoders that are not ours: every value equal to what went in."""

import time
from typing import Any

import fitdecode
import pytest
from fit_tool.fit_file import FitFile
from fit_tool.profile.messages.event_message import EventMessage
from fit_tool.profile.messages.record_message import RecordMessage
from fit_tool.profile.messages.session_message import SessionMessage
from holdback.errors import HoldbackError
from holdback.recordings.activity import Point
from holdback.recordings.files import read_activities
from holdback.recordings.fit import FIT_EPOCH_S, Marker, crc16, encode
from holdback.recordings.summary import distances_m, summarise

from host.recording_samples import START_S, run

DEGREES = 180 / 2**31
Row = tuple[float | None, ...]


def expected(points: list[Point]) -> list[Row]:
    """Each point as FIT's units can hold it: semicircles, cm, 0.2 m, mm/s."""
    rows = []
    for point, dist_m in zip(points, distances_m(points), strict=True):
        rows.append(
            (
                int(point.time_s),
                None if point.lat is None else round(point.lat / DEGREES),
                None if point.lon is None else round(point.lon / DEGREES),
                round(dist_m * 100),
                None if point.alt_m is None else round((point.alt_m + 500) * 5),
                None if point.speed_ms is None else round(point.speed_ms * 1000),
                point.hr_bpm,
            )
        )
    return rows


def scaled(when: float, values: tuple[Any, ...]) -> Row:
    """A decoder's degrees, metres and m/s back into the file's integers."""
    lat, lon, dist, alt, speed, hr = values
    return (
        when,
        lat,
        lon,
        round(dist * 100),
        None if alt is None else round((alt + 500) * 5),
        None if speed is None else round(speed * 1000),
        hr,
    )


def messages(data: bytes, name: str) -> list[dict[str, Any]]:
    """What fitdecode finds, its checksums enforced."""
    options: dict[str, Any] = {"processor": None, "error_handling": fitdecode.ErrorHandling.RAISE}
    with fitdecode.FitReader(data, check_crc=fitdecode.CrcCheck.RAISE, **options) as reader:
        return [
            {field.name: field.value for field in frame.fields}
            for frame in reader
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name == name
        ]


def by_fitdecode(data: bytes) -> list[Row]:
    fields = ("position_lat", "position_long", "distance", "altitude", "speed", "heart_rate")
    return [
        scaled(record["timestamp"] + FIT_EPOCH_S, tuple(record[field] for field in fields))
        for record in messages(data, "record")
    ]


def by_fit_tool(data: bytes) -> list[Row]:
    """fit-tool hands a missing value on as the type's invalid number."""
    invalid = (None, 0x7FFFFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFF, 0xFFFF, 0xFF)
    rows = []
    for record in FitFile.from_bytes(data).records:
        if isinstance(record.message, RecordMessage):
            m: Any = record.message
            lat, lon = round(m.position_lat / DEGREES), round(m.position_long / DEGREES)
            row = scaled(m.timestamp / 1000, (lat, lon, m.distance, m.altitude, m.speed, m.heart_rate))
            rows.append(tuple(None if value == none else value for value, none in zip(row, invalid, strict=True)))
    return rows


def test_two_decoders_read_every_value():
    points = run(700)
    data = encode(points)
    assert by_fitdecode(data) == expected(points)
    assert by_fit_tool(data) == expected(points)


def test_our_own_reader_reads_it(tmp_path):
    path = tmp_path / "x.fit"
    path.write_bytes(encode(run(300)))
    (activity,) = read_activities(path)
    assert len(activity.points) == 300 and activity.sport == "running" and activity.notes == []
    assert [point.hr_bpm for point in activity.points] == [point.hr_bpm for point in run(300)]


def test_session_and_lap_hold_the_totals():
    points = run(900)
    summary = summarise(points)
    data = encode(points, sport="running", serial=77)
    (session,), (lap,), (activity,) = (messages(data, name) for name in ("session", "lap", "activity"))
    for message in session, lap:
        assert message["start_time"] + FIT_EPOCH_S == START_S
        assert message["timestamp"] + FIT_EPOCH_S == START_S + 899
        assert message["total_elapsed_time"] == message["total_timer_time"] == 899
        assert message["total_distance"] == pytest.approx(summary.distance_m, abs=0.005)
        assert message["avg_heart_rate"] == round(summary.hr_avg_bpm or 0)
        assert message["max_heart_rate"] == summary.hr_max_bpm
        assert message["total_ascent"] == round(summary.ascent_m or 0)
        assert message["total_descent"] == round(summary.descent_m or 0)
        assert message["max_speed"] == summary.speed_max_ms
        assert message["avg_speed"] == pytest.approx(summary.speed_avg_ms, abs=0.0005)
    assert session["sport"] == "running" and session["sub_sport"] == "trail" and session["num_laps"] == 1
    assert activity["num_sessions"] == 1
    (file_id,) = messages(data, "file_id")
    assert (file_id["type"], file_id["manufacturer"]) == ("activity", "development")
    assert file_id["serial_number"] == 77 and file_id["time_created"] + FIT_EPOCH_S == START_S


def test_fit_tool_reads_the_session_too():
    points = run(400)
    sessions = [r.message for r in FitFile.from_bytes(encode(points)).records if isinstance(r.message, SessionMessage)]
    assert len(sessions) == 1 and sessions[0].total_distance == pytest.approx(summarise(points).distance_m, abs=0.005)


def test_a_gap_stops_the_timer():
    points = run(100) + [Point(point.time_s + 600, point.lat, point.lon) for point in run(200)[100:]]
    events = [(e["timestamp"] + FIT_EPOCH_S - START_S, e["event_type"]) for e in messages(encode(points), "event")]
    assert events == [(0, "start"), (99, "stop"), (700, "start"), (799, "stop_all")]
    (session,) = messages(encode(points), "session")
    assert session["total_elapsed_time"] == 799 and session["total_timer_time"] == 198


def test_markers_stand_before_the_record_of_their_second():
    data = encode(run(60), markers=[Marker(START_S + 30, 0x21), Marker(START_S + 10.4, 0x11)])
    found = [e for e in messages(data, "event") if e["event"] == "user_marker"]
    assert [(e["timestamp"] + FIT_EPOCH_S - START_S, e["data"]) for e in found] == [(10, 0x11), (30, 0x21)]
    kinds = [type(record.message) for record in FitFile.from_bytes(data).records]
    assert kinds.count(EventMessage) == 4


def test_what_is_missing_is_not_there():
    (record,) = messages(encode([Point(START_S)]), "record")
    assert [name for name, value in record.items() if value is not None] == ["timestamp", "distance"]


def test_extremes_stay_inside_their_types():
    wild = Point(START_S, 90.0, 180.0, 99999.0, 1e6, 1e12, 254)
    low = Point(START_S + 1, -90.0, -180.0, -9999.0, 0.0, 1e12, 1)
    first, second = messages(encode([wild, low]), "record")
    assert first["position_lat"] == 2**30 and first["position_long"] == -(2**31)  # +180 is -180
    assert second["position_lat"] == -(2**30) and second["altitude"] == -500 and second["heart_rate"] == 1
    assert first["altitude"] == pytest.approx(0xFFFE / 5 - 500) and first["speed"] == pytest.approx(65.534)


def test_a_distance_below_nothing_is_written_as_nothing():
    assert (
        messages(encode([Point(START_S, dist_m=-9.0), Point(START_S + 1, dist_m=-7.0)]), "record")[0]["distance"] == 0
    )


def test_points_of_one_second_are_one_record():
    points = [Point(START_S + 0.1), Point(START_S + 0.9), Point(START_S + 1.5)]
    assert len(messages(encode(points), "record")) == 2


def test_no_points_and_years_that_fit_does_not_know_are_refused():
    for points in ([], [Point(12.0)], [Point(START_S), Point(START_S + 200 * 365 * 86400)]):
        with pytest.raises(HoldbackError, match="cannot write a FIT file"):
            encode(points)


def test_crc_of_the_standard_check_string():
    assert crc16(b"123456789") == 0xBB3D


def test_ten_hours_are_small_and_quick():
    points = run(36_000)
    started = time.process_time()
    data = encode(points)
    assert time.process_time() - started < 1.0
    assert len(data) <= 25 * len(points)
