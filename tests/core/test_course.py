"""Map-matching: noise, gaps, leaving the course, out-and-backs and second laps."""

from pacing.course import Course
from pacing.sample import FIX_MASK, JUMP

try:
    from core.synthetic import Noise, along, place, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import Noise, along, place, plan_of, sample  # pyright: ignore[reportMissingImports]

NORTH = [(0, 0), (0, 5000), (0, 12000), (4000, 12000), (4000, 30000)]  # 3.4 km with two corners
OUT_AND_BACK = [(0, 0), (0, 20000), (0, 0)]
LAP = [(0, 0), (0, 6000), (6000, 6000), (6000, 0)]
LAPS = LAP + LAP + LAP + [(0, 0)]


def follow(course, line, start_dm, end_dm, second=0):
    """Run from start to end at 3 m/s with 4 m of scatter; the worst error of progress. Returns (error, seconds)."""
    scatter = Noise(start_dm + 1)
    worst = 0
    s = start_dm
    while s <= end_dm:
        x, y = place(line, s)
        course.step(sample(second, x + scatter.next(40), y + scatter.next(40)))
        worst = max(worst, abs(course.progress_dm - s))
        s += 30
        second += 1
    return worst, second


def test_follows_with_noise():
    line = along(NORTH)
    course = Course(plan_of(NORTH))
    worst, _ = follow(course, line, 0, line[-1][2])
    assert worst < 150
    assert course.matched and course.finished and not course.off_course


def test_progress_never_falls():
    line = along(NORTH)
    course = Course(plan_of(NORTH))
    scatter = Noise(9)
    last = 0
    for second in range(600):
        x, y = place(line, second * 25)
        course.step(sample(second, x + scatter.next(100), y + scatter.next(100)))
        assert course.progress_dm >= last
        last = course.progress_dm


def test_standing_does_not_creep():
    course = Course(plan_of(NORTH))
    follow(course, along(NORTH), 0, 4000)
    scatter = Noise(3)
    for second in range(200, 800):
        course.step(sample(second, scatter.next(50), 4000 + scatter.next(50), 0))
    assert course.progress_dm < 4150


def test_out_and_back_does_not_jump():
    for corners in (OUT_AND_BACK, [(y, x) for x, y in OUT_AND_BACK]):  # north and back, east and back
        line = along(corners)
        course = Course(plan_of(corners))
        worst, _ = follow(course, line, 0, line[-1][2])
        assert worst < 250  # the turn itself is uncertain by the noise
        assert course.finished


def test_laps_are_told_apart():
    line = along(LAPS)
    course = Course(plan_of(LAPS))
    worst, _ = follow(course, line, 0, line[-1][2])
    assert worst < 250
    assert course.finished


def test_not_finished_at_the_end_of_the_first_lap():
    line = along(LAPS)
    course = Course(plan_of(LAPS))
    follow(course, line, 0, 24500)
    assert not course.finished


def test_a_gap_is_bridged():
    line = along(NORTH)
    course = Course(plan_of(NORTH))
    _, second = follow(course, line, 0, 6000)
    _, second = follow(course, line, 8400, 8500, second + 80)  # ten metres tell the heading, and that the place
    worst, _ = follow(course, line, 8520, 12000, second)
    assert worst < 300 and course.matched


def test_a_long_gap_is_searched():
    line = along(LAPS)
    course = Course(plan_of(LAPS))
    _, second = follow(course, line, 0, 3000)
    # Nine minutes without a fix, on at 2.5 m/s: somewhere on the first lap still.
    follow(course, line, 16500, 20000, second + 540)
    assert course.matched and abs(course.progress_dm - 20000) < 100


def test_off_course_after_30_s_and_found_again():
    line = along(NORTH)
    course = Course(plan_of(NORTH))
    _, second = follow(course, line, 0, 4000)
    told = 0
    for i in range(120):  # off to the side at 3 m/s
        course.step(sample(second + i, 30 * i, 4000))
        if course.off_course and not told:
            told = i
    assert 40 <= told <= 50  # 40 m at 3 m/s is 14 s, then 30 s
    assert course.offset_dm >= 400 and not course.matched
    follow(course, line, 8000, 9000, second + 300)
    assert course.matched and not course.off_course and abs(course.progress_dm - 9000) < 60


def test_coming_upon_the_course_the_wrong_way_is_not_being_back():
    line = along(NORTH)
    course = Course(plan_of(NORTH))
    _, second = follow(course, line, 0, 4000)
    way = along([(0, 4000), (3500, 4000), (3500, 7000)])
    for s in range(0, 6500, 30):
        second += 1
        course.step(sample(second, *place(way, s)))
    for i in range(120):  # from there back to the south-west, against the course
        course.step(sample(second + i, 3500 - 29 * i, 7000 - 21 * i))
    assert course.off_course and not course.matched
    follow(course, line, 4500, 5500, second + 120)
    assert course.matched and not course.off_course


def test_brushing_the_limit_is_not_off_course():
    line = along(NORTH)
    course = Course(plan_of(NORTH))
    for second in range(200):
        x, y = place(line, second * 30)
        course.step(sample(second, x + (450 if second % 25 > 5 else 200), y))
        assert not course.off_course


def test_going_back_on_an_out_and_back_is_no_jump_ahead():
    line = along(OUT_AND_BACK)
    course = Course(plan_of(OUT_AND_BACK))
    _, second = follow(course, line, 0, 10000)
    for i in range(100):  # back for a lost glove: the way of the return leg, and its heading
        course.step(sample(second + i, 0, 10000 - 30 * i))
        assert course.progress_dm < 11000
    follow(course, line, 7000, 12000, second + 100)
    assert course.matched and abs(course.progress_dm - 12000) < 100


def test_a_short_cut_is_believed_late():
    line = along(LAP)
    course = Course(plan_of(LAP))
    _, second = follow(course, line, 0, 3000)
    for i in range(200):  # straight across to the last side, 600 m
        course.step(sample(second + i, 30 * i, 3000))
    follow(course, line, 15000, 17000, second + 200)
    assert course.matched and abs(course.progress_dm - 17000) < 100


def test_no_fix_and_jumps_change_nothing():
    course = Course(plan_of(NORTH))
    follow(course, along(NORTH), 0, 3000)
    before = course.progress_dm
    for flags in (0, FIX_MASK | JUMP):
        bad = sample(200, 90000, 90000)
        bad.flags = flags
        course.step(bad)
        assert course.progress_dm == before and not course.matched and not course.off_course


def test_grade_comes_from_the_profile():
    heights = [5000 + max(0, min(i - 20, 20)) * 20 for i in range(200)]  # 10 % from 400 m to 800 m
    line = along(NORTH)
    course = Course(plan_of(NORTH, profile=(200, heights)))
    follow(course, line, 0, 3000)
    assert course.grade_pm == 0
    follow(course, line, 3030, 6000, 200)
    assert course.grade_pm == 100
    follow(course, line, 6030, 9000, 400)
    assert course.grade_pm == 0


def test_without_a_course():
    course = Course(plan_of(None))
    course.step(sample(0, 5, 5))
    assert course.progress_dm == 0 and not course.matched and not course.off_course


def test_started_away_from_the_course():
    course = Course(plan_of(NORTH))
    for second in range(100):
        course.step(sample(second, 2000, 500))
    assert not course.off_course  # not reached yet; it is told after three minutes
    follow(course, along(NORTH), 0, 1500, 100)
    assert course.matched
