"""What lies ahead: climbs to walk, meals, cut-offs."""

from pacing import cues
from pacing.planformat import DESCENT, HIKE, NEUTRAL
from pacing.prompts import Prompts

try:
    from core.synthetic import plan_of
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import plan_of  # pyright: ignore[reportMissingImports]

ROAD = [(0, 0), (0, 400000)]  # 40 km
# Two climbs with 80 m between them are one; another follows after 400 m.
CLIMBS = [(20000, 800, 250, 0), (24000, 800, 120, HIKE), (24800, 800, 250, 0), (28000, 800, 120, HIKE),
          (32000, 800, 250, DESCENT), (36000, 800, 120, HIKE), (400000, 800, 250, 0)]  # fmt: skip
EVEN = [(400000, 800, 250, 0)]  # 40 km in 16000 s
GUN = 1790000000


class Place:
    """A course that says where the runner is."""

    def __init__(self, progress_dm=0):
        self.progress_dm = progress_dm
        self.matched = 1
        self.grade_pm = 0


def walk_through(prompts, place, first_dm, last_dm, speed_cms=280):
    """Progress at which HIKE is said between two places, a second at a time."""
    said = []
    place.progress_dm = first_dm
    while place.progress_dm < last_dm:
        prompts._plan.at(place.progress_dm)
        climb_dm = prompts.hike(speed_cms)
        if climb_dm:
            said.append(place.progress_dm)
            prompts.hiked_dm = climb_dm
        place.progress_dm += speed_cms // 10
    return said


def hikes(first_dm, last_dm, speed_cms=280, caps=CLIMBS):
    place = Place()
    return walk_through(Prompts(plan_of(ROAD, caps=caps), place), place, first_dm, last_dm, speed_cms)


def test_hike_once_a_climb_and_60_m_before_it():
    said = hikes(0, 40000)
    assert len(said) == 2
    assert 19400 <= said[0] < 19430 and 31400 <= said[1] < 31430


def test_no_hike_for_one_who_walks_already():
    assert hikes(0, 40000, speed_cms=190) == []


def test_a_climb_from_the_start_and_one_to_the_end():
    caps = [(3000, 800, 120, HIKE), (9000, 800, 250, 0), (400000, 800, 120, HIKE)]
    assert hikes(0, 40000, caps=caps) == [0, 8400]


def test_no_hike_far_into_a_climb_in_neutral_kilometres_or_off_the_course():
    assert hikes(20400, 28000) == []
    neutral = list(CLIMBS)
    neutral[0] = (20000, 800, 250, NEUTRAL)
    assert hikes(0, 30000, caps=neutral) == [20020]  # the first metre that counts
    place = Place(19500)
    place.matched = 0
    assert not Prompts(plan_of(ROAD, caps=CLIMBS), place).hike(280)


def test_the_climb_is_found_again_after_a_step_back():
    place = Place()
    prompts = Prompts(plan_of(ROAD, caps=CLIMBS), place)
    assert len(walk_through(prompts, place, 30000, 37000)) == 1
    assert len(walk_through(prompts, place, 18000, 21000)) == 1  # matched further back: that climb was not told


def test_no_climbs_no_caps():
    assert hikes(0, 3000, caps=[]) == [] and hikes(0, 3000, caps=EVEN) == []


def test_eat_in_time():
    prompts = Prompts(plan_of(ROAD, fuel=(45, 2000)), Place())
    assert not prompts.eat(1999000, False) and prompts.eat(2000000, False) == cues.MEAL
    prompts.eaten(2100000)
    assert not prompts.eat(4000000, False) and prompts.eat(4100000, False) == cues.MEAL
    assert prompts.eat(3900000, True) == cues.LOW_MOMENT  # each half hour
    assert not Prompts(plan_of(ROAD), Place()).eat(36000000, False)


def told(stations, minutes, speed_dms, start_dm=0, clock=None, **more):
    """[(minute, reason)] of the cut-offs that are told to one who runs at speed_dms (dm/s) from `start_dm`."""
    place = Place()
    prompts = Prompts(plan_of(ROAD, caps=EVEN, stations=stations, **more), place)
    if clock:
        prompts.clock(clock, 0)
    said = []
    for minute in range(1, minutes):
        place.progress_dm = start_dm + minute * 60 * speed_dms
        reason = prompts.cutoff(minute * 60000)
        if reason:
            said.append((minute, reason))
    return said


def test_a_wide_cut_off_is_not_told():
    assert told([(200000, 8000 + 1800, "half")], 130, 25) == []


def test_a_cut_off_is_told_once_a_station():
    said = told([(100000, 4000 + 600, "a"), (200000, 8000 + 600, "b"), (300000, 0, "c")], 250, 25)
    assert said == [(1, cues.CUTOFF_NEAR), (67, cues.CUTOFF_NEAR)]


def test_who_falls_behind_is_told_when_it_begins_to_count():
    """20 % slower than the plan with a margin of 33 minutes on 20 km: told before half of it is gone, not at once."""
    said = told([(200000, 8000 + 2600, "half")], 175, 20)
    assert len(said) == 1 and said[0][1] == cues.CUTOFF_NEAR and 10 < said[0][0] < 80


