"""Which way the runner goes tells places apart that lie together: switchbacks, second laps, crossings, the way back."""

from pacing.course import Course

try:
    from core.synthetic import along, place, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import along, place, plan_of, sample  # pyright: ignore[reportMissingImports]

SWITCHBACKS = [(0, 0), (0, 500), (200, 500), (200, 100), (400, 100), (400, 500), (600, 500), (600, 0)]
THERE_AND_BACK = [(0, 0), (0, 20000), (0, 0)]
EIGHT = [(0, 0), (0, 2000), (500, 2000), (500, 1500), (-3000, 1500)]  # crosses itself at 150 m and 350 m
LAP = [(0, 0), (0, 6000), (6000, 6000), (6000, 0)]
LAPS = LAP + LAP + LAP + [(0, 0)]
STRAIGHT = [(0, 0), (0, 30000)]


def turned(corners):
    """The same course a quarter turn further: what holds for one axis must hold for the other."""
    return [(y, -x) for x, y in corners]


def both(corners):
    return corners, turned(corners)


def run(course, places, second=0):
    """Take `places`, a second each; [progress_dm] after each of them."""
    progress = []
    for i, (x, y) in enumerate(places):
        course.step(sample(second + i, x, y))
        progress.append(course.progress_dm)
    return progress


def on(line, first_dm, last_dm, aside=(0, 0)):
    """Places from `first_dm` to `last_dm` of a line at 3 m/s, all of them aside by so much."""
    return [(x + aside[0], y + aside[1]) for x, y in [place(line, s) for s in range(first_dm, last_dm, 30)]]


def test_fixes_nearer_to_the_next_leg_of_switchbacks_stay_on_this_one():
    """Legs 20 m apart and fixes 16 m aside: nearer to the next leg, which goes the other way."""
    for corners, aside in ((SWITCHBACKS, (160, 0)), (turned(SWITCHBACKS), (0, -160))):
        line = along(corners)
        progress = run(Course(plan_of(corners)), on(line, 0, line[-1][2], aside))
        for i, at in enumerate(progress):
            assert abs(at - 30 * i) <= 250, (i, at)


def test_after_a_gap_of_a_lap_and_a_half_it_is_the_second_lap():
    """The same place comes three times; the one nearest to where 2.5 m/s lead is taken."""
    for corners in both(LAPS):
        line = along(corners)
        course = Course(plan_of(corners))
        run(course, on(line, 0, 3000))
        run(course, on(line, 36000, 40000), 1200)
        assert course.matched and abs(course.progress_dm - 40000) < 60


def test_crossing_the_course_is_not_being_back_on_it():
    """Off course for minutes; across it squarely, or against it at a slant: never matched. Along it: at once."""
    for corners, turn in ((STRAIGHT, 0), (turned(STRAIGHT), 1)):
        line = along(corners)
        for way in (
            [(3000 - 30 * i, 6000) for i in range(200)],
            [(3000 - 29 * i, 8000 - 8 * i) for i in range(200)],
            [(3000 - 28 * i, 6000 + 10 * i) for i in range(200)],
        ):
            course = Course(plan_of(corners))
            run(course, on(line, 0, 4000))
            away = [(30 * i, 4000) for i in range(100)] + [(3000, 4000 + 30 * i) for i in range(67)]
            run(course, turned(away) if turn else away, 134)
            assert course.off_course
            for i, (x, y) in enumerate(turned(way) if turn else way):
                course.step(sample(310 + i, x, y))
                assert not course.matched and course.off_course
            run(course, on(line, 9000, 10000), 700)
            assert course.matched and not course.off_course


def test_out_of_sight_around_the_turn_or_a_crossing():
    """The first fix lies on two legs, and the straight line to it from the last one points along the wrong one."""
    for shape, lost_dm, back_dm in (
        (THERE_AND_BACK, 18800, 20900),
        (THERE_AND_BACK, 17000, 20500),
        (EIGHT, 1000, 3500),
    ):
        for corners in both(shape):
            line = along(corners)
            course = Course(plan_of(corners))
            run(course, on(line, 0, lost_dm))
            second = back_dm // 30
            for i, (x, y) in enumerate(on(line, back_dm, back_dm + 3000)):
                course.step(sample(second + i, x, y))
                assert not course.off_course and (i < 4 or abs(course.progress_dm - back_dm - 30 * i) <= 60)


def test_back_in_sight_and_standing_there_is_a_place():
    """No heading comes of standing, and the finish is where it is."""
    line = along(STRAIGHT)
    course = Course(plan_of(STRAIGHT))
    run(course, on(line, 0, 29000))
    course.step(sample(1000, 0, 29990, speed_cms=10))
    assert course.matched and course.finished
