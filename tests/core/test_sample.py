"""Samples and the odometer: what a runner complains about elsewhere must not happen here."""

import sys

from pacing.sample import (
    ALT_OK,
    FIX_BEST,
    FIX_GOOD,
    FIX_MASK,
    FIX_POOR,
    JUMP,
    Odometer,
    Sample,
    Sampler,
    distance_dm,
)

METRE_E6 = 9  # 1e-6 degrees of latitude in a metre, nearly


class Fix:
    """What the parser of the receiver's sentences says."""

    def __init__(self):
        self.valid = 1
        self.lat_e6 = 47000000
        self.lon_e6 = 8000000
        self.alt_dm = 5000
        self.has_alt = 1
        self.speed_cms = 0
        self.hdop_x10 = 9


def lcg(state):
    state[0] = (state[0] * 8121 + 28411) % 134456
    return state[0] * 32767 // 134456


class Runner:
    """A fix that moves north, its sampler and its odometer."""

    def __init__(self):
        self.fix = Fix()
        self.sample = Sample()
        self.sampler = Sampler()
        self.odometer = Odometer()
        self.ms = 0

    def second(self, speed_cms=0, move_e6=0, valid=1, ms=1000):
        self.ms += ms
        self.fix.valid = valid
        self.fix.speed_cms = speed_cms
        self.fix.lat_e6 += move_e6
        self.sampler.take(self.sample, self.fix, 140, self.ms)
        self.odometer.step(self.sample)
        return self.sample.flags

    def run(self, seconds):
        for _ in range(seconds):
            self.second(300, 27)
        return self.odometer.dist_dm


def test_distance():
    for case in (
        (47000000, 8000000, 47000000, 8000000, 0),
        (47000000, 8000000, 47001000, 8000000, 1112),
        (0, 0, 0, 1000, 1113),
        (60000000, 0, 60000000, 1000, 557),
        (-33000000, 151000000, -33001000, 151001000, 1453),
        (0, 179999500, 0, -179999500, 1113),
        (47000000, 8000000, 47090000, 8000000, 100075),
    ):
        expected = case[4]
        assert abs(distance_dm(*case[:4]) - expected) <= expected // 100 + 1, case
    far = distance_dm(-90000000, -180000000, 90000000, 180000000)
    assert 0 < far < 1 << 30


def test_fields():
    runner = Runner()
    runner.fix.lon_e6 = -8000001
    assert runner.second(312) == FIX_BEST | ALT_OK
    s = runner.sample
    assert (s.stage_ms, s.lat_e6, s.lon_e6, s.alt_dm, s.speed_cms, s.hr_bpm) == (
        1000,
        47000000,
        -8000001,
        5000,
        312,
        140,
    )
    for hdop, quality in (
        (0, FIX_GOOD),
        (15, FIX_BEST),
        (16, FIX_GOOD),
        (50, FIX_GOOD),
        (51, FIX_POOR),
        (999, FIX_POOR),
    ):
        runner.fix.hdop_x10 = hdop
        assert runner.second() & FIX_MASK == quality
    other = Sample()
    other.copy_from(s)
    assert (other.stage_ms, other.lat_e6, other.flags) == (s.stage_ms, s.lat_e6, s.flags)


def test_without_a_fix_the_place_stays():
    runner = Runner()
    runner.second(300)
    runner.fix.alt_dm = 1
    assert runner.second(300, 5000, valid=0) == 0
    assert (runner.sample.lat_e6, runner.sample.alt_dm, runner.sample.speed_cms) == (47000000, 5000, 0)
    runner.sampler.take(runner.sample, None, 0, 9000)
    assert (runner.sample.lat_e6, runner.sample.flags, runner.sample.hr_bpm) == (47000000, 0, 0)


def test_altitude_that_the_receiver_does_not_give():
    runner = Runner()
    runner.second()
    runner.fix.has_alt = 0
    runner.fix.alt_dm = 0
    assert runner.second() & ALT_OK == 0 and runner.sample.alt_dm == 5000


def test_times_are_rounded_and_strictly_increase():
    sampler = Sampler()
    sample = Sample()
    times = []
    for ms in (0, 49, 1049, 1051, 1000, 900, 2000):
        sampler.take(sample, None, 0, ms)
        times.append(sample.stage_ms)
    assert times == [0, 100, 1000, 1100, 1200, 1300, 2000]
    sampler = Sampler(5000)
    sampler.take(sample, None, 0, 4000)
    assert sample.stage_ms == 5100


def test_running_counts():
    assert abs(Runner().run(1001) - 30000) <= 30


def test_the_first_fix_adds_nothing():
    runner = Runner()
    runner.second(300, valid=0)
    runner.second(300, 1000000)
    assert runner.odometer.dist_dm == 0


def test_noisy_standing_adds_nothing():
    runner = Runner()
    state = [3]
    runner.second()
    home = runner.fix.lat_e6
    for _ in range(3600):
        runner.fix.lat_e6 = home + lcg(state) % 90 - 45
        runner.second(lcg(state) % 28)
    assert runner.odometer.dist_dm == 0


