"""A time zone that is wrong by an hour or two: asked about where it is likely, never where a border may be near."""

import sys
import zoneinfo
from pathlib import Path

import pytest
from holdback.gpx import GpxPoint
from holdback.race import check_race, init_race, load_race, zones
from holdback.race.check import StageFiles
from holdback.race.plan import read_course
from holdback.race.zones import odd_zone

from host.make_fixtures import gpx, straight
from host.test_race import FILLED, edit
from host.test_race_check import BEFORE, timed

RIGHT = [
    ("Europe/Paris", 45.92, 6.87), ("Europe/Madrid", 42.88, -8.54), ("Europe/Lisbon", 41.8, -6.75),
    ("Europe/London", 50.06, -5.7), ("Europe/London", 51.1, 1.3), ("Europe/Paris", 50.9, 1.8),
    ("Europe/Dublin", 52, -10),
    ("Atlantic/Canary", 28.1, -16.6), ("Atlantic/Madeira", 32.7, -17), ("Europe/Stockholm", 65.8, 24.0),
    ("Europe/Helsinki", 65.8, 24.1), ("Europe/Oslo", 69.7, 30), ("Europe/Athens", 40.2, 20.6),
    ("Europe/Sofia", 41.8, 23.4),
    ("Europe/Bucharest", 45.7, 21.2), ("Europe/Warsaw", 49.2, 22.7), ("Europe/Vilnius", 54.1, 23.5),
    ("Europe/Kyiv", 48.6, 22.3), ("Europe/Moscow", 60.7, 28.7), ("Europe/Moscow", 43.3, 42.5),
    ("Europe/Istanbul", 38.5, 43.4), ("Asia/Jerusalem", 29.6, 34.9), ("Africa/Cairo", 28.5, 34.0),
    ("Africa/Casablanca", 35.8, -5.8), ("Africa/Tunis", 33.9, 8.1), ("Africa/Lagos", 6.5, 3.4),
    ("Asia/Kathmandu", 27.9, 86.9), ("Asia/Kolkata", 34.1, 77.6), ("Asia/Shanghai", 39.5, 76),
    ("Asia/Yangon", 20.6, 97),
    ("Asia/Bishkek", 42, 78), ("Australia/Sydney", -28.2, 153.5), ("Australia/Darwin", -23.7, 133.9),
    ("America/Denver", 38.6, -109.5), ("America/New_York", 47, -68.5), ("America/Chicago", 38, -87.5),
    ("America/Toronto", 49, -90), ("America/Detroit", 46.5, -87.4), ("America/Cancun", 20.5, -87),
    ("America/Santiago", -51, -73), ("America/Sao_Paulo", -25.6, -54.5), ("America/Port_of_Spain", 10.6, -61.3),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A race of one straight stage in the Alps."""
    (tmp_path / "day.gpx").write_text(gpx(straight(5_000)), encoding="utf-8")
    return init_race(tmp_path / "alps", [tmp_path / "day.gpx"], **FILLED)


def odd(folder: Path, zone: str, date: str = "2026-09-04") -> list[str]:
    edit(folder / "race.toml", "Europe/Vienna", zone)
    edit(folder / "race.toml", "2026-09-04", date)
    return check_race(folder, BEFORE).odd


@pytest.mark.parametrize(
    ("zone", "hours"), [("Europe/London", 1), ("Europe/Athens", 1), ("UTC", 2), ("Europe/Lisbon", 1)]
)
def test_an_hour_that_no_clock_around_shows_is_asked_about(folder: Path, zone: str, hours: int):
    [text] = odd(folder, zone)
    assert "show UTC+2 on that day" in text and f"{zone} has UTC" in text and f"would be {hours} h off" in text


def test_another_zone_with_the_same_clock_is_as_good(folder: Path):
    assert odd(folder, "Europe/Paris") == []


def test_half_a_world_away_is_told_once(folder: Path):
    edit(folder / "race.toml", "Europe/Vienna", "America/New_York")
    found = check_race(folder, BEFORE)
    assert len(found.problems) == 1 and found.odd == []


@pytest.mark.parametrize("month", [1, 7])
def test_no_right_zone_is_asked_about(folder: Path, month: int):
    edit(folder / "race.toml", "2026-09-04", f"2026-{month:02}-10")
    text = (folder / "race.toml").read_text(encoding="utf-8")
    for zone, lat, lon in RIGHT:
        (folder / "race.toml").write_text(text.replace("Europe/Vienna", zone), encoding="utf-8")
        moved = [GpxPoint(lat, lon + i * 1e-3, 500.0) for i in range(9)]
        (folder / "stages/day.gpx").write_text(gpx(moved), encoding="utf-8")
        race = load_race(folder)
        assert list(odd_zone(race, [StageFiles(read_course(race.stages[0]))])) == [], zone


@pytest.mark.parametrize(
    ("begins", "asks"),
    [("05:00", False), ("06:00", True), ("03:01", True), ("05:20", False), ("10:00", False), ("04:00", True)],
)
def test_a_file_that_was_timed_for_another_clock(folder: Path, begins: str, asks: bool):
    (folder / "stages/day.gpx").write_text(timed(straight(5_000), f"2026-09-04T{begins}:00+00:00", 4), encoding="utf-8")
    found = check_race(folder, BEFORE).odd
    assert any("are start and timezone right?" in text for text in found) == asks and len(found) == asks


def test_without_a_list_of_cities_nothing_is_asked(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(zones, "_cities", dict)
    assert odd(folder, "Europe/London") == []
    monkeypatch.undo()
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    monkeypatch.setitem(sys.modules, "tzdata", None)
    assert not zones._table()
