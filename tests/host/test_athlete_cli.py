"""`holdback athlete fit` and `show`: what goes into athlete.toml, what stays, and what is said of bad files."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from holdback.athlete.document import merge
from holdback.athlete.fitting import Measure
from holdback.athlete.gather import gather
from holdback.athlete.overview import overview
from holdback.errors import ExitCode, HoldbackError
from holdback.planning.athlete import Athlete
from holdback.race.athlete import load_athlete
from holdback.race.problems import RaceError
from hypothesis import given
from hypothesis import strategies as st

from host.cli_rig import runner
from host.made_runner import Runner, run, trial, write
from host.race_folder import make_race, run_stage

MADE = Runner()
FACTORS = [2.1, 1.9, 1.7, 1.5, 1.3, 1.1, 0.95, 0.9, 0.92, 1.0, 1.2, 1.5, 1.9, 2.3, 2.8, 3.3, 3.8, 4.3, 4.9]
MEASURES = [
    Measure("critical_speed_ms", 3.61, 0.1, "bests"),
    Measure("hr_max_bpm", 188, 5.0, "the highest"),
    Measure("threshold_hr_bpm", 169, 2.0, "the line"),
    Measure("hr_slope_bpm", 85.0, 8.0, "the line"),
    Measure("pace_factors", FACTORS, 0.04, "40 km"),
    Measure("durability", 0.061, 0.02, "3 runs"),
    Measure("downhill_m_21d", 1200, 0.0, "4 runs"),
]


@pytest.fixture
def hb(capsys):
    return runner(capsys)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A test of critical speed, two hilly runs, and beside them what a folder collects."""
    folder = tmp_path_factory.mktemp("runs")
    write(folder, "trial", trial(MADE))
    write(folder / "hills", "a", run(MADE, 1.0, day=3))
    write(folder / "hills", "b", run(MADE, 1.6, 0.75, day=5))
    (folder / "notes.txt").write_text("slept badly")
    return folder


def fitted(path: Path, measures: list[Measure]) -> tuple[str, dict[str, str]]:
    """Merge and write; the text, and what became of each field."""
    text, changes = merge(path, measures)
    path.write_text(text, encoding="utf-8")
    return text, {change.field: change.kind for change in changes}


def athlete_of(path: Path) -> Athlete:
    problems: list = []
    athlete = load_athlete(path, problems)
    assert athlete, problems
    return athlete


def test_fit_writes_a_file_that_the_planner_reads(hb, tmp_path, recordings):
    code, out, _ = hb("athlete", "fit", recordings, "--out", tmp_path / "athlete.toml")
    assert code == ExitCode.OK and "3 runs, 4." in out and "critical_speed_ms: 3.6" in out
    athlete = athlete_of(tmp_path / "athlete.toml")
    assert athlete.critical_speed_ms == pytest.approx(3.6, rel=0.04)
    assert athlete.pace_factors and athlete.pace_factors[9] == 1 and athlete.downhill_m_21d
    assert athlete.threshold_hr_bpm == pytest.approx(168, abs=6)


def test_fit_into_a_race_folder_keeps_the_result_and_plans(hb, tmp_path, recordings):
    race = make_race(tmp_path)
    before = (race / "athlete.toml").read_text()
    document = hb("athlete", "fit", recordings, "--out", race, "--json")[1]
    assert document["runs"] == 3 and {change["kind"] for change in document["changes"]} == {"new"}
    after = (race / "athlete.toml").read_text()
    assert "distance_km = 10" in after and "One recent race" in after
    measured = tuple(f"# {change['field']} = " for change in document["changes"])
    assert all(line in after for line in before.splitlines() if not line.startswith(measured))
    assert hb("race", "plan", race)[0] == ExitCode.OK


def test_every_measured_field_reaches_the_planner_and_a_second_fit_renews_it(tmp_path):
    path = tmp_path / "athlete.toml"
    text, kinds = fitted(path, MEASURES)
    assert set(kinds.values()) == {"new"}
    athlete = athlete_of(path)
    for measure in MEASURES:
        expected = tuple(FACTORS) if measure.field == "pace_factors" else measure.value
        assert getattr(athlete, measure.field) == expected
    assert fitted(path, MEASURES)[1] == {measure.field: "same" for measure in MEASURES}
    assert path.read_text() == text
    assert fitted(path, [Measure("durability", 0.05, 0.01, "5 runs")])[1] == {"durability": "renewed"}
    assert athlete_of(path).durability == 0.05 and athlete_of(path).hr_slope_bpm == 85
    assert path.read_text().count("durability = ") == 2  # the figure, and its entry in [fit]


