"""Replanning from what was run: bounded, idempotent, never raised by a low heart rate, in two sentences."""

import json
from pathlib import Path

import pytest
from holdback.errors import ExitCode
from holdback.planning import Athlete
from holdback.planning.days import ASSUMED
from holdback.planning.refit import Run, refit
from holdback.race import add_result, load_race, plan_race
from holdback.race.outline import outlines
from holdback.race.plan import planned_days, read_course
from holdback.race.replan import MOST_HIGHER, MOST_LOWER, Night, current, last_run, next_night, replan
from holdback.race.spent import spent
from holdback.recordings.journal import RecordedEvent, RecordedSample, Recording
from holdback.recordings.plans import open_plan
from holdback.reports.night import as_dict, sentences
from hypothesis import given, settings
from hypothesis import strategies as st
from pacing.journal import EV_END
from pacing.sample import ALT_OK, FIX_GOOD

from host.cli_rig import runner
from host.race_folder import LAT, LENGTH_M, LON, M_PER_DEG, make_race, run_stage
from host.test_race import edit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three stages of 3 km."""
    return make_race(tmp_path)


def ran(folder: Path, stage: int, speed_ms: float, ended: str = "finished", rating: int | None = None, **run) -> None:
    (folder / "recordings").mkdir(exist_ok=True)
    (folder / f"recordings/stage-{stage:02}.hbr").write_bytes(run_stage(folder, stage, speed_ms, **run))
    if ended:
        add_result(folder, stage, ended, rating)


def shares(folder: Path, after: int) -> list[float]:
    return [plan.day.ledger for plan in replan(load_race(folder), after).plans]


def recording(speeds_ms: list[float], hr_bpm: int = 0, stage_no: int = 1) -> Recording:
    """A second for each speed, due north on the stage's course."""
    samples, at_m = [], 0.0
    for second, speed_ms in enumerate(speeds_ms):
        lat_e6, lon_e6 = round((LAT + at_m / M_PER_DEG) * 1e6), round((LON + stage_no / 100) * 1e6)
        flags = FIX_GOOD | ALT_OK
        samples.append(RecordedSample(
            second * 1000, lat_e6, lon_e6, 5000, round(speed_ms * 100), hr_bpm, flags, round(at_m * 10),
        ))  # fmt: skip
        at_m += speed_ms
    return Recording(1, stage_no, samples=samples, events=[RecordedEvent(EV_END, 2, 1000 * len(samples), len(samples))])


def test_a_stage_as_planned_and_rated_so_changes_nothing(folder: Path):
    planned = plan_race(load_race(folder))
    ran(folder, 1, LENGTH_M / planned[0].planned_s, rating=8)
    done = replan(load_race(folder), 1)
    assert [plan.day.ledger for plan in done.plans] == [1.0, 1.0]
    assert [plan.pace.flat_ms for plan in done.plans] == [plan.pace.flat_ms for plan in planned[1:]]
    what, why = sentences(load_race(folder), done)
    assert what.startswith("The caps of stage 2 stay as they were: ") and why.startswith("Stage 1 was run as planned")
    assert [open_plan(plan.data).after_stage for plan in done.plans] == [1, 1]


def test_a_hard_slow_day_lowers_the_caps_and_says_by_how_much_and_why(folder: Path):
    planned = plan_race(load_race(folder))
    ran(folder, 1, 2.6, rating=9)
    done = replan(load_race(folder), 1)
    assert [plan.day.ledger for plan in done.plans] == [0.95, 0.95]
    assert done.plans[0].pace.flat_ms == pytest.approx(planned[1].pace.flat_ms * 0.95, rel=1e-6)
    assert done.plans[0].segments[0].cap_pm < planned[1].segments[0].cap_pm
    what, why = sentences(load_race(folder), done)
    assert what == "The caps of stage 2 are 5% lower: 4:39 becomes 4:54 /km on the level."
    assert why == "Stage 1 felt like 9 of 10, harder than its speed says; one night lowers by 5% at most."


def test_a_quick_day_raises_nothing_without_a_rating_that_agrees(folder: Path):
    ran(folder, 1, 3.7, "")
    assert max(shares(folder, 1)) <= 1.0
    add_result(folder, 1, "finished", 10)
    assert max(shares(folder, 1)) <= 1.0
    add_result(folder, 1, "finished", 5)
    assert shares(folder, 1) == [pytest.approx(1 + MOST_HIGHER)] * 2


