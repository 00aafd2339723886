"""Days, segments, heart-rate bound and the bytes of one stage's plan."""

import itertools
import math
import os
import random
import time
from pathlib import Path

import gpxpy
import pytest
from holdback.gpx import GpxPoint, read_gpx
from holdback.planning import Athlete, Course, CourseError, Day, critical_speed, plan_course, plan_hours, plan_stage
from holdback.planning.athlete import hr_bound
from holdback.planning.caps import merge
from holdback.planning.cost import pace_factor
from holdback.planning.days import DAY_1, FREE, next_fatigue, optimise, race_hours, sustainable_fraction
from holdback.planning.encoding import corners
from holdback.planning.model import Station
from holdback.planning.simplify import simplify
from pacing.plan import Plan

from host.make_fixtures import METRES_PER_DEGREE, gpx, hilly, straight

RUNNER = Athlete(critical_speed_ms=3.7, threshold_hr_bpm=170)


def on_device(data: bytes) -> Plan:
    def read(offset, buffer):
        buffer[:] = data[offset : offset + len(buffer)]

    return Plan(read, len(data))


def test_stage_times_and_fatigue_of_the_model():
    hours, mornings = race_hours([50] * 3, [0.93, 0.97, 1.0], 13.3)
    assert [h * 3600 for h in hours] == pytest.approx([17574.2, 17940.5, 18846.6], abs=0.05)
    assert mornings == pytest.approx([0.0, 0.05907, 0.12731], abs=1e-5)
    assert [sustainable_fraction(h) for h in (3.7, 5, 12)] == pytest.approx([0.849, 0.826, 0.764], abs=5e-4)
    assert next_fatigue(0.5, 100.0, 1.0) == 0.5


@pytest.mark.parametrize(
    ("distances", "efforts", "hours"),
    [
        ([50, 50, 50], [0.93, 0.97, 1.0], 15 + 6 / 60),
        ([40, 60, 30], [0.93, 1.0, 1.0], 12 + 47 / 60),
        ([40, 40, 40, 75, 42, 20], [0.90, 0.90, 0.89, 0.95, 1.0, 1.0], 27 + 2 / 60),
    ],
)
def test_the_optimum_of_a_race(distances, efforts, hours):
    ranges = [DAY_1] + [FREE] * (len(distances) - 1)
    assert optimise(distances, 13.3, ranges) == efforts
    assert sum(race_hours(distances, efforts, 13.3)[0]) == pytest.approx(hours, abs=0.6 / 60)


def test_the_optimum_is_that_of_trying_everything():
    ranges = [DAY_1, FREE, FREE]
    grid = [[low + 0.01 * i for i in range(round((high - low) * 100) + 1)] for low, high in ranges]
    for distances in ([30, 55, 25], [20, 20, 80]):
        least = min(sum(race_hours(distances, trial, 12.0)[0]) for trial in itertools.product(*grid))
        found = optimise(distances, 12.0, ranges)
        assert sum(race_hours(distances, found, 12.0)[0]) == pytest.approx(least, abs=1e-6)


def test_critical_speed_of_a_result_gives_that_result_back():
    speed = critical_speed(50_000, 4.5 * 3600)
    hours, _ = race_hours([50], [1.0], speed * 3.6)
    assert hours[0] == pytest.approx(4.5, rel=1e-6)
    assert critical_speed(50_000, 4.5 * 3600, climb_m=1000) == pytest.approx(speed * 54.3 / 50)


def test_heart_rate_bound_rises_with_hours_and_less_on_day_1():
    later = hr_bound(RUNNER, 0.7, 6.0, first_day=False)
    assert (later.cap_bpm, later.drift_bpm_h, later.drift_max_bpm) == (round(80.46 + 89.54 * 1.03 * 0.7), 1.5, 8.0)
    first = hr_bound(RUNNER, 0.7, 4.0, first_day=True)
    assert first.cap_bpm + first.drift_max_bpm <= 0.88 * 170 + 0.5
    long = hr_bound(RUNNER, 0.7, 9.0, first_day=True)
    assert long.drift_max_bpm == 4.0 and long.cap_bpm == later.cap_bpm  # never under what the plan asks for
    assert hr_bound(Athlete(3.7), 0.7, 4.0, first_day=True).cap_bpm == 0


