"""When to speak: spacing, repeats, quiet, budget, losses, presses."""

from pacing import cues
from pacing.governor import INSIDE, OVER, STANDING

try:
    from core.scene import Scene
except ImportError:  # on MicroPython the folder itself is on the path
    from scene import Scene  # pyright: ignore[reportMissingImports]


def test_ease_is_repeated_once_then_quiet_for_ten_minutes():
    scene = Scene()
    scene.run(30)
    said = scene.run(1500, state=OVER, too_hard=1)
    assert (
        said
        == [
            (30, cues.EASE, cues.BY_EFFORT),
            (120, cues.EASE, cues.REPEATED),
            (720, cues.EASE, cues.BY_EFFORT),
            (810, cues.EASE, cues.REPEATED),
            (1410, cues.EASE, cues.BY_EFFORT),
        ][: len(said)]
    )
    assert len(said) == 4  # the hour's budget of four is spent


def test_clear_after_an_obeyed_ease_and_no_repeat():
    scene = Scene()
    scene.run(40, state=OVER, too_hard=1)
    said = scene.run(300, state=INSIDE, too_hard=0)
    assert said == [(59, cues.CLEAR, cues.OBEYED)]


def test_one_breath_is_not_obedience():
    scene = Scene()
    scene.run(40, state=OVER, too_hard=1)
    said = []
    for _ in range(10):
        said += scene.run(10, state=INSIDE) + scene.run(5, state=OVER)
    assert [code for _, code, _ in said] == [cues.EASE]


def test_standing_is_not_obedience():
    scene = Scene()
    scene.run(40, state=OVER, too_hard=1)
    assert scene.run(900, state=STANDING, too_hard=0) == []


def test_late_obedience_is_still_told():
    scene = Scene()
    scene.run(200, state=OVER, too_hard=1)
    assert scene.run(100, state=INSIDE, too_hard=0) == [(219, cues.CLEAR, cues.OBEYED)]


def test_very_late_obedience_is_not():
    scene = Scene()
    scene.run(200, state=OVER, too_hard=1)
    scene.run(560, state=STANDING, too_hard=0)
    assert scene.run(100, state=INSIDE) == []


def test_heart_rate_is_hard_and_breaks_the_quiet_of_effort_once():
    scene = Scene()
    scene.run(1, state=OVER, too_hard=1)
    scene.run(300, state=INSIDE, too_hard=0)
    said = scene.run(200, hr_high=1, hr_bpm=160)
    assert said == [(301, cues.EASE_HARD, cues.BY_HEART_RATE), (391, cues.EASE_HARD, cues.REPEATED)]
    assert scene.run(300) == []


def test_clear_when_heart_rate_is_back():
    scene = Scene()
    scene.run(30, hr_high=1, hr_bpm=160)
    assert scene.run(60, hr_high=0, hr_bpm=148) == [(49, cues.CLEAR, cues.OBEYED)]


def test_budget_of_an_hour():
    for stage_no, first in ((2, 4), (1, 6)):
        scene = Scene(stage_no=stage_no)
        said = scene.run(3600, state=OVER, too_hard=1, hr_bpm=150)  # at its bound: no doubt of the plan
        assert len(said) == first
        assert len(scene.run(3600)) == 4


def test_budget_holds_for_any_hour():
    for quiet_s in (0, 2000, 2800, 3400):  # cues late in one hour of the stage and early in the next
        scene = Scene(stage_no=2)
        scene.run(quiet_s + 1)
        said = [at for at, _, _ in scene.run(4 * 3600, state=OVER, too_hard=1, hr_bpm=150)]
        assert max([len([at for at in said if since <= at < since + 3600]) for since in said]) == 4
        assert len(said) >= 4 * 3


def test_cues_are_apart_and_in_order():
    scene = Scene()
    scene.run(200)
    scene.run(59, fix=False, hr_bpm=0)
    said = scene.run(100, state=OVER, too_hard=1, off_course=1)
    assert [code for _, code, _ in said] == [cues.LOOK, cues.CHECK, cues.CHECK, cues.EASE]
    assert all(said[i + 1][0] - said[i][0] >= 20 for i in range(3))


def test_look_twice_then_never():
    scene = Scene()
    scene.run(30)
    said = scene.run(3600, off_course=1)
    assert said == [(30, cues.LOOK, cues.OFF_COURSE), (180, cues.LOOK, cues.OFF_COURSE)]
    scene.run(10, off_course=0)
    assert len(scene.run(30, off_course=1)) == 1  # another excursion


def test_a_press_accepts_the_new_route():
    scene = Scene()
    scene.run(40, off_course=1)
    assert scene.press() == cues.CLEAR
    assert scene.run(600) == []


def test_strap_loss_is_told_once_and_again_after_it_was_back():
    scene = Scene()
    scene.run(100)
    said = scene.run(1000, hr_bpm=0)
    assert said == [(159, cues.CHECK, cues.STRAP_LOST)] and scene.voice.n == cues.CHECK_STRAP
    scene.run(30, hr_bpm=140)
    assert scene.run(300, hr_bpm=0) == []  # a flicker is no return
    scene.run(90, hr_bpm=140)
    assert len(scene.run(300, hr_bpm=0)) == 1


def test_no_strap_is_a_full_mode():
    scene = Scene()
    assert scene.run(3600, hr_bpm=0) == []
    assert scene.press() == cues.CLEAR


def test_gps_loss():
    scene = Scene()
    assert scene.run(400, fix=False) == [(179, cues.CHECK, cues.GPS_LOST)]  # never had one
    scene.run(100, fix=True)
    assert scene.run(400, fix=False) == [(559, cues.CHECK, cues.GPS_LOST)]
    assert scene.voice.n == cues.CHECK_GPS


def test_a_press_always_answers():
    scene = Scene()
    scene.run(100)
    assert scene.press() == cues.CLEAR and scene.voice.reason == cues.BY_PRESS
    scene.run(1, state=OVER)
    assert scene.press() == cues.EASE
    scene.run(1, state=INSIDE, hr_bpm=156)
    assert scene.press() == cues.EASE
    scene.run(61, hr_bpm=0)
    assert scene.press() == cues.CHECK and scene.voice.n == cues.CHECK_STRAP
    scene.run(61, fix=False)
    assert scene.press() == cues.CHECK and scene.voice.n == cues.CHECK_GPS


def test_two_presses_are_half_an_hour_of_quiet():
    scene = Scene()
    scene.run(10)
    assert scene.press(2) == cues.CLEAR
    assert scene.run(1795, state=OVER, too_hard=1) == []
    assert len(scene.run(30)) == 1
