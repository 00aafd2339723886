"""What the fit says of a runner whose figures are known, and of recordings that nothing can be learnt from."""

import math
from dataclasses import replace

import pytest
from holdback.athlete import Knowledge, Run, know
from holdback.athlete.grades import GRADES, LEVEL, TABLE, fit_grades, level_m
from holdback.athlete.heart import highest_bpm
from holdback.athlete.people import TwoPeopleError
from holdback.athlete.run import NotUsableError, on_foot
from holdback.recordings.activity import Activity, Point
from pytest import approx

from host.made_runner import DAY_S, START_S, Runner, run, trial

MADE = Runner()


def runs(*activities: Activity) -> list[Run]:
    """The activities as the fit has them."""
    return [on_foot(activity, f"run-{i}.gpx") for i, activity in enumerate(activities, 1)]


@pytest.fixture(scope="module")
def known() -> Knowledge:
    """Six hilly runs of 1 to 2.5 hours at efforts from .70 to .85, and a test of critical speed."""
    days = [(1.0, 0.85), (1.5, 0.80), (2.0, 0.75), (2.5, 0.72), (1.2, 0.82), (2.2, 0.70)]
    training = [run(MADE, hours, effort, day=3 * i) for i, (hours, effort) in enumerate(days)]
    return know(runs(*training, trial(MADE, day=20)))


def value(known: Knowledge, field: str) -> float:
    measure = known.get(field)
    assert measure and isinstance(measure.value, (int, float))
    return measure.value


def test_critical_speed_is_the_slope_of_the_bests(known: Knowledge):
    assert value(known, "critical_speed_ms") == approx(MADE.cs_ms, rel=0.03)
    measure = known.get("critical_speed_ms")
    assert measure and "bests of 400 to 5000 m" in measure.basis and 0 < measure.plus_minus < 0.3


def test_without_a_hard_effort_critical_speed_is_a_lower_bound():
    easy = know(runs(run(MADE, 1.5, 0.65, kind="flat"), run(MADE, 1.0, 0.66, day=2, kind="flat")))
    measure = easy.get("critical_speed_ms")
    assert measure and "at least this" in measure.basis
    assert 0.6 * MADE.cs_ms < value(easy, "critical_speed_ms") < 0.85 * MADE.cs_ms


def test_heart_rate_line_and_threshold(known: Knowledge):
    """Places and heights have noise, which flattens a line; the bound leaves room for that, not for another runner."""
    speed = value(known, "critical_speed_ms")
    assert value(known, "hr_slope_bpm") / speed == approx(MADE.slope_bpm, rel=0.2)
    assert value(known, "threshold_hr_bpm") == approx(MADE.threshold_bpm, abs=5)


def test_hills_are_the_runners_own(known: Knowledge):
    """Between -15 and +15 %, where the runs went, the curve is nearer to the runner's than the table is."""
    measure = known.get("pace_factors")
    assert measure and isinstance(measure.value, list) and measure.value[LEVEL] == 1
    inside = [k for k, grade in enumerate(GRADES) if 0 < abs(grade) < 0.16]
    for k in inside:
        assert measure.value[k] == approx(MADE.cost(GRADES[k]), rel=0.06)
    away = [max(abs(math.log(curve[k] / MADE.cost(GRADES[k]))) for k in inside) for curve in (measure.value, TABLE)]
    assert away[0] < 0.5 * away[1]


def test_durability_is_drawn_from_the_planners_towards_what_long_runs_say():
    tough, brittle = (
        know(runs(trial(MADE), *(run(replace(MADE, durability=share), 2.2, day=i) for i in range(5, 9))))
        for share in (0.0, 0.15)
    )
    assert 0 < value(tough, "durability") < 0.035
    assert 0.09 < value(brittle, "durability") < 0.15


def test_descents_of_three_weeks_before_the_newest_run_or_a_given_day(known: Knowledge):
    """Hills of 45 and 60 m; the test on day 20 is flat, and the runs are all within three weeks of it."""
    a, b = runs(run(MADE, 1.0, day=0), run(MADE, 1.0, day=30))
    assert value(know([a, b]), "downhill_m_21d") == approx(b.descent_m, abs=1)
    assert value(know([a, b], until_s=START_S + 10 * DAY_S), "downhill_m_21d") == approx(a.descent_m, abs=1)
    assert value(known, "downhill_m_21d") > 5 * b.descent_m


def test_highest_heart_rate_is_no_spike_and_no_single_straps_word():
    one, two, three = runs(*(run(MADE, 0.6, day=i) for i in range(3)))
    honest = highest_bpm([one, two, three])
    one.hr_bpm[50:53] = [228] * 3  # too short to be held
    assert highest_bpm([one, two, three]) == honest
    two.hr_bpm[50:90] = [221] * 40  # a strap on its own: no other run comes near
    assert highest_bpm([one, two, three]) == honest


def test_runs_that_reach_no_maximum_give_none(known: Knowledge):
    """The made heart goes straight on with speed: its highest is hardly above the threshold."""
    assert not known.get("hr_max_bpm") and any("your maximum" in note for note in known.notes)
    hard = runs(trial(MADE), run(MADE, 1.0, day=9))
    for one in hard:
        one.hr_bpm[60:90] = [188] * 30
    assert value(know(hard), "hr_max_bpm") == 188


