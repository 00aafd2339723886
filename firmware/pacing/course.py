"""Where on the course: windowed, monotone map-matching, leaving the course and finding it again."""

from pacing.geo import Frame, hypot_dm, isqrt
from pacing.planformat import INDEX_SIZE, SEGMENT_SIZE, TILE_HEAD
from pacing.sample import FIX_GOOD, FIX_MASK, JUMP, STANDING_CMS

BACK_DM = 150  # matches may fall this far behind the furthest one: noise along the course
AHEAD_DM = 600
REACH_DMS = 50  # 5 m/s: the window grows so much a second without a match, and a jump ahead is plausible up to it
MOST_GROWTH_DM = 3000
OFF_DM = 400
OFF_AFTER_MS = 30000
FIRST_AFTER_MS = 180000  # before the first match the course may simply not have been reached
ON_DM = 300  # nearer than OFF_DM, so that the edge does not flicker
BLIND_MS = 10000  # after so long without a fix neither the old heading nor the straight line is the way that was run
SEEK_GAP_MS = 60000  # after so long without a match the window is no help: search the whole course
JUMP_AFTER_MS = 180000  # a short cut is believed so late: an out-and-back must not be one
FINISH_DM = 200
HEADING_DM = 100  # the heading is that of the last move so long; shorter ones are noise
SIGHT_DM = 1000  # offsets are not told apart beyond 100 m
ALONG = 512  # cosine of 60 degrees x 1024: who is off the course and crosses it is not back on it
BOXES_A_STEP = 8  # index entries looked at each second while searching; at most one of their tiles is read