def test_what_was_written_by_hand_stays(tmp_path):
    path = tmp_path / "athlete.toml"
    path.write_text(
        "# mine\nhr_max_bpm = 195  # at the track\nkappa = 0.3\n[result]\ndistance_km = 42.2\ntime = '3:45'\n"
    )
    text, kinds = fitted(path, MEASURES)
    assert kinds["hr_max_bpm"] == "kept" and kinds["threshold_hr_bpm"] == "new"
    assert "# mine\nhr_max_bpm = 195  # at the track\nkappa = 0.3\n" in text
    athlete = athlete_of(path)
    assert athlete.hr_max_bpm == 195 and athlete.kappa == 0.3
    edited = text.replace("threshold_hr_bpm = 169", "threshold_hr_bpm = 172")
    path.write_text(edited)  # by hand now, whatever [fit] remembers
    assert fitted(path, MEASURES)[1]["threshold_hr_bpm"] == "kept"
    assert athlete_of(path).threshold_hr_bpm == 172


@pytest.mark.parametrize(("time", "expected"), [("0:35:00", 4.73), ("3:00:00", 3.61)])
def test_a_result_that_says_more_than_the_recordings_holds(tmp_path, time, expected):
    path = tmp_path / "athlete.toml"
    path.write_text(f'[result]\ndistance_km = 10\ntime = "{time}"\n')
    fitted(path, MEASURES)
    assert athlete_of(path).critical_speed_ms == pytest.approx(expected, abs=0.02)


def test_the_open_result_of_a_new_folder_is_switched_off_by_a_measured_speed(hb, tmp_path):
    hb("race", "init", tmp_path / "alps")
    path = tmp_path / "alps/athlete.toml"
    fitted(path, MEASURES)
    assert athlete_of(path).critical_speed_ms == 3.61 and "# [result]" in path.read_text()


def test_a_broken_athlete_file_is_named_and_left_as_it_is(tmp_path):
    path = tmp_path / "athlete.toml"
    twice = '[result]\ntime = ""\ntime = ""\n'
    for text in ("hr_max_bpm = = 188\n", "hr_max_bpm = 900\n", 'speling = "x"\n', twice):
        path.write_text(text)
        with pytest.raises(RaceError):
            merge(path, MEASURES)
        assert path.read_text() == text


@given(
    st.lists(st.sampled_from(MEASURES), unique_by=lambda measure: measure.field),
    st.lists(
        st.sampled_from(
            ["hr_max_bpm = 190", "# hr_max_bpm = 180", "kappa = 0.2 # mine", "", "# [fit]", "durability=0.07",
             "threshold_hr_bpm = 170\r", "[result]", "distance_km = 10", 'time = "0:50"', "# a remark", "rho = 0.5",
             'time = ""', "pace_factors = [1,\n 2]", "[fit]", 'durability = { value = 0.07, basis = "x" }']
        ),
        max_size=9,
    ),
)  # fmt: skip
def test_no_line_of_a_file_is_lost_whatever_it_holds(tmp_path_factory, measures, lines):
    """Refused, or readable afterwards, with every figure that was not measured as it stood."""
    path = tmp_path_factory.mktemp("any") / "athlete.toml"
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    try:
        text, changes = merge(path, measures)
    except HoldbackError:
        return
    taken = {change.field for change in changes if change.kind != "kept"}
    after = tomllib.loads(text.replace('""', '"0:00"'))
    try:
        before = tomllib.loads("\n".join(lines).replace("\r", "").replace('""', '"0:00"'))
    except tomllib.TOMLDecodeError:
        return
    assert all(after[name] == value for name, value in before.items() if name not in taken | {"fit", "result"})
    assert all(remark in text for remark in ("# a remark", "# mine") if any(remark in line for line in lines))


def test_show_says_what_is_measured_written_and_assumed(hb, tmp_path):
    path = tmp_path / "athlete.toml"
    path.write_text('kappa = 0.3\nhr_max_bpm = 190\n[result]\ndistance_km = 10\ntime = "0:50:00"\n')
    fitted(path, [Measure("durability", 0.061, 0.02, "3 runs")])
    known = {figure.field: figure.known for figure in overview(tmp_path)}
    assert known["durability"] == "measured" and known["kappa"] == known["hr_max_bpm"] == "by hand"
    assert known["critical_speed_ms"] == "from the result" and known["rho"] == known["threshold_hr_bpm"] == "assumed"
    assert known.keys() == {field.name for field in fields(Athlete)}
    code, out, _ = hb("athlete", "show", tmp_path)
    assert code == ExitCode.OK
    rows = {line.split()[0]: " ".join(line.split()) for line in out.splitlines()}
    assert rows["durability"] == "durability 0.061 0.02 measured 3 runs"
    assert rows["threshold_hr_bpm"] == "threshold_hr_bpm 171 assumed 0.90 x hr_max_bpm"
    fitted(path, MEASURES)
    assert "+10%  1.50       1.55" in hb("athlete", "show", path)[1]


