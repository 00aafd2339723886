"""The synthetic runner: his heart, his legs over the days, and whether he listens."""

import math
from dataclasses import replace

import pytest
from holdback.simulation.world.felt import BUZZ, Felt, FeltCue, scores
from holdback.simulation.world.runner import DEAF, FADE_FLOOR, OBEDIENT, Runner, RunnerModel, all_out
from pacing import cues

EVEN = replace(OBEDIENT, eagerness=0.0)
CALM = replace(EVEN, mood=0.0, ground=0.0, day_hr_bpm=0.0, drift_bpm_h=0.0)


class Slope:
    """A straight path north with one grade."""

    def __init__(self, length_m: float, grade: float = 0.0, factor: float = 1.0) -> None:
        self.length_m, self._grade, self._factor = length_m, grade, factor

    def position_at(self, s_m: float) -> tuple[float, float]:
        return 46.0 + s_m / 111_195, 7.0

    def alt_at(self, s_m: float) -> float:
        return 1000 + s_m * self._grade

    def grade_at(self, s_m: float) -> float:
        return self._grade

    def factor_at(self, s_m: float) -> float:
        return self._factor


def runner(model: RunnerModel, trail: Slope | None = None, cap: float = 0.8, **options) -> Runner:
    return Runner(model, trail or Slope(30_000), lambda s_m: cap, **options)


def run(who: Runner, seconds: int | None = None) -> Runner:
    while not who.done and (seconds is None or who.elapsed_s < seconds):
        who.step()
    return who


def test_an_even_runner_on_the_flat_runs_the_plan() -> None:
    who = run(runner(CALM), 600)
    assert math.isclose(who.speed_ms, 0.8 * 3.7, rel_tol=1e-3)
    assert math.isclose(who.s_m, 600 * 0.8 * 3.7, rel_tol=0.02)


def test_heart_rate_follows_with_gain_and_time_constant() -> None:
    who = run(runner(CALM), 900)
    steady = who.hr_bpm
    assert math.isclose(steady, 170 - 24.2 * 3.7 * 0.2, abs_tol=0.1)
    who._caps = lambda s_m: 0.8 + 1 / 3.7  # one m/s faster
    run(who, 900 + round(57.6 + 6))
    assert math.isclose(who.hr_bpm - steady, 24.2 * (1 - math.exp(-1)), abs_tol=1.0)
    run(who, 1600)
    assert math.isclose(who.hr_bpm - steady, 24.2, abs_tol=0.3)


def test_a_climb_is_walked_and_a_descent_is_not_flown() -> None:
    climb = run(runner(CALM, Slope(30_000, 0.20, 2.846)), 300)
    assert climb.walking and 0.9 < climb.speed_ms < 1.6
    descent = run(runner(CALM, Slope(30_000, -0.10, 0.872)), 300)
    assert descent.speed_ms == pytest.approx(3.3, rel=0.01)


def test_fatigue_of_an_even_day_is_the_planners_formula() -> None:
    # y = 0.93 held evenly for T hours: F = rho * kappa * T / 6 * y^10
    hours = 4.0
    cap = 0.93 * all_out(hours)
    who = run(runner(CALM, Slope(cap * 3.7 * 3600 * hours), cap))
    assert who.elapsed_s / 3600 == pytest.approx(hours, rel=0.01)
    assert who.fatigue_after() == pytest.approx(0.6 * 0.25 * hours / 6 * 0.93**10, rel=0.03)


def test_all_out_empties_the_reserve_at_the_finish_and_not_before() -> None:
    cap = all_out(3.0)
    who = run(runner(CALM, Slope(cap * 3.7 * 3600 * 3.0), cap))
    assert who.elapsed_s == pytest.approx(3 * 3600, rel=0.03) and who.reserve < 0.2


def test_starting_too_fast_ends_in_a_fade() -> None:
    cap = 0.95 * all_out(3.0)
    eager = run(runner(replace(CALM, obeys=0.0, eagerness=0.15), Slope(30_000), cap))
    even = run(runner(CALM, Slope(30_000), cap))
    assert eager.reserve < 0.02 and even.reserve > 0.2
    assert eager.speed_ms == pytest.approx(FADE_FLOOR * 3.7, rel=0.02) and eager.speed_ms < 0.9 * even.speed_ms
    assert eager.fatigue_after() > 1.2 * even.fatigue_after()


