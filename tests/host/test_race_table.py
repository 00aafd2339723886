"""The plan table: what it says adds up, fits a narrow terminal, is plain in a pipe and complete as JSON."""

import asyncio
import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from holdback.cli.app import run_async
from holdback.errors import ExitCode
from holdback.race import init_race, planned
from holdback.race.schedule import after_gun, later
from holdback.race.timetable import all_out_ms, arrivals, deductions, hikes, moving_s
from holdback.reports.plan_table import WIDTH, plan_lines
from rich.console import Console

from host.make_fixtures import hilly, write
from host.test_race import FILLED, edit

STATIONS = (
    'stations = [{ km = 9, name = "Second hut", cutoff = "09:30", stop_min = 10 }, { km = 4, name = "First hut" }]\n'
    'cutoff = "12:00"\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = [write(tmp_path / f"day-{n}.gpx", hilly(10_000 + 4_000 * n)) for n in (1, 2)]
    folder = init_race(tmp_path / "alps", files, **FILLED)
    edit(folder / "race.toml", 'gpx = "stages/day-1', STATIONS + 'gpx = "stages/day-1')
    return folder


def test_stations_come_in_order_with_stops_and_margins(folder: Path):
    race, plans = planned(folder)
    first, second, finish = arrivals(plans[0], race.stages[0].start)
    assert [stop.name for stop in (first, second, finish)] == ["First hut", "Second hut", "finish"]
    assert first.after_s == pytest.approx(moving_s(plans[0], 4_000)) and first.margin_s is None
    assert second.after_s == pytest.approx(moving_s(plans[0], 9_000))
    assert second.margin_s == pytest.approx(2.5 * 3600 - second.after_s)
    assert finish.after_s == pytest.approx(plans[0].planned_s + 600)  # ten minutes at the second hut
    assert f"{finish.cutoff:%H:%M}" == "12:00"


def test_each_deduction_leaves_the_speed_that_it_says(folder: Path):
    _, plans = planned(folder)
    for plan in plans:
        speed = all_out_ms(plan)
        for step in deductions(plan):
            speed *= 1 + step.share
            assert step.speed_ms == pytest.approx(speed)
        assert speed == pytest.approx(plan.pace.flat_ms / plan.pace.load, rel=0.005)
        assert plan.pace.load == pytest.approx(1.08 * plan.pace.costs["altitude"])  # trail
    assert [step.what for step in deductions(plans[0])] == ["day", "terrain", "altitude"]
    assert "fatigue" in [step.what for step in deductions(plans[1])]


def test_hikes_are_the_segments_that_are_walked(folder: Path):
    _, plans = planned(folder)
    walked = [part for part in plans[1].segments if part.hike]
    found = hikes(plans[1])
    assert found and sum(walk.time_s for walk in found) == pytest.approx(sum(part.time_s for part in walked))
    assert all(one.end_m < two.start_m for one, two in pairwise(found))


@pytest.mark.parametrize("units", ["km", "miles"])
def test_the_table_fits_80_columns_and_is_plain_in_a_pipe(folder: Path, units: str):
    edit(folder / "race.toml", '# units = "km"', f'units = "{units}"')
    edit(folder / "race.toml", 'name = "Second hut"', 'name = "A hut with a name that no table has room for"')
    race, plans = planned(folder)
    lines = [line.plain for line in plan_lines(race, plans)]
    assert max(map(len, lines)) <= WIDTH
    head = lines[1].split()
    assert head[2] == ("mi" if units == "miles" else "km") and head[4] == ("ft" if units == "miles" else "m")
    ends = [lines[1].index("moving") + 6, lines[1].index("finish") + 6]
    assert all(line[end - 1].isdigit() and line[end : end + 1] == " " for line in lines[2:4] for end in ends)
    assert any("cut-off 09:30" in line and "stop 10 min" in line for line in lines)


def test_colour_only_on_a_terminal(folder: Path, capsys: pytest.CaptureFixture[str]):
    asyncio.run(run_async(["race", "plan", str(folder)]))
    assert "\x1b" not in capsys.readouterr().out
    console = Console(force_terminal=True, color_system="standard", width=80, highlight=False)
    with console.capture() as caught:
        for line in plan_lines(*planned(folder)):
            console.print(line)
    assert "\x1b[33mhold" in caught.get()


def test_json_has_it_all(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert asyncio.run(run_async(["race", "plan", str(folder), "--json"])) == ExitCode.OK
    stage = json.loads(capsys.readouterr().out)["stages"][0]
    assert stage["stations"][1]["cutoff"] == "2026-09-04T09:30:00+02:00" and stage["stations"][1]["stop_s"] == 600
    assert stage["finish"] == stage["stations"][-1]["clock"]
    assert {"start_m", "end_m", "climb_m", "planned_s"} == set(stage["hikes"][0])
    assert [step["what"] for step in stage["deductions"]] == ["day", "terrain", "altitude"]
    assert stage["cues"] == {"per_hour": 4, "first_hour": 6, "eat_g_per_hour": 45}


def test_clocks_through_a_change_of_the_clocks():
    gun = datetime(2026, 10, 24, 22, 0, tzinfo=ZoneInfo("Europe/Vienna"))
    assert f"{later(gun, 8 * 3600):%H:%M %z}" == "05:00 +0100"
    assert after_gun("05:00", gun) == 8 * 3600 and after_gun("21:00", gun) == 24 * 3600


def test_cut_offs_beyond_a_day():
    gun = datetime(2026, 9, 4, 18, 0, tzinfo=UTC)  # a Friday
    assert after_gun("17:00", gun) == 23 * 3600 and after_gun("18:00", gun) == 24 * 3600
    assert after_gun("Sun 16:30", gun) == 46.5 * 3600 and after_gun("Fri 19:00", gun) == 3600
    assert after_gun("17:00", gun, 30 * 3600) == 47 * 3600 and after_gun(None, gun) == 0


def test_a_weekend_of_hours_is_a_race_with_a_ledger(tmp_path: Path):
    folder = init_race(tmp_path / "weekend", **FILLED)
    with (folder / "race.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[[stages]]\nhours = 3.5\nrole = "hold"\n[[stages]]\nhours = 6.5\n[[stages]]\nhours = 2\neffort = 0.6\n'
        )
    race, plans = planned(folder)
    assert [(plan.role, plan.planned_s / 3600) for plan in plans] == [("hold", 3.5), ("train", 6.5), ("train", 2.0)]
    assert 0.9 <= plans[0].effort <= 0.95 and 0.8 <= plans[1].effort <= 0.9 and plans[2].effort == 0.6
    assert 0 == plans[0].day.fatigue < plans[1].day.fatigue < plans[2].day.fatigue
    lines = [line.plain for line in plan_lines(race, plans)]
    assert "finish  10:30" in "\n".join(lines)


def test_json_has_each_cap_and_what_day_1_would_cost(folder: Path, capsys: pytest.CaptureFixture[str]):
    asyncio.run(run_async(["race", "plan", str(folder), "--json"]))
    document = json.loads(capsys.readouterr().out)
    caps = document["stages"][0]["caps"]
    assert len(caps) == document["stages"][0]["segments"] and caps[-1]["end_m"] == document["stages"][0]["length_m"]
    assert {"effort", "speed_ms", "cap_pm", "descent_limit_ms", "hr_bound_bpm", "hike"} < set(caps[0])
    assert caps[0]["hr_bound_bpm"] < caps[-1]["hr_bound_bpm"] and any(cap["hike"] for cap in caps)
    harder = document["day_1_harder"]
    assert harder["change"] == 0.1 and harder["that_day_s"] < 0 and harder["in_all_s"] > harder["that_day_s"]


def test_the_table_says_what_day_1_would_cost(folder: Path):
    race, plans = planned(folder)
    lines = [line.plain for line in plan_lines(race, plans)]
    assert any(line.startswith("day 1 at +10%: ") and "in the end" in line for line in lines)
    assert not any(line.startswith("day 1 at") for line in (text.plain for text in plan_lines(race, plans[1:])))