def test_segments_are_long_enough_few_enough_and_keep_the_cost():
    rng = random.Random(5)
    factors = [pace_factor(0.15 * math.sin(i / 40) + rng.gauss(0, 0.05)) for i in range(8500)]
    ends = merge(factors)
    lengths = [b - a for a, b in itertools.pairwise([0, *ends])]
    assert ends[-1] == 8500 and len(ends) <= 120 and min(lengths) >= 10
    thirds = merge([1.0] * 100 + [2.0] * 100 + [0.9] * 100)
    assert thirds == [100, 200, 300]
    assert merge([1.0] * 300, breaks=(37,)) == [37, 300]
    assert merge([1.3] * 4) == [4]


def test_simplified_line_stays_close_and_keeps_its_metres():
    track = Course(hilly(20_000, 4.0)).track
    keep = simplify(track.x_m, track.y_m, track.s_m, 1.5, 6.0)
    assert keep[0] == 0 and keep[-1] == len(track.s_m) - 1 and len(keep) < len(track.s_m) / 3
    for a, b in itertools.pairwise(keep):
        for i in range(a, b):
            share = (track.s_m[i] - track.s_m[a]) / (track.s_m[b] - track.s_m[a])
            x = track.x_m[a] + share * (track.x_m[b] - track.x_m[a])
            y = track.y_m[a] + share * (track.y_m[b] - track.y_m[a])
            assert math.hypot(track.x_m[i] - x, track.y_m[i] - y) <= 6.0 + 1e-9


def test_an_out_and_back_spur_on_a_straight_line_keeps_its_metres():
    there = straight(1000)
    points = there + there[60:100][::-1] + there[61:]  # 1000 m out, 400 m back, on to the end
    course = Course(points)
    plan = on_device(plan_course(points, RUNNER).data)
    assert course.length_m == pytest.approx(1800, rel=0.01) and plan.length_dm == round(course.length_m * 10)
    kept = [course.track.s_m[i] for i in corners(course)]
    assert any(abs(s - 1000) < 11 for s in kept) and any(abs(s - 1400) < 21 for s in kept)


def test_a_plan_reads_back_with_its_header_profile_and_caps():
    day = Day(2, 3, "Königsetappe", "Drei Täler Rundlauf", "push", 0.97, 0.06, neutral_m=1500.0,
              stations=(Station(9000.0, 7200, "Hütte"),))  # fmt: skip
    planned = plan_stage(Course(hilly(20_000), terrain=1.08), RUNNER, day)
    plan = on_device(planned.data)
    assert (plan.stage_no, plan.stage_count, plan.role, plan.race) == (2, 3, 1, "Drei Täler Rund")
    # thin air costs, too: 1200 m are .063 * .9 of critical speed
    assert planned.pace.load == pytest.approx(1.08 / (1 - 0.063 * 0.9), rel=0.005)
    assert (
        plan.cs_cms == round(370 / planned.pace.load)
        and plan.planned_s == round(planned.planned_s)
        and plan.crc == planned.crc
    )
    assert (plan.hr_a_dbpm, plan.hr_b_dbpm, plan.hr_cap_bpm) == (805, 895, planned.pace.hr.cap_bpm)
    course = planned.course
    assert course and all(abs(plan.alt_dm(s * 10) - course.alt_at(s) * 10) <= 1.5 for s in range(0, 20_000, 333))
    for segment in planned.segments:
        plan.at(int((segment.start_m + segment.end_m) * 5))
        assert (plan.cap_pm, plan.flags) == (segment.cap_pm, segment.flags)
        assert segment.cap_pm == pytest.approx(planned.pace.intensity * 1000, rel=0.02)
        assert plan.v_cap_cms == round(segment.speed_ms * 100)
    neutral = [segment for segment in planned.segments if segment.flags & 4]
    assert neutral == planned.segments[: len(neutral)] and neutral[-1].end_m == 1500


