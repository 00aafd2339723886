"""Effort that held-back descents leave is spent elsewhere: science's three slopes, and what must always hold."""

import pytest
from holdback.planning import Athlete, Course, Day, plan_stage
from holdback.planning.cost import running_cost
from holdback.planning.redistribution import Stretch, most_share, share_elsewhere, speed_on
from hypothesis import given
from hypothesis import strategies as st

from host.make_fixtures import hilly

FLAT_MS = 11.0 / running_cost(0.0)  # 11 W/kg
SLOPES = [running_cost(grade) / running_cost(0.0) for grade in (0.10, -0.10, 0.0)]


def hours(stretches, flat_ms):
    return sum(part.length_m / speed_on(part, flat_ms) for part in stretches) / 3600


def test_ten_kilometres_up_down_and_level():
    free = [Stretch(10_000, factor) for factor in SLOPES]
    limited = [part._replace(limit_ms=3.2) if part.factor < 1 else part for part in free]
    assert hours(free, FLAT_MS) == pytest.approx(2.960, abs=5e-4) and share_elsewhere(free, FLAT_MS) == 1.0
    share = share_elsewhere(limited, FLAT_MS)
    assert share == pytest.approx(1.066, abs=5e-4)
    assert hours(limited, FLAT_MS) == pytest.approx(3.284, abs=5e-4)
    assert hours(limited, FLAT_MS * share) == pytest.approx(3.134, abs=5e-4)


def test_the_share_is_bounded_by_eight_per_cent_and_by_critical_speed():
    mostly_down = [Stretch(20_000, SLOPES[1], 2.0), Stretch(2_000, SLOPES[0])]
    assert share_elsewhere(mostly_down, FLAT_MS) == 1.08
    assert most_share(0.70, 0.10) == 1.08 and most_share(0.80, 0.10) == pytest.approx(0.95 * 0.9 / 0.8)
    assert most_share(0.95, 0.25) == 1.0  # no reserve is left: nothing is added, nothing is taken away


def test_a_runner_who_brakes_may_climb_a_little_harder():
    course = Course(hilly(30_000))
    free = plan_stage(course, Athlete(3.3, 168), Day())
    braking = plan_stage(course, Athlete(3.3, 168, descent_limit_ms=2.4), Day())
    up, down = ([part for part in braking.segments if sign * part.grade > 0.03] for sign in (1, -1))
    assert 1.0 < braking.pace.elsewhere <= 1.08 and free.pace.elsewhere == 1.0
    assert all(part.effort == pytest.approx(braking.pace.intensity * braking.pace.elsewhere) for part in up)
    assert all(part.speed_ms <= 2.4 for part in down)
    slower = sum((part.end_m - part.start_m) / min(braking.pace.flat_ms / part.factor, 2.4 if part.grade < 0 else 9)
                 for part in braking.segments)  # fmt: skip
    assert braking.planned_s < slower


part = st.builds(Stretch, st.floats(200, 20_000), st.floats(0.87, 4.9), st.none() | st.floats(0.5, 6))


@given(st.lists(part, min_size=1, max_size=30), st.floats(1.5, 5), st.floats(1.0, 1.08))
def test_never_more_than_was_planned_and_never_less_than_the_effort(parts, flat_ms, most):
    share = share_elsewhere(parts, flat_ms, most)
    assert 1.0 <= share <= most
    spent = sum(
        (speed_on(p, flat_ms * share) * p.factor) ** 3 * p.length_m / speed_on(p, flat_ms * share) for p in parts
    )
    assert spent <= flat_ms**2 * sum(p.length_m * p.factor for p in parts) * (1 + 1e-6)
    assert hours(parts, flat_ms * share) <= hours(parts, flat_ms) + 1e-9
