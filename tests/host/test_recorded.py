"""A recorded run second by second: 1 Hz files as they are, smart ones filled in, pauses left out."""

from itertools import pairwise

import pytest
from holdback.recordings.activity import Activity, Point
from holdback.simulation.world.recorded import MAX_HOLE_S, pauses, seconds

M = 1 / 111_195  # degrees of latitude a metre


def point(time_s: float, metres: float, **fields) -> Point:
    return Point(time_s, 46 + metres * M, 7.0, **{"alt_m": 100.0, "hr_bpm": 140, **fields})


def test_a_1_hz_file_is_fed_as_it_is() -> None:
    points = [point(100 + i, 3 * i, dist_m=3.1 * i, hr_bpm=140 + i) for i in range(5)]
    fed = list(seconds(Activity(points)))
    assert [s.utc_s for s in fed] == [100, 101, 102, 103, 104]
    assert [s.hr_bpm for s in fed] == [140, 141, 142, 143, 144]
    assert [s.truth.lat_deg for s in fed if s.truth] == [p.lat for p in points]
    assert [s.truth.speed_ms for s in fed[1:] if s.truth] == pytest.approx([3.1] * 4)
    assert fed[0].truth and fed[0].truth.course_deg == pytest.approx(0.0)


def test_holes_of_a_smart_recording_are_filled_on_the_line() -> None:
    fed = list(seconds(Activity([point(0, 0), point(10, 30, alt_m=110.0), point(13, 36)])))
    assert len(fed) == 14
    assert fed[5].truth and fed[5].truth.alt_m == pytest.approx(105)
    assert fed[5].truth.lat_deg == pytest.approx(46 + 15 * M, abs=1e-9)
    assert [round(s.truth.speed_ms, 3) for s in fed[1:] if s.truth] == [3.0] * 10 + [2.0] * 3


def test_a_pause_is_left_out_and_adds_no_speed() -> None:
    points = [point(0, 0), point(1, 3), point(1 + MAX_HOLE_S + 1, 500), point(3 + MAX_HOLE_S, 503)]
    activity = Activity(points)
    fed = list(seconds(activity))
    assert [s.utc_s for s in fed] == [p.time_s for p in points]
    assert fed[2].truth and fed[2].truth.speed_ms == 0.0
    assert pauses(points) == [(1, 2 + MAX_HOLE_S)]


def test_times_off_the_second_lose_no_metres() -> None:
    points = [point(0.4 + 1.7 * i, 5 * i) for i in range(101)]
    fed = list(seconds(Activity(points)))
    assert all(b.utc_s - a.utc_s == pytest.approx(1) for a, b in pairwise(fed))
    assert sum(s.truth.speed_ms for s in fed if s.truth) == pytest.approx(500, rel=0.001)


def test_without_a_place_there_is_no_fix_but_a_heart() -> None:
    points = [Point(float(i), hr_bpm=150, dist_m=3.0 * i) for i in range(4)]
    assert [(s.truth, s.hr_bpm) for s in seconds(Activity(points))] == [(None, 150)] * 4


def test_a_single_point_is_one_second() -> None:
    (only,) = seconds(Activity([point(7, 0, speed_ms=2.5)]))
    assert only.utc_s == 7 and only.truth and only.truth.speed_ms == 2.5
