"""Heat, altitude, darkness, ground by stretches: science's numbers, and what they do to a stage's plan."""

from datetime import UTC, datetime

import pytest
from holdback.gpx import GpxPoint
from holdback.planning import Athlete, Course, Day, StagePlan, plan_hours, plan_stage
from holdback.planning.conditions import Conditions, altitude_factor, heat_factor, is_dark, sun_deg, wbgt_c
from holdback.planning.course import Ground
from holdback.planning.model import CueBudget, Station
from holdback.planning.segments import warmed_up
from holdback.planning.stage import lost
from hypothesis import given
from hypothesis import strategies as st
from pacing.plan import Plan

from host.make_fixtures import hilly, straight

RUNNER = Athlete(critical_speed_ms=3.7, threshold_hr_bpm=170)
MORNING_S = round(datetime(2026, 9, 4, 6, tzinfo=UTC).timestamp())  # 47° N 11° E: an hour after sunrise
EVENING_S = round(datetime(2026, 9, 4, 17, tzinfo=UTC).timestamp())  # the sun sets at 17:55, it is dark at 18:25


def on_device(plan: StagePlan) -> Plan:
    def read(offset, buffer):
        buffer[:] = plan.data[offset : offset + len(buffer)]

    return Plan(read, len(plan.data))


def lifted(points: list[GpxPoint], by_m: float) -> list[GpxPoint]:
    return [GpxPoint(point.lat, point.lon, (point.ele_m or 0.0) + by_m) for point in points]


def test_the_numbers_of_science():
    assert wbgt_c(30, 50) == pytest.approx(29.26, abs=0.005)
    assert heat_factor(25, 0.008) == pytest.approx(1.08) and heat_factor(14, 0.008) == 1
    assert (
        1 / altitude_factor(2300) == pytest.approx(1 - 0.063 * 2) and altitude_factor(-400) == altitude_factor(300) == 1
    )
    assert 1 / altitude_factor(2300, 7) == pytest.approx(1 - 0.126 * (1 - 0.25 * (1 - 0.36788)), abs=1e-5)
    assert lost(0.055, 0.9, 2) == pytest.approx(0.0802, abs=5e-5) and lost(0.055, 1, 50) == 0.25


@pytest.mark.parametrize(
    ("moment", "lat", "lon"),
    [  # sunrises and sunsets of almanacs: the sun's upper edge is on the horizon, its centre .83° below
        ("2026-06-21T02:54", 48.21, 16.37), ("2026-12-21T15:02", 48.21, 16.37), ("2026-09-21T19:46", -33.87, 151.2),
        ("2026-06-21T18:58", 48.21, 16.37),
    ],
)  # fmt: skip
def test_where_the_sun_stands(moment: str, lat: float, lon: float):
    utc_s = datetime.fromisoformat(f"{moment}+00:00").timestamp()
    assert sun_deg(utc_s, lat, lon) == pytest.approx(-0.83, abs=0.6)


def test_noon_at_the_equator_on_an_equinox():
    assert sun_deg(datetime(2026, 3, 20, 12, 7, tzinfo=UTC).timestamp(), 0, 0) > 89


def test_midnight_sun_and_polar_night():
    june, december = (datetime(2026, month, 21, 23, 30, tzinfo=UTC).timestamp() for month in (6, 12))
    assert not is_dark(june, 70, 20) and is_dark(december, 70, 20) and is_dark(december - 43_200, 85, 20)


