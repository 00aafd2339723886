"""The effort filter: published step responses, and each sensor missing in turn."""

from pacing.effort import Effort

try:
    from core.synthetic import plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import plan_of, sample  # pyright: ignore[reportMissingImports]

# Gains of a filter that trusts heart rate more than ours does, whose step responses are known (CS 3.7 m/s, a 80.46):
# .00595 .00026 / .00665 -.0001 / -.13425 .00352 / .14615 .01772 in Q18 and Q22.
KNOWN_GAINS = (1560, 1091, 1743, -419, -35193, 14764, 38312, 74323)


def known(start_pm=720) -> Effort:
    return Effort(plan_of(None, gains=KNOWN_GAINS), start_pm)


def after(effort, seconds, grade_pm=0, speed_ok=True, **readings):
    """effort_pm after `seconds` of the same readings."""
    for second in range(seconds):
        effort.step(sample(second, **readings), grade_pm, 1, speed_ok)
    return effort.effort_pm


def near(value, expected, tolerance=2):
    assert abs(value - expected) <= tolerance, (value, expected)


def test_step_response_of_both_sensors():
    effort = known()
    after(effort, 1, hr_bpm=145, speed_cms=266)  # takes the strap's first word for h
    near(after(effort, 60, speed_cms=296, hr_bpm=152), 795)
    near(after(effort, 540, speed_cms=296, hr_bpm=152), 797)


def test_step_response_with_heart_rate_flat():
    effort = known()
    near(after(effort, 60, speed_cms=296, hr_bpm=145), 736)
    near(after(effort, 540, speed_cms=296, hr_bpm=145), 744)


def test_speed_alone():
    effort = Effort(plan_of(None), 700)
    near(after(effort, 300, speed_cms=318), 859, 10)
    assert effort.trusted


def test_hills_count():
    effort = Effort(plan_of(None), 700)
    near(after(effort, 300, grade_pm=100, speed_cms=190), 190 * 1555 // 370, 10)


def test_heart_rate_alone_when_gps_is_bad():
    effort = Effort(plan_of(None), 700)
    after(effort, 120, speed_cms=259, hr_bpm=143)  # at .70 both agree
    near(after(effort, 300, speed_ok=False, speed_cms=999, hr_bpm=156), 840, 15)
    assert effort.trusted


def test_heart_rate_alone_when_walking_uphill_and_on_steep_descents():
    for grade_pm, speed_cms in ((250, 130), (-150, 450)):
        effort = Effort(plan_of(None), 700)
        near(after(effort, 600, grade_pm=grade_pm, speed_cms=speed_cms, hr_bpm=143), 700, 15)


def test_walking_uphill_without_a_strap_still_counts():
    effort = Effort(plan_of(None), 700)
    near(after(effort, 600, grade_pm=200, speed_cms=120), 120 * 2393 // 370, 15)
    assert effort.trusted


def test_no_sensor_is_not_trusted():
    effort = Effort(plan_of(None), 700)
    assert not effort.trusted
    after(effort, 10, speed_cms=296)
    after(effort, 59, speed_ok=False, speed_cms=296)
    assert effort.trusted
    after(effort, 2, speed_ok=False, speed_cms=296)
    assert not effort.trusted


def test_strap_spikes_do_not_move_it_much():
    effort = Effort(plan_of(None), 800)
    after(effort, 300, speed_cms=296, hr_bpm=152)
    before = effort.effort_pm
    after(effort, 15, speed_cms=296, hr_bpm=235)
    near(effort.effort_pm, before, 60)


def test_standing_holds_effort():
    effort = Effort(plan_of(None), 800)
    after(effort, 300, speed_cms=296, hr_bpm=152)
    before = effort.effort_pm
    for _ in range(600):
        effort.stand(90)
    assert effort.effort_pm == before
    near(after(effort, 60, speed_cms=296, hr_bpm=120), 800, 40)


def test_integers_stay_small():
    """Absurd readings: every state stays within 30 bits, the device's small integers."""
    effort = Effort(plan_of(None, cs_cms=100, hr_a_dbpm=3000, hr_b_dbpm=2400), 800)
    for second in range(2000):
        wild = sample(second, speed_cms=20000 if second % 300 < 200 else 0, hr_bpm=255 if second % 200 < 100 else 1)
        effort.step(wild, 450, 1, second % 500 < 400)
        for name in effort.STATE:
            assert abs(getattr(effort, name)) < 1 << 30
