"""Refitting the runner from stages and ratings: as planned, weaker, quicker tired, careful, overspent."""

import pytest
from holdback.planning.days import ASSUMED, Wear, next_fatigue, stage_hours
from holdback.planning.refit import Run, felt_effort, refit
from hypothesis import given
from hypothesis import strategies as st

CS_KMH = 13.3


def race(critical_kmh: float, wear: Wear, efforts: list[float], *, rated: bool = True) -> tuple[list[Run], float]:
    """(the runs of somebody whose legs follow the model, F of the next morning); ratings as the effort feels."""
    runs, fatigue = [], 0.0
    for number, effort in enumerate(efforts, 1):
        hours = stage_hours(50, effort, fatigue, critical_kmh)
        rating = round(10 - (1 - effort) / 0.03) if rated else None
        runs.append(Run(number, 50.0, hours, 0.0, 0.93, rating=rating))
        fatigue = next_fatigue(fatigue, hours, effort, wear)
    return runs, fatigue


def test_what_a_rating_stands_for():
    assert felt_effort(10) == 1.0 and felt_effort(8) == pytest.approx(0.94) and felt_effort(1) == pytest.approx(0.73)


def test_without_a_stage_nothing_is_learned():
    found = refit([], CS_KMH, ASSUMED)
    assert (found.critical_kmh, found.wear, found.fatigue) == (CS_KMH, ASSUMED, 0.0)


def test_a_runner_as_planned_stays_as_planned():
    runs, fatigue = race(CS_KMH, ASSUMED, [0.94, 0.94, 0.94])
    found = refit(runs, CS_KMH, ASSUMED)
    assert found.critical_kmh == pytest.approx(CS_KMH, rel=0.002) and found.fatigue == pytest.approx(fatigue, abs=0.003)
    assert found.wear.kappa == pytest.approx(0.25, rel=0.05) and found.wear.rho == pytest.approx(0.6, abs=0.01)


def test_a_weaker_runner_is_found_step_by_step():
    runs, _ = race(CS_KMH * 0.95, ASSUMED, [0.91] * 6)
    speeds = [refit(runs[:nights], CS_KMH, ASSUMED).critical_kmh / CS_KMH for nights in (0, 1, 3, 6)]
    assert speeds == sorted(speeds, reverse=True) and speeds[1] > 0.97 and 0.945 < speeds[-1] < 0.975


def test_a_runner_who_tires_more_is_told_from_a_slow_one():
    tired, fatigue = race(CS_KMH, Wear(0.4, 0.65), [0.94] * 6)
    found = refit(tired, CS_KMH, ASSUMED)
    assert found.wear.kappa > 0.3 and found.critical_kmh > CS_KMH * 0.975
    assert found.fatigue == pytest.approx(fatigue, abs=0.05) and found.fatigue > race(CS_KMH, ASSUMED, [0.94] * 6)[1]


def test_an_overspent_day_costs_the_morning_and_an_uneven_one_more():
    hours = stage_hours(50, 1.0, 0.0, CS_KMH)
    mornings = [
        refit([Run(1, 50.0, time, 0.0, 0.93, factor, 10)], CS_KMH, ASSUMED).fatigue
        for time, factor in ((hours * 1.08, 1.0), (hours, 1.0), (hours, 1.05))
    ]
    assert mornings == sorted(mornings) and mornings[1] > mornings[0] + 0.02 and mornings[2] > mornings[1] + 0.02


def test_a_quick_day_that_nobody_rated_makes_nobody_fitter():
    quick = [Run(1, 50.0, stage_hours(50, 1.0, 0.0, CS_KMH), 0.0, 0.93)]
    slow = [Run(1, 50.0, stage_hours(50, 0.85, 0.0, CS_KMH), 0.0, 0.93)]
    assert refit(quick, CS_KMH, ASSUMED).critical_kmh == CS_KMH
    assert CS_KMH * 0.98 < refit(slow, CS_KMH, ASSUMED).critical_kmh < CS_KMH


def test_a_day_off_mends_and_a_day_without_a_recording_is_taken_from_its_rating():
    [one], _ = race(CS_KMH, ASSUMED, [0.94])
    rest = Run(2, 0.0, None, 0.0, 0.93)
    assert refit([one, rest], CS_KMH, ASSUMED).fatigue == pytest.approx(0.6 * refit([one], CS_KMH, ASSUMED).fatigue)
    felt = [refit([Run(1, 50.0, None, 0.0, 0.93, rating=rating)], CS_KMH, ASSUMED).fatigue for rating in (5, 10)]
    assert felt[0] < felt[1]


run = st.builds(
    Run, st.just(1), st.just(0.0) | st.floats(0.5, 200), st.none() | st.floats(0.2, 40), st.floats(0, 0.1),
    st.floats(0.5, 1.0), st.floats(1.0, 1.2), st.none() | st.integers(1, 10),
)  # fmt: skip


@given(st.lists(run, max_size=8))
def test_whatever_was_run_the_runner_stays_human(runs):
    found = refit(runs, CS_KMH, ASSUMED)
    assert CS_KMH * 0.7 < found.critical_kmh < CS_KMH * 1.4
    assert 0.2 <= found.wear.rho <= 0.9 and found.wear.kappa > 0 and 0 <= found.fatigue <= 0.5
    assert len(found.efforts) == len(runs)