def test_heat_slows_the_hot_hours_and_says_how_much():
    points = straight(30_000)
    cool = plan_stage(Course(points), RUNNER, Day())
    noon = Conditions(weather=((0.0, 15.0), (3600.0, 15.0), (7200.0, 30.0)))
    hot = plan_stage(Course(points), RUNNER, Day(conditions=noon))
    assert hot.planned_s > cool.planned_s * 1.03 and 1.03 < hot.pace.costs["heat"] < 1.12
    early, late = hot.segments[0], hot.segments[-1]
    thin = cool.segments[0].factor  # of the altitude; a segment's mean is a little beside its ends
    assert early.factor == pytest.approx(thin, rel=0.01) and late.factor == pytest.approx(1.12 * thin, rel=0.02)
    assert late.speed_ms < early.speed_ms and late.cap_pm < early.cap_pm and late.effort == early.effort
    # The device knows speed and slope alone: cap times its critical speed is the planned speed on the level.
    device = on_device(hot)
    for part in hot.segments:
        assert part.cap_pm / 1000 * device.cs_cms / 100 == pytest.approx(part.speed_ms, rel=0.01)


def test_thin_air_costs_less_to_those_who_know_it():
    low, high = (Course(lifted(hilly(20_000), by)) for by in (-1200, 1500))
    at_sea = plan_stage(low, RUNNER, Day())
    fresh, used = (plan_stage(high, RUNNER, Day(conditions=Conditions(days))) for days in (0, 14))
    assert at_sea.pace.costs["altitude"] == 1.0 and at_sea.planned_s < used.planned_s < fresh.planned_s
    assert fresh.pace.costs["altitude"] == pytest.approx(altitude_factor(2700), rel=0.01)


def test_a_lamp_slows_the_feet_from_dusk_on():
    by_day, into_night = (
        plan_stage(Course(straight(20_000)), RUNNER, Day(gun_utc_s=gun)) for gun in (MORNING_S, EVENING_S)
    )
    assert "night" not in by_day.pace.costs and 1.0 < into_night.pace.costs["night"] < 1 / 0.94
    assert into_night.segments[0].factor == pytest.approx(by_day.segments[0].factor)
    assert into_night.segments[-1].factor == pytest.approx(by_day.segments[-1].factor / 0.94)
    unafraid = plan_stage(Course(straight(20_000)), RUNNER, Day(gun_utc_s=EVENING_S, conditions=Conditions(0, 0.0)))
    assert unafraid.planned_s == by_day.planned_s


def test_a_stop_lets_the_night_come_nearer():
    waits = Day(gun_utc_s=EVENING_S, stations=(Station(1000.0, 0, "hut", 2 * 3600),))
    stopped, straight_on = (
        plan_stage(Course(straight(20_000)), RUNNER, day) for day in (waits, Day(gun_utc_s=EVENING_S))
    )
    assert stopped.pace.costs["night"] > straight_on.pace.costs["night"]


def test_sand_for_two_kilometres():
    sand = Ground(4000.0, 6000.0, 1.4)
    plain, sandy = (plan_stage(Course(straight(10_000), ground=ground), RUNNER, Day()) for ground in ((), (sand,)))
    inside = [part for part in sandy.segments if part.start_m >= 4000 and part.end_m <= 6000]
    assert sum(part.end_m - part.start_m for part in inside) == 2000
    assert all(part.speed_ms == pytest.approx(sandy.segments[0].speed_ms / 1.4) for part in inside)
    assert inside[0].cap_pm == pytest.approx(sandy.segments[0].cap_pm / 1.4, rel=0.002)
    assert sandy.pace.costs["terrain"] == pytest.approx(1.08) and sandy.planned_s > plain.planned_s


def test_technical_ground_is_silent_on_its_descents_alone():
    ground = (Ground(1000.0, 2000.0, 1.2, technical=True),)
    plan = plan_stage(Course(straight(4000, -0.12), terrain=1.08, ground=ground), RUNNER, Day())
    assert [part.end_m for part in plan.segments if part.flags & 2] == [2000.0]


