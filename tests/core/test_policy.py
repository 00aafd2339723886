"""Which cue comes first, what is dropped, and what a runner's wishes change: quiet, low moment, doubt, descents."""

from pacing import cues
from pacing.governor import INSIDE, OVER, STANDING
from pacing.planformat import DESCENT, HIKE

try:
    from core.scene import Scene
except ImportError:  # on MicroPython the folder itself is on the path
    from scene import Scene  # pyright: ignore[reportMissingImports]

CAPS = [(10000, 800, 250, 0), (50000, 800, 120, HIKE), (1 << 29, 800, 250, 0)]
STATIONS = [(300000, 600, "soon")]
HOUR = 3600
# What there is to say, in the order in which it is said, and how it comes about at one moment.
ORDER = (
    (cues.LOOK, {"off_course": 1}),
    (cues.CUTOFF, {"plan": {"stations": STATIONS}}),
    (cues.CHECK, {"percent": 8}),
    (cues.EASE, {"state": OVER, "too_hard": 1}),
    (cues.HIKE, {"progress_dm": 9800}),
    (cues.EAT, {"plan": {"fuel": (45, 300)}}),
    (cues.CLEAR, {"obeyed": 1}),
)


def scene_with(wanted):
    """A scene at second 700 in which all of `wanted` (rows of ORDER) is to be said."""
    plan: dict = {"caps": CAPS}
    now: dict = {"state": INSIDE, "too_hard": 0}
    for _, how in wanted:
        plan.update(how.get("plan", {}))
        for name in ("off_course", "state", "too_hard", "progress_dm"):
            if name in how:
                now[name] = how[name]
    scene = Scene(**plan)
    scene.second = 700
    voice = scene.voice
    for _, how in wanted:
        if "percent" in how:
            scene.checks.battery(how["percent"], 0)
        if "obeyed" in how:  # an EASE of 200 s ago is being obeyed
            voice._asked, voice._by, voice._ease_ms, voice._ok_s = 1, cues.BY_EFFORT, 500000, 19
    scene.matched = 1
    for name, value in now.items():
        setattr(scene, name, value)
    scene.plan.at(scene.progress_dm)
    return scene


def test_each_alone():
    for code, how in ORDER:
        said = scene_with([(code, how)]).run(1)
        assert [heard for _, heard, _ in said] == [code]


def test_of_any_two_the_first_of_the_table_is_said():
    for i, first in enumerate(ORDER):
        for second in ORDER[i + 1 :]:
            if (first[0], second[0]) == (cues.EASE, cues.CLEAR):
                continue  # over the cap is not obeyed
            said = scene_with([second, first]).run(1)
            assert [heard for _, heard, _ in said] == [first[0]], (first, second)


def test_all_at_once_come_in_order_20_s_apart():
    rows = [row for row in ORDER if row[0] not in (cues.HIKE, cues.CLEAR)]
    said = scene_with(rows).run(100)
    assert [heard for _, heard, _ in said] == [code for code, _ in rows]
    seconds = [second for second, _, _ in said]
    assert seconds == [700 + 20 * i for i in range(len(rows))]


def test_a_stale_hike_is_dropped():
    scene = scene_with([(cues.HIKE, {"progress_dm": 9800})])
    scene.press()
    assert scene.run(19) == []
    assert scene.run(60, progress_dm=10300) == []  # by now he is far into the climb


def test_hikes_and_eases_share_the_budget():
    climbs = []
    for i in range(1, 21):
        climbs += [(i * 20000 - 10000, 800, 250, 0), (i * 20000, 800, 120, HIKE)]
    for stage_no, first in ((2, 4), (1, 6)):
        scene = Scene(stage_no=stage_no, caps=climbs)
        scene.run(1, matched=1)
        said = []
        for i in range(1, 9):
            said += scene.run(250, progress_dm=i * 20000 - 10300)
        said += scene.run(1550, state=OVER, too_hard=1, hr_bpm=150)
        assert [code for _, code, _ in said] == [cues.HIKE] * first
        assert [reason for _, _, reason in said] == [cues.CLIMB] * first
        assert scene.run(1200)[0][1] == cues.EASE  # an hour later


def test_quiet_leaves_look_cut_off_and_check():
    scene = scene_with(ORDER)
    scene.press(2)
    scene.off_course = 0
    scene.checks.battery(50, 0)
    said = scene.run(1790, state=OVER, too_hard=1)
    assert [code for _, code, _ in said] == [cues.CUTOFF]
    scene.press(2)
    scene.checks.battery(8, 0)
    said = scene.run(300, off_course=1, matched=0)
    assert [code for _, code, _ in said] == [cues.LOOK, cues.CHECK, cues.LOOK]


def test_eat_waits_while_standing():
    scene = Scene(fuel=(45, 1800))
    assert scene.run(1900, state=STANDING) == []
    assert scene.run(10, state=INSIDE) == [(1900, cues.EAT, cues.MEAL)]
    assert scene.run(1800) == [(3700, cues.EAT, cues.MEAL)]