def test_the_plan_carries_the_heart_of_its_athlete():
    quick, slow = (on_device(plan_course(hilly(2_000), Athlete(speed)).data) for speed in (4.5, 2.4))
    # without a known heart rate the line goes through 170 bpm at critical speed, and bounds nothing
    assert [(plan.hr_a_dbpm + plan.hr_b_dbpm, plan.hr_cap_bpm) for plan in (quick, slow)] == [(1700, 0), (1700, 0)]


def test_planned_time_is_that_of_the_model_and_speeds_follow_the_cost():
    course = Course(hilly(30_000))
    planned = plan_stage(course, RUNNER, Day(effort=0.93))
    hours = race_hours([planned.pace.equivalent_m / 1000], [0.93], 3.7 * 3.6)[0][0]
    assert planned.planned_s == pytest.approx(hours * 3600, rel=0.002)
    limited = plan_course(hilly(30_000), Athlete(3.7, 170, descent_limit_ms=2.0), effort=0.93)
    assert max(segment.speed_ms for segment in limited.segments if segment.grade < 0) == 2.0
    assert limited.planned_s > planned.planned_s


def test_steep_climbs_are_hiked_and_steep_descents_marked():
    up = plan_course(straight(3000, 0.25), RUNNER)
    down = plan_course(straight(3000, -0.12), RUNNER, technical=True)
    flat = plan_course(straight(3000, 0.03), Athlete(2.0))
    assert all(segment.hike for segment in up.segments)
    assert {segment.flags for segment in down.segments} == {8 | 2}
    assert {segment.flags for segment in flat.segments} == {0}


def test_a_stage_of_hours_has_a_cap_and_no_course():
    planned = plan_hours(6.5, RUNNER, Day(role="train", effort=0.85))
    plan = on_device(planned.data)
    plan.at(123_456)
    assert not plan.has_course and plan.cap_pm == round(1000 * planned.pace.intensity) == 686
    assert planned.length_m == 0 and planned.planned_s == 6.5 * 3600


def test_a_hundred_winding_kilometres_fit_in_48_kb():
    rng = random.Random(1)
    points = hilly(100_000, 5.0)
    noisy = [GpxPoint(p.lat + rng.gauss(0, 3) / METRES_PER_DEGREE, p.lon, p.ele_m) for p in points]
    for track in (points, noisy):
        planned = plan_course(track, RUNNER)
        assert 3000 < len(planned.data) <= 48 * 1024 * planned.length_m / 100_000
        on_device(planned.data)


def test_what_no_plan_can_hold_is_a_typed_error():
    with pytest.raises(CourseError, match="no plan can hold it") as caught:
        plan_course(straight(20_000, 0.4), RUNNER, name="Everest and back")
    assert "heights" in caught.value.why


@pytest.mark.skipif("HOLDBACK_DATA" not in os.environ, reason="HOLDBACK_DATA is not set: no real courses to plan")
def test_every_real_course_is_planned_within_the_limits():
    paths = sorted(Path(os.environ["HOLDBACK_DATA"]).glob("courses/*/*.gpx"))
    assert len(paths) > 15
    for path in paths:
        planned = plan_course(read_gpx(path).segments, RUNNER)
        peer = gpxpy.parse(path.read_text(encoding="utf-8"))
        theirs = peer.length_2d() or sum(route.length() for route in peer.routes)
        assert planned.length_m == pytest.approx(theirs, rel=0.006), path
        plan = on_device(planned.data)
        assert plan.length_dm == round(planned.length_m * 10) and len(planned.segments) <= 120
        assert len(planned.data) <= 48 * 1024 * max(0.1, planned.length_m / 100_000), path


def test_170_km_of_34_000_points_are_read_and_planned_in_half_a_second():
    text = gpx(hilly(170_000, 5.0)).encode()
    best_s = 9.0
    for _ in range(3):
        started = time.process_time()
        course = Course(read_gpx(text).segments)
        plan_stage(course, RUNNER, Day())
        best_s = min(best_s, time.process_time() - started)
        assert len(course.track.s_m) > 33_000
    assert best_s < 0.5
