"""`holdback recording`: what it shows, what it exports, how it fails."""

import re
from binascii import crc32
from pathlib import Path
from typing import Any

import fitdecode
import pytest
from holdback.errors import ExitCode
from holdback.recordings.files import read_activities
from holdback.recordings.fit import encode
from pacing import planwriter

from host.cli_rig import runner
from host.race_folder import make_race, run_stage
from host.recording_samples import recording, run, write_recording
from host.test_race import edit


@pytest.fixture
def hb(capsys):
    return runner(capsys)


def test_show_tells_the_stage_its_totals_and_every_cue(hb, tmp_path):
    code, out, _ = hb("recording", "show", write_recording(tmp_path))
    assert code == 0
    for words in ("Stage 2", "2026-07-03T06:00:00Z", "0:16:39", "2.83 km", "24a160c0ffee"):
        assert words in out
    said = [" ".join(line.split()) for line in out.splitlines()]
    assert "0:05:00 ease effort above the cap km 0.85, 47.00750 11.00299 143" in said
    assert any(line.startswith("0:06:40 clear asked by a press") for line in said)


def test_show_in_the_folder_of_a_race_in_miles(hb, tmp_path):
    race = make_race(tmp_path)
    edit(race / "race.toml", '# units = "km"', 'units = "miles"')
    (race / "recordings/stage-02.hbr").write_bytes(run_stage(race, 2, 4.2))
    code, out, _ = hb("recording", "show", race / "recordings/stage-02.hbr")
    assert code == 0 and "distance  1.88 mi" in out and "+0 ft -0 ft" in out
    assert re.search(r"mi [01]\.\d\d of the course", out) and "km" not in out


def test_show_says_what_was_no_ordinary_day(hb, tmp_path):
    code, out, _ = hb("recording", "show", write_recording(tmp_path))
    assert code == 0 and "besides" not in out
    data = recording(1000, quiet_s=700)[0]
    (tmp_path / "quiet.hbr").write_bytes(data)
    code, out, _ = hb("recording", "show", tmp_path / "quiet.hbr")
    assert code == 0 and "  besides   pacing silenced at 0:12\n" in out
    document = hb("recording", "show", tmp_path / "quiet.hbr", "--json")[1]
    assert document["recording"]["verdict"]["quiet_s"] == 700 and document["recording"]["verdict"]["doubtful_s"] is None


def test_show_json_is_one_document(hb, tmp_path):
    code, document, _ = hb("recording", "show", write_recording(tmp_path), "--json")
    recorded, (activity,) = document["recording"], document["activities"]
    assert code == 0 and (recorded["stage"], recorded["presses"], recorded["damage_bytes"]) == (2, 1, 0)
    assert [(cue["cue"], cue["elapsed_s"]) for cue in recorded["cues"]] == [("ease", 300), ("clear", 400)]
    assert recorded["replay_agrees"] is None and recorded["cues"][0]["time"] == "2026-07-03T06:05:00Z"
    assert activity["points"] == 1000 and activity["start"] == "2026-07-03T06:00:00Z"


def test_show_other_kinds(hb, tmp_path):
    path = tmp_path / "x.fit"
    path.write_bytes(encode(run(120)))
    code, document, _ = hb("recording", "show", path, "--json")
    assert code == 0 and document["recording"] is None and document["activities"][0]["points"] == 120


def test_a_truncated_recording_is_shown_and_says_so(hb, tmp_path):
    path = tmp_path / "cut.hbr"
    data = recording(1000)[0]
    path.write_bytes(data[: len(data) // 2])
    code, out, err = hb("recording", "show", path)
    assert code == 0 and "Stage 2" in out and f"of {len(data) // 2} bytes are damaged" in err
    code, document, _ = hb("recording", "show", path, "--json")
    assert document["recording"]["damage_bytes"] > 0 and 300 < document["activities"][0]["points"] < 700


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xb5J" + bytes(50), ExitCode.INTEGRITY),
        (b"", ExitCode.INTEGRITY),
        (b"\xb5", ExitCode.INTEGRITY),
        (b"a diary", ExitCode.DOMAIN),
    ],
)
def test_nothing_readable(hb, tmp_path, content, expected):
    path = tmp_path / "bad.hbr"
    path.write_bytes(content)
    for command in (("show",), ("export", "--to", "fit")):
        code, out, err = hb("recording", command[0], path, *command[1:])
        assert code == expected and out == "" and "bad.hbr" in err and "next:" in err
    assert [file.name for file in tmp_path.iterdir()] == ["bad.hbr"]


def test_a_missing_file_is_3_and_a_missing_format_is_2(hb, tmp_path):
    assert hb("recording", "show", tmp_path / "none.hbr")[0] == ExitCode.NOT_FOUND
    assert hb("recording", "export", write_recording(tmp_path))[0] == ExitCode.USAGE
    assert hb("recording", "export", tmp_path / "stage-02.hbr", "--to", "tcx")[0] == ExitCode.USAGE