def test_a_low_moment():
    scene = Scene(fuel=(45, 1200))
    scene.run(1000)
    assert scene.press(3) == cues.EAT and scene.voice.reason == cues.LOW_MOMENT
    assert scene.checks.low(scene.second * 1000)
    said = scene.run(3 * HOUR + 100)
    assert said == [(1000 + i * 1800, cues.EAT, cues.LOW_MOMENT) for i in range(1, 6)] + [
        (1000 + 3 * HOUR, cues.CHECK, cues.HOURS_OVER),
        (1000 + 3 * HOUR + 20, cues.EAT, cues.MEAL),
    ]
    assert scene.voice.n == cues.CHECK_THREE_HOURS and not scene.checks.low(scene.second * 1000)
    assert scene.press() == cues.CHECK and scene.voice.n == cues.CHECK_THREE_HOURS
    scene.run(600)
    assert scene.press() == cues.CLEAR
    assert scene.press(3) == cues.EAT  # another one


def test_a_second_triple_press_ends_it():
    scene = Scene()
    scene.run(100)
    scene.press(3)
    scene.run(100)
    assert scene.press(3) == cues.CLEAR and scene.voice.reason == cues.BY_PRESS
    assert scene.run(4 * HOUR) == [] and not scene.checks.low(200000)


def test_battery_low_is_told_once_until_it_has_been_charged():
    scene = Scene(planned_s=7200)
    scene.checks.battery(21, 0)
    assert scene.run(100) == []
    scene.checks.battery(20, 100000)
    assert scene.run(100) == [(100, cues.CHECK, cues.BATTERY_LOW)] and scene.voice.n == cues.CHECK_BATTERY
    scene.checks.battery(15, 200000)
    assert scene.run(100) == []
    assert scene.press() == cues.CHECK and scene.voice.n == cues.CHECK_BATTERY
    scene.checks.battery(60, 300000)
    assert scene.press() == cues.CLEAR
    scene.run(100)
    scene.checks.battery(15, 3700000)  # the second half
    assert scene.run(100) == []
    scene.checks.battery(10, 3800000)
    assert len(scene.run(100)) == 1


def test_doubt_after_three_eases_at_a_low_heart_rate():
    scene = Scene(stage_no=1)
    said = scene.run(10)
    for _ in range(3):
        said += scene.run(100, state=OVER, too_hard=1, hr_bpm=140)
        said += scene.run(600, state=INSIDE, too_hard=0)
    assert [r for _, _, r in said if r not in (cues.OBEYED, cues.REPEATED)] == [cues.BY_EFFORT] * 2 + [cues.DOUBTFUL]
    assert scene.voice.doubtful
    rest = scene.run(3 * HOUR - scene.second, state=OVER, too_hard=1)
    assert [second // HOUR for second, _, _ in rest] == [1, 2]  # one an hour from now on


def test_no_doubt_without_a_strap_at_a_high_heart_rate_or_over_hours():
    for hr_bpm, bound_bpm, pause in ((0, 150, 600), (150, 150, 600), (140, 0, 600), (140, 150, 1900)):
        scene = Scene(stage_no=1)
        scene.hr_bound_bpm = bound_bpm
        for _ in range(6):
            scene.run(30, state=OVER, too_hard=1, hr_bpm=hr_bpm)
            scene.run(pause, state=INSIDE, too_hard=0)
        assert not scene.voice.doubtful


def test_one_ease_a_descent():
    scene = Scene(stage_no=1, caps=[(10000, 800, 250, DESCENT), (1 << 29, 800, 250, 0)])
    scene.plan.at(0)
    said = scene.run(1500, state=OVER, too_hard=1, hr_bpm=0)
    assert said == [(0, cues.EASE, cues.BY_EFFORT)]
    scene.plan.at(20000)
    assert scene.run(2) == [(1500, cues.EASE, cues.BY_EFFORT)]
    scene.plan.at(0)  # the next descent
    assert [code for _, code, _ in scene.run(1500)] == [cues.EASE]


def test_a_press_before_a_look_is_felt_accepts_nothing():
    scene = Scene()
    scene.run(10)
    scene.press()
    assert scene.run(5, off_course=1) == []  # 20 s apart
    scene.press()  # "how am I?", just before the LOOK
    looked = scene.run(40, off_course=1)
    assert [code for _, code, _ in looked] == [cues.LOOK]
    scene.run(300, off_course=0)
    looked = scene.run(2, off_course=1)
    scene.press()  # while it still plays
    assert [code for _, code, _ in looked] == [cues.LOOK]
    assert [code for _, code, _ in scene.run(200, off_course=1)] == [cues.LOOK]


def test_accepting_a_re_route_ends_the_looks():
    scene = Scene()
    scene.run(10)
    assert len(scene.run(30, off_course=1)) == 1
    scene.press()
    assert scene.run(3600) == []
    scene.run(100, off_course=0)
    assert len(scene.run(30, off_course=1)) == 1  # another excursion
