"""Effort from speed, what heart rate may add to it, and each sensor missing in turn."""

from pacing.effort import Effort

try:
    from core.synthetic import CS_CMS, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import CS_CMS, plan_of, sample  # pyright: ignore[reportMissingImports]


def after(effort, seconds, grade_pm=0, speed_ok=True, **readings):
    """effort_pm after `seconds` of the same readings."""
    for second in range(seconds):
        effort.step(sample(second, **readings), grade_pm, 1, speed_ok)
    return effort.effort_pm


def near(value, expected, tolerance=2):
    assert abs(value - expected) <= tolerance, (value, expected)


def test_the_first_reading_is_believed_and_then_the_mean_of_half_a_minute():
    effort = Effort(plan_of(None), 700)
    near(after(effort, 1, speed_cms=318), 318 * 1000 // CS_CMS)
    near(after(effort, 9, speed_cms=259), 716, 3)  # the mean of ten
    near(after(effort, 120, speed_cms=318), 857, 3)


def test_a_step_of_speed_is_felt_at_once_in_the_moment_and_within_half_a_minute_in_the_mean():
    effort = Effort(plan_of(None), 700)
    after(effort, 300, speed_cms=259)
    after(effort, 1, speed_cms=333)
    near(effort.now_pm, 900)
    near(effort.effort_pm, 706)
    near(after(effort, 29, speed_cms=333), 827, 5)  # 1 - 1/e of the way


def test_hills_count_up_and_down():
    for grade_pm, speed_cms, factor in ((100, 190, 1555), (-150, 300, 940), (250, 90, 2846)):
        effort = Effort(plan_of(None), 700)
        near(after(effort, 300, grade_pm=grade_pm, speed_cms=speed_cms), speed_cms * factor // CS_CMS)
        assert effort.trusted


def test_a_sample_of_ten_seconds_counts_ten_times():
    slow, quick = Effort(plan_of(None), 700), Effort(plan_of(None), 700)
    after(slow, 60, speed_cms=259, hr_bpm=160)
    for second in range(6):
        quick.step(sample(second, speed_cms=259, hr_bpm=160), 0, 10, True)
    near(slow.effort_pm, quick.effort_pm)
    near(slow._c >> 10, quick._c >> 10)


def test_heart_rate_on_its_line_changes_nothing():
    effort = Effort(plan_of(None, hr_cap_bpm=160), 700)
    near(after(effort, 3600, speed_cms=296, hr_bpm=152), 800)


def test_a_heart_high_for_long_adds_what_is_over_five_beats():
    """On soft ground: 13 bpm above the line, 8 of them count, at 89.5 bpm for the whole of critical speed."""
    effort = Effort(plan_of(None, hr_cap_bpm=160), 700)
    near(after(effort, 120, speed_cms=296, hr_bpm=165), 800)
    near(after(effort, 3600, speed_cms=296, hr_bpm=165), 800 + 80000 // 895, 4)
    near(effort.now_pm, effort.effort_pm)
    near(after(effort, 3600, speed_cms=296, hr_bpm=152), 800)


def test_a_strap_that_counts_steps_adds_no_more_than_its_share():
    effort = Effort(plan_of(None, hr_cap_bpm=160), 700)
    near(after(effort, 7200, speed_cms=296, hr_bpm=185), 950)


def test_a_low_heart_takes_nothing_away():
    effort = Effort(plan_of(None, hr_cap_bpm=160), 700)
    near(after(effort, 7200, speed_cms=296, hr_bpm=135), 800)


def test_a_heart_whose_line_is_not_known_adds_nothing_and_is_learned():
    effort = Effort(plan_of(None), 700)
    near(after(effort, 7200, speed_cms=296, hr_bpm=172), 800)
    near(after(effort, 300, speed_ok=False, hr_bpm=172), 800, 10)


def test_strap_spikes_do_not_move_it():
    effort = Effort(plan_of(None), 800)
    after(effort, 300, speed_cms=296, hr_bpm=152)
    near(after(effort, 15, speed_cms=296, hr_bpm=220), 800)


def test_heart_rate_alone_when_speed_says_nothing():
    effort = Effort(plan_of(None), 700)
    after(effort, 120, speed_cms=259, hr_bpm=143)  # at .70 both agree
    near(after(effort, 300, speed_ok=False, speed_cms=999, hr_bpm=156), 840, 10)
    assert effort.trusted


def test_heart_rate_alone_is_counted_from_where_the_day_has_it():
    """Twelve beats low all morning: without speed the same heart is the same effort, not less."""
    effort = Effort(plan_of(None), 700)
    after(effort, 3600, speed_cms=296, hr_bpm=140)
    near(after(effort, 300, speed_ok=False, hr_bpm=140), 800, 10)


def test_no_sensor_is_not_trusted():
    effort = Effort(plan_of(None), 700)
    assert not effort.trusted
    after(effort, 10, speed_cms=296)
    near(after(effort, 59, speed_ok=False, speed_cms=100), 800)  # held
    assert effort.trusted
    after(effort, 1, speed_ok=False, speed_cms=296)
    assert not effort.trusted


def test_integers_stay_small():
    """Absurd readings: every state stays within 30 bits, the device's small integers."""
    effort = Effort(plan_of(None, cs_cms=100, hr_a_dbpm=3000, hr_b_dbpm=2400), 800)
    for second in range(2000):
        wild = sample(second, speed_cms=20000 if second % 300 < 200 else 0, hr_bpm=255 if second % 200 < 100 else 1)
        effort.step(wild, 450, 1 + second % 10, second % 500 < 400)
        for name in effort.STATE:
            assert abs(getattr(effort, name)) < 1 << 28, name
