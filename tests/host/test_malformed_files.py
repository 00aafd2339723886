"""Files that others found broken or odd, through every command that takes one: imported as far as they go, or refused.

HOLDBACK_DATA/malformed, and of the rest whatever its manifest notes something odd about.
"""

import csv
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from holdback.recordings.files import read_activities

from host.cli_rig import Run, runner

DATA = Path(os.environ["HOLDBACK_DATA"]) if "HOLDBACK_DATA" in os.environ else None
ODD = re.compile(r"back[1-9]|altjump|duptime|fastpt")  # times that fall, leaps, moments twice
LIGHT = 700_000  # bytes: the larger ones take seconds, and are read elsewhere
WORDS = ("error", "why", "next", "exit_code")
needs_data = pytest.mark.skipif(not DATA, reason="HOLDBACK_DATA is not set: no malformed files to read")


def files() -> dict[str, dict[str, str]]:
    """The manifest's rows of what is odd, by file."""
    if not DATA:
        return {}
    with (DATA / "MANIFEST.tsv").open() as lines:
        rows = {row["file"]: row for row in csv.DictReader(lines, delimiter="\t")}
    rooms = ("runs_hr/", "multiday/", "courses/")
    return {
        name: row
        for name, row in rows.items()
        if name.startswith("malformed/")
        or (
            name.startswith(rooms) and int(row["size"]) < LIGHT and (ODD.search(row["quality"]) or row["parse"] != "ok")
        )
    }


FILES = files()
each_file = pytest.mark.parametrize("name", sorted(FILES) or ["none"])


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; a traceback fails the test."""
    return runner(capsys)


def refused_in_words(code: int, document: dict[str, Any], path: Path) -> bool:
    """True if the command says what is wrong with the file, why, and what to do; False if it took it."""
    if code == 0:
        assert "error" not in document
        return False
    assert tuple(document)[:4] == WORDS and document["exit_code"] == code in (1, 2, 3, 5)
    assert path.name in document["error"] + document["why"] and document["next"]
    assert "Error" not in document["error"] + document["why"], "the name of an exception is no reason"
    return True


@cache
def readable(path: Path) -> list[int]:
    """How many points each leg of the file has."""
    return [len(activity.points) for activity in read_activities(path)]


@needs_data
@each_file
def test_show(name, run):
    assert DATA
    code, document, _ = run("recording", "show", DATA / name, "--json")
    if not refused_in_words(code, document, DATA / name):
        for activity in document["activities"]:
            assert activity["points"] > 0 and activity["elapsed_s"] >= activity["moving_s"] >= 0
            assert activity["distance_m"] >= 0 and "NaN" not in str(activity)
        assert [activity["points"] for activity in document["activities"]] == readable(DATA / name)


@needs_data
@each_file
def test_export(name, run, tmp_path):
    """Each format; of what takes long to read one of them."""
    assert DATA
    for kind in ("fit", "gpx", "csv") if int(FILES[name]["size"]) < LIGHT // 4 else ("csv",):
        export(name, kind, run, tmp_path / f"out.{kind}")


def export(name: str, kind: str, run: Run, out: Path) -> None:
    """One file in one format: as many points as were read, or words and no file."""
    assert DATA
    code, document, _ = run("recording", "export", DATA / name, "--to", kind, "-o", out, "--leg", 1, "--json")
    if refused_in_words(code, document, DATA / name if out.name not in str(document) else out):
        assert not out.exists()
        return
    assert document["points"] == readable(DATA / name)[0]
    if kind == "csv":
        assert out.read_text().count("\n") == document["points"] + 1
    else:
        assert 0 < sum(readable.__wrapped__(out)) <= document["points"]


@needs_data
@each_file
def test_race_init(name, run, tmp_path):
    assert DATA
    folder = tmp_path / "race"
    code, document, _ = run("race", "init", folder, DATA / name, "--json")
    if refused_in_words(code, document, DATA / name):
        assert not (folder / "race.toml").exists()
    else:
        assert (folder / "race.toml").is_file() and list((folder / "stages").iterdir())


@needs_data
@each_file
def test_athlete_fit(name, run, tmp_path):
    assert DATA
    out = tmp_path / "athlete.toml"
    code, document, _ = run("athlete", "fit", DATA / name, "-o", out, "--json")
    assert refused_in_words(code, document, DATA / name) != out.exists()


@needs_data
def test_what_others_could_read_we_read_whole():
    """Of every file that the manifest could read to its end: as many points as it counts, or a note that says why."""
    assert DATA
    seen = 0
    for name, row in FILES.items():
        if row["parse"] != "ok" or not row["start"] or row["what"].startswith("course"):
            continue
        activities = read_activities(DATA / name)
        notes = [note for activity in activities for note in activity.notes]
        points = sum(len(activity.points) for activity in activities)
        missing = int(row["samples"]) - points
        accounted = sum(int(number) for note in notes for number in re.findall(r"\d+", note) if "damaged" not in note)
        assert missing == 0 or 0 < missing <= accounted, (name, missing, notes)
        seen += 1
    assert seen > 10
