"""The governor: one state for every input, debt, hysteresis, the heart rate's bound."""

from pacing import governor
from pacing.governor import BLIND, CRESTED, FREE, INSIDE, OVER, ROUGH, STANDING, UNDER, Governor, classify
from pacing.planformat import NEUTRAL, TECHNICAL

try:
    from core.synthetic import plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import plan_of, sample  # pyright: ignore[reportMissingImports]


def run(guard, seconds, effort_pm, start=0, *, trusted=1, grade_pm=0, **readings):
    """Step through `seconds`; the first second at which each demand arose, or None: (too_hard, hr_high)."""
    hard = high = None
    for second in range(start, start + seconds):
        guard.step(sample(second, **readings), effort_pm, trusted, grade_pm, 1)
        if guard.too_hard and hard is None:
            hard = second
        if guard.hr_high and high is None:
            high = second
    return hard, high


def test_every_input_has_exactly_one_state():
    """All combinations of what is looked at: the expected state written as one condition each, and one holds."""
    seen = set()
    for cap_pm in (0, 800):
        for flags in (0, NEUTRAL, TECHNICAL, NEUTRAL | TECHNICAL, 1, 8):
            for speed_cms in (0, 29, 30, 400):
                for trusted in (0, 1):
                    for crest_s in (0, 1, 80):
                        for ratio_pm in (0, 969, 970, 1000, 1030, 1031, 3000):
                            free = not cap_pm or bool(flags & NEUTRAL)
                            stands = not free and speed_cms < 30
                            rough = not free and not stands and bool(flags & TECHNICAL)
                            blind = not (free or stands or rough or trusted)
                            crested = not (free or stands or rough or blind) and crest_s > 0
                            judged = not (free or stands or rough or blind or crested)
                            expected = {
                                FREE: free,
                                STANDING: stands,
                                ROUGH: rough,
                                BLIND: blind,
                                CRESTED: crested,
                                UNDER: judged and ratio_pm < 970,
                                INSIDE: judged and 970 <= ratio_pm <= 1030,
                                OVER: judged and ratio_pm > 1030,
                            }
                            true = [state for state, holds in expected.items() if holds]
                            assert true == [classify(cap_pm, flags, speed_cms, trusted, crest_s, ratio_pm)]
                            seen.add(true[0])
    assert len(seen) == 8


def test_debt_is_percent_minutes():
    guard = Governor(plan_of(None))
    run(guard, 600, 864)  # 8 % over the cap: 5 % above the band, ten minutes
    assert guard.debt == 50


def test_debt_speaks_at_the_limit_and_each_doubling():
    guard = Governor(plan_of(None))
    hard, _ = run(guard, 3600, 864)
    assert hard == 20 * 60 - 1
    guard.spoken()
    assert guard.debt == 300 and not run(guard, 60, 864, 3600)[0]
    assert run(guard, 3600, 864, 3660)[0] == 80 * 60 - 1  # 400 percent-minutes


def test_first_day_head_start():
    guard = Governor(plan_of(None, stage_no=1))
    assert run(guard, 3600, 864)[0] == 10 * 60 - 1


def test_a_surge_counts_ten_percent_a_minute():
    guard = Governor(plan_of(None))
    run(guard, 300, 1200)
    assert guard.debt == 50


def test_inside_the_band_is_free():
    guard = Governor(plan_of(None))
    assert run(guard, 8 * 3600, 823) == (None, None)
    assert guard.debt == 0 and guard.state == INSIDE


def test_easing_repays():
    guard = Governor(plan_of(None))
    run(guard, 600, 900)
    before = guard.debt
    run(guard, 300, 784, 600)  # 2 % under the cap: 5 % under the band
    assert guard.debt == before - 25


def test_standing_neither_charges_nor_repays():
    guard = Governor(plan_of(None))
    run(guard, 600, 900)
    before = guard.debt
    run(guard, 900, 400, 600, speed_cms=0)
    assert guard.state == STANDING and guard.debt == before


def test_rough_and_neutral_ground_and_blindness_are_silent_and_free():
    for more, trusted in (
        ({"caps": [(9999, 800, 0, TECHNICAL)]}, 1),
        ({"caps": [(9999, 800, 0, NEUTRAL)]}, 1),
        ({}, 0),
    ):
        guard = Governor(plan_of(None, hr_cap_bpm=150, **more))
        assert run(guard, 3600, 1000, trusted=trusted)[0] is None and guard.debt == 0


def test_silent_after_a_crest():
    guard = Governor(plan_of(None))
    run(guard, 1200, 900, grade_pm=80)
    assert guard.debt > 100
    hard, _ = run(guard, 200, 900, 1200)
    assert hard == 1200 + governor.CREST_S
    short = Governor(plan_of(None))
    run(short, 20, 900, grade_pm=80)  # a ramp is no climb
    run(short, 1, 900, 20)
    assert short.state == OVER


def test_heart_rate_bound():
    guard = Governor(plan_of(None, hr_cap_bpm=150))
    assert run(guard, 3600, 780, hr_bpm=155)[1] is None  # not above the bound and its margin
    _, high = run(guard, 100, 780, 3600, hr_bpm=158)
    assert high == 3600 + governor.HR_AFTER_S - 1


def test_heart_rate_is_silent_after_a_crest():
    guard = Governor(plan_of(None, hr_cap_bpm=150))
    assert run(guard, 100, 780, grade_pm=80, hr_bpm=158)[1] is not None
    _, high = run(guard, 200, 780, 100, hr_bpm=158)
    assert high == 100 + governor.CREST_S


def test_heart_rate_bound_drifts_with_the_hours():
    guard = Governor(plan_of(None, hr_cap_bpm=150, hr_drift_dbpm_h=20, hr_drift_max_dbpm=80))
    run(guard, 1, 780, 2 * 3600)
    assert guard.hr_bound_bpm == 154
    run(guard, 1, 780, 9 * 3600)
    assert guard.hr_bound_bpm == 158


def test_strap_spikes_are_ridden_out():
    guard = Governor(plan_of(None, hr_cap_bpm=150))
    for minute in range(60):
        _, high = run(guard, 20, 780, minute * 60, hr_bpm=200)
        assert high is None
        run(guard, 40, 780, minute * 60 + 20, hr_bpm=140)


def test_no_bound_without_a_cap():
    guard = Governor(plan_of(None))
    assert run(guard, 600, 780, hr_bpm=220)[1] is None and guard.hr_bound_bpm == 0
