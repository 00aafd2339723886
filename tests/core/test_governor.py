"""The governor: one state for every input, debt, hysteresis, the heart rate's bound."""

from pacing import governor
from pacing.governor import BLIND, CRESTED, FREE, INSIDE, OVER, ROUGH, STANDING, UNDER, Governor, classify
from pacing.planformat import NEUTRAL, TECHNICAL

try:
    from core.synthetic import plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import plan_of, sample  # pyright: ignore[reportMissingImports]


class Felt:
    """An effort that says what the test wants."""

    def __init__(self, effort_pm, trusted):
        self.effort_pm = self.now_pm = effort_pm
        self.trusted = trusted


def run(guard, seconds, effort_pm, start=0, *, trusted=1, grade_pm=0, **readings):
    """Step through `seconds`; the first second at which each demand arose, or None: (too_hard, hr_high)."""
    hard = high = None
    felt = Felt(effort_pm, trusted)
    for second in range(start, start + seconds):
        guard.step(sample(second, **readings), felt, grade_pm, 1)
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


def owing_nothing(**plan):
    """A governor without a head start."""
    return Governor(plan_of(None, head_start=0, **plan))


def test_debt_is_percent_minutes():
    guard = owing_nothing()
    run(guard, 600, 864)  # 8 % over the cap: 5 % above the band, ten minutes
    assert guard.debt == 50
    run(guard, 120, 1024, 600)  # a surge counts as it is
    assert guard.debt == 100


def test_debt_speaks_at_the_limit_and_after_five_more():
    guard = owing_nothing()
    hard, _ = run(guard, 20 * 60, 864)
    assert hard == 20 * 60 - 1
    guard.spoken()
    assert run(guard, 3 * 3600, 864, 20 * 60)[0] == 120 * 60 - 1
    guard.spoken()
    assert run(guard, 3 * 3600, 864, 120 * 60)[0] == 220 * 60 - 1


def test_what_was_repaid_since_does_not_put_off_the_next_cue():
    guard = owing_nothing()
    run(guard, 20 * 60, 864)
    guard.spoken()
    run(guard, 5 * 60, 720, 1200)  # 10 % under the cap
    assert guard.debt == 35
    hard, _ = run(guard, 3 * 3600, 864, 1500)
    assert guard.debt > 535 and hard == 1500 + 100 * 60 - 1


def test_told_long_ago_is_not_told():
    for minutes, limit in ((35, 500), (40, 100)):
        guard = owing_nothing()
        run(guard, 20 * 60, 864)
        guard.spoken()
        run(guard, minutes * 60, 824, 1200)  # at the cap's edge: nothing owed, nothing repaid
        start = 1200 + minutes * 60
        assert guard.debt == 100 and run(guard, 3 * 3600, 864, start)[0] == start + limit * 12 - 1


def test_a_cue_of_the_heart_leaves_the_debt_alone():
    guard = owing_nothing()
    run(guard, 600, 864)
    guard.spoken()
    assert run(guard, 3600, 864, 600)[0] == 20 * 60 - 1


def test_head_start():
    assert run(Governor(plan_of(None, stage_no=1)), 3600, 864)[0] == 6 * 60 - 1
    assert run(Governor(plan_of(None, stage_no=2)), 3600, 864)[0] == 16 * 60 - 1


def test_a_surge_off_the_line_is_charged_and_told_of_later():
    assert run(Governor(plan_of(None, stage_no=1)), 3600, 1200)[0] == governor.START_MS // 1000


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
        guard = owing_nothing(hr_cap_bpm=150, **more)
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
    _, high = run(guard, 300, 780, 3600, hr_bpm=167)
    bound_bpm = guard.hr_bound_bpm  # drift has lifted it by a beat or two
    assert bound_bpm > 150 and high is not None and abs(high - 3600 - governor.HR_LIMIT // (162 - bound_bpm)) <= 1
    guard.spoken()
    _, again = run(guard, 1500, 780, 3900, hr_bpm=167)
    assert again is not None and 4 <= (again - 3900) * 12 // governor.HR_LIMIT <= 5  # five times as much


def test_a_heart_that_comes_down_repays():
    guard = Governor(plan_of(None, hr_cap_bpm=150))
    for start in range(0, 7200, 360):  # a climb of 3 minutes, and 3 to get over it
        assert run(guard, 180, 780, start, hr_bpm=167)[1] is None
        assert run(guard, 180, 780, start + 180, hr_bpm=143)[1] is None


def test_heart_rate_is_silent_after_a_crest():
    guard = Governor(plan_of(None, hr_cap_bpm=150))
    assert run(guard, 130, 780, grade_pm=80, hr_bpm=180)[1] is not None
    _, high = run(guard, 200, 780, 130, hr_bpm=180)
    assert high == 130 + governor.CREST_S


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
