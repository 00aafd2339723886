"""The cost table against the figures of its sources."""

from pacing.cost import flat_factor_pm, walk_speed_cms


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
