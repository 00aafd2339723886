"""Cut-offs in the choice of efforts: kept where all out can keep them, whatever the race looks like."""

from datetime import UTC, datetime, timedelta

from holdback.planning import Athlete, Day
from holdback.planning.days import DAY_1, race_hours
from holdback.race.outline import BETWEEN, Gate, Outline
from holdback.race.plan import choose
from holdback.race.schedule import Stage
from hypothesis import given, settings
from hypothesis import strategies as st

ATHLETE = Athlete(critical_speed_ms=3.7)
START = datetime(2026, 9, 4, 7, tzinfo=UTC)

stages = st.lists(st.tuples(st.floats(15, 90), st.floats(0.1, 1.0), st.floats(0.7, 1.6)), min_size=1, max_size=10)


def outline(number: int, km: float, at: float, slack: float) -> Outline:
    """A stage with a cut-off at a share of its way, which leaves `slack` of the time that a middling day takes."""
    hours = slack * race_hours([km], [0.9], ATHLETE.critical_speed_ms * 3.6)[0][0] * at
    stage = Stage(number, f"day {number}", None, None, START + timedelta(days=number))
    return Outline(stage, None, Day(), km, 0.02, DAY_1 if number == 1 else BETWEEN, (Gate("hut", km * at, hours),))


@settings(max_examples=60, deadline=None)
@given(stages)
def test_every_cut_off_is_kept_or_named(written):
    lines = [outline(number, *stage) for number, stage in enumerate(written, 1)]
    chosen = choose(ATHLETE, lines)
    hours, _ = race_hours(
        [one.distance_km for one in lines], chosen.efforts, ATHLETE.critical_speed_ms * 3.6,
        tolls=[one.toll for one in lines],
    )  # fmt: skip
    for number, (one, time) in enumerate(zip(lines, hours, strict=True)):
        [gate] = one.cutoffs
        arrives = time * gate.distance_km / one.distance_km
        assert chosen.efforts[number] <= 1.0
        assert arrives <= gate.hours * 1.0001 or chosen.efforts[number] == 1.0 or chosen.lost[number] == ["hut"]
        if number not in chosen.raised:
            low, high = one.efforts
            assert low - 1e-9 <= chosen.efforts[number] <= high + 1e-9


def test_what_one_day_spends_for_its_cut_off_the_next_days_lack():
    free, tight = ([outline(1, 50, 1.0, slack), outline(2, 50, 1.0, 2.0)] for slack in (2.0, 0.93))
    one, other = choose(ATHLETE, free), choose(ATHLETE, tight)
    assert not one.raised and other.raised == {0: (one.efforts[0], "hut")}
    assert other.efforts[0] > one.efforts[0] and other.mornings[1] > one.mornings[1]
