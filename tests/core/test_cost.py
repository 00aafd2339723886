"""The cost table against the figures of its sources."""

from pacing.cost import FACTOR_PM, flat_factor_pm, walk_speed_cms
from pacing.effort import Effort

try:
    from core.synthetic import CS_CMS, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import CS_CMS, plan_of, sample  # pyright: ignore[reportMissingImports]


def test_table_points():
    assert flat_factor_pm(0) == 1000
    assert flat_factor_pm(200) == 2393
    assert flat_factor_pm(-100) == 872
    assert flat_factor_pm(450) == 4900 and flat_factor_pm(-450) == 2100


def test_between_the_points():
    assert flat_factor_pm(70) == 1238 + (1555 - 1238) * 20 // 50  # f(7 %) = 1.3648


def test_clamped_beyond():
    assert flat_factor_pm(2000) == 4900 and flat_factor_pm(-2000) == 2100


def test_a_capped_speed_uphill():
    assert 28000 * 10 // flat_factor_pm(100) == 180  # v_cap(2.8 m/s, +10 %) = 1.80 m/s


def test_walking_speed():
    assert abs(walk_speed_cms(200) - 151) <= 2  # v_t(20 %) = 1.514 m/s
    assert walk_speed_cms(0) == walk_speed_cms(-300) == 200
    assert walk_speed_cms(900) == 70


def test_a_table_of_the_athletes_own():
    own: list[int] = list(FACTOR_PM)
    own[11] = 1300  # +10 %, where the common table has 1555
    assert flat_factor_pm(100, tuple(own)) == 1300 and flat_factor_pm(75, tuple(own)) == 1269


def test_effort_goes_by_the_plans_own_table():
    own: list[int] = list(FACTOR_PM)
    own[11] = 1300
    for more, factor_pm in (({}, 1555), ({"factors": own}, 1300)):
        effort = Effort(plan_of(None, **more), 800)
        for second in range(1200):
            effort.step(sample(second, speed_cms=220), 100, 1, True)
        assert abs(effort.effort_pm - 220 * factor_pm // CS_CMS) <= 12, (factor_pm, effort.effort_pm)
