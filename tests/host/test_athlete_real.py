"""The fit on real folders, on points that no runner made, and the table of the evidence that foretells runs."""

import os
import random
from pathlib import Path

import pytest
from holdback.athlete import gather, know
from holdback.athlete.grades import GRADES, LEVEL
from holdback.athlete.people import TwoPeopleError
from holdback.athlete.run import CELL_M, NotUsableError, Run, on_foot
from holdback.race.problems import build
from holdback.race.schema import AthleteFile
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.pacing import prediction
from bench.pacing.tables import Table
from host.made_runner import Runner, run, write

DATA = Path(os.environ["HOLDBACK_DATA"]) / "runs_hr" if "HOLDBACK_DATA" in os.environ else None
needs_data = pytest.mark.skipif(not DATA, reason="HOLDBACK_DATA is not set: no real runners to fit")


@needs_data
def test_every_real_folder_gives_believable_figures_or_a_reason():
    fits = 0
    for folder in sorted(path for path in (DATA or Path()).iterdir() if path.is_dir()):
        found = gather([folder])
        assert all(why for _, why in found.left_out)
        try:
            known = know(found.runs)
        except TwoPeopleError as error:
            assert error.what and error.why
            continue
        fits += 1
        problems: list = []
        assert build(AthleteFile, {m.field: m.value for m in known.measures}, "athlete.toml", problems), problems
        assert all(measure.plus_minus >= 0 and measure.basis for measure in known.measures)
    assert fits >= 3


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 0.3))
def test_spoilt_points_give_a_run_or_a_reason(seed: int, share: float):
    """Places that jump, altitudes and hearts that spike, clocks that stand still, holes: cells stay finite."""
    rng = random.Random(seed)
    activity = run(Runner(), 0.25, day=seed % 50)
    for i, point in enumerate(activity.points):
        if rng.random() < share:
            spoil = rng.randrange(6)
            if spoil == 0:
                point.lat = rng.choice([None, 0.0, 90.0, (point.lat or 0) + rng.gauss(0, 0.01)])
            elif spoil == 1:
                point.alt_m = rng.choice([None, -500.0, 8848.0, 1e6])
            elif spoil == 2:
                point.hr_bpm = rng.choice([None, 1, 254])
            elif spoil == 3:
                point.dist_m = rng.choice([None, 0.0, 1e7])
            elif i:
                point.time_s = activity.points[i - 1].time_s + rng.choice([1, 400])
    activity.points.sort(key=lambda point: point.time_s)
    try:
        made = on_foot(activity, "spoilt.gpx")
    except NotUsableError as error:
        assert str(error)
        return
    assert len(made.grade) == len(made.seconds) == len(made.clock_s) == len(made.hr_bpm)
    assert all(abs(grade) <= 0.6 for grade in made.grade) and all(seconds >= 0 for seconds in made.seconds)
    known = know([made])
    problems: list = []
    assert build(AthleteFile, {m.field: m.value for m in known.measures}, "athlete.toml", problems), problems


def test_the_published_polynomial_is_linear_beyond_its_range():
    values = {grade: prediction.polynomial(grade) for grade in (0.0, 0.1, 0.16, 0.20, -0.22, -0.3)}
    assert values[0.0] == 1 and values[0.1] == pytest.approx(1.55) and values[0.16] == pytest.approx(2.0816)
    assert values[0.20] == pytest.approx(2.0816 + 4 * (0.034 + 0.0042 * 16))
    assert values[-0.3] == pytest.approx(values[-0.22] + 8 * (0.0042 * 22 - 0.034))
    assert prediction.POLYNOMIAL[LEVEL] == 1 and len(prediction.POLYNOMIAL) == len(GRADES)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[Table]:
    """The tables of a folder with two runners: four runs and a copy of one, and somebody's one ride."""
    data = tmp_path_factory.mktemp("data")
    made = Runner(tilt=-2.5, noise=0.02, durability=0.05)
    for day in range(4):
        write(data / "ann" / f"week-{day}", "run", run(made, 1.02, 0.75 + 0.02 * day, day=day, strap=False))
    write(data / "ann", "copy", run(made, 1.02, 0.75, day=0, strap=False))
    ride = run(made, 0.3, strap=False)
    ride.sport = "cycling"
    write(data / "bob", "ride", ride)
    return list(prediction.tables(data))


def test_own_runs_foretell_splits_that_the_polynomial_does_not(shown: list[Table]):
    """Hills that cost this runner a fifth less at +10 % than the table says: learnt from three other runs."""
    splits = shown[0]
    rows = {row[0]: row[1:] for row in splits.rows}
    assert set(rows) == {"ann, 3", "all with 3 or more", "all"} and rows["ann, 3"][0] == "4"
    cells = dict(zip(splits.columns[1:], rows["ann, 3"], strict=True))
    assert float(cells["own / polynomial"]) < 2 / 3
    assert (
        float(cells["floor"].rstrip(" %"))
        <= float(cells["own"].rstrip(" %"))
        < 5
        < float(cells["flat pace"].rstrip(" %"))
    )


def test_whole_times_stand_in_a_second_table(shown: list[Table]):
    whole = shown[1]
    cells = dict(zip(whole.columns, whole.rows[0], strict=True))
    assert float(cells["own"].rstrip(" %")) < 8 and shown[0].slug != whole.slug


def test_no_recordings_no_tables(tmp_path: Path):
    assert not list(prediction.tables(None)) and not list(prediction.tables(tmp_path))


def test_split_errors_are_shares_of_the_mean_split():
    """Two splits of 500 m, 150 and 250 s; told as even: 50 of 200 s on each."""
    made = Run("x", 0.0, 400.0, 400, seconds=[3.0] * 50 + [5.0] * 50, grade=[0.0] * 100)
    assert prediction._split_error(made, [CELL_M] * 100) == pytest.approx(0.25)
    assert prediction._floor(made) == pytest.approx(0.25)  # one grade: no curve can tell the halves apart
