"""A race day through the whole core: mornings, low moments, re-routes, ends that are taken back, neutral ground."""

from pacing import cues
from pacing.ending import AT_FINISH, AT_LINE, BY_HAND, ON_WHEELS
from pacing.journal import EV_BATTERY, EV_END, EV_PRESS, EV_UNEND, EV_UTC
from pacing.pacer import Pacer
from pacing.planformat import DESCENT, HIKE, NEUTRAL, TECHNICAL

try:
    from core.synthetic import Noise, Runner, along, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import Noise, Runner, along, plan_of, sample  # pyright: ignore[reportMissingImports]

ROAD = [(0, 0), (0, 1000000)]
SHORT = [(0, 0), (0, 30000)]
BEND = [(0, 0), (0, 20000), (20000, 20000), (20000, 60000)]
GUN = 1790000000


def follow(pacer, places, start, speed_cms=280, hr_bpm=0):
    """Step along `places`, a second each from `start`; [(second, code, reason)] of what is said."""
    said = []
    for i, (x, y) in enumerate(places):
        code = pacer.step(sample(start + i, x, y, speed_cms, hr_bpm))
        if code:
            said.append((start + i, code, pacer.reason))
    return said


def north(first, last, x=0, speed_dms=28):
    return [(x, y) for y in range(first, last, speed_dms)]


def test_the_cap_of_a_later_morning_rises_for_20_minutes():
    caps = {}
    for stage_no in (1, 2):
        pacer = Pacer(plan_of(ROAD, stage_no=stage_no))
        for second in range(1300):
            pacer.step(sample(second, 0, 28 * second, 280))
            caps[stage_no, second] = pacer.governor.cap_pm
    assert [caps[2, second] for second in (0, 600, 1200, 1299)] == [720, 760, 800, 800]
    assert caps[1, 0] == caps[1, 1299] == 800


def test_who_keeps_to_the_morning_hears_nothing_nor_who_is_even_and_forgets_it():
    """The second owes half of what is spoken of when the cap is where he is."""
    for rough_pm, knows in ((40, True), (0, False)):
        pacer = Pacer(plan_of(ROAD, stage_no=3))
        runner = Runner(along(ROAD), 3, rough_pm)
        assert [s for s in range(3600) if pacer.step(runner.run(pacer.governor.cap_pm if knows else 800))] == []


def test_a_low_moment_lowers_the_cap_and_stops_nothing():
    pacer = Pacer(plan_of(ROAD, stage_no=1))
    follow(pacer, north(0, 2800), 0)
    assert pacer.event(EV_PRESS, 3, 100000) == cues.EAT and pacer.reason == cues.LOW_MOMENT
    follow(pacer, north(2800, 2900), 100)
    assert pacer.governor.cap_pm == 680
    kept = pacer.save()
    other = Pacer(plan_of(ROAD, stage_no=1))
    other.load(kept)
    follow(other, north(2900, 3000), 104)
    assert other.governor.cap_pm == 680
    other.event(EV_END, BY_HAND, 110000)
    assert other.finished == BY_HAND
    assert pacer.event(EV_PRESS, 3, 105000) == cues.CLEAR
    follow(pacer, north(2900, 3000), 106)
    assert pacer.governor.cap_pm == 800


def test_neutral_kilometres_neither_cue_nor_charge():
    neutral = [(30000, 800, 300, NEUTRAL), (1 << 29, 800, 300, 0)]
    pacer = Pacer(plan_of(ROAD, stage_no=1, caps=neutral, hr_cap_bpm=150))
    runner = Runner(along(ROAD), 2)
    while pacer.course.progress_dm < 29900:
        assert pacer.step(runner.run(1000)) == cues.NONE
    assert pacer.governor.debt == 70  # the first day's head start, and no more
    said = [pacer.step(runner.run(1000)) for _ in range(900)]
    assert cues.EASE in said or cues.EASE_HARD in said


