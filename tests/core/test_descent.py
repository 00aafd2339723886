"""The descent brake: what is counted, when an EASE is due, and that there is one a descent."""

from pacing import cues
from pacing.descent import NEAR_DM, Brake
from pacing.governor import INSIDE, OVER, ROUGH
from pacing.pacer import Pacer
from pacing.planformat import DESCENT, NEUTRAL, TECHNICAL

try:
    from core.scene import Scene
    from core.synthetic import Noise, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from scene import Scene  # pyright: ignore[reportMissingImports]
    from synthetic import Noise, plan_of, sample  # pyright: ignore[reportMissingImports]

ROAD = [(0, 0), (0, 60000)]
# Up and down again thrice: 1 km up, 1 km down at 10 %. Limits of 3.2 m/s and .4 m/s, 40 m of budget.
HEIGHTS = [10000 + 20 * (50 - abs(i % 100 - 50)) for i in range(302)]
CAPS = [(10000, 800, 180, 0), (20000, 800, 320, DESCENT), (30000, 800, 180, 0), (40000, 800, 320, DESCENT),
        (50000, 800, 180, 0), (60000, 800, 320, DESCENT)]  # fmt: skip
DAY = {"caps": CAPS, "profile": (200, HEIGHTS), "ecc_cms": 320, "sink_cms": 40, "ecc_budget_dm": 400}


class Place:
    """A course that says where the runner is and how steep it is there."""

    def __init__(self, progress_dm=12500, grade_pm=-100):
        self.progress_dm = progress_dm
        self.grade_pm = grade_pm
        self.matched = 1


def counted(seconds, speed_cms, grade_pm=-100, speed_ok=True, **more):
    """A brake after `seconds` at one speed on one grade."""
    place = Place(12500, grade_pm)
    plan = plan_of(ROAD, **dict(DAY, **more))
    plan.at(12500)
    brake = Brake(plan, place)
    for _ in range(seconds):
        brake.step(speed_cms, speed_ok, 1)
    return brake


def test_metres_of_descent_above_the_limit_are_counted():
    brake = counted(100, 352)  # 10 % over: 35.2 m down
    assert brake.fast == 100 * 35 * 100 and brake.over == 1
    assert counted(100, 336).fast == 100 * 33 * 50  # 5 % over: half of it
    assert counted(100, 500, sink_cms=0).fast == 100 * 50 * 100  # each metre once, however fast


def test_the_vertical_limit_alone_counts_too():
    brake = counted(100, 220, grade_pm=-200)  # 2.2 m/s is slow, .44 m/s down is not
    assert brake.fast == 100 * 44 * 100
    assert not counted(100, 220, grade_pm=-200, sink_cms=0).fast


def test_nothing_is_counted_where_it_is_no_descent_or_cannot_be_judged():
    for brake in (
        counted(100, 400, grade_pm=-40),
        counted(100, 400, grade_pm=100),
        counted(100, 400, speed_ok=False),
        counted(100, 400, ecc_budget_dm=0),
        counted(100, 400, caps=[(1 << 29, 800, 0, NEUTRAL)]),
        counted(100, 20),
    ):
        assert not (brake.fast or brake.over)


