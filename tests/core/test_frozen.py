"""A receiver that has frozen: it repeats its last fix, speed and all."""

from pacing.sample import FIX_BEST, FIX_NONE, FROZEN_MS, Sample, Sampler


class Fix:
    """A receiver just after an epoch."""

    def __init__(self):
        self.valid = 1
        self.lat_e6 = 46500000
        self.lon_e6 = 7700000
        self.alt_dm = 5000
        self.has_alt = 1
        self.speed_cms = 280
        self.hdop_x10 = 10


def fixes(seconds, change):
    """The fix of each second of a sample taken from a receiver to which `change(fix, second)` happens."""
    fix = Fix()
    sampler = Sampler()
    sample = Sample()
    out = []
    for second in range(seconds):
        change(fix, second)
        sampler.take(sample, fix, 0, second * 1000)
        out.append((sample.flags & 3, sample.speed_cms))
    return out


def nothing(fix, second):
    pass


def test_a_frozen_receiver_has_no_fix_after_ten_seconds():
    good = FROZEN_MS // 1000
    assert fixes(30, nothing) == [(FIX_BEST, 280)] * good + [(FIX_NONE, 0)] * (30 - good)


def test_it_is_back_with_the_first_new_word():
    def thaw(fix, second):
        if second == 20:
            fix.lat_e6 += 25

    assert [fix for fix, _ in fixes(22, thaw)][9:] == [FIX_BEST] + [FIX_NONE] * 10 + [FIX_BEST] * 2


def test_standing_and_any_change_at_all_are_no_frost():
    def stand(fix, _):
        fix.speed_cms = 20

    def creep(fix, _):
        fix.lon_e6 += 1

    def waver(fix, second):
        fix.speed_cms = 280 + second % 2

    for change in (stand, creep, waver):
        assert FIX_NONE not in [fix for fix, _ in fixes(60, change)]
