"""`race check` with everything a beginner, and a tired organiser, can get wrong: what it says, and the exit code."""

import asyncio
import datetime
from pathlib import Path

import pytest
from holdback.cli.app import run_async
from holdback.errors import ExitCode
from holdback.gpx import GpxPoint
from holdback.race import add_result, check_race, init_race
from holdback.race.oddities import StageFiles, far_zone
from holdback.race.results import RESULTS_FILE

from host.make_fixtures import METRES_PER_DEGREE, gpx, hilly
from host.test_race import FILLED, edit

RACE = "race.toml"
BEFORE = datetime.date(2026, 9, 1)
LENGTHS = (9_000, 12_000, 8_000)


def chain() -> list[list[GpxPoint]]:
    """Three courses, each of which starts where the one before ended."""
    courses, lat, lon = [], 47.0, 11.0
    for length in LENGTHS:
        courses.append(hilly(length, lat=lat, lon=lon))
        lat, lon = courses[-1][-1].lat, courses[-1][-1].lon
    return courses


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A filled-in race of three stages from village to village."""
    paths = []
    for number, course in enumerate(chain(), 1):
        paths.append(tmp_path / f"day-{number}.gpx")
        paths[-1].write_text(gpx(course), encoding="utf-8")
    return init_race(tmp_path / "alps", paths, **FILLED)


def checked(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    capsys.readouterr()
    code = asyncio.run(run_async(["race", "check", str(folder), *options]))
    return code, capsys.readouterr().out


def with_line(folder: Path, stage: int, line: str) -> None:
    edit(folder / RACE, f'gpx = "stages/day-{stage}', f'{line}\ngpx = "stages/day-{stage}')


def test_a_good_race_is_told_so_and_what_to_type_next(folder: Path, capsys: pytest.CaptureFixture[str]):
    code, out = checked(folder, capsys)
    assert code == ExitCode.OK
    assert "good: each stage starts where the one before ended" in out and "good: heart rate is bounded: 169 bpm" in out
    assert "know: no strap is named" in out and "know: no stations and no cut-offs" in out
    assert "put right" not in out and out.rstrip().endswith(f"next: holdback race plan {folder}")
    assert check_race(folder, BEFORE).odd == []


@pytest.mark.parametrize(
    ("zone", "there"),
    [("America/New_York", "UTC-4"), ("Asia/Tokyo", "UTC+9"), ("Pacific/Auckland", "UTC+12")],
)
def test_a_gun_in_another_time_zone(folder: Path, capsys: pytest.CaptureFixture[str], zone: str, there: str):
    edit(folder / RACE, "Europe/Vienna", zone)
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN
    assert f"{zone} has {there} on that day, but stage 1 starts at 11° east, where the clock is near UTC+1" in out
    assert "the gun, and every cut-off, would be about" in out and "write the time zone of the place" in out


@pytest.mark.parametrize(
    ("zone", "lon"),
    [
        ("Asia/Shanghai", 73.7), ("Pacific/Kiritimati", -157.4), ("Pacific/Apia", -172.0), ("Europe/Madrid", -9.2),
        ("America/Adak", -176.6), ("Atlantic/Reykjavik", -24.3), ("Pacific/Fiji", 179.9), ("Asia/Kathmandu", 86.9),
    ],
)  # fmt: skip
def test_no_real_place_is_taken_for_the_wrong_time_zone(folder: Path, zone: str, lon: float):
    edit(folder / RACE, "Europe/Vienna", zone)
    for stage, course in enumerate(chain(), 1):
        moved = [GpxPoint(point.lat, (point.lon - 11 + lon + 540) % 360 - 180, point.ele_m) for point in course]
        (folder / f"stages/day-{stage}.gpx").write_text(gpx(moved), encoding="utf-8")
    assert [str(problem) for problem in check_race(folder, BEFORE).problems] == []


def test_a_race_without_courses_has_no_place(folder: Path):
    found = check_race(folder, BEFORE)
    assert found.race and list(far_zone(found.race, [StageFiles(None)] * 3)) == []


def test_a_gun_on_another_day_or_in_the_other_half_of_it(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert check_race(folder, datetime.date(2027, 1, 1)).odd == [
        "the race was over 117 days ago, on 06 Sep 2026: if it is still to come, correct date"
    ]
    edit(folder / RACE, "date = 2026-09-04", "date = 2020-09-04")
    edit(folder / RACE, '"07:00"', '"19:00"')
    code, out = checked(folder, capsys)
    assert code == ExitCode.OK and "odd: the race was over" in out and "on 06 Sep 2020" in out
    assert "odd: stage 1: the gun is at 19:00: if the other half of the day is meant" in out


def test_days_that_are_far_apart(folder: Path):
    with_line(folder, 3, "date = 2026-09-15")
    assert check_race(folder, BEFORE).odd == [
        "10 days from stage 2 to stage 3, planned like one night: is the date right?"
    ]


def test_stages_out_of_order(folder: Path, capsys: pytest.CaptureFixture[str]):
    with_line(folder, 1, "date = 2026-09-06")
    with_line(folder, 2, "date = 2026-09-05")
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN
    assert "stage 2, date: 2026-09-05 07:00 is not after stage 1 (2026-09-06 07:00)" in out
    assert "put the [[stages]] in the order in which they are run" in out


def test_overlapping_stages(folder: Path, capsys: pytest.CaptureFixture[str]):
    with_line(folder, 2, 'date = 2026-09-04\nstart = "07:30"')
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN
    assert "stage 2, start: the gun is Fri 04 Sep 07:30, but stage 1 is planned to end Fri 04 Sep 0" in out
    assert "you cannot run two stages at once" in out


def test_a_stage_of_another_day_lies_elsewhere(folder: Path, capsys: pytest.CaptureFixture[str]):
    one, two = folder / "stages/day-2.gpx", folder / "stages/day-3.gpx"
    far = [GpxPoint(point.lat + 30_000 / METRES_PER_DEGREE, point.lon, point.ele_m) for point in chain()[2]]
    two.write_text(gpx(far), encoding="utf-8")
    code, out = checked(folder, capsys)
    assert code == ExitCode.OK and "odd: stage 3 starts 30 km from where stage 2 ends: fine if a bus" in out
    one.write_text(gpx(far), encoding="utf-8")
    two.write_text(gpx(chain()[1]), encoding="utf-8")
    _, out = checked(folder, capsys)
    assert "but stage 3 starts just there: is day-2.gpx the file of another day?" in out


def test_one_course_for_two_days(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "stages/day-3.gpx").write_bytes((folder / "stages/day-1.gpx").read_bytes())
    code, out = checked(folder, capsys)
    assert code == ExitCode.OK and "odd: stages 1 and 3 are the same course: is day-3.gpx the right file?" in out


def timed(course: list[GpxPoint], start: str, step_s: float) -> str:
    first = datetime.datetime.fromisoformat(start).timestamp()
    text = gpx(course)
    for number in range(len(course)):
        moment = datetime.datetime.fromtimestamp(first + number * step_s, datetime.UTC)
        text = text.replace("</ele></trkpt>", f"</ele><time>{moment:%Y-%m-%dT%H:%M:%SZ}</time></trkpt >", 1)
    return text


def test_the_times_of_a_file_contradict_the_day(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "stages/day-1.gpx").write_text(timed(chain()[0], "2026-09-05T05:00:00+00:00", 4), encoding="utf-8")
    code, out = checked(folder, capsys)
    assert code == ExitCode.OK
    assert "odd: stage 1: day-1.gpx carries times of 05 Sep 2026, which is the day of stage 2" in out
    (folder / "stages/day-2.gpx").write_text(timed(chain()[1], "2025-07-01T05:00:00+00:00", -4), encoding="utf-8")
    _, out = checked(folder, capsys)
    assert "odd: stage 2: day-2.gpx has its finish before its start, by its times: is it reversed?" in out
    assert "odd: day-2.gpx was recorded days before day-1.gpx: are the stages in order?" in out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('cutoff = "06:30"', "stage 1, cutoff: finish closes at 06:30, before the gun at 07:00"),
        (
            'stations = [{ km = 3, name = "hut", cutoff = "06:10" }]',
            "stage 1, stations: hut closes at 06:10, before the gun",
        ),
        (
            'cutoff = "09:00"\nstations = [{ km = 3, name = "hut", cutoff = "10:00" }]',
            "stage 1, cutoff: finish closes at 09:00, before a station that comes before it",
        ),
    ],
)
def test_a_finish_before_a_start(folder: Path, capsys: pytest.CaptureFixture[str], line: str, says: str):
    with_line(folder, 1, line)
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN and says in out and "it would never warn you" in out


def test_cut_offs_that_are_tight_or_missed(folder: Path, capsys: pytest.CaptureFixture[str]):
    with_line(folder, 1, 'cutoff = "07:30"')
    code, out = checked(folder, capsys)
    assert (
        code == ExitCode.OK and "finish: the plan arrives" in out and "after the cut-off; the device may relax" in out
    )
    finish = check_race(folder).plans[0].planned_s
    tight = datetime.datetime(2026, 9, 4, 7) + datetime.timedelta(seconds=finish + 5 * 60)
    edit(folder / RACE, 'cutoff = "07:30"', f'cutoff = "{tight:%H:%M}"')
    _, out = checked(folder, capsys)
    assert "min before the cut-off; one long stop and it is gone" in out


def test_a_strap_named_twice(folder: Path, capsys: pytest.CaptureFixture[str]):
    edit(folder / RACE, "name = ", 'strap = "HRM 1"\nstrap = "HRM 2"\nname = ')
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN
    assert "put right: race.toml: strap: stands here twice, again in line 8" in out and "keep one of the two" in out


def test_a_strap_in_the_other_file_and_one_that_is_too_long(folder: Path, capsys: pytest.CaptureFixture[str]):
    edit(folder / RACE, "name = ", 'strap = "ÄÄÄÄÄÄÄÄÄÄÄÄÄ"\nname = ')
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN and "longer than the 24 bytes" in out
    edit(folder / "athlete.toml", "hr_max_bpm", 'strap = "HRM 1"\nhr_max_bpm')
    assert "athlete.toml: strap: there is no such field; it belongs in race.toml" in checked(folder, capsys)[1]


def test_a_rating_that_is_no_number(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / RESULTS_FILE).write_text('[[results]]\nstage = 1\nended = "finished"\nrating = "hard"', encoding="utf-8")
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN
    assert 'results.toml: entry 1, rating: "hard" will not do; needed: a whole number from 1 to 10' in out


def test_a_result_of_a_stage_that_there_is_not(folder: Path, capsys: pytest.CaptureFixture[str]):
    add_result(folder, 7, "finished", 5)
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN and "results.toml: entry 1, stage: there is no such stage; race.toml has 3" in out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("eat = 20", "eat: 20 will not do; needed: 0 for no reminders, or 30 to 90"),
        ("eat = 120", "eat: 120 will not do; needed: a whole number from 0 to 90"),
        ("ease_per_hour = 2.5", "ease_per_hour: 2.5 will not do; needed: a whole number from 0 to 12"),
        ('quiet = "yes"', 'quiet: "yes" will not do; needed: true or false'),
        ('units = "furlong"', 'units: "furlong" will not do; needed: "km" or "miles"'),
    ],
)
def test_cues_and_units_out_of_range(folder: Path, capsys: pytest.CaptureFixture[str], line: str, says: str):
    edit(folder / RACE, "name = ", f"{line}\nname = ")
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN and says in out


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("neutral_until_km = 40.0", "neutral_until_km: the neutral part at km 40 is beyond the finish at km 9.0"),
        ('cutoff = "Foo 11:00"', 'cutoff: "Foo 11:00" will not do; needed: a time of day in quotes, like "11:30"'),
        ("hours = 2", "gpx and hours exclude each other"),
    ],
)
def test_places_and_times_that_the_stage_does_not_have(
    folder: Path, capsys: pytest.CaptureFixture[str], line: str, says: str
):
    with_line(folder, 1, line)
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN and says in out


def test_hours_have_no_stations(folder: Path, capsys: pytest.CaptureFixture[str]):
    edit(folder / RACE, 'gpx = "stages/day-1.gpx"', "hours = 2.0\nstations = [{ km = 2 }]")
    code, out = checked(folder, capsys)
    assert code == ExitCode.DOMAIN and "stage 1, stations: a stage of hours has no course to put it on" in out