def test_out_of_reach_is_told_once_and_nothing_urges():
    said = told([(200000, 7000, "half"), (390000, 9000, "late")], 230, 25)
    assert said == [(1, cues.CUTOFF_MISSED)]


def test_first_near_then_out_of_reach():
    said = told([(200000, 8200, "half")], 170, 18)
    assert [reason for _, reason in said] == [cues.CUTOFF_NEAR, cues.CUTOFF_MISSED]


def test_cut_offs_run_from_the_gun():
    wide = [(200000, 8000 + 1500, "half")]
    assert told(wide, 130, 25, gun_utc_s=GUN) == []
    assert told(wide, 130, 25, gun_utc_s=GUN, clock=GUN + 60) == []
    assert told(wide, 130, 25, gun_utc_s=GUN, clock=GUN + 900) == [(1, cues.CUTOFF_NEAR)]
    assert told(wide, 130, 25, clock=GUN + 900) == []  # no gun in the plan
    for day in (-86400, 86400):
        assert told(wide, 130, 25, gun_utc_s=GUN, clock=GUN + day) == []  # another day's gun is none


def test_the_clock_counts_from_any_moment():
    place = Place(1000)
    prompts = Prompts(plan_of(ROAD, caps=EVEN, stations=[(200000, 8000 + 1500, "half")], gun_utc_s=GUN), place)
    prompts.clock(GUN + 900 + 600, 600000)
    assert prompts.cutoff(600000) == cues.CUTOFF_NEAR


def test_no_cut_off_while_the_place_is_not_known():
    place = Place(1000)
    place.matched = 0
    prompts = Prompts(plan_of(ROAD, caps=EVEN, stations=[(200000, 1, "half")]), place)
    assert not prompts.cutoff(600000)
    place.matched = 1
    assert prompts.cutoff(601000) == cues.CUTOFF_MISSED
    assert not prompts.cutoff(630000)


def test_a_plan_without_speeds_is_taken_at_three_quarters_of_critical_speed():
    """27.7 km at 2.77 m/s; a minute late already, which makes 11000 s of the 10000, and 60 s are gone."""
    for cutoff_s, expected in ((11970, 0), (11950, cues.CUTOFF_NEAR)):
        prompts = Prompts(plan_of(ROAD, stations=[(277000, cutoff_s, "x")]), Place())
        assert prompts.cutoff(60000) == expected


def meals(minutes, m_per_min, **plan):
    """Minutes at which one who spends m_per_min is told to eat; a portion lasts for 6 km or 2000 s."""
    prompts = Prompts(plan_of(ROAD, fuel=(45, 2000), eat_every_m=6000, **plan), Place())
    told = []
    for minute in range(1, minutes + 1):
        prompts.spend(m_per_min * 1000)
        if prompts.eat(minute * 60000, False):
            prompts.eaten(minute * 60000)
            told.append(minute)
    return told


def test_eat_by_energy():
    assert meals(100, 200) == [30, 60, 90]
    assert meals(100, 240) == [25, 50, 75, 100]


def test_energy_has_a_floor_and_a_ceiling_in_time():
    assert meals(60, 1000) == [17, 34, 51]  # not before 1000 s
    assert meals(110, 10) == [50, 100]  # not after 3000 s


def test_a_low_moment_feeds_by_time():
    prompts = Prompts(plan_of(ROAD, fuel=(45, 2000), eat_every_m=6000), Place())
    prompts.spend(100000000)
    assert not prompts.eat(1799000, True) and prompts.eat(1800000, True) == cues.LOW_MOMENT


def relaxed(margin_s):
    """relax_pm with a margin of so many seconds at a cut-off 20 km away, for one who is as fast as the plan."""
    prompts = Prompts(plan_of(ROAD, caps=EVEN, stations=[(200000, 8000 + margin_s, "half")]), Place(100000))
    prompts.cutoff(4000000)
    return prompts.relax_pm


def test_a_thin_margin_relaxes_by_5_percent_at_most():
    assert [relaxed(margin_s) for margin_s in (1000, 900, 600, 300, 0, -100)] == [0, 0, 25, 50, 50, 50]
    assert relaxed(-1000) == 0  # out of reach


def test_relaxing_ends_with_the_margin_back_and_at_the_station():
    place = Place(100000)
    prompts = Prompts(plan_of(ROAD, caps=EVEN, stations=[(200000, 8300, "half"), (390000, 0, "")]), place)
    prompts.cutoff(4000000)
    assert prompts.relax_pm == 50
    place.progress_dm = 120000
    prompts.cutoff(4060000)  # 2 km in a minute: the margin is back
    assert prompts.relax_pm == 0
    place.progress_dm = 130000
    prompts.cutoff(5300000)
    assert prompts.relax_pm > 0
    place.progress_dm = 200001
    prompts.cutoff(8200000)
    assert prompts.relax_pm == 0