@pytest.mark.parametrize("kind", ["fit", "gpx", "csv"])
def test_export_beside_the_recording_and_never_over_a_file(hb, tmp_path, kind):
    path, out = write_recording(tmp_path), tmp_path / f"stage-02.{kind}"
    code, document, _ = hb("recording", "export", path, "--to", kind, "--json")
    assert code == 0 and document["out"] == str(out) and document["bytes"] == out.stat().st_size
    before = out.read_bytes()
    out.write_bytes(b"precious")
    code, _, err = hb("recording", "export", path, "--to", kind)
    assert code == ExitCode.USAGE and "--force" in err and out.read_bytes() == b"precious"
    assert hb("recording", "export", path, "--to", kind, "--force")[0] == 0 and out.read_bytes() == before
    if kind != "csv":
        assert len(read_activities(out)[0].points) == (1000 if kind == "fit" else 992)  # eight had no fix


def test_export_to_a_folder_or_a_name(hb, tmp_path):
    path = write_recording(tmp_path)
    (tmp_path / "out").mkdir()
    assert hb("recording", "export", path, "--to", "csv", "-o", tmp_path / "out")[0] == 0
    assert hb("recording", "export", path, "--to", "csv", "-o", tmp_path / "my.csv")[0] == 0
    assert (tmp_path / "out/stage-02.csv").read_bytes() == (tmp_path / "my.csv").read_bytes()
    assert hb("recording", "export", path, "--to", "csv", "-o", tmp_path / "no/my.csv")[0] == ExitCode.DOMAIN


def test_the_recording_itself_is_never_written_over(hb, tmp_path):
    path = tmp_path / "x.fit"
    path.write_bytes(encode(run(50)))
    before = path.read_bytes()
    code, _, err = hb("recording", "export", path, "--to", "fit", "--force")
    assert code == ExitCode.USAGE and "itself" in err and path.read_bytes() == before


def test_cues_are_markers_in_the_fit(hb, tmp_path):
    assert hb("recording", "export", write_recording(tmp_path), "--to", "fit")[0] == 0
    with fitdecode.FitReader(tmp_path / "stage-02.fit") as reader:
        frames: list[Any] = [f for f in reader if isinstance(f, fitdecode.FitDataMessage) and f.name == "event"]
    markers = [frame.get_value("data") for frame in frames if frame.get_value("event") == "user_marker"]
    assert markers == [1 | 1 << 4, 3 | 4 << 4]


def test_a_file_of_several_legs_wants_a_choice(hb, tmp_path):
    path = tmp_path / "two.gpx"
    point = '<trkseg><trkpt lat="47" lon="{lon}"><time>2026-07-03T06:00:0{lon}Z</time></trkpt></trkseg>'
    tracks = "".join(f"<trk><name>{n}</name>{point.format(lon=i)}</trk>" for i, n in enumerate("ab"))
    path.write_text(f"<gpx>{tracks}</gpx>")
    code, _, err = hb("recording", "export", path, "--to", "csv")
    assert code == ExitCode.USAGE and "1 a, 2 b" in err and "--leg" in err
    assert hb("recording", "export", path, "--to", "csv", "--leg", 3)[0] == ExitCode.USAGE
    assert hb("recording", "export", path, "--to", "csv", "--leg", 2)[0] == 0
    assert "06:00:01Z" in (tmp_path / "two.csv").read_text()


def test_a_gpx_of_a_treadmill_is_refused(hb, tmp_path):
    path = tmp_path / "x.fit"
    points = run(20)
    for point in points:
        point.lat = point.lon = None
    path.write_bytes(encode(points))
    code, _, err = hb("recording", "export", path, "--to", "gpx")
    assert code == ExitCode.DOMAIN and "no position" in err and not (tmp_path / "x.gpx").exists()


def plan(**more: Any) -> bytes:
    return planwriter.encode({"race": "t", "stage_no": 2, "stage_count": 3, "cs_cms": 350, **more})


def of_version(version: int, data: bytes) -> bytes:
    """The same plan, as another version of Holdback would write it."""
    head = data[:3] + bytes([version]) + data[4:-4]
    return head + crc32(head).to_bytes(4, "little")


def test_a_plan_of_another_version_is_left_aside_where_it_was_found_and_refused_where_it_was_given(hb, tmp_path):
    later = of_version(9, plan(caps=[(10_000, 900, 0, 0)]))
    (tmp_path / "race/plans").mkdir(parents=True)
    (tmp_path / "race/recordings").mkdir()
    (tmp_path / "race/plans/stage-02.hbp").write_bytes(later)
    (tmp_path / "race/plans/folder.hbp").mkdir()
    run_with = int.from_bytes(later[-4:], "little")
    path = write_recording(tmp_path / "race/recordings", plan_crc=run_with)
    code, document, _ = hb("recording", "show", path, "--json")
    assert code == 0 and document["recording"]["replay_agrees"] is None
    (note,) = document["activities"][0]["notes"]
    assert "stage-02.hbp: its plan cannot be read" in note and "version 9" in note
    code, _, err = hb("recording", "show", path, "--plan", tmp_path / "race/plans/stage-02.hbp")
    assert code == ExitCode.INTEGRITY and "version 9" in err and "next: make the plans again" in err


def test_the_plan_must_be_the_one_that_was_run(hb, tmp_path):
    other = tmp_path / "other.hbp"
    other.write_bytes(plan(caps=[(10_000, 900, 0, 0)]))
    path = write_recording(tmp_path)
    code, _, err = hb("recording", "show", path, "--plan", other)
    assert code == ExitCode.USAGE and "not the plan" in err
    assert hb("recording", "show", path, "--plan", Path("none.hbp"))[0] == ExitCode.NOT_FOUND
    assert hb("recording", "show", path, "--plan", path)[0] == ExitCode.INTEGRITY
