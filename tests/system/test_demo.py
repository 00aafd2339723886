"""The demo: the whole loop for somebody without hardware, and what its numbers are made of."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from holdback.cli.app import run_async
from holdback.device.plans import open_plan
from holdback.race import init_race
from holdback.recordings.files import read_activities
from holdback.recordings.journal import read_recording
from holdback.recordings.replay import computed_cues, felt_cues
from holdback.simulation.world.stages import Section, StageSketch, gpx_text, make_stage

COMMAND = str(Path(sys.executable).parent / "holdback")
TEN_HOURS_S = 36_000
HILL = StageSketch("Hill", 47.0, 11.0, 600.0, 20.0, (Section(2500, 120, "trail"), Section(2500, -110, "trail")))


@pytest.fixture
def hill(tmp_path: Path) -> Path:
    path = tmp_path / "hill.gpx"
    path.write_text(gpx_text("Hill", make_stage(HILL, 3)))
    return path


def holdback(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Exit code, stdout, stderr of a command."""
    code = asyncio.run(run_async([str(word) for word in words]))
    out, err = capsys.readouterr()
    return code, out, err


def document(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    code, out, err = holdback(capsys, *words, "--json")
    assert code == 0, err
    return json.loads(out)


@cache
def whole(*words: str) -> tuple[dict[str, Any], str, float]:
    """The demo as a user runs it: its document, stderr, and the wall time."""
    began = time.monotonic()
    done = subprocess.run(
        [COMMAND, "demo", "--json", "--keep", mkdtemp(prefix="demo-") + "/race", *words],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return json.loads(done.stdout), done.stderr, time.monotonic() - began


def test_the_document_has_what_programs_need():
    result, _, _ = whole()
    assert len(result["stages"]) == 3 and result["simulated"] is True and "assumption" in result["assumed"]
    for stage in result["stages"]:
        assert stage["planned_s"] == pytest.approx(stage["elapsed_s"], rel=0.2)
        assert Path(stage["recording"]).is_file() and Path(stage["fit"]).is_file()
        assert stage["push"]["bytes"] > 2000 and stage["pull"]["bytes"] == Path(stage["recording"]).stat().st_size
        assert 0 < stage["push"]["seconds"] < 30 and 0 < stage["pull"]["seconds"] < 60
    assert result["total_s"] == sum(stage["elapsed_s"] for stage in result["stages"]) < TEN_HOURS_S
    assert result["without_device_s"] == sum(stage["without_device_s"] for stage in result["stages"])


def test_an_eager_runner_is_told_and_gains_by_listening():
    result, _, _ = whole()
    assert [stage for stage in result["stages"] if any("ease" in cue["cue"] for cue in stage["cues"])]
    assert result["total_s"] < result["without_device_s"]


def test_an_even_runner_hears_next_to_nothing():
    result, _, _ = whole("--eagerness", "0")
    assert sum(len(stage["cues"]) for stage in result["stages"]) <= 2
    assert result["total_s"] == pytest.approx(result["without_device_s"], rel=0.005)


def test_the_cues_are_the_recordings_and_the_laptop_agrees():
    result, _, _ = whole()
    plans = Path(result["folder"]) / "plans"
    for stage in result["stages"]:
        data = Path(stage["recording"]).read_bytes()
        recording = read_recording(stage["recording"])
        told = sorted(cue["at_s"] for cue in stage["cues"] + stage["prompts"])
        assert [event.stage_ms / 1000 for event in recording.cues] == told
        assert stage["felt"] == len(told)
        plan = open_plan((plans / f"stage-{stage['stage']:02}.hbp").read_bytes())
        assert computed_cues(data, plan) == felt_cues(recording)


def test_the_fit_files_are_runs_of_that_length():
    result, _, _ = whole()
    for stage in result["stages"]:
        (activity,) = read_activities(stage["fit"])
        last = activity.points[-1]
        assert last.dist_m == pytest.approx(stage["length_m"], rel=0.02)
        assert activity.elapsed_s == pytest.approx(stage["elapsed_s"], abs=60)


def test_words_for_people(capsys: pytest.CaptureFixture[str], tmp_path: Path, hill: Path):
    code, out, err = holdback(capsys, "demo", "--stages", hill, "--keep", tmp_path / "race", "--eagerness", 30)
    assert code == 0 and "error" not in err
    for word in ("Hill", "planned", "push", "cue", "ease", "pull", "without", "simulated", "assumptions"):
        assert word in out


def test_other_courses_work_and_a_seed_repeats(capsys: pytest.CaptureFixture[str], tmp_path: Path, hill: Path):
    words = ("demo", "--stages", hill, "--eagerness", 25)
    first = document(capsys, *words, "--seed", 5, "--keep", tmp_path / "a")
    again = document(capsys, *words, "--seed", 5, "--keep", tmp_path / "b")
    other = document(capsys, *words, "--seed", 6, "--keep", tmp_path / "c")
    assert Path(first["stages"][0]["recording"]).read_bytes() == Path(again["stages"][0]["recording"]).read_bytes()
    assert first["stages"][0]["cues"] == again["stages"][0]["cues"]
    assert first["total_s"] == again["total_s"] != other["total_s"]


def test_a_deaf_runner_runs_as_if_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path, hill: Path):
    result = document(
        capsys, "demo", "--stages", hill, "--runner", "deaf", "--eagerness", 25, "--keep", tmp_path / "race"
    )
    assert result["stages"][0]["cues"]
    assert result["total_s"] == result["without_device_s"]


def test_simulating_a_race_folder_changes_nothing_in_it(capsys: pytest.CaptureFixture[str], tmp_path: Path, hill: Path):
    race = tmp_path / "race"
    document(capsys, "demo", "--stages", hill, "--keep", race)
    before = {path: path.read_bytes() for path in race.rglob("*") if path.is_file()}
    result = document(capsys, "simulate", race, "--stage", 1, "--keep", tmp_path / "out")
    assert {path: path.read_bytes() for path in race.rglob("*") if path.is_file()} == before
    assert Path(result["stages"][0]["recording"]).parent == tmp_path / "out"


def test_a_race_that_is_there_keeps_every_file(capsys: pytest.CaptureFixture[str], tmp_path: Path, hill: Path):
    race = init_race(tmp_path / "race", [hill])
    mine = race / "stages/stage-1.gpx"
    mine.write_text("mine")
    assert holdback(capsys, "demo", "--keep", race)[0] == 1 and mine.read_text() == "mine"
    for name in ("race.toml", "athlete.toml"):
        (race / name).unlink()
    code, _, err = holdback(capsys, "demo", "--keep", race)
    assert code == 1 and "another file has this name" in err and mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("demo", "--eagerness", "99"), 2, "eagerness"),
        (("demo", "--runner", "wild"), 2, "runner"),
        (("demo", "--stages", "nowhere"), 3, "nowhere"),
        (("simulate", "nowhere"), 3, "nowhere"),
        (("simulate",), 2, "--replay"),
        (("simulate", "--replay", "nowhere.fit"), 3, "nowhere.fit"),
    ],
)
def test_mistakes_are_named(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str):
    got, _, err = holdback(capsys, *words)
    assert got == code and said in err and "Traceback" not in err


@pytest.mark.parametrize("everyone", [False, True], ids=["kill", "terminal"])
def test_ctrl_c_leaves_no_process_behind(tmp_path: Path, *, everyone: bool):
    """A terminal interrupts the firmware's process too."""
    command = [COMMAND, "demo", "--keep", str(tmp_path / "race")]
    demo = subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not _children(demo.pid):
        assert demo.poll() is None, demo.communicate()
        time.sleep(0.05)
    (os.killpg if everyone else os.kill)(demo.pid, signal.SIGINT)
    _, err = demo.communicate(timeout=20)
    assert demo.returncode == 4 and "interrupted" in err and "Traceback" not in err
    with pytest.raises(ProcessLookupError):
        os.killpg(demo.pid, 0)


def _children(pid: int) -> list[str]:
    return [child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]