def test_no_ease_on_technical_ground():
    rough = [(1 << 29, 800, 300, TECHNICAL | DESCENT)]
    pacer = Pacer(plan_of(ROAD, stage_no=1, caps=rough, hr_cap_bpm=150))
    runner = Runner(along(ROAD), 2)
    assert [1 for _ in range(1800) if pacer.step(runner.run(1000))] == []


def test_an_accepted_re_route_silences_course_and_cut_offs_and_not_the_heart():
    """Off at 1 km, onto a road 300 m beside the course; on it a climb to walk and a cut-off out of reach lie ahead."""
    caps = [(11500, 800, 280, TECHNICAL), (40000, 800, 280, HIKE), (60000, 800, 280, 0), (80000, 800, 280, 0)]
    plan = plan_of(BEND, stage_no=1, caps=caps, stations=[(70000, 1500, "")], hr_cap_bpm=150)
    pacer = Pacer(plan)
    follow(pacer, north(0, 10000), 0, hr_bpm=140)
    aside = [(x, 10000) for x in range(0, 3000, 28)] + north(10000, 14000, x=3000)
    said = follow(pacer, aside, 358, hr_bpm=140)
    assert (cues.LOOK, cues.OFF_COURSE) in [(code, reason) for _, code, reason in said]
    assert pacer.course.off_course and pacer.course.grade_pm == 0
    second = 358 + len(aside)
    pacer.event(EV_PRESS, 1, second * 1000)
    said = follow(pacer, north(14000, 30000, x=3000), second, hr_bpm=140)
    assert said == []
    second += 572
    said = follow(pacer, north(30000, 34000, x=3000), second, hr_bpm=180)
    assert said and said[0][1:] == (cues.EASE_HARD, cues.BY_HEART_RATE)
    # Over the course's second leg, across it: not on it again. Along the third: on it.
    pacer = Pacer(plan)
    follow(pacer, north(0, 10000), 0)
    second = 358
    away = [(x, 10000) for x in range(0, 12000, 28)]
    follow(pacer, away, second)
    second += len(away)
    pacer.event(EV_PRESS, 1, second * 1000)
    across = north(10000, 30000, x=12000)
    assert [code for _, code, _ in follow(pacer, across, second) if code == cues.LOOK] == []
    assert pacer.course.off_course
    second += len(across)
    back = [(x, 30000) for x in range(12000, 20000, 28)] + north(30000, 45000, x=20000)
    follow(pacer, back, second)
    assert not pacer.course.off_course and abs(pacer.course.progress_dm - 65000) < 100


def test_a_cut_off_counts_from_the_gun_once_the_time_is_known():
    plan = plan_of(ROAD, stage_no=1, caps=[(1 << 29, 800, 280, 0)], stations=[(100000, 3571 + 1400, "")], gun_utc_s=GUN)
    pacer = Pacer(plan)
    assert follow(pacer, north(0, 8000), 0) == []
    pacer.event(EV_UTC, GUN + 700 + 286, 286000)  # 700 s after the gun over the line
    other = Pacer(plan)
    other.load(pacer.save())
    said = follow(pacer, north(8000, 16000), 286)
    assert [(code, reason) for _, code, reason in said] == [(cues.CUTOFF, cues.CUTOFF_NEAR)]
    assert follow(other, north(8000, 16000), 286) == said


def test_a_thin_margin_lifts_the_cap_alone_and_not_in_a_low_moment():
    """3 minutes in hand at the next station: 5 % more, the heart's bound as it was; none of it in a low moment."""
    caps = [(1 << 29, 800, 280, 0)]
    plan = plan_of(ROAD, stage_no=1, caps=caps, stations=[(100000, 3571 + 180, "")], hr_cap_bpm=150)
    pacer = Pacer(plan)
    follow(pacer, north(0, 2800), 0)
    assert pacer.governor.cap_pm == 840 and pacer.governor.hr_bound_bpm == 150
    pacer.event(EV_PRESS, 3, 100000)
    follow(pacer, north(2800, 2900), 100)
    assert pacer.governor.cap_pm == 680


