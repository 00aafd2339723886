"""`race check --board`: hours of battery and bytes of flash for the whole race, estimated."""

import asyncio
import dataclasses
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from holdback.board import Board
from holdback.building.build import PROJECT
from holdback.cli.app import run_async
from holdback.errors import ExitCode
from holdback.race import check_race, init_race, planned
from holdback.race.board import lasting
from holdback.units import duration

from host.make_fixtures import hilly, write
from host.test_race import FILLED, edit
from host.test_race_check import RACE, checked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A filled-in race of three stages at one place."""
    paths = [write(tmp_path / f"day-{n}.gpx", hilly(6_000 + 1_000 * n)) for n in (1, 2, 3)]
    return init_race(tmp_path / "alps", paths, **FILLED)


def test_a_board_says_what_the_race_asks_of_it(folder: Path, capsys: pytest.CaptureFixture[str]):
    code, out = checked(folder, capsys, "--board", "ESP32-devkit")
    assert code == ExitCode.OK and "know: battery of esp32_devkit, estimated: a charge lasts 16 h" in out
    planned_s = [plan.planned_s for plan in check_race(folder).plans]
    total_s = sum(planned_s)
    assert f"the longest of 3 stages takes {duration(max(planned_s))}, all of them {duration(total_s)}" in out
    assert "one charge would do" in out
    assert f"take {total_s * 4.4e-6:.2f} to {total_s * 7.2e-6:.2f} MB" in out and "of 2.10 MB" in out
    assert "power bank" not in out and "the flash may be full" not in out


def test_a_stage_that_outlasts_the_battery_wants_a_power_bank(folder: Path, capsys: pytest.CaptureFixture[str]):
    for stage, hours in ((1, 14.0), (2, 15.0), (3, 24.0)):
        edit(folder / RACE, f'gpx = "stages/day-{stage}.gpx"', f"hours = {hours}")
    code, out = checked(folder, capsys, "--board", "virtual")
    assert code == ExitCode.OK and "charge it at least 3 times between" in out
    assert "odd: stage 1" not in out and "odd: stage 2 takes about 15:00, and a charge lasts 16 h (estimated)" in out
    assert "odd: stage 3 takes about 24:00" in out and "power bank" in out and "the flash may be full" not in out


def test_a_race_that_is_longer_than_the_flash(folder: Path):
    race, plans = planned(folder)
    long = [dataclasses.replace(plan, pace=dataclasses.replace(plan.pace, planned_s=30 * 3600.0)) for plan in plans]
    flat = [dataclasses.replace(plan, course=None) for plan in long]  # of hours: as long as the plan says
    _, odd = lasting(Board("test", {"CURRENT_MA": 20, "BATTERY_MAH": 900}), race, flat)
    assert len(odd) == 1 and odd[0].startswith("the flash may be full before stage 3 (estimated)")


def test_a_board_that_there_is_not_is_answered_with_those_that_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
):
    for name in ("t-watch", "../boards/virtual", "."):
        assert asyncio.run(run_async(["race", "check", str(folder), "--board", name])) == ExitCode.NOT_FOUND
        there_are = "there are: esp32_devkit, heltec_tracker, t_beam, t_beam_supreme, t_watch_s3_plus, virtual, xiao"
        assert there_are in capsys.readouterr().err


def test_an_installed_wheel_brings_the_facts_along(folder: Path, tmp_path: Path):
    """As the wheel is laid out: without the project, in folders of other names."""
    wheel = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    site = tmp_path / "site"
    for part in wheel["only-include"]:
        (source,) = [name for name in wheel["sources"] if Path(part).is_relative_to(name)]
        place = site / wheel["sources"][source] / Path(part).relative_to(source)
        shutil.copytree(PROJECT / part, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [found for pattern in wheel["exclude"] for found in (site / "holdback").glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    script = "import sys; from holdback.cli import main; sys.argv[1:] = eval(sys.argv[1]); main()"
    command = [sys.executable, "-c", script, repr(["race", "check", str(folder), "--board", "t-beam"])]
    env = {"PYTHONPATH": str(site)}
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.OK, done.stderr
    assert "battery of t_beam, estimated: a charge lasts 35 h" in done.stdout


def test_a_race_without_charging_is_told_when_one_charge_will_not_do(folder: Path, capsys: pytest.CaptureFixture[str]):
    for stage in (1, 2, 3):
        edit(folder / RACE, f'gpx = "stages/day-{stage}.gpx"', "hours = 5")
    edit(folder / RACE, "# charging = true", "charging = false  #")
    out = checked(folder, capsys, "--board", "esp32_devkit")[1]
    assert "odd: race.toml says charging = false; all stages take 15:00, and a charge lasts 16 h (estimated)" in out
    assert "charging = false" not in checked(folder, capsys, "--board", "t_beam")[1]
