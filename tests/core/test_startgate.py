"""The start: line, gun, warm-up, and a start that was moved."""

from pacing.startgate import StartGate

try:
    from core.synthetic import Noise, along, place, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import Noise, along, place, plan_of, sample  # pyright: ignore[reportMissingImports]

SHORT = [(0, 0), (0, 20000), (10000, 20000)]
OUT_AND_BACK = [(0, 0), (0, 20000), (0, 0)]
GUN = 1790000000


def opened(gate, places, utc_s=0, speed_cms=300):
    """The first of `places`, a second apart, at which the stage begins, or None."""
    for i, (x, y) in enumerate(places):
        if gate.step(sample(i, x, y, speed_cms), utc_s + i if utc_s else 0):
            return x, y
    return None


def north(first, last, x=0):
    """Places from `first` to `last` at 3 m/s."""
    return [(x, y) for y in range(first, last, 30)]


def test_the_line():
    gate = StartGate(plan_of(SHORT))
    scatter = Noise(8)
    assert opened(gate, [(scatter.next(50), scatter.next(50) - 60) for _ in range(300)], speed_cms=20) is None
    at = opened(gate, north(-100, 400))
    assert at and 50 <= at[1] <= 80


def test_beside_the_line_or_back_towards_it():
    for approach in (north(-300, 600, x=900), north(3000, 2000)[::-1], [(0, y) for y in range(3000, 2000, -30)]):
        assert opened(StartGate(plan_of(SHORT)), approach) is None
    assert not StartGate(plan_of(None)).step(sample(0))


def test_a_warm_up_over_the_line_does_not_start_the_stage():
    plan = plan_of(SHORT, gun_utc_s=GUN)
    gate = StartGate(plan)
    assert opened(gate, north(-100, 900), GUN - 1200) is None
    assert opened(gate, north(-100, 900)[::-1], GUN - 900) is None
    assert opened(gate, north(-100, 60), GUN - 140) is None  # at the line, the gun near
    assert opened(gate, [(0, 60)] * 200, GUN - 135, speed_cms=0) is None
    at = opened(gate, north(60, 400), GUN + 5)
    assert at and at[1] <= 120


def test_two_minutes_before_the_gun_the_line_counts():
    gate = StartGate(plan_of(SHORT, gun_utc_s=GUN))
    assert opened(gate, north(-100, 400), GUN - 115)


def test_without_the_time_the_line_alone_counts():
    assert opened(StartGate(plan_of(SHORT, gun_utc_s=GUN)), north(-100, 400))
    assert opened(StartGate(plan_of(SHORT)), north(-100, 400), GUN - 86400)


def test_a_start_400_m_along_the_course():
    plan = plan_of(SHORT, gun_utc_s=GUN)
    gate = StartGate(plan)
    assert opened(gate, north(3000, 4000), GUN - 600) is None  # a warm-up there
    gate = StartGate(plan)
    at = opened(gate, north(4000, 6000), GUN + 3)
    assert at and at[1] <= 4660  # ten metres for the heading, then fifty
    assert opened(StartGate(plan_of(SHORT)), north(4000, 9000), GUN) is None  # no gun: by hand


def test_a_start_400_m_beside_the_line():
    gate = StartGate(plan_of(SHORT, gun_utc_s=GUN))
    at = opened(gate, [(x, 2000) for x in range(4000, 0, -30)] + north(2000, 4000), GUN)
    assert at and at[0] == 0 and at[1] <= 2700


def test_crossing_or_running_against_the_course_does_not_join_it():
    gate = StartGate(plan_of(SHORT, gun_utc_s=GUN))
    assert opened(gate, [(x, 3000) for x in range(2000, -2000, -30)], GUN + 60) is None
    assert opened(gate, north(1000, 9000)[::-1], GUN + 300) is None
    assert opened(gate, north(13000, 18000), GUN + 900) is None  # beyond the first kilometre


def test_an_out_and_back_is_joined_on_its_way_out():
    line = along(OUT_AND_BACK)
    gate = StartGate(plan_of(OUT_AND_BACK, gun_utc_s=GUN))
    back = [place(line, s) for s in range(33000, 38000, 30)]
    assert opened(gate, back, GUN + 60) is None
    assert opened(gate, north(3000, 5000), GUN + 600)
