"""`holdback race …` as a runner types it: output, exit codes, one JSON document, and every bad input of a beginner."""

import asyncio
import json
import re
import shlex
from pathlib import Path

import pytest
from holdback.cli.app import run_async
from holdback.errors import ExitCode
from holdback.gpx import GpxPoint

from host.make_fixtures import gpx, hilly, straight, write
from host.test_gpx import BOMB
from host.test_race import edit

ANSWERS = ["--date", "2026-09-04", "--timezone", "Europe/Vienna", "--start", "07:00", "--distance-km", "42.2",
           "--time", "3:45:00", "--hr-max-bpm", "188"]  # fmt: skip


def holdback(*tokens: str | Path) -> int:
    return asyncio.run(run_async(["race", *map(str, tokens)]))


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A filled-in race of two stages."""
    files = [write(tmp_path / f"day-{n}.gpx", hilly(9_000 + 3_000 * n)) for n in (1, 2)]
    assert holdback("init", tmp_path / "alps", *files, *ANSWERS) == ExitCode.OK
    capsys.readouterr()
    return tmp_path / "alps"


def test_init_says_what_is_still_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    course = write(tmp_path / "day.gpx", hilly(9_000))
    assert holdback("init", tmp_path / "alps", course) == ExitCode.OK
    out = capsys.readouterr().out
    assert "a race of 1 stage\n" in out and "still open: race.toml: date: not filled in yet" in out
    assert holdback("check", tmp_path / "alps") == ExitCode.DOMAIN
    out = capsys.readouterr().out
    assert "put right: athlete.toml: result.time: not filled in yet" in out and "5 to put right" in out


def test_check_and_plan_tell_a_good_race(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert holdback("check", folder) == ExitCode.OK
    assert "alps: 2 stages to run" in capsys.readouterr().out
    assert holdback("plan", folder) == ExitCode.OK
    out = capsys.readouterr().out
    rows = [line.split()[:3] for line in out.splitlines()]
    assert ["1", "hold", "12.0"] in rows and ["2", "survive", "15.0"] in rows and "terrain -7%" in out
    assert sorted(path.name for path in (folder / "plans").iterdir()) == ["stage-01.hbp", "stage-02.hbp"]


def test_json_is_one_document_on_stdout(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert holdback("plan", folder, "--json") == ExitCode.OK
    document = json.loads(capsys.readouterr().out)
    first = document["stages"][0]
    assert first["stage"] == 1 and 0.90 <= first["effort"] <= 0.95 and first["start"] == "2026-09-04T07:00:00+02:00"
    assert Path(first["plan"]).stat().st_size == first["bytes"]
    assert document["total_s"] == pytest.approx(sum(stage["planned_s"] for stage in document["stages"]), abs=1)
    assert holdback("check", folder, "--json") == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert holdback("init", folder.parent / "new", folder / "stages/day-1.gpx", "--json") == ExitCode.OK
    assert len(json.loads(capsys.readouterr().out)["to_fill_in"]) == 5


def test_errors_are_a_document_too(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "stages/day-2.gpx").unlink()
    assert holdback("plan", folder, "--json") == ExitCode.DOMAIN
    document = json.loads(capsys.readouterr().out)
    assert document["problems"][0]["field"] == "stages[2].gpx" and "copy it to" in document["next"]
    assert holdback("check", folder, "--json") == ExitCode.DOMAIN
    assert json.loads(capsys.readouterr().out)["ok"] is False
    assert holdback("check", folder / "none", "--json") == ExitCode.NOT_FOUND
    assert json.loads(capsys.readouterr().out)["exit_code"] == ExitCode.NOT_FOUND


def test_miles_in_the_table(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = (folder / "race.toml").read_text(encoding="utf-8")
    (folder / "race.toml").write_text(text.replace('# units = "km"', 'units = "miles"'), encoding="utf-8")
    assert holdback("plan", folder) == ExitCode.OK
    out = capsys.readouterr().out
    rows = [line.split()[:4] for line in out.splitlines()]
    assert ["#", "role", "mi", "up"] in rows and ["1", "hold", "7.5", "1652"] in rows and "/mi: pace on" in out


FLAT = gpx([GpxPoint(point.lat, point.lon) for point in hilly(3_000)])
FAR = gpx(hilly(3_000), hilly(3_000, lat=48.0))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (gpx(straight(5)), "one point (a course needs a line of points)"),
        (FAR, "a jump of 11"),
        (BOMB.decode(), "line 3: declares an entity"),
        (gpx(straight(900))[:-40], "line 95: not well-formed XML"),
        ("", "the file is empty"),
        (gpx(), "no track and no route"),
        (gpx(straight(90)), "not the length of a stage (0.09 km; the range is 0.2 to 300 km)"),
    ],
    ids=["one point", "jump", "entity bomb", "truncated", "empty", "no track", "too short"],
)
def test_a_course_that_cannot_be_planned_is_named_and_nothing_is_lost(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
):
    assert holdback("plan", folder) == ExitCode.OK
    plans = {path: path.read_bytes() for path in (folder / "plans").iterdir()}
    (folder / "stages/day-1.gpx").write_text(text, encoding="utf-8")
    capsys.readouterr()
    assert holdback("check", folder) == ExitCode.DOMAIN
    out = capsys.readouterr().out
    assert "put right: race.toml: stage 1, gpx: " in out and "day-1.gpx" in out and says in out
    assert holdback("plan", folder) == ExitCode.DOMAIN
    captured = capsys.readouterr()
    assert not captured.out and says in captured.err and "  next: " in captured.err
    assert plans == {path: path.read_bytes() for path in (folder / "plans").iterdir()}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (FLAT, "no elevation in the file: planned as flat"),
        (gpx(hilly(3_000)[:90], hilly(3_000)[150:]), "2 pieces joined in file order"),
        (gpx(hilly(3_000)[:90] + hilly(3_000)[170:]), "is crossed in a straight line"),
        (gpx(hilly(3_000), tag="rtept"), ""),
        (gpx(hilly(80_000, 2.0)), ""),
    ],
    ids=["no elevation", "pieces", "gap", "routes only", "40 000 points"],
)
def test_a_course_that_can_be_planned_says_what_was_repaired(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
):
    (folder / "stages/day-1.gpx").write_text(text, encoding="utf-8")
    assert holdback("check", folder) == ExitCode.OK
    assert says in capsys.readouterr().out
    assert holdback("plan", folder) == ExitCode.OK
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("date = 2026-09-04", "", "race.toml: date: missing"),
        ("timezone", "time_zone", 'race.toml: time_zone: there is no such field; did you mean "timezone"?'),
        ("# neutral_until_km = 0.0", "neutral_until_km = 4000", "neutral_until_km: 4000 will not do"),
        ("stages/day-2.gpx", "stages/day-3.gpx", "stage 2, gpx: stages/day-3.gpx: no such file"),
    ],
    ids=["missing", "misspelt", "absurd", "no file"],
)
def test_a_bad_race_toml_is_told_like_a_friend(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
):
    text = (folder / "race.toml").read_text(encoding="utf-8")
    (folder / "race.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert holdback("check", folder) == ExitCode.DOMAIN
    assert says in capsys.readouterr().out
    assert holdback("plan", folder) == ExitCode.DOMAIN
    errors = capsys.readouterr().err
    assert says in errors and ("then: holdback race check" in errors or "next: copy it to" in errors)


def test_missing_folders_files_and_a_second_init(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert holdback("plan", folder / "none") == ExitCode.NOT_FOUND
    assert holdback("init", folder.parent / "b", folder / "none.gpx") == ExitCode.NOT_FOUND
    assert not (folder.parent / "b").exists()
    before = (folder / "race.toml").read_bytes()
    assert holdback("init", folder) == ExitCode.DOMAIN
    assert (folder / "race.toml").read_bytes() == before
    assert holdback("plan", "--nonsense", folder) == ExitCode.USAGE
    assert "Traceback" not in capsys.readouterr().err


def test_init_takes_a_folder_of_courses(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert holdback("init", folder.parent / "again", folder / "stages", *ANSWERS) == ExitCode.OK
    assert "a race of 2 stages\n" in capsys.readouterr().out
    assert holdback("init", folder.parent / "none", folder / "plans") == ExitCode.NOT_FOUND
    assert "plans: no GPX file in it" in capsys.readouterr().err and not (folder.parent / "none").exists()


def test_a_file_is_no_race_and_no_courses_are_no_stages(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert holdback("check", folder / "race.toml") == ExitCode.NOT_FOUND
    assert "race.toml: not a folder" in capsys.readouterr().err
    assert holdback("init", folder.parent / "empty") == ExitCode.OK
    assert "no stages yet: write them in race.toml" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "plan", "card"])
def test_a_folder_with_a_space_is_quoted_in_every_hint(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
):
    folder.rename(folder.with_name("my race"))
    monkeypatch.chdir(folder.parent)
    assert holdback(command, "my race") == ExitCode.OK
    for hint in re.findall(r"next: (.*)", capsys.readouterr().out):
        assert "my race" not in hint.replace("'my race'", "")
    edit(Path("my race/race.toml"), "2026-09-04", '"soon"')
    assert holdback(command, "my race") == ExitCode.DOMAIN
    out, err = capsys.readouterr()
    hints = re.findall(r"holdback race .*", out + err)
    assert hints and all(shlex.split(hint)[2:] == ["check", "my race"] for hint in hints)


def test_help_has_examples(capsys: pytest.CaptureFixture[str]):
    for command in ("init", "check", "plan"):
        assert holdback(command, "--help") == ExitCode.OK
        assert f"Example: holdback race {command}" in capsys.readouterr().out
