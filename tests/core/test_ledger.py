"""The ledger: what a stage overspends, and what that leaves of the next one's caps."""

from pacing.journal import EV_LEDGER
from pacing.ledger import LEAST_PM, MOST_OWED, Ledger, carried, share_pm
from pacing.pacer import Pacer

try:
    from core.synthetic import Runner, along, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import Runner, along, plan_of, sample  # pyright: ignore[reportMissingImports]

ROAD = [(0, 0), (0, 1000000)]


def owed_after(*parts):
    """Percent-minutes after parts of (minutes, effort_pm) under a cap of 800."""
    ledger = Ledger()
    for minutes, effort_pm in parts:
        for _ in range(minutes * 60):
            ledger.step(effort_pm, 800, 1)
    return ledger.owed


def test_percent_minutes_above_the_band():
    assert owed_after((60, 864)) == 300  # 8 % over, 5 % above the band
    assert owed_after((60, 824)) == 0 and owed_after((480, 800)) == 0
    assert owed_after((30, 1600)) == 300  # a moment counts 10 % at most


def test_easing_repays_half_and_never_more_than_is_owed():
    assert owed_after((60, 864), (20, 784)) == 300 - 20 * 5 // 2  # 5 % below the band
    assert owed_after((10, 600), (60, 864)) == 300


def test_the_share_falls_with_what_is_owed_and_is_bounded():
    shares = [share_pm(owed) for owed in range(-10, MOST_OWED + 10)]
    assert shares[0] == 1000 and min(shares) == shares[-1] == LEAST_PM == 950
    assert all([shares[i] >= shares[i + 1] for i in range(len(shares) - 1)])
    assert share_pm(400) == 990


def test_nights():
    assert carried(0, 400) == 400 and carried(400, 0) == 240
    assert carried(MOST_OWED, MOST_OWED) == MOST_OWED


def test_the_stage_before_lowers_the_caps_all_day():
    """In the morning together with the ramp; a share that no ledger gives is bounded."""
    for value, expected in ((970, 776), (1000, 800), (2000, 800), (0, 760)):
        pacer = Pacer(plan_of(ROAD, stage_no=2))
        assert pacer.event(EV_LEDGER, value, 0) == 0
        pacer.step(sample(0, 0, 0, 280))
        assert abs(pacer.governor.cap_pm - expected * 9 // 10) <= 1
        other = Pacer(plan_of(ROAD, stage_no=2))
        other.load(pacer.save())
        other.step(sample(4000, 0, 28 * 4000, 280))
        assert other.governor.cap_pm == expected


def test_standing_and_neutral_ground_owe_and_repay_nothing():
    pacer = Pacer(plan_of(ROAD, stage_no=1))
    runner = Runner(along(ROAD), 2)
    for _ in range(1800):
        pacer.step(runner.run(900))
    owed = pacer.ledger.owed
    assert 200 < owed < 300  # 9.5 % above the band for half an hour, less what the filter takes to see it
    for second in range(1800, 3600):
        pacer.step(sample(second, 0, runner.s_cm // 10, 0))
    assert pacer.ledger.owed == owed


def test_a_low_moment_or_a_slow_morning_does_not_count_as_overspent():
    """They lower what is asked, not what was planned."""
    pacer = Pacer(plan_of(ROAD, stage_no=2))
    runner = Runner(along(ROAD), 2)
    for _ in range(1200):
        pacer.step(runner.run(800))
    assert pacer.ledger.owed == 0 and pacer.governor.debt > 0