def test_easy_and_slow_is_no_reason_to_go_faster(folder: Path):
    ran(folder, 1, 2.4, rating=3)
    assert max(shares(folder, 1)) <= 1.0


def test_twice_is_once_whatever_lies_in_plans(folder: Path):
    ran(folder, 1, 2.7, rating=9)
    race = load_race(folder)
    first = [plan.data for plan in replan(race, 1).plans]
    race.write_plans(replan(race, 1).plans)
    assert [plan.data for plan in replan(race, 1).plans] == first
    assert [plan.data for plan in current(folder)[1]][1:] == first
    ran(folder, 2, 2.7, rating=9)  # run on the plan that was lowered
    second = shares(folder, 2)
    assert second == shares(folder, 2) and 0.95**2 - 1e-9 <= second[0] <= 0.95


def test_shortened_and_dropped_stages_count_for_what_was_run(folder: Path):
    ran(folder, 1, 3.3, "dnf", 9, seconds=640)
    [run] = replan(load_race(folder), 1).runs
    whole = replan_km(folder)
    assert run.hours == pytest.approx(640 / 3600, rel=0.02) and run.km == pytest.approx(
        whole * 3.3 * 640 / 3000, rel=0.05
    )
    add_result(folder, 1, "finished", 9)  # the receiver lost him, he came in
    assert replan(load_race(folder), 1).runs[0].km == pytest.approx(whole, rel=0.02)


def replan_km(folder: Path) -> float:
    race = load_race(folder)
    return outlines(race, [read_course(stage) for stage in race.stages])[0].distance_km


def test_a_cancelled_stage_rests_the_legs_and_raises_nothing(folder: Path):
    ran(folder, 1, LENGTH_M / plan_race(load_race(folder))[0].planned_s, rating=8)
    before = [run.km for run in replan(load_race(folder), 1).runs]
    edit(folder / "race.toml", 'gpx = "stages/day2.gpx"', 'gpx = "stages/day2.gpx"\ncancelled = true')
    done = replan(load_race(folder), 2)
    assert [run.km for run in done.runs] == [*before, 0.0] and [plan.stage_no for plan in done.plans] == [3]
    assert done.plans[0].day.ledger <= 1.0


def test_nothing_known_is_said_and_counts_as_planned(folder: Path):
    done = replan(load_race(folder), 1)
    assert done.notes == ["stage 1: nothing is known of it: it counts as run to plan"]
    assert [plan.day.ledger for plan in done.plans] == [1.0, 1.0]
    (folder / "recordings").mkdir(exist_ok=True)
    (folder / "recordings/stage-01.hbr").write_bytes(b"no recording at all")
    assert "counts as run to plan" in replan(load_race(folder), 1).notes[0]


def test_a_false_start_is_no_stage(folder: Path):
    ran(folder, 1, 3.0, "", seconds=200)
    assert last_run(folder) == 0
    ran(folder, 1, 3.0, "")
    assert last_run(folder) == 1


def test_a_low_heart_rate_raises_nothing_and_a_high_one_counts(folder: Path):
    athlete = Athlete(3.5, 165)
    [plan, *_] = plan_race(load_race(folder))
    steady = [3.2] * 945
    none, low, high = (spent(recording(steady, hr), plan, athlete) for hr in (0, 90, 190))
    assert none and low and high
    assert none == low and none.by_heart == 1.0 < high.by_heart and high.share == none.share == 1.0


def test_an_uneven_day_counts_more_than_an_even_one(folder: Path, tmp_path: Path):
    long = make_long(tmp_path)
    [plan, *_] = plan_race(load_race(long))
    even = spent(recording([3.0] * 7200), plan, Athlete())
    hasty = spent(recording([3.6] * 3600 + [2.4] * 3600), plan, Athlete())
    assert even and hasty and even.hours == hasty.hours == pytest.approx(2.0, abs=0.01)
    assert even.unevenness == 1.0 and 1.05 < hasty.unevenness < 1.2
    resting = spent(recording([3.0] * 3600 + [0.0] * 1800 + [3.0] * 3600), plan, Athlete())
    assert resting and resting.hours == pytest.approx(2.0, abs=0.01) and resting.unevenness == 1.0


