"""A flash that loses a piece of the plan on the way: what is there is followed, what is not is no wrong way."""

from pacing.course import Course
from pacing.plan import Plan
from pacing.planreader import PlanError
from pacing.plansums import sum_pieces
from pacing.planwriter import encode

try:
    from core.synthetic import sample, spec_of
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import sample, spec_of  # pyright: ignore[reportMissingImports]

LENGTH_DM = 25000
TILE_DM = 6400  # 128 segments of 5 m
CORNERS = [(0, y) for y in range(0, LENGTH_DM + 1, 50)]
HILLY = (50, [5000 + 5 * i for i in range(LENGTH_DM // 50 + 1)])


class Rotten:
    """A plan in memory; from `spoil` on what is read there is noise, or cannot be read."""

    def __init__(self):
        self.data = encode(spec_of(CORNERS, profile=HILLY))
        self.first = self.last = 0
        self.fails = False
        self.plan = Plan(self.read, len(self.data))
        sum_pieces(self.plan)

    def read(self, offset, buf):
        buf[:] = self.data[offset : offset + len(buf)]
        if offset < self.last and offset + len(buf) > self.first:
            if self.fails:
                raise OSError(5)
            buf[len(buf) // 2] ^= 1

    def spoil(self, first, last, fails):
        self.first, self.last, self.fails = first, last, fails


def run(course, first_dm, last_dm, on_each):
    """At 3 m/s straight along it."""
    for y in range(first_dm, last_dm, 30):
        course.step(sample(y // 30, 0, y))
        on_each(y)


def test_beside_a_lost_tile_the_course_is_followed():
    for fails in (False, True):
        rotten = Rotten()
        course = Course(rotten.plan)
        tile_2 = rotten.plan._line + 2 * 780
        rotten.spoil(tile_2, tile_2 + 780, fails)

        def look(y):
            assert not course.off_course  # noqa: B023
            if y < 2 * TILE_DM or y > 3 * TILE_DM + 3000:
                assert course.matched and abs(course.progress_dm - y) < 60, y  # noqa: B023
            elif 2 * TILE_DM + 2000 < y < 3 * TILE_DM - 400:
                assert not course.matched and not course.grade_pm, y  # noqa: B023

        assert not rotten.plan.lost
        run(course, 0, LENGTH_DM - 300, look)
        assert rotten.plan.lost
        assert course.grade_pm == 100


def test_without_the_profile_there_is_no_grade():
    for fails in (False, True):
        rotten = Rotten()
        course = Course(rotten.plan)
        rotten.spoil(rotten.plan._profile + 700, rotten.plan._profile + 800, fails)
        grades = []
        run(course, 300, LENGTH_DM - 300, lambda _: grades.append(course.grade_pm))  # noqa: B023
        assert rotten.plan.lost and course.matched
        kept = grades.index(0)
        assert kept > 150 and set(grades[:kept]) == {100} and set(grades[kept:]) == {0}


def test_a_plan_that_cannot_be_read_is_not_taken():
    rotten = Rotten()
    rotten.spoil(rotten.plan._line, rotten.plan._line + 1, True)
    try:
        Plan(rotten.read, len(rotten.data))
    except (PlanError, OSError):
        return
    raise AssertionError("taken")
