"""What is given up for the battery: in order, no sooner than needed, and within small integers."""

from pacing.saving import LEFT_PERCENT, RADIO, RATE, SHORT, SPARE_PERCENT, level, wanted


def test_what_is_wanted_is_the_drain_and_a_spare():
    assert wanted(60, 3600 * 8) == 48 + SPARE_PERCENT
    assert wanted(61, 3600 * 8) == 49 + SPARE_PERCENT  # 48.8: never less than is needed
    assert wanted(0, 3600) == wanted(60, 0) == SPARE_PERCENT


def test_rate_goes_before_radio_and_both_before_the_word_that_it_is_short():
    found = [level(percent, 60, 36000) for percent in range(100, -1, -1)]
    assert found == sorted(found) and set(found) == {0, RATE, RADIO, SHORT}
    for saving, left in enumerate(LEFT_PERCENT):
        assert 100 - found.index(saving + 1) + 1 == wanted(60 * left // 100, 36000)


def test_a_longer_stage_or_a_greater_drain_never_saves_less():
    for percent in (5, 40, 70, 100):
        for drain in range(10, 255, 7):
            found = [level(percent, drain, hours * 3600) for hours in range(40)]
            assert found == sorted(found)
            assert all(level(percent, drain + 1, hours * 3600) >= found[hours] for hours in range(40))


def test_the_largest_figures_stay_small():
    """A month of stages at the greatest drain that the state holds."""
    assert 255 * (720 * 60) + 599 < 1 << 30
    assert level(100, 255, 720 * 3600) == SHORT


def test_an_empty_battery_is_short_of_any_stage():
    assert level(0, 1, 0) == SHORT and level(SPARE_PERCENT, 1, 0) == 0
