"""Cleaning a track, its profile, and the cost of its grades."""

import math
import random
from itertools import pairwise

import pytest
from holdback.gpx import GpxPoint
from holdback.planning import Course, CourseError
from holdback.planning.cost import pace_factor, running_cost, walking_cost
from holdback.planning.course import climb_and_descent, smooth
from holdback.planning.track import clean, scales

from host.make_fixtures import METRES_PER_DEGREE, hilly, straight


def test_minetti_and_the_pacing_factor_give_the_published_numbers():
    assert running_cost(0.1) == pytest.approx(5.9682, abs=1e-4)
    assert running_cost(-0.1) == pytest.approx(2.1517, abs=1e-4)
    assert running_cost(0.45) == running_cost(0.9) == pytest.approx(19.426, abs=1e-3)
    assert walking_cost(0.2) == pytest.approx(7.8774, abs=1e-4)
    least, at = min((running_cost(i / 1000), i) for i in range(-450, 451))
    assert (round(least, 4), at) == (1.7813, -181)
    assert pace_factor(0.07) == pytest.approx(1.3648, abs=1e-4)
    assert 2.8 / pace_factor(0.1) == pytest.approx(1.801, abs=1e-3)
    assert pace_factor(0.9) == pace_factor(0.45) == 4.9 and pace_factor(-0.45) == 2.1


def test_metres_per_degree_are_those_of_the_ellipsoid():
    # WGS 84, tabulated: 110 574 m and 111 320 m at the equator, 111 132 m and 78 847 m at 45 degrees
    assert scales(0.0) == (pytest.approx(110_574.3, abs=1), pytest.approx(111_319.5, abs=1))
    assert scales(45.0) == (pytest.approx(111_131.7, abs=1), pytest.approx(78_846.8, abs=1))


def test_a_straight_climb_has_its_length_climb_and_grade():
    course = Course(straight(3000, 0.10))
    assert course.length_m == pytest.approx(3000 * 111_173 / METRES_PER_DEGREE, rel=1e-4)
    assert course.climb_m == pytest.approx(300, abs=3) and course.descent_m == 0
    assert all(grade == pytest.approx(0.10, abs=0.001) for grade in course.grades[:-1])
    assert course.equivalent_m == pytest.approx(1.555 * course.length_m, rel=0.01)
    assert Course(straight(3000, 0.10), terrain=1.2).factor_at(1500) == pytest.approx(1.2 * course.factor_at(1500))


def test_position_and_altitude_along_the_course():
    points = straight(2000, 0.05)
    course = Course(points)
    for s in (-5.0, 0.0, 777.7, 1999.0, 9999.0):
        lat, lon = course.position_at(s)
        assert lon == 11.0
        clamped = min(max(s, 0.0), course.length_m)
        assert (lat - 47.0) * scales(47.0)[0] == pytest.approx(clamped, abs=0.5)
        assert course.alt_at(s) == pytest.approx(500 + 0.05 * clamped, abs=1.1)


def test_noise_of_elevation_neither_climbs_nor_bends_the_grade():
    rng = random.Random(7)
    points = straight(5000)
    for point in points:
        point.ele_m = 500 + rng.gauss(0, 1.0)
    course = Course(points)
    raw_climb = sum(max(0.0, b - a) for a, b in pairwise(course.track.ele_m))
    assert course.climb_m < raw_climb / 20
    assert max(map(abs, course.grades)) < 0.06


def test_jitter_of_standing_adds_no_metres():
    points = straight(1000)
    rng = random.Random(3)
    standing = [GpxPoint(points[50].lat + rng.uniform(-3e-6, 3e-6), 11.0, 500.0) for _ in range(500)]
    assert clean([points[:51] + standing + points[51:]]).s_m[-1] == pytest.approx(clean([points]).s_m[-1], abs=2.0)


def test_pieces_are_joined_in_order_and_said():
    points = hilly(4000)
    track = clean([points[:100], [], points[100:300], points[300:]])
    assert track.notes == ["3 pieces joined in file order"]
    assert track.s_m == clean([points]).s_m


def test_a_gap_is_crossed_and_said_and_an_absurd_one_refused_with_its_place():
    points = hilly(6000)
    gappy = clean([points[:200] + points[320:]], "day.gpx")
    assert gappy.notes[0].startswith("a gap of ") and "at km 2.0" in gappy.notes[0]
    far = [GpxPoint(point.lat + 0.2, point.lon, point.ele_m) for point in points[200:]]
    with pytest.raises(CourseError, match=r"day.gpx: a jump of 22\.\d km at km 2\.0"):
        clean([points[:200] + far], "day.gpx")


def test_a_point_that_flies_away_and_back_is_dropped_and_told():
    points = hilly(3000)
    flown = [*points[:100], GpxPoint(points[100].lat + 1.0, points[100].lon, 0.0), *points[101:]]
    cleaned = clean([flown])
    assert cleaned.s_m[-1] == pytest.approx(clean([points]).s_m[-1], abs=2)
    assert cleaned.notes == ["points that jump over 5 km away and back, left out: 1"]


def test_elevation_missing_zero_spiked_or_partly_there():
    points = straight(2000)
    for point in points:
        point.ele_m = None
    assert "no elevation" in clean([points]).notes[0]
    climb = straight(2000, 0.05)
    for index in range(40, 80):
        climb[index].ele_m = None if index % 2 else 0.0
    climb[120].ele_m = 2000.0
    track = clean([climb])
    assert track.notes == [
        "1 elevation spikes removed",
        "40 of 201 points without elevation: filled in between neighbours",
    ]
    assert all(e == pytest.approx(500 + 0.05 * i * 10, abs=0.1) for i, e in enumerate(track.ele_m))


@pytest.mark.parametrize(
    ("segments", "says"),
    [
        ([], "no track and no route"),
        ([[GpxPoint(47.0, 11.0)]], "one point"),
        ([straight(100)], "not the length of a stage"),
        ([[GpxPoint(47.0, 11.0)] * 500], "not the length of a stage"),
    ],
)
def test_what_is_no_course_is_refused(segments, says):
    with pytest.raises(CourseError, match=says) as caught:
        clean(segments, "day.gpx")
    assert "day.gpx" in caught.value.what and caught.value.next_step


def test_across_the_antimeridian():
    step = 20 / METRES_PER_DEGREE
    points = [GpxPoint(0.0, (179.99 + i * step + 180) % 360 - 180, 5.0) for i in range(150)]
    course = Course(points)
    assert course.length_m == pytest.approx(149 * 20 * 111_319.5 / METRES_PER_DEGREE, rel=1e-5)
    crossings = [course.position_at(s)[1] for s in range(0, int(course.length_m), 7)]
    assert all(abs(lon) > 179.9 for lon in crossings) and min(crossings) < 0 < max(crossings)


def test_smoothing_keeps_a_slope_and_climb_ignores_ripples():
    slope = [float(i) for i in range(50)]
    assert smooth(slope, 5) == pytest.approx(slope)
    assert climb_and_descent([0, 1, 0, 1, 0, 10, 9, 4]) == (10, 6)
    assert math.isclose(sum(smooth([0, 0, 5, 0, 0], 5)), 5 / 3 + 5 / 5 + 5 / 3)