def test_own_grade_response_and_own_durability():
    steep = tuple(1.0 + abs(step) * 0.4 for step in range(-9, 10))
    mine = plan_stage(Course(hilly(20_000)), Athlete(3.7, 170, pace_factors=steep), Day())
    assert list(on_device(mine).factors) == [round(1000 * factor) for factor in steep]
    assert mine.planned_s > plan_stage(Course(hilly(20_000)), RUNNER, Day()).planned_s
    brittle, usual, tough = (
        plan_stage(Course(straight(50_000)), Athlete(3.7, 170, durability=share), Day()).pace.intensity
        for share in (0.09, 0.055, 0.02)
    )
    assert brittle < usual < tough and usual - brittle < 0.06


def test_a_morning_after_begins_gently():
    first, second = (plan_stage(Course(straight(20_000)), RUNNER, Day(stage_no=no)) for no in (1, 2))
    assert first.pace.warm_up_s == 0 and second.pace.warm_up_s == pytest.approx(60, abs=0.5)
    assert second.planned_s == pytest.approx(first.planned_s + 60, abs=0.5)
    assert second.segments[0].cap_pm == first.segments[0].cap_pm  # the device takes it off by itself
    slow = warmed_up([part for part in first.segments])
    assert slow[0].speed_ms < first.segments[0].speed_ms and slow[-1].speed_ms <= first.segments[-1].speed_ms


def test_hours_in_the_heat():
    hot = Day(conditions=Conditions(weather=((0.0, 30.0),)))
    cool, warm = plan_hours(4.0, RUNNER, Day()), plan_hours(4.0, RUNNER, hot)
    assert warm.pace.costs == {"heat": pytest.approx(1.12)} and cool.pace.load == 1.0
    assert on_device(warm).cs_cms == round(370 / 1.12) and on_device(cool).cs_cms == 370


@given(st.floats(-40, 50), st.floats(1, 100), st.floats(-500, 9000), st.floats(0, 60))
def test_no_weather_and_no_height_makes_anything_cheaper(temp, humidity, alt, days):
    assert heat_factor(wbgt_c(temp, humidity), 0.008) >= 1.0 and 1.0 <= altitude_factor(alt, days) <= 2.0
    assert altitude_factor(alt, days) <= altitude_factor(alt, 0)


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(946_684_800, 4_102_444_800))
def test_the_sun_is_somewhere(lat, lon, utc_s):
    assert -90 <= sun_deg(utc_s, lat, lon) <= 90


def test_the_brake_leaves_what_is_planned_alone_and_knows_trained_legs():
    course = Course(hilly(30_000))
    for role, share in (("hold", 0.10), ("push", 0.20), ("train", 0.15)):
        device = on_device(plan_stage(course, RUNNER, Day(role=role)))
        assert device.ecc_budget_dm == pytest.approx(course.descent_m * 10 * share, rel=0.01)
    plan = plan_stage(course, RUNNER, Day())
    level_ms = plan.pace.flat_ms / plan.pace.load
    steepest = max(-grade / factor for grade, factor in zip(course.grades, course.slopes, strict=True)) * level_ms
    assert on_device(plan).sink_cms == pytest.approx(115 * steepest, rel=0.03)
    used = plan_stage(course, Athlete(3.7, 170, downhill_m_21d=5000), Day())
    assert on_device(used).ecc_budget_dm == pytest.approx(on_device(plan).ecc_budget_dm * 1.5, abs=1)
    level = on_device(plan_stage(Course(straight(5000)), RUNNER, Day()))
    assert (level.sink_cms, level.ecc_budget_dm) == (0, 0)


def test_meals_follow_the_energy_of_the_plan():
    plan = plan_stage(Course(hilly(30_000)), RUNNER, Day(cues=CueBudget(eat_g_h=45)))
    device = on_device(plan)
    level_m = sum(plan.course.slopes) * 20 if plan.course else 0.0
    assert device.eat_every_s == 2000 and device.eat_every_m == pytest.approx(level_m * 2000 / plan.planned_s, rel=0.01)
    assert on_device(plan_stage(Course(hilly(3_000)), RUNNER, Day())).eat_every_m == 0
    assert 80 < plan.energy_kj_kg < 160  # 3.6 J/kg/m on the level, and the hills