class Course:
    """Course(plan).step(sample): progress_dm (never falls while on the course), offset_dm (at most SIGHT_DM), grade_pm
    of the profile there, matched (the sample was placed on the course), off_course (> 40 m away for 30 s), finished.

    Without a course everything stays 0. The tile cursor is no state: it follows from progress_dm.
    """

    STATE = (
        "progress_dm", "s_dm", "offset_dm", "grade_pm", "matched", "off_course", "finished",
        "_ever", "_x", "_y", "_hx", "_hy", "_placed", "_on_ms", "_off_ms", "_next_box", "_seek_s", "_seek_cost",
    )  # fmt: skip

    def __init__(self, plan):
        self._plan = plan
        self.frame = Frame(plan.lat0_e6, plan.lon0_e6, plan.cos_q15)
        self.progress_dm = self.s_dm = self.offset_dm = self.grade_pm = 0
        self.matched = self.off_course = self.finished = 0
        self._ever = 0  # there has been a match
        self._x = self._y = 0  # where the heading was taken last, dm
        self._placed = 0  # 1 more than the time of the last fix, 0 none
        self._hx = self._hy = 0  # heading, a vector of length 1024, or 0
        self._on_ms = 0  # time of the last match
        self._off_ms = -1  # since when the fixes are off the course
        self._next_box = -1  # searching: the next entry of the index, -1 when not
        self._seek_s = self._seek_cost = 0  # the best place of this sweep
        self._dx = self._dy = self._ds = 0
        self._cursor_tile = -1
        self._cursor = self._cursor_x = self._cursor_y = self._cursor_s = 0
        self._best_s = self._best_dm = self._best_cost = self._best_cos = 0

    def step(self, sample) -> None:
        """Take one sample."""
        if not self._plan.has_course:
            return
        if not sample.flags & FIX_MASK or sample.flags & JUMP:
            self.matched = 0
            return
        if sample.stage_ms - self._placed > BLIND_MS:
            self._placed = self._hx = self._hy = 0
        self.frame.place(sample.lat_e6, sample.lon_e6)
        self._turn(self.frame.x_dm, self.frame.y_dm)
        self._placed = sample.stage_ms + 1
        away_ms = sample.stage_ms - self._on_ms
        if self._ever and away_ms > BLIND_MS and not (self._hx or self._hy) and sample.speed_cms >= STANDING_CMS:
            self.matched = 0
            return  # there and back may lie on one path: ten metres tell which it is
        grown = min(MOST_GROWTH_DM, away_ms * REACH_DMS // 1000)
        self._match(self.progress_dm - BACK_DM, self.s_dm + AHEAD_DM + grown)
        self.offset_dm = self._best_dm
        limit = ON_DM if self._off_ms >= 0 else OFF_DM
        lost = self.off_course and self._best_cos < ALONG
        if self._best_dm <= limit and not lost:
            self._settle(self._best_s, sample.stage_ms)
            if self.progress_dm >= self._plan.length_dm - FINISH_DM:
                self.finished = 1
        else:
            self._stray(sample, away_ms)

    def _settle(self, s_dm: int, now_ms: int) -> None:
        """The runner is at `s_dm`, on the course."""
        self.s_dm = s_dm
        self.progress_dm = max(self.progress_dm, s_dm)
        self.grade_pm = self._plan.grade_pm(s_dm)
        self.matched = self._ever = 1
        self.off_course = 0
        self._on_ms = now_ms
        self._off_ms = self._next_box = -1

    def _stray(self, sample, away_ms: int) -> None:
        """The fix is off the course: count it if it is good, tell after a while, and search."""
        self.matched = 0
        if sample.flags & FIX_MASK < FIX_GOOD:
            return
        if self._off_ms < 0:
            self._off_ms = sample.stage_ms
        off_ms = sample.stage_ms - self._off_ms
        if off_ms >= (OFF_AFTER_MS if self._ever else FIRST_AFTER_MS):
            self.off_course = 0 if self._plan.lost else 1  # perhaps the flash has lost it, and not the runner
            self.grade_pm = 0
        if self._next_box >= 0:
            self._seek(sample.stage_ms, away_ms)
        elif self.off_course or away_ms >= SEEK_GAP_MS:
            self._next_box = 0
            self._seek_cost = 1 << 29

    def _turn(self, x: int, y: int) -> None:
        """Follow the heading: a new one for each move of HEADING_DM."""
        dx = x - self._x
        dy = y - self._y
        if self._placed and abs(dx) < HEADING_DM and abs(dy) < HEADING_DM:
            return
        if self._placed and abs(dx) < 100000 and abs(dy) < 100000:
            length = hypot_dm(dx, dy)
            self._hx = dx * 1024 // length
            self._hy = dy * 1024 // length
        self._placed = 1
        self._x = x
        self._y = y

    # --- the window ---

    def _match(self, low: int, high: int) -> None:
        """Best place for the fix within [low, high] dm: sets _best_s, _best_dm, _best_cos."""
        plan = self._plan
        self._clear(SIGHT_DM)
        if not (self._rewind(low) or self._rewind(high)):
            return
        number = self._cursor_tile
        i = self._cursor
        x = self._cursor_x
        y = self._cursor_y
        s = self._cursor_s
        moved = True
        while s <= high:
            if not plan.load_tile(number):
                self._cursor_tile = -1
                return
            while i < plan.tile_count and s <= high:
                self._segment(i)
                if s + self._ds > low:
                    if moved:
                        self._hold(number, i, x, y, s)
                        moved = False
                    self._try(x, y, s, low, high)
                x += self._dx
                y += self._dy
                s += self._ds
                i += 1
            number += 1
            i = 0
            if number >= plan.tiles:
                return

    def _hold(self, number: int, i: int, x: int, y: int, s: int) -> None:
        """Start the next walk at this segment: the first that reaches into the window."""
        self._cursor_tile = number
        self._cursor = i
        self._cursor_x = x
        self._cursor_y = y
        self._cursor_s = s

    def _rewind(self, low: int) -> bool:
        """Put the cursor at or before `low`: where it is, or at the start of the right tile. False if that is lost."""
        if self._cursor_tile >= 0 and self._cursor_s <= max(0, low):
            return True
        number = self._plan.tiles - 1
        while number > 0 and self._index(number, 4) > low:
            number -= 1
        if not self._plan.load_tile(number):
            self._cursor_tile = -1
            return False
        self._hold(number, 0, self._corner(0), self._corner(4), self._corner(8))
        return True

    def _index(self, number: int, field: int) -> int:
        """Field 0-4 of entry `number` of the index: x and y least, x and y greatest, s."""
        return _int32(self._plan.index, number * INDEX_SIZE + 4 * field)

    def _corner(self, offset: int) -> int:
        """x, y or s (offset 0, 4 or 8) of the first corner of the tile in memory."""
        return _int32(self._plan.tile, offset)

    # --- one segment ---

    def _segment(self, i: int) -> None:
        """Unpack segment `i` of the tile in memory, without the tuple that struct would allocate."""
        tile = self._plan.tile
        at = TILE_HEAD + i * SEGMENT_SIZE
        dx = tile[at] | tile[at + 1] << 8
        dy = tile[at + 2] | tile[at + 3] << 8
        self._dx = dx - 65536 if dx > 32767 else dx
        self._dy = dy - 65536 if dy > 32767 else dy
        self._ds = tile[at + 4] | tile[at + 5] << 8

    def _clear(self, cost: int) -> None:
        self._best_cost = self._best_dm = cost
        self._best_s = self.s_dm
        self._best_cos = 0

    def _try(self, x: int, y: int, s: int, low: int, high: int) -> None:
        """Take the unpacked segment's nearest place in [low, high] if that is better: distance and heading count."""
        dx = self._dx
        dy = self._dy
        ds = self._ds
        px = self.frame.x_dm - x
        py = self.frame.y_dm - y
        best = self._best_cost
        if px < min(dx, 0) - best or px > max(dx, 0) + best or py < min(dy, 0) - best or py > max(dy, 0) + best:
            return
        length = isqrt(dx * dx + dy * dy)
        along = cos = 0
        if length:
            along = max(0, min(length, (px * dx + py * dy) // length))
            cos = (self._hx * dx + self._hy * dy) // length
        at = s + (ds * along // length if length else 0)
        if ds and not low <= at <= high:
            at = max(low, min(high, at))
            along = (at - s) * length // ds
        if length:
            px -= dx * along // length
            py -= dy * along // length
        distance = hypot_dm(px, py)
        cost = distance
        if cos < 512 and (self._hx or self._hy):
            cost += (512 - cos) * 300 // 1536  # up to 30 m against the course
        if cost < best:
            self._best_cost = cost
            self._best_dm = distance
            self._best_s = at
            self._best_cos = cos

    # --- the whole course ---

    def _seek(self, now_ms: int, away_ms: int) -> None:
        """Search a few more tiles; at the end of a sweep move to the best place that was found, if any."""
        for _ in range(BOXES_A_STEP):
            if self._next_box >= self._plan.tiles:
                if self._seek_cost < 1 << 29:
                    self.progress_dm = self._seek_s
                    self._settle(self._seek_s, now_ms)
                self._next_box = -1
                return
            number = self._next_box
            self._next_box += 1
            if self._in_box(number):
                self._scan(number, away_ms)
                return

    def _in_box(self, number: int) -> bool:
        x = self.frame.x_dm
        y = self.frame.y_dm
        return (
            self._index(number, 0) - ON_DM <= x <= self._index(number, 2) + ON_DM
            and self._index(number, 1) - ON_DM <= y <= self._index(number, 3) + ON_DM
        )

    def _scan(self, number: int, away_ms: int) -> None:
        """Look for a place in tile `number` within ON_DM whose heading is the runner's, and as near as can be along
        the course to where the runner should be: the same place comes again on a second lap.
        """
        plan = self._plan
        if not plan.load_tile(number):
            return
        x = self._corner(0)
        y = self._corner(4)
        s = self._corner(8)
        away_s = min(away_ms // 1000, 36000)
        expected = self.s_dm + away_s * REACH_DMS // 2
        furthest = 1 << 29 if away_ms >= JUMP_AFTER_MS else self.s_dm + 1000 + away_s * REACH_DMS
        for i in range(plan.tile_count):
            self._segment(i)
            self._clear(ON_DM)
            self._try(x, y, s, 0, 1 << 29)
            if self._best_dm < ON_DM and self._best_cos >= 700 and self._best_s <= furthest:
                cost = self._best_dm + (abs(self._best_s - expected) >> 6)
                if cost < self._seek_cost:
                    self._seek_cost = cost
                    self._seek_s = self._best_s
            x += self._dx
            y += self._dy
            s += self._ds


def _int32(buf, at: int) -> int:
    high = buf[at + 3]
    if high > 127:
        high -= 256
    return buf[at] | buf[at + 1] << 8 | buf[at + 2] << 16 | high << 24