def test_one_bad_file_among_many_is_named_and_stops_nothing(hb, tmp_path, recordings):
    good = sorted(recordings.rglob("*.gpx"))
    (tmp_path / "broken.fit").write_bytes(b"\x0e\x10\x00\x00\x05\x00\x00\x00.FIT\x00\x00")
    (tmp_path / "empty.gpx").write_bytes(b"")
    treadmill = write(tmp_path, "treadmill", run(MADE, 0.5, day=8), places=False)
    level = write(tmp_path, "no-altitude", run(MADE, 0.5, day=9), altitude=False)
    again = write(tmp_path, "again", run(MADE, 1.0, day=3))
    ride = run(MADE, 0.5, day=10)
    ride.sport = "cycling"
    bike = write(tmp_path, "bike", ride)
    document = hb("athlete", "fit", *good, tmp_path, "-o", tmp_path / "athlete.toml", "--json")[1]
    assert document["runs"] == 3
    why = {Path(entry["file"]).name: entry["why"] for entry in document["left_out"]}
    assert set(why) == {"broken.fit", "empty.gpx", treadmill.name, level.name, again.name, bike.name} or set(why) == {
        "broken.fit", "empty.gpx", treadmill.name, level.name, "a.gpx", bike.name,
    }  # fmt: skip
    assert "treadmill" in why[treadmill.name] and "no altitude" in why[level.name]
    assert "another sport: cycling" in why[bike.name] and "file is empty" in why["empty.gpx"]
    assert any("counted once" in reason for reason in why.values())


def test_the_devices_own_recordings_count(tmp_path):
    race = make_race(tmp_path)
    (race / "recordings/stage-01.hbr").write_bytes(run_stage(race, 1))
    (race / "recordings/old.gpx.gz").write_bytes(b"\x1f\x8b\x08")
    found = gather([race / "recordings"])
    assert [round(one.metres, -2) for one in found.runs] == [3000]
    assert [why for _, why in found.left_out] == ["packed with gzip: unpack it first (gunzip)"]


def test_heart_rates_of_zero_are_none(hb, tmp_path):
    write(tmp_path, "run", run(MADE, 0.6, strap=False))
    document = hb("athlete", "fit", tmp_path, "-o", tmp_path / "athlete.toml", "--json")[1]
    assert any("no heart rate" in note for note in document["notes"])
    assert not {"hr_max_bpm", "threshold_hr_bpm", "hr_slope_bpm"} & {m["field"] for m in document["measures"]}


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        (lambda folder: folder / "nowhere", ExitCode.NOT_FOUND, "no such file"),
        (lambda folder: folder, ExitCode.DOMAIN, "no recordings here"),
        (lambda folder: write(folder, "t", run(MADE, 0.5), places=False), ExitCode.DOMAIN, "t.gpx: no places in it"),
    ],
    ids=["nothing there", "an empty folder", "a treadmill alone"],
)
def test_nothing_to_learn_from_is_said_and_changes_nothing(hb, tmp_path, make, code, words):
    out = tmp_path / "out"
    out.mkdir()
    path = make(tmp_path / "out")
    result, _, err = hb("athlete", "fit", path, "-o", out)
    assert result == code and words in err and "error: " in err
    assert not (out / "athlete.toml").exists()


def test_two_runners_are_refused_with_exit_code_and_field(hb, tmp_path):
    for day in range(2):
        write(tmp_path, f"hers-{day}", run(MADE, 0.5, day=day))
        write(tmp_path, f"his-{day}", run(Runner(threshold_bpm=125), 0.5, day=10 + day))
    code, _, err = hb("athlete", "fit", tmp_path, "-o", tmp_path)
    assert code == ExitCode.DOMAIN and "heart_rate is" in err and "two runners" in err and "on their own" in err


def test_usage_and_places_to_write(hb, tmp_path, recordings):
    assert hb("athlete", "fit")[0] == ExitCode.USAGE
    assert hb("athlete", "fit", recordings, "--date", "soon")[0] == ExitCode.USAGE
    code, _, err = hb("athlete", "fit", recordings, "-o", tmp_path / "no/where.toml")
    assert code == ExitCode.DOMAIN and "no such folder" in err
    assert hb("athlete", "show", tmp_path)[0] == ExitCode.NOT_FOUND


@given(st.binary(max_size=400), st.sampled_from([".fit", ".gpx", ".tcx", ".hbr"]))
def test_no_bytes_stop_the_gathering(tmp_path_factory, data, suffix):
    path = tmp_path_factory.mktemp("any") / f"any{suffix}"
    path.write_bytes(data)
    found = gather([path])
    assert not found.runs and len(found.left_out) == 1 and found.left_out[0][1]
