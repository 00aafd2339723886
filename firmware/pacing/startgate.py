"""When a stage begins without a press: the start line is crossed, or, after the gun, the course is joined."""

import struct

from pacing.course import Course
from pacing.geo import hypot_dm
from pacing.planformat import SEGMENT_SIZE, TILE_HEAD
from pacing.sample import FIX_GOOD, FIX_MASK, JUMP

NEAR_DM = 600
PAST_DM = 50
GATE_DM = 1000
GATE_CMS = 100  # walking pace: the wandering fix of somebody who waits does not start a stage
BEFORE_GUN_S = 120
JOIN_DM = 10000  # a start that was moved lies on the first kilometre, or leads there
ASIDE_DM = 300
ALONG_COS = 700  # within 47 degrees of the course's direction
JOINED_DM = 500  # so far along the course in its direction is no coincidence


class _Nearest(Course):
    """The course, only looked at."""

    def seek(self, sample, most_dm: int) -> None:
        """Only look: s_dm, offset_dm and along (cosine of heading to course x 1024) of the nearest place on the first
        `most_dm`. Nothing is remembered but the heading.
        """
        self.frame.place(sample.lat_e6, sample.lon_e6)
        self._turn(self.frame.x_dm, self.frame.y_dm)
        self._match(0, most_dm)
        self.s_dm = self._best_s
        self.offset_dm = self._best_dm
        self.along = self._best_cos


class StartGate:
    """StartGate(plan).step(sample, utc_s) is True once the stage has begun: the runner was near the start line and
    moves past it; or, with a gun whose time has come, runs 50 m along the first kilometre of the course. What is
    crossed earlier than 2 minutes before the gun is a warm-up. Without the gun or the time the line alone counts.
    """

    def __init__(self, plan):
        self._gun_utc_s = plan.gun_utc_s
        self._course = _Nearest(plan)
        self._open = plan.has_course
        self._near = False
        self._joined = -1  # where on the course the runner has been running along it since
        if self._open:
            plan.load_tile(0)
            self._x, self._y = struct.unpack_from("<ii", plan.tile, 0)
            dx, dy = _way(plan.tile, plan.tile_count)
            length = max(1, hypot_dm(dx, dy))
            self._dx = dx * 1024 // length
            self._dy = dy * 1024 // length

    def step(self, sample, utc_s: int = 0) -> bool:
        """Take a sample from before the start, and the time in unix seconds, 0 unknown. Always False without a course:
        such a stage is started by hand.
        """
        if not self._open or sample.flags & FIX_MASK < FIX_GOOD or sample.flags & JUMP:
            return False
        self._course.seek(sample, JOIN_DM)
        crossed = self._crosses(sample.speed_cms)
        to_gun_s = self._gun_utc_s - utc_s if self._gun_utc_s and utc_s else 0
        if to_gun_s > BEFORE_GUN_S:
            return False
        joined = self._gun_utc_s and utc_s and to_gun_s <= 0 and self._joins(sample.speed_cms)
        return crossed or bool(joined)

    def _crosses(self, speed_cms: int) -> bool:
        frame = self._course.frame
        x = frame.x_dm - self._x
        y = frame.y_dm - self._y
        if abs(x) > 2 * GATE_DM or abs(y) > 2 * GATE_DM:
            self._near = False
            return False
        past = (x * self._dx + y * self._dy) >> 10
        beside = abs(x * self._dy - y * self._dx) >> 10
        if past < PAST_DM:
            self._near = hypot_dm(x, y) <= NEAR_DM
            return False
        return self._near and speed_cms >= GATE_CMS and past <= GATE_DM and beside <= NEAR_DM // 2

    def _joins(self, speed_cms: int) -> bool:
        course = self._course
        if speed_cms < GATE_CMS or course.offset_dm > ASIDE_DM or course.along < ALONG_COS:
            self._joined = -1
            return False
        if self._joined < 0:
            self._joined = course.s_dm
        return course.s_dm - self._joined >= JOINED_DM


def _way(tile, count: int) -> tuple:
    """(dx, dy), dm: from the first corner of the course to where it is 30 m long, in its first tile."""
    dx = dy = s = i = 0
    while i < count and s < 300:
        step = struct.unpack_from("<hhH", tile, TILE_HEAD + i * SEGMENT_SIZE)
        dx += step[0]
        dy += step[1]
        s += step[2]
        i += 1
    return dx, dy
