"""Ground, forecast, altitude and darkness in race.toml: what they do to the plans, and each slip by its field."""

from pathlib import Path

import pytest
from holdback.gpx import GpxPoint
from holdback.race import check_race, init_race, load_race, plan_race
from holdback.race.timetable import arrivals, deductions

from host.make_fixtures import hilly, straight, write
from host.test_race import FILLED, complaints, edit

RACE = "race.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two stages at 1200 m."""
    files = [write(tmp_path / f"day-{n}.gpx", hilly(length)) for n, length in ((1, 20_000), (2, 16_000))]
    return init_race(tmp_path / "alps", files, **FILLED)


def with_line(folder: Path, line: str, stage: int = 1) -> None:
    edit(folder / RACE, f'gpx = "stages/day-{stage}', f'{line}\ngpx = "stages/day-{stage}')


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("weather = [{ hour = 9, temp_c = 20, humidity = 300 }]",
         "stage 1, weather 1, humidity: 300 will not do; needed: a number from 1 to 100 (% relative humidity)"),
        ("weather = [{ hour = 9, temp_c = 70 }]", "weather 1, temp_c: 70 will not do; needed: a number from -40"),
        ("weather = [{ hour = 99, temp_c = 7 }]", "weather 1, hour: 99 will not do; needed: a number from 0 to 72"),
        ("weather = [{ hour = 9, temp_c = nan }]", "stage 1, weather 1, temp_c: nan will not do"),
        ("weather = [{ hour = 9, temp_c = 5 }, { hour = 9, temp_c = 7 }]", "weather 2, hour: hour 9 stands here twice"),
        ("weather = [{ hour = 9, temp_c = 45, humidity = 95 }]",
         "stage 1, weather 1, humidity: 95 % at 45 °C, a WBGT of 65 °C, was never measured anywhere"),
        ("weather = [{ hour = 20, temp_c = 20 }]",
         "stage 1, weather 1, hour: the forecast is for Fri 20:00, the stage runs Fri 07:00 to Fri 09:"),
        ("weather = [{ hour = 1, temp_c = 20 }, { hour = 3, temp_c = 18 }]",
         "the forecast is for Fri 01:00 to Fri 03:00"),
        ("weather = 20", "stage 1, weather: 20 will not do; needed: at most 72 hours"),
        ('ground = [{ from_km = 5, to_km = 4, terrain = "sand" }]', "ground 1, to_km: 4 is not beyond from_km = 5"),
        ('ground = [{ from_km = 5, to_km = 9, terrain = "sand" }, { from_km = 3, to_km = 6, terrain = "road" }]',
         "stage 1, ground 1, from_km: km 5 to 9 overlaps km 3 to 6"),
        ('ground = [{ from_km = 15, to_km = 25, terrain = "sand" }]', "ground: 1.4 times the cost at km 25 is beyond"),
        ('ground = [{ from_km = 1, to_km = 2, terrain = "lava" }]', 'ground 1, terrain: "lava" will not'),
        ('ground = [{ from_km = 1, terrain = "sand" }]', "stage 1, ground 1, to_km: missing; needed: a number from"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_its_field(folder: Path, line: str, says: str):
    with_line(folder, line)
    assert any(says in complaint for complaint in complaints(folder)), complaints(folder)


@pytest.mark.parametrize("line", ["altitude_days = -1", "altitude_days = 99", "night_loss = 0.5", "night_loss = -0.1"])
def test_altitude_and_darkness_out_of_range(folder: Path, line: str):
    edit(folder / RACE, "name = ", f"{line}\nname = ")
    assert any(f"race.toml: {line.split(' =', maxsplit=1)[0]}: " in complaint for complaint in complaints(folder))


def test_a_hot_afternoon_is_a_deduction_with_its_name(folder: Path):
    cool = plan_race(load_race(folder))
    with_line(folder, "weather = [{ hour = 7, temp_c = 24, humidity = 60 }, { hour = 9, temp_c = 31, humidity = 50 }]")
    hot = plan_race(load_race(folder))
    assert [step.what for step in deductions(hot[0])] == ["day", "terrain", "altitude", "heat"]
    assert hot[0].planned_s > cool[0].planned_s * 1.05 and hot[1].planned_s == pytest.approx(
        cool[1].planned_s, rel=0.01
    )


def test_a_forecast_that_ends_early_and_one_that_is_dangerous_are_said(folder: Path):
    with_line(folder, "hours = 9.0\nweather = [{ hour = 8, temp_c = 20 }]", 2)
    edit(folder / RACE, 'gpx = "stages/day-2.gpx"', "")
    assert any("stage 2 day-2: the forecast ends at 08:00, hours before the stage" in odd for odd in odd_of(folder))
    with_line(folder, "weather = [{ hour = 8, temp_c = 38, humidity = 45 }]")
    assert any("a WBGT of 37 °C in the forecast: races are stopped from 32 on" in odd for odd in odd_of(folder))


def odd_of(folder: Path) -> list[str]:
    found = check_race(folder)
    assert not found.problems, found.problems
    return found.odd


def test_more_hours_than_the_model_knows(tmp_path: Path):
    folder = init_race(tmp_path / "long", [write(tmp_path / "far.gpx", straight(250_000, step_m=50))], **FILLED)
    assert any("beyond 24 h the model knows nothing of sleep" in odd for odd in odd_of(folder))


def test_nights_at_altitude_count_from_the_first_high_stage(tmp_path: Path):
    high = [GpxPoint(point.lat, point.lon, (point.ele_m or 0) + 800) for point in hilly(9_000)]
    files = [write(tmp_path / f"day-{n}.gpx", course) for n, course in ((1, hilly(9_000)), (2, high), (3, high))]
    folder = init_race(tmp_path / "alps", files, **FILLED)
    edit(folder / RACE, "# altitude_days = 0 ", "altitude_days = 2 ")
    assert [plan.day.conditions.altitude_days for plan in plan_race(load_race(folder))] == [2, 2, 3]


def finish_by(folder: Path, minutes: float) -> None:
    hour = 7 * 60 + int(minutes)
    with_line(folder, f'cutoff = "{hour // 60:02}:{hour % 60:02}"')


def test_a_cut_off_raises_the_effort_and_says_so(folder: Path):
    free = plan_race(load_race(folder))
    finish_by(folder, free[0].planned_s / 60 + 1)
    plans = plan_race(load_race(folder))
    finish = arrivals(plans[0], load_race(folder).stages[0].start)[-1]
    assert 0 <= (finish.margin_s or -1) < 600 and free[0].effort < plans[0].effort < 1
    assert plans[0].pace.hr.cap_bpm == free[0].pace.hr.cap_bpm  # a cut-off lifts no bound on heart rate
    assert plans[0].pace.descent_ms == pytest.approx(free[0].pace.descent_ms, rel=0.01)
    assert "finish needs it before its cut-off" in plans[0].notes[-1] and plans[1].day.fatigue > free[1].day.fatigue
    assert any("effort raised from" in note for note in check_race(folder).notes)


def test_a_cut_off_that_nobody_can_keep_is_said_and_not_urged_towards(folder: Path):
    free = plan_race(load_race(folder))
    finish_by(folder, 60)
    found = check_race(folder)
    assert found.plans[0].effort == free[0].effort
    assert any("finish: its cut-off cannot be kept, even all out" in note for note in found.notes)
    assert any("finish: the plan arrives" in odd for odd in found.odd)


def test_a_cut_off_that_is_just_out_of_reach_is_planned_all_out(folder: Path):
    free = plan_race(load_race(folder))
    finish_by(folder, free[0].planned_s / 60 * (free[0].effort / 1.0) ** 1.1 + 4)
    found = check_race(folder)
    assert found.plans[0].effort == 1.0 and any("to 1.00: finish needs it" in note for note in found.notes)


def test_an_effort_by_hand_stays_whatever_the_cut_off(folder: Path):
    with_line(folder, "effort = 0.7")
    finish_by(folder, 90)
    assert plan_race(load_race(folder))[0].effort == 0.7


def test_only_the_last_stage_may_go_all_out_by_itself(tmp_path: Path):
    files = [write(tmp_path / f"day-{n}.gpx", hilly(9_000)) for n in (1, 2, 3)]
    folder = init_race(tmp_path / "alps", files, **FILLED)
    assert [plan.effort for plan in plan_race(load_race(folder))] == [0.95, 0.97, 1.0]
    with_line(folder, "cancelled = true", 3)
    assert [plan.effort for plan in plan_race(load_race(folder))] == [0.95, 1.0]


def test_sixty_four_stages(tmp_path: Path):
    files = [write(tmp_path / f"{n:02}.gpx", straight(2_000, step_m=100)) for n in range(64)]
    folder = init_race(tmp_path / "long", files, **FILLED)
    plans = plan_race(load_race(folder))
    assert [plan.stage_no for plan in plans] == list(range(1, 65)) and all(0.8 <= plan.effort <= 1 for plan in plans)