def down(speeds, **more):
    """[(progress_dm, code, reason)] of the cues of one who runs DAY's course: speeds uphill and, in turn, downhill."""
    pacer = Pacer(plan_of(ROAD, stage_no=2, **dict(DAY, **more)))
    noise = Noise(3)
    said = []
    s_cm = second = 0
    while s_cm < 595000:
        turn = s_cm // 100000
        mean_cms = speeds[turn // 2] if turn % 2 else 170
        speed_cms = mean_cms * (1000 + noise.step(100)) // 1000
        s_cm += speed_cms
        code = pacer.step(sample(second, 0, s_cm // 10, speed_cms, 0))
        if code:
            said.append((pacer.course.progress_dm, code, pacer.reason))
        second += 1
    return said, pacer


def test_who_keeps_a_tenth_below_the_limit_hears_nothing():
    """As rough as real descents are."""
    said, pacer = down((285, 285, 285))
    assert said == [] and pacer.brake.fast > 0


def test_a_first_descent_too_fast_is_told_at_once_if_enough_is_left():
    """And again before the second, because he went on as before; the third is no matter any more."""
    said, _ = down((380, 285, 285))
    eases = [row for row in said if row[1] == cues.EASE]
    assert [row[2] for row in eases] == [cues.BY_DESCENT] * 2
    assert 13500 < eases[0][0] < 17000 and 29000 <= eases[1][0] < 29100


def test_a_budget_spent_late_is_told_100_m_before_the_next_descent():
    said, _ = down((380, 285, 285), ecc_budget_dm=750)
    assert said[0][1:] == (cues.EASE, cues.BY_DESCENT) and 29000 <= said[0][0] < 29100
    assert said[1][1:] == (cues.CLEAR, cues.OBEYED) and 30000 < said[1][0] < 36000
    assert len(said) == 2


def test_at_most_one_ease_a_descent():
    said, _ = down((420, 420, 420), ecc_budget_dm=300)
    eases = [s_dm for s_dm, code, _ in said if code == cues.EASE]
    assert len(eases) == 3 and 13000 < eases[0] < 16000
    assert 29000 <= eases[1] < 29100 and 49000 <= eases[2] < 49100


def test_never_on_technical_ground_nor_before_it():
    rough = [(end, cap, speed, flags | (TECHNICAL if flags else 0)) for end, cap, speed, flags in CAPS]
    assert down((420, 420, 420), caps=rough)[0] == []


def test_a_short_descent_is_not_worth_a_word():
    place = Place()
    short = [(10000, 800, 180, 0), (20000, 800, 320, DESCENT), (30000, 800, 300, 0), (31900, 800, 320, DESCENT),
             (60000, 800, 300, 0)]  # fmt: skip
    brake = Brake(plan_of(ROAD, **dict(DAY, caps=short)), place)
    for s_dm in range(18100, 20000, 40):
        place.progress_dm = s_dm
        brake.step(500, True, 1)
        assert not brake.due  # spent by now, but the end of it is near
    place.grade_pm = 0
    for s_dm in range(20000, 60000, 40):
        place.progress_dm = s_dm
        brake.step(300, True, 1)
        assert not brake.due


def test_a_descent_that_was_told_is_hushed_from_before_it_to_its_end():
    place = Place()
    brake = Brake(plan_of(ROAD, **DAY), place)
    for _ in range(200):
        brake.step(400, True, 1)
    place.grade_pm = 0
    place.progress_dm = 30000 - NEAR_DM
    brake.step(300, True, 1)
    assert brake.due and not brake.hushed
    brake.told()
    for s_dm, hushed in ((29001, 1), (30000, 1), (39999, 1), (40000, 0), (28000, 0), (15000, 0)):
        place.progress_dm = s_dm
        brake.step(300, True, 1)
        assert (brake.hushed, brake.due) == (hushed, 0), s_dm


def test_the_voice_says_it_once_within_the_budget_and_not_on_rough_ground():
    scene = Scene(caps=CAPS)
    assert scene.run(100, due=1, state=ROUGH) == []
    said = scene.run(700, state=INSIDE)
    assert said == [(100, cues.EASE, cues.BY_DESCENT)] and scene.spoken_count == 0
    assert scene.run(600, state=OVER, too_hard=1) == []  # hushed
    assert scene.run(60, hushed=0) == [(1400, cues.EASE, cues.BY_EFFORT)]
    scene = Scene(caps=CAPS, ease_per_h=1)
    scene.run(100, state=OVER, too_hard=1)
    assert scene.run(2000, state=INSIDE, too_hard=0, due=1)[1:] == []


def test_obeyed_on_the_descent():
    scene = Scene(caps=CAPS)
    scene.run(10, due=1)
    scene.run(60, over=1)
    assert scene.run(60, over=-1) == [(89, cues.CLEAR, cues.OBEYED)]