def test_few_data_stay_with_the_table_and_many_leave_it():
    """One flat run says next to nothing of hills; six hilly ones say most."""
    flat = fit_grades(runs(run(MADE, 1.0, kind="flat")))
    assert list(flat.factors) == approx(TABLE, rel=0.02)
    assert flat.plus_minus[LEVEL + 2] > 0.05
    few = fit_grades(runs(run(MADE, 1.0)))
    many = fit_grades(runs(*(run(MADE, 1.0, day=i) for i in range(6))))
    up = LEVEL + 2
    assert (
        abs(many.factors[up] - MADE.cost(0.1)) < abs(few.factors[up] - MADE.cost(0.1)) < abs(TABLE[up] - MADE.cost(0.1))
    )
    assert many.plus_minus[up] < few.plus_minus[up]


def test_without_runs_there_is_the_table():
    nothing = fit_grades([])
    assert list(nothing.factors) == approx(TABLE) and nothing.runs == 0


def test_standing_counts_neither_as_moving_nor_in_the_hills():
    activity = run(MADE, 1.0)
    waited = [point for point in activity.points if point.time_s < START_S + 1800]
    still = waited[-1]
    for second in range(600):
        waited.append(Point(still.time_s + second + 1, still.lat, still.lon, still.alt_m, None, None, 90))
    rest = [
        Point(p.time_s + 600, p.lat, p.lon, p.alt_m, None, None, p.hr_bpm) for p in activity.points[len(waited) - 600 :]
    ]
    with_rest, without = runs(Activity(waited + rest, sport="running"), activity)
    assert with_rest.hours == approx(without.hours, abs=30 / 3600)
    assert with_rest.metres == approx(without.metres, rel=0.01)
    assert sum(with_rest.clock_s) == approx(sum(without.clock_s) + 600, abs=20)
    assert sum(level_m(with_rest, TABLE)) == approx(sum(level_m(without, TABLE)), rel=0.02)


def test_two_people_by_heart_rate_are_refused_with_file_and_field():
    other = replace(MADE, threshold_bpm=128)
    mixed = runs(*(run(MADE, 0.7, day=i) for i in range(3)), *(run(other, 0.7, day=i) for i in range(4, 7)))
    with pytest.raises(TwoPeopleError, match=r"run-[123].gpx: heart_rate is 1\d\d bpm") as caught:
        know(mixed)
    assert "two runners" in caught.value.why


def test_two_people_by_their_profiles_are_refused_with_file_and_field():
    a, b = runs(run(MADE, 0.7), run(MADE, 0.7, day=1))
    a.person, b.person = {"gender": "female", "height": 1.65}, {"gender": "male", "height": 1.66}
    with pytest.raises(TwoPeopleError, match=r"run-2.gpx: user_profile.gender is male"):
        know([a, b])
    b.person = {"gender": "female", "height": 1.83}
    with pytest.raises(TwoPeopleError, match=r"user_profile.height is 1.83"):
        know([a, b])
    b.person = {"gender": "female", "height": 1.66}  # another watch, rounded otherwise
    assert know([a, b]).get("critical_speed_ms")


def test_one_odd_strap_is_left_out_of_the_heart_and_named():
    odd = run(replace(MADE, threshold_bpm=210), 0.7, day=9)
    known = know(runs(*(run(MADE, 0.7, day=i) for i in range(4)), odd))
    assert [file for file, _ in known.left_out] == ["run-5.gpx"] and "heart_rate" in known.left_out[0][1]
    below_bpm = MADE.slope_bpm * (MADE.cs_ms - value(known, "critical_speed_ms"))  # the threshold belongs to that speed
    assert value(known, "threshold_hr_bpm") == approx(MADE.threshold_bpm - below_bpm, abs=5)


def test_without_heart_rate_the_rest_is_measured_and_it_is_said():
    known = know(runs(run(MADE, 1.0, strap=False), run(MADE, 1.0, day=1, strap=False)))
    fields = {measure.field for measure in known.measures}
    assert fields == {"critical_speed_ms", "pace_factors", "downhill_m_21d"}
    assert any("no heart rate" in note for note in known.notes)


def test_walks_say_no_critical_speed():
    walk = run(replace(MADE, cs_ms=1.9), 1.5)
    walk.sport = "hiking"
    known = know(runs(walk))
    assert not known.get("critical_speed_ms") and any("walks" in note for note in known.notes)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda a: setattr(a, "sport", "cycling"), "another sport: cycling"),
        (lambda a: [setattr(p, "lat", None) for p in a.points], "no places in it"),
        (lambda a: [setattr(p, "alt_m", None) for p in a.points], "no altitude"),
        (lambda a: a.points.__delitem__(slice(600, None)), "too short"),
        (lambda a: [setattr(p, "lat", p.lat + (p.lat - 46.5) * 3) for p in a.points], "not on foot"),
    ],
    ids=["cycling", "treadmill", "no altitude", "short", "by car"],
)
def test_what_nothing_can_be_learnt_from_says_why(change, why: str):
    activity = run(MADE, 0.7)
    change(activity)
    with pytest.raises(NotUsableError, match=why):
        on_foot(activity, "run.gpx")