def test_standing_where_reception_is_poor_adds_next_to_nothing():
    runner = Runner()
    state = [3]
    before = runner.run(10)
    home = runner.fix.lat_e6
    for _ in range(900):
        runner.fix.lat_e6 = home + lcg(state) % 60 - 30  # 3 m about
        runner.second(lcg(state) % 80)
    assert runner.odometer.dist_dm == before
    runner.fix.lat_e6 = home
    assert abs(runner.run(10) - before - 300) <= 30


def test_slow_climbing_counts():
    for speed_cms, move_e6 in ((25, 2.25), (40, 3.6), (60, 5.4), (95, 8.55)):
        runner = Runner()
        start = runner.fix.lat_e6
        for i in range(600):
            runner.second(speed_cms, start + int((i + 1) * move_e6) - runner.fix.lat_e6)
        assert abs(runner.odometer.dist_dm - 60 * speed_cms) <= 200, speed_cms


def test_a_pace_about_the_limit_of_slow_loses_nothing():
    runner = Runner()
    for i in range(1200):
        runner.second(80 + i % 5 * 10, 9)
    assert abs(runner.odometer.dist_dm - 12000) <= 10


def test_a_teleport_is_not_believed_and_adds_nothing():
    runner = Runner()
    before = runner.run(100)
    assert runner.second(0, 200 * METRE_E6) & JUMP
    assert runner.odometer.dist_dm == before
    assert not runner.second(0, -200 * METRE_E6) & JUMP
    assert runner.odometer.dist_dm == before


def test_the_speed_of_a_teleport_adds_nothing_either():
    runner = Runner()
    before = runner.run(100)
    assert runner.second(900, 200 * METRE_E6) & JUMP
    assert runner.odometer.dist_dm == before
    assert not runner.second(300, -194 * METRE_E6) & JUMP
    assert runner.odometer.dist_dm == before + 60  # two seconds at the speed that is believed


def test_a_new_place_is_believed_after_five_samples():
    runner = Runner()
    runner.run(10)
    before = runner.odometer.dist_dm
    jumps = [runner.second(0, 5000 * METRE_E6)] + [runner.second(0) for _ in range(6)]
    assert [flags & JUMP for flags in jumps] == [JUMP] * 4 + [0] * 3
    assert runner.odometer.dist_dm == before
    assert runner.run(10) - before >= 270


def test_a_place_that_hops_about_is_never_believed():
    runner = Runner()
    runner.run(10)
    home = runner.fix.lat_e6
    for i in range(40):
        runner.fix.lat_e6 = home + (3000 + i % 2 * 2000) * METRE_E6
        assert runner.second() & JUMP


def test_noise_is_no_jump():
    runner = Runner()
    runner.run(10)
    for _ in range(50):
        assert not runner.second(280, 100) & JUMP  # 11 m to the north,
        assert not runner.second(280, -70) & JUMP  # and 8 back


def test_a_gap_is_bridged_by_what_a_runner_can_have_run():
    for seconds, metres, counted in ((60, 180, 180), (60, 299, 299), (60, 310, 0), (60, 17, 0), (4, 12, 12)):
        runner = Runner()
        before = runner.run(10)
        for _ in range(seconds - 1):
            runner.second(valid=0)
        runner.second(300, metres * 9)
        assert abs(runner.odometer.dist_dm - before - counted * 10) <= counted // 10 + 1, (seconds, metres)


def test_an_hour_in_a_hut_adds_nothing():
    runner = Runner()
    before = runner.run(10)
    runner.second(0)
    state = [5]
    home = runner.fix.lat_e6
    for _ in range(200):
        for _ in range(17):
            runner.second(valid=0)
        runner.fix.lat_e6 = home + lcg(state) % 200 - 100  # a fix now and then, 11 m about
        runner.second(0)
    assert runner.odometer.dist_dm == before


def test_a_gap_behind_a_jump_is_not_bridged():
    runner = Runner()
    before = runner.run(10)
    runner.second(0, 1000 * METRE_E6)
    for _ in range(400):
        runner.second(valid=0)
    runner.second(300)
    assert runner.odometer.dist_dm == before


def test_the_state_is_complete():
    one = Runner()
    one.run(33)
    two = Odometer()
    for name in Odometer.STATE:
        setattr(two, name, getattr(one.odometer, name))
    for move in (27, 27, 5000, 27, 27):
        one.second(301, move)
        two.step(one.sample)
    assert two.dist_dm == one.odometer.dist_dm


def test_nothing_is_allocated():
    if sys.implementation.name != "micropython":
        return  # CPython cannot tell: this is about the heap of the wrist
    import micropython  # pyright: ignore[reportMissingImports]

    runner = Runner()
    runner.run(3)
    micropython.heap_lock()
    try:
        for _ in range(20):
            runner.second(300, 27)
        runner.second(300, 90000)
        runner.second(300, -90000)
    finally:
        micropython.heap_unlock()
    assert runner.odometer.dist_dm > 600
