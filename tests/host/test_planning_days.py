"""The days of a race: science's numbers, what an overspent day 1 costs, descents, 64 stages, and what always holds."""

import time

import pytest
from holdback.planning.days import (
    ASSUMED,
    DAY_1,
    FREE,
    Wear,
    cost_of_day_1,
    descent_toll,
    effort_of,
    next_fatigue,
    optimise,
    race_hours,
    stage_hours,
)
from hypothesis import given
from hypothesis import strategies as st

TABLE = [  # distances, optimal efforts; minutes: all-out total, what day 1 at +10 % and at -10 % costs
    ([50, 50, 50], [0.93, 0.97, 1.0], 15 * 60 + 23, 23.6, 14.8),
    ([40, 60, 30], [0.93, 1.0, 1.0], 12 * 60 + 56, 17.9, 11.4),
    ([40, 40, 40, 75, 42, 20], [0.90, 0.90, 0.89, 0.95, 1.0, 1.0], 29 * 60 + 8, 17.0, 11.6),
]
kilometres = st.floats(5, 150)
share = st.floats(0.8, 1.0)


@pytest.mark.parametrize(("distances", "efforts", "all_out", "faster", "slower"), TABLE)
def test_the_table_of_optimal_efforts(distances, efforts, all_out, faster, slower):
    fine = optimise(distances, 13.3, [FREE] * len(distances), step=0.0005)
    assert [round(effort, 2) for effort in fine] == efforts
    assert sum(race_hours(distances, [1.0] * len(distances), 13.3)[0]) * 60 == pytest.approx(all_out, abs=0.5)
    # The optimum is flat, what departs from it is not: a step of .0005 more or less moves these by .15 min.
    assert cost_of_day_1(distances, fine, 13.3, 0.1)[1] / 60 == pytest.approx(faster, abs=0.15)
    assert cost_of_day_1(distances, fine, 13.3, -0.1)[1] / 60 == pytest.approx(slower, abs=0.15)


def test_day_1_at_ten_per_cent_more_wins_today_and_loses_in_the_end():
    today_s, in_all_s = cost_of_day_1([50] * 3, [0.93, 0.97, 1.0], 13.3, 0.1)
    assert today_s < -25 * 60 and in_all_s > 20 * 60


def test_sixty_four_stages_take_a_moment():
    started = time.process_time()
    efforts = optimise([40, 20, 75, 50] * 16, 13.3, [DAY_1] + [FREE] * 63)
    assert time.process_time() - started < 1.0
    assert len(efforts) == 64 and efforts[0] == 0.90 and efforts[-1] == 1.0 and max(efforts[:50]) < 0.95


def test_descents_cost_the_next_morning_and_less_to_legs_that_know_them():
    assert descent_toll(2000) == pytest.approx(0.030)
    assert descent_toll(2000, 1000) == descent_toll(2000) and descent_toll(2000, 5000) == pytest.approx(0.018)
    level, down = (race_hours([50, 50], [0.93, 0.97], 13.3, tolls=tolls) for tolls in ((), (0.030, 0.0)))
    assert down[1][1] - level[1][1] == pytest.approx(0.6 * 0.030) and down[0][1] > level[0][1]


def test_one_stage_is_run_all_out():
    assert optimise([50], 13.3, [FREE]) == [1.0]


@given(kilometres, share, st.floats(0, 0.4))
def test_the_effort_of_a_time_is_the_one_that_gives_it(distance, effort, fatigue):
    hours = stage_hours(distance, effort, fatigue, 12.0)
    assert effort_of(distance, hours, fatigue, 12.0) == pytest.approx(effort)


@given(st.lists(kilometres, min_size=1, max_size=64), st.data())
def test_more_effort_is_sooner_today_and_more_tired_tomorrow(distances, data):
    efforts = data.draw(st.lists(share, min_size=len(distances), max_size=len(distances)))
    day = data.draw(st.integers(0, len(distances) - 1))
    harder = [effort * 1.05 if number == day else effort for number, effort in enumerate(efforts)]
    planned, spent = race_hours(distances, efforts, 12.0), race_hours(distances, harder, 12.0)
    assert spent[0][day] < planned[0][day]
    assert all(b >= a for a, b in zip(planned[1], spent[1], strict=True))


@given(st.lists(kilometres, min_size=1, max_size=12), st.floats(0.05, 0.6), st.floats(0.3, 0.8))
def test_the_optimum_keeps_its_ranges_and_beats_going_all_out_and_its_neighbours(distances, kappa, rho):
    ranges, wear = [DAY_1] + [FREE] * (len(distances) - 1), Wear(kappa, rho)
    efforts = optimise(distances, 12.0, ranges, wear=wear)
    assert all(low - 1e-9 <= y <= high + 1e-9 for y, (low, high) in zip(efforts, ranges, strict=True))
    best = sum(race_hours(distances, efforts, 12.0, wear=wear)[0])
    for day, (low, high) in enumerate(ranges):
        for other in (efforts[day] - 0.01, efforts[day] + 0.01):
            trial = [*efforts[:day], min(high, max(low, other)), *efforts[day + 1 :]]
            assert sum(race_hours(distances, trial, 12.0, wear=wear)[0]) >= best - 1e-6


@given(st.floats(0, 0.5), st.floats(0, 100), share)
def test_fatigue_stays_within_what_the_model_knows(fatigue, hours, effort):
    assert 0 <= next_fatigue(fatigue, hours, effort, ASSUMED, 0.05) <= 0.5
