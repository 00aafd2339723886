"""The strap's word: leaps, rates that no heart has, stuck numbers; and a heart that is blind to effort."""

from pacing import cues
from pacing.heart import LEAP_S, STUCK_S, Heart
from pacing.pacer import Pacer
from pacing.planformat import TECHNICAL

try:
    from core.synthetic import CS_CMS, HR_A_DBPM, HR_B_DBPM, along, place, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import (  # pyright: ignore[reportMissingImports]
        CS_CMS,
        HR_A_DBPM,
        HR_B_DBPM,
        along,
        place,
        plan_of,
        sample,
    )

ROAD = [(0, 0), (0, 1000000)]
LINE = along(ROAD)
HOUR = 3600
LONG = 1500  # enough to call a heart blind


def believed(readings, speeds=(300,)):
    """What is believed of `readings`, one a second, at speeds in turn."""
    heart = Heart(plan_of(None))
    out = []
    for second, hr_bpm in enumerate(readings):
        heart.step(sample(second, speed_cms=speeds[second % len(speeds)], hr_bpm=hr_bpm), 0, 1, True)
        out.append(heart.hr_bpm)
    return out


def test_a_spike_is_not_believed():
    assert believed([140, 141, 190, 192, 60, 141, 142]) == [140, 141, 0, 0, 0, 141, 142]


def test_a_rise_of_thirty_is_no_spike_and_a_leap_that_lasts_is_believed():
    assert believed([140, 170, 200]) == [140, 170, 200]
    out = believed([140] + [180 + i % 3 for i in range(30)])
    assert out[1:LEAP_S] == [0] * (LEAP_S - 1) and out[LEAP_S:] == [180 + i % 3 for i in range(LEAP_S - 1, 30)]


def test_noise_is_never_believed():
    """A dry strap: each reading another, far from the last."""
    assert believed([140] + [80, 200] * 60)[1:] == [0] * 120


def test_rates_that_no_runner_has():
    assert believed([29, 30, 0, 225, 226]) == [0, 30, 0, 0, 0]
    assert believed([226, 140]) == [0, 140]


def test_a_stuck_number_at_changing_speeds():
    slow_and_fast = [300] * 60 + [240] * 60
    out = believed([140] * 400, slow_and_fast)
    stuck = out.index(0)
    assert stuck == 2 * STUCK_S - 1  # counted at the other speed alone
    assert out[stuck:] == [0] * (400 - stuck)
    assert believed([140] * 300 + [141], slow_and_fast)[-1] == 141


def test_no_stuck_number_at_an_even_speed_at_rest_or_with_a_beat_of_difference():
    assert 0 not in believed([140] * 1000)
    assert 0 not in believed([90] * 1000, [0, 300, 0, 240])
    assert 0 not in believed([140 + i // 110 % 2 for i in range(1000)], [300, 240])


def test_a_stuck_strap_is_lost_a_minute_later():
    pacer = Pacer(plan_of(ROAD))
    said = []
    s_dm = 0
    for second in range(600):
        speed_cms = 300 if second // 60 % 2 else 240
        s_dm += speed_cms // 10
        code = pacer.step(sample(second, 0, s_dm, speed_cms, 140))
        if code:
            said.append((second, code, pacer.reason))
    assert said == [(2 * STUCK_S - 2 + 60, cues.CHECK, cues.STRAP_LOST)] and pacer.cue_n == cues.CHECK_STRAP
    assert pacer.event(2, 1, 600000) == cues.CHECK  # a press says it again


class Tired:
    """Runs at an effort with a heart so many bpm off the plan's line, after the morning if not said otherwise."""

    def __init__(self, off_bpm, start_s=1200, stage_no=3, **plan):
        self.pacer = Pacer(plan_of(ROAD, stage_no=stage_no, hr_cap_bpm=155, **plan))
        self.off_bpm = off_bpm
        self.second = start_s
        self.s_cm = 0
        self.said = []

    def run(self, seconds, effort_pm=800):
        """The pacer after `seconds` more."""
        for _ in range(seconds):
            speed_cms = CS_CMS * effort_pm // 1000
            self.s_cm += speed_cms
            x, y = place(LINE, self.s_cm // 10)
            hr_bpm = (HR_A_DBPM + HR_B_DBPM * effort_pm // 1000) // 10 + self.off_bpm + self.second // 7 % 3 - 1
            code = self.pacer.step(sample(self.second, x, y, speed_cms, hr_bpm))
            if code:
                self.said.append((code, self.pacer.reason))
            self.second += 1
        return self.pacer


def test_a_blind_heart_lowers_the_bound_by_as_much_and_leaves_effort_to_speed():
    runner = Tired(-15)
    pacer = runner.run(600)
    assert pacer.heart.low_bpm == 0 and pacer.governor.hr_bound_bpm == 155  # not for minutes alone
    pacer = runner.run(2000)
    assert 12 <= pacer.heart.low_bpm <= 15
    drift = 15 * (runner.second - 1) // 3600 // 10
    assert pacer.governor.hr_bound_bpm == 155 + drift - pacer.heart.low_bpm
    pacer = runner.run(1200, 880)
    assert abs(pacer.effort.effort_pm - 880) <= 10 and cues.BY_EFFORT in [reason for _, reason in runner.said]


def test_a_stiff_morning_is_no_blind_heart():
    assert Tired(-35, start_s=0).run(1200).heart.low_bpm == 0


def test_a_heart_within_ten_beats_of_its_line_is_not_blind():
    for off_bpm in (-8, 12):
        assert Tired(off_bpm).run(LONG).heart.low_bpm == 0


def test_it_sees_again():
    runner = Tired(-15)
    assert runner.run(LONG).heart.low_bpm > 0
    runner.off_bpm = 0
    assert runner.run(LONG).heart.low_bpm == 0


def test_on_the_first_day_only_late():
    assert Tired(-15, stage_no=1).run(LONG).heart.low_bpm == 0
    assert Tired(-15, start_s=6 * HOUR, stage_no=1).run(LONG).heart.low_bpm > 0


def test_a_loose_strap_technical_ground_and_walking_are_no_blind_heart():
    assert Tired(-60).run(LONG).heart.low_bpm == 0
    rough = [(1 << 29, 800, 0, TECHNICAL)]
    assert Tired(-15, caps=rough).run(LONG).heart.low_bpm == 0
    assert Tired(-15).run(LONG, 450).heart.low_bpm == 0
    assert Tired(-200).run(LONG).heart.low_bpm == 0  # no strap


def test_the_bound_is_lowered_by_25_at_most():
    assert Tired(-35).run(LONG).heart.low_bpm == 25