def test_a_battery_event_is_told():
    pacer = Pacer(plan_of(ROAD, planned_s=7200))
    follow(pacer, north(0, 280), 0)
    assert pacer.event(EV_BATTERY, 15, 10000) == cues.NONE
    said = follow(pacer, north(280, 560), 11)
    assert said == [(11, cues.CHECK, cues.BATTERY_LOW)] and pacer.cue_n == cues.CHECK_BATTERY


def test_an_end_by_hand_is_taken_back_within_half_an_hour():
    for later_ms, goes_on in ((1800000, True), (1800001, False)):
        pacer = Pacer(plan_of(ROAD, stage_no=1))
        follow(pacer, north(0, 2800), 0)
        pacer.event(EV_END, BY_HAND, 100000)
        assert pacer.finished == BY_HAND and pacer.ending.end_ms == 100000
        assert follow(pacer, north(2800, 2900), 101) == []
        pacer.event(EV_UNEND, 0, 100000 + later_ms)
        assert (not pacer.finished) == goes_on
        runner = Runner(along(ROAD), 2)
        runner.second = 2000
        runner.s_cm = 29000
        assert any([pacer.step(runner.run(1000)) for _ in range(900)]) == goes_on


def test_the_line_is_not_taken_back():
    pacer = Pacer(plan_of(SHORT))
    follow(pacer, north(0, 30000), 0)
    assert pacer.finished == AT_LINE and 1050000 < pacer.ending.end_ms < 1080000
    pacer.event(EV_UNEND, 0, 1100000)
    follow(pacer, [(0, 30000)], 1101)
    assert pacer.finished == AT_LINE


def test_resting_short_of_the_line():
    pacer = Pacer(plan_of(SHORT))
    scatter = Noise(4)
    follow(pacer, north(0, 28800), 0)
    rest = [(scatter.next(30), 28800 + scatter.next(30)) for _ in range(700)]
    follow(pacer, rest, 1029, speed_cms=10)
    assert pacer.finished == AT_FINISH and 1020000 <= pacer.ending.end_ms <= 1060000


def test_the_bus_home():
    pacer = Pacer(plan_of(BEND))
    follow(pacer, north(0, 10000), 0)
    follow(pacer, [(x, 10000) for x in range(0, -30000, -140)], 358, speed_cms=1400)
    assert pacer.finished == ON_WHEELS and pacer.ending.end_ms == 358000


def test_a_ride_is_no_effort():
    """By car along the course itself for less than the minute that ends a stage."""
    pacer = Pacer(plan_of(ROAD, stage_no=1))
    follow(pacer, north(0, 14000), 0)
    before = pacer.ledger.owed, pacer.governor.debt
    assert follow(pacer, north(14000, 22000, speed_dms=140), 500, speed_cms=1400) == []
    assert (pacer.ledger.owed, pacer.governor.debt) == before and not pacer.finished


def test_a_lunch_of_15_minutes_with_the_strap_off():
    """Nothing is charged, repaid or called obeyed; the strap is told once, and its return arms it again."""
    pacer = Pacer(plan_of(ROAD, stage_no=1, hr_cap_bpm=160))
    follow(pacer, north(0, 16800), 0, hr_bpm=140)
    debt = pacer.governor.debt
    said = follow(pacer, [(0, 16800)] * 900, 600, speed_cms=0)
    assert [row[1:] for row in said] == [(cues.CHECK, cues.STRAP_LOST)] and pacer.governor.debt == debt
    assert follow(pacer, north(16800, 20000), 1500, hr_bpm=140) == []
    said = follow(pacer, north(20000, 23000), 1615)
    assert [row[1:] for row in said] == [(cues.CHECK, cues.STRAP_LOST)]