def test_a_gap_in_the_recording_is_moving_only_if_the_runner_came_on_in_it(tmp_path: Path):
    [plan, *_] = plan_race(load_race(make_long(tmp_path)))
    whole = recording([3.0] * 6000)
    lost = Recording(1, 1, samples=[*whole.samples[:1000], *whole.samples[4000:]], events=whole.events)
    lost.events[0].index = len(lost.samples)
    run, gone = spent(whole, plan, Athlete()), spent(lost, plan, Athlete())
    assert run and gone and gone.hours == pytest.approx(run.hours, rel=0.01)
    assert gone.share == pytest.approx(run.share, rel=0.01) and gone.unevenness == pytest.approx(1.0, abs=0.01)
    late = recording([3.0] * 3000)
    for sample in late.samples[1500:]:
        sample.stage_ms += 3_600_000  # an hour in a hut, switched off
    rested = spent(late, plan, Athlete())
    assert rested and rested.hours == pytest.approx(3000 / 3600, rel=0.01)


def make_long(folder: Path) -> Path:
    """The same race with 22 km due north."""
    race = make_race(folder / "long")
    points = "".join(
        f'<trkpt lat="{LAT + i * 50 / M_PER_DEG:.6f}" lon="{LON + 0.01}"><ele>500</ele></trkpt>' for i in range(441)
    )
    (race / "stages/day1.gpx").write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>", encoding="utf-8")
    return race


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory):
    """(athlete, outlines, days) of three stages."""
    race = load_race(make_race(tmp_path_factory.mktemp("six")))
    lines = outlines(race, [read_course(stage) for stage in race.stages])
    return race.athlete, lines, planned_days(race, lines)


runs = st.builds(
    Run, st.just(1), st.just(3.3), st.none() | st.floats(0.18, 0.5), st.just(0.0), st.just(0.95), st.floats(1, 1.2),
    st.none() | st.integers(1, 10),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(one=runs, two=runs)
def test_each_night_is_bounded_and_raised_by_a_rating_alone(six, one, two):
    athlete, lines, given_days = six
    nights = [Night(0, refit([], athlete.critical_speed_ms * 3.6, ASSUMED), {}, {}, {})]
    for number, done in enumerate(([one], [one, Run(2, *list(vars(two).values())[1:])]), 1):
        nights.append(next_night(athlete, lines, given_days, done, nights[-1]))
        for stage, share in nights[-1].ledgers.items():
            was = nights[-2].ledgers.get(stage, 1.0)
            assert was * (1 - MOST_LOWER) - 1e-9 <= share <= was * (1 + MOST_HIGHER) + 1e-9 or stage <= number
            assert share <= was or done[-1].rating


def test_the_command_says_two_sentences_and_writes_the_plans(folder: Path, capsys: pytest.CaptureFixture[str]):
    hb = runner(capsys)
    code, _, err = hb("race", "replan", folder)
    assert code == ExitCode.DOMAIN and "no stage has been run yet" in err
    ran(folder, 1, 2.6, rating=9)
    before = (folder / "plans/stage-02.hbp").read_bytes()
    code, out, _ = hb("race", "replan", folder)
    lines = out.splitlines()
    assert code == 0 and lines[0].startswith("The caps of stage 2 are 5% lower") and lines[1].startswith("Stage 1 felt")
    assert (folder / "plans/stage-02.hbp").read_bytes() != before and "device push" in lines[-1]
    code, document, _ = hb("race", "replan", folder, "--after", 1, "--json")
    assert (
        code == 0 and document["ledgers"] == {"2": 0.95, "3": 0.95} and document["fitted"]["critical_speed_ms"] < 3.68
    )
    assert document["runs"][0]["rating"] == 9 and len(document["plans"]) == 2
    assert hb("race", "replan", folder, "--after", 7)[0] == ExitCode.NOT_FOUND
    assert "nothing is left" in hb("race", "replan", folder, "--after", 3)[1]


def test_the_plan_table_and_the_cards_go_on_from_there(folder: Path, capsys: pytest.CaptureFixture[str]):
    ran(folder, 1, 2.6, rating=9)
    code, document, _ = runner(capsys)("race", "plan", folder, "--json")
    assert code == 0 and "ledger" in [step["what"] for step in document["stages"][1]["deductions"]]
    assert "ledger" not in [step["what"] for step in document["stages"][0]["deductions"]]


def test_the_figures_are_json(folder: Path):
    ran(folder, 1, 3.0, rating=7)
    race = load_race(folder)
    assert json.loads(json.dumps(as_dict(race, replan(race, 1))))["after"] == 1