def test_tired_legs_are_slower_the_next_day() -> None:
    assert run(runner(CALM, fatigue=0.1), 600).speed_ms == pytest.approx(0.9 * 0.8 * 3.7, rel=1e-3)


def test_eagerness_wears_off_over_the_days() -> None:
    model = replace(CALM, eagerness=0.12)
    speeds = [run(runner(model, stage_no=day), 300).speed_ms / (0.8 * 3.7) - 1 for day in (1, 2, 3)]
    assert speeds == pytest.approx([0.12, 0.072, 0.0432], rel=0.02)


def test_an_obedient_runner_eases_after_a_while_and_a_deaf_one_never() -> None:
    for model, expected in ((replace(CALM, eagerness=0.12), 0.95), (replace(CALM, eagerness=0.12, obeys=0.0), 1.12)):
        who = run(runner(model), 600)
        who.feel(cues.EASE)
        run(who, 600 + 10)
        assert who.speed_ms == pytest.approx(1.12 * 0.8 * 3.7, rel=1e-3)  # not yet
        run(who, 600 + 60)
        assert who.speed_ms == pytest.approx(expected * 0.8 * 3.7, rel=0.01)


def test_eagerness_returns_when_nobody_speaks() -> None:
    who = run(runner(replace(CALM, eagerness=0.12)), 60)
    who.feel(cues.EASE)
    run(who, 60 + 3600)
    assert 1.03 < who.speed_ms / (0.8 * 3.7) < 1.12


def test_half_an_ear_hears_about_as_many_cues_as_it_should() -> None:
    who = runner(replace(CALM, hears=0.7))
    for _ in range(500):
        who.feel(cues.CLEAR)
    assert 310 < len(who._pending) < 390


def test_cues_do_not_change_the_dice_of_a_deaf_runner() -> None:
    quiet, nagged = runner(DEAF, seed=5), runner(DEAF, seed=5)
    for _ in range(1200):
        quiet.step()
        nagged.feel(cues.EASE_HARD)
        nagged.step()
    assert (quiet.s_m, quiet.hr_bpm) == (nagged.s_m, nagged.hr_bpm)


def test_the_truth_is_a_place_on_the_trail() -> None:
    truth = run(runner(CALM, Slope(30_000, 0.05, 1.238)), 100).truth()
    assert truth.lon_deg == 7.0 and truth.course_deg == pytest.approx(0.0)
    assert truth.alt_m == pytest.approx(1000 + 0.05 * (truth.lat_deg - 46) * 111_195)


def play(felt: Felt, score: tuple[int, ...], at_ms: int = 5000, pin: int = 25) -> int:
    for index, length in enumerate(score):
        felt.pwm(at_ms, pin, 0 if index % 2 else 65535)
        at_ms += length
    felt.pwm(at_ms, pin, 0)
    return at_ms


@pytest.mark.parametrize(("code", "n"), list(scores()))
def test_each_cue_is_recognised_by_its_rhythm_alone(code: int, n: int) -> None:
    found: list[FeltCue] = []
    felt = Felt(25, found.append)
    end_ms = play(felt, scores()[code, n])
    felt.settle(end_ms + 1000)
    assert found == []  # it might go on
    felt.settle(end_ms + 2500)
    assert found == [FeltCue(5000, code, n)] and not felt.unknown


def test_another_rhythm_or_another_pin_is_no_cue() -> None:
    found: list[FeltCue] = []
    felt = Felt(25, found.append)
    felt.settle(play(felt, cues.pattern(cues.EASE), pin=26) + 9000)
    felt.settle(play(felt, (800, 300, 400)) + 9000)
    assert found == [] and felt.unknown == [(5000, (800, 300, 400))]


def test_an_end_that_follows_a_cue_is_felt_as_both():
    found: list[FeltCue] = []
    felt = Felt(25, found.append)
    at_ms = 0
    for length_ms, duty in ((800, 60000), (300, 0), (800, 60000), (1200, 0), (200, 60000)):
        felt.pwm(at_ms, 25, duty)
        at_ms += length_ms
    felt.pwm(at_ms, 25, 0)
    felt.settle(at_ms + 5000)
    assert [(cue.at_ms, cue.code) for cue in found] == [(0, cues.EASE), (3100, BUZZ)] and felt.unknown == []
