"""`holdback simulate --replay` on made-up runs: no race folder, any file, pauses and all."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from holdback.cli.app import run_async
from holdback.errors import ExitCode
from holdback.recordings.files import read_activities

DEGREES_PER_M = 1 / 111_195
PAUSE_S = 300
START_S = 1_530_000_000  # 2018: older than the firmware believes


def run_gpx(seconds: int, *, pace_ms: float = 3.0, surge_from: int = 10**9, places: bool = True) -> str:
    """A flat run north with a hole of smart recording each minute, a pause half way, and a surge towards the end."""
    metres, lines = 0.0, []
    for second in range(seconds):
        surging = second >= surge_from
        metres += pace_ms * (1.35 if surging else 1.0)
        if 5 < second % 60 < 15:
            continue
        at = START_S + second + (PAUSE_S if second > seconds // 2 else 0)
        when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        hr_bpm = 165 if surging else 140
        lines.append(
            f'<trkpt lat="{47 + metres * DEGREES_PER_M:.7f}" lon="11.0"><ele>500</ele><time>{when}</time>'
            f"<extensions><hr>{hr_bpm}</hr></extensions></trkpt>"
        )
    body = "\n".join(lines) if places else ""
    return f'<gpx version="1.1" creator="test"><trk><type>running</type><trkseg>\n{body}\n</trkseg></trk></gpx>'


@pytest.fixture
def surge(tmp_path: Path) -> Path:
    path = tmp_path / "surge.gpx"
    path.write_text(run_gpx(3000, surge_from=2000))
    return path


def replay(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = asyncio.run(run_async(["simulate", "--replay", *map(str, words)]))
    out, err = capsys.readouterr()
    return code, out, err


def document(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    code, out, err = replay(capsys, *words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_surge_is_told_and_a_pause_is_marked(capsys: pytest.CaptureFixture[str], surge: Path, tmp_path: Path):
    result = document(capsys, surge, "--keep", tmp_path / "out")
    assert result["simulated"] and "estimated" in result["estimated"]["how"]
    eased = [cue["at_s"] for cue in result["cues"] if cue["cue"].startswith("ease")]
    assert eased and all(at_s > 2000 + PAUSE_S for at_s in eased)
    silent = [cue for cue in result["cues"] if cue["in_pause"]]
    assert {cue["reason"] for cue in silent} == {"GPS lost", "strap lost"}
    assert all(1500 <= cue["at_s"] < 1500 + PAUSE_S + 10 for cue in silent)


def test_metres_and_times_are_the_files(capsys: pytest.CaptureFixture[str], surge: Path, tmp_path: Path):
    result = document(capsys, surge, "--keep", tmp_path / "out")
    assert result["device_m"] == pytest.approx(result["distance_m"], rel=0.01)
    assert result["elapsed_s"] == pytest.approx(3000 + PAUSE_S, abs=15)
    (activity,) = read_activities(result["fit"])
    assert activity.points[0].time_s == pytest.approx(START_S, abs=3)
    assert Path(result["recording"]).stat().st_size == result["pull"]["bytes"]


def test_a_course_of_its_own(capsys: pytest.CaptureFixture[str], surge: Path, tmp_path: Path):
    """On a course that climbs where the run was flat the same speed is harder: sooner and more often too fast."""
    course = tmp_path / "course.gpx"
    points = "".join(
        f'<trkpt lat="{47 + metres * DEGREES_PER_M:.6f}" lon="11.0"><ele>{500 + 0.06 * metres:.1f}</ele></trkpt>'
        for metres in range(0, 11_000, 50)
    )
    course.write_text(f'<gpx version="1.1"><trk><trkseg>{points}</trkseg></trk></gpx>')
    flat = document(capsys, surge, "--keep", tmp_path / "a")
    steep = document(capsys, surge, "--course", course, "--keep", tmp_path / "b")

    def first_ease(result: dict[str, Any]) -> float:
        return min(cue["at_s"] for cue in result["cues"] if cue["cue"].startswith("ease"))

    assert first_ease(steep) < 1500 < first_ease(flat)


def test_a_simulated_recording_never_goes_among_the_real_ones(
    capsys: pytest.CaptureFixture[str], surge: Path, tmp_path: Path
):
    (tmp_path / "race.toml").touch()
    code, _, err = replay(capsys, surge, "--keep", tmp_path / "recordings")
    assert code == ExitCode.USAGE and "holds the race's own recordings" in err
    assert not (tmp_path / "recordings").exists()


def test_words_for_people(capsys: pytest.CaptureFixture[str], surge: Path, tmp_path: Path):
    code, out, _ = replay(capsys, surge, "--keep", tmp_path / "out")
    assert code == 0
    for word in ("surge.gpx", "estimated", "critical speed", "ease", "it would have buzzed", "a pause of the file"):
        assert word in out


def test_a_recording_of_the_device_itself(capsys: pytest.CaptureFixture[str], surge: Path, tmp_path: Path):
    first = document(capsys, surge, "--keep", tmp_path / "a")
    again = document(capsys, first["recording"], "--keep", tmp_path / "b")
    assert again["device_m"] == pytest.approx(first["device_m"], rel=0.01)


@pytest.mark.parametrize("year", ["1904", "2299"])
def test_a_year_that_nobody_knows_is_replayed_all_the_same(capsys, tmp_path: Path, year: str):
    file = tmp_path / "clock.gpx"
    file.write_text(run_gpx(400).replace("<time>2018", f"<time>{year}"))
    result = document(capsys, file, "--keep", tmp_path / "out")
    assert result["elapsed_s"] == pytest.approx(400 + PAUSE_S, abs=15)
    assert len(read_activities(result["fit"])[0].points) > 350


def test_of_a_file_of_several_days_the_longest_is_replayed(capsys, tmp_path: Path):
    file = tmp_path / "days.gpx"
    wrong = '<trkpt lat="47" lon="11"><time>2089-01-01T00:00:00Z</time></trkpt></trkseg>'
    file.write_text(run_gpx(400).replace("</trkseg>", wrong))
    result = document(capsys, file, "--keep", tmp_path / "out")
    assert result["notes"] == ["points of other days, left out: 1"] and result["elapsed_s"] < 400 + PAUSE_S


def test_mistakes_are_named(capsys: pytest.CaptureFixture[str], surge: Path, tmp_path: Path):
    empty = tmp_path / "indoors.gpx"
    empty.write_text(run_gpx(100, places=False))
    for words, code, said in (
        ((surge, "--leg", 2), 2, "leg 2"),
        ((surge, "--stage", 2), 2, "--stage"),
        ((empty,), 1, "indoors.gpx"),
        ((surge, "--course", tmp_path / "none.gpx"), 3, "none.gpx"),
    ):
        got, _, err = replay(capsys, *words)
        assert got == code and said in err and "Traceback" not in err
