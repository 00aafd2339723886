"""What lies ahead and when to say it: climbs to walk, meals, cut-offs. `Voice` decides whether it is said."""

import struct

from pacing import cues
from pacing.cost import walk_speed_cms
from pacing.planformat import CAP, CAP_SIZE, HIKE, NEUTRAL

HIKE_DM = 600  # told so far before the climb ...
HIKE_LATE_DM = 200  # ... or at most so far into it
GAP_DM = 1000  # climbs that are nearer to each other are one
LOW_EAT_MS = 1800000
CUTOFF_MS = 60000  # between two predictions
MARGIN_S = 900
BEST_PM = 950
PRIOR_S = 600  # so much of the plan is taken as run on plan before the start: ten minutes prove little
MOST_S = 21600  # a start that is this much later than the gun was another day's
EARLY_S = 600
_NEVER = 1 << 30


class Prompts:
    """Who says it keeps `hiked_dm`, the end of that climb, and `eaten_ms`; what was said of cut-offs is kept here."""

    STATE = ("hiked_dm", "eaten_ms", "_gun_s", "_looked_ms", "_urged", "_missed")

    def __init__(self, plan, course):
        self._plan = plan
        self._course = course
        self.hiked_dm = 0  # the end of the climb that was told last
        self.eaten_ms = 0  # the last meal, or the start
        self._gun_s = 0  # from the gun to stage_ms 0
        self._looked_ms = 0  # the last prediction
        self._urged = -1  # the station of which was told last, as an index of plan.cutoffs
        self._missed = 0  # it was told that one is out of reach
        self._since = self._from = self._to = 0  # the climb that is next from every place in since ... to; no state

    def clock(self, utc_s: int, stage_ms: int) -> None:
        """Take the time from the receiver: cut-offs run from the gun, if the plan knows it and it was today's."""
        late_s = utc_s - stage_ms // 1000 - self._plan.gun_utc_s
        self._gun_s = late_s if self._plan.gun_utc_s and -EARLY_S <= late_s <= MOST_S else 0

    # --- HIKE ---

    def hike(self, speed_cms: int) -> int:
        """The end of a climb that the plan walks, if it begins soon and the runner runs; else 0."""
        course = self._course
        s_dm = course.progress_dm
        if not course.matched or self._plan.flags & NEUTRAL:
            return 0
        if not self._since <= s_dm < self._to:
            self._find(s_dm)
        near = self._from - HIKE_DM <= s_dm < self._from + HIKE_LATE_DM
        runs = speed_cms >= walk_speed_cms(course.grade_pm)
        return self._to if near and runs and self._to != self.hiked_dm else 0

    def _find(self, s_dm: int) -> None:
        """The first climb that ends beyond `s_dm`: since (where the one before ends), from, to."""
        table = self._plan.cap_table
        since = first = to = start = 0
        for at in range(0, len(table), CAP_SIZE):
            end, _, _, flags = struct.unpack_from(CAP, table, at)
            if flags & HIKE:
                if not to or start - to >= GAP_DM:
                    if to > s_dm:
                        break
                    since = to
                    first = start
                to = end
            start = end
        if to <= s_dm:
            since = to
            first = to = _NEVER
        self._since = since
        self._from = first
        self._to = to

    # --- EAT ---

    def eat(self, now_ms: int, low: bool) -> int:
        """The reason to eat now, or 0."""
        every_ms = LOW_EAT_MS if low else self._plan.eat_every_s * 1000
        if not every_ms or now_ms - self.eaten_ms < every_ms:
            return 0
        return cues.LOW_MOMENT if low else cues.MEAL

    # --- CUT-OFF ---

    def cutoff(self, now_ms: int) -> int:
        """Looked at each minute: the reason to speak of the next cut-off, or 0. What it gives must be said.

        The way there takes the plan's time, times what the runner has taken so far against it, .7 to 1.5. Out of reach
        is what even the plan, or the runner where he is faster, cannot do with 5 % more.
        """
        if now_ms - self._looked_ms < CUTOFF_MS or not self._course.matched:
            return 0
        self._looked_ms = now_ms
        table = self._plan.cutoffs
        s_dm = self._course.progress_dm
        i = 0
        while i < len(table) and table[i] <= s_dm:
            i += 2
        if i >= len(table):
            return 0
        elapsed_s = now_ms // 1000
        left_s = table[i + 1] - self._gun_s - elapsed_s
        way_s = self._planned_s(s_dm, table[i])
        pace_pm = (elapsed_s + PRIOR_S) * 1000 // (self._planned_s(0, s_dm) + PRIOR_S)
        pace_pm = max(700, min(1500, pace_pm))
        if left_s * 1000 < way_s * min(pace_pm, 1000) // 1000 * BEST_PM:
            return self._give_up(i)
        if i == self._urged or left_s - way_s * pace_pm // 1000 >= MARGIN_S:
            return 0
        self._urged = i
        return cues.CUTOFF_NEAR

    def _give_up(self, i: int) -> int:
        """Say once that a cut-off is out of reach, and do not urge towards it any more."""
        told = self._missed
        self._missed = 1
        self._urged = i
        return 0 if told else cues.CUTOFF_MISSED

    def _planned_s(self, first_dm: int, last_dm: int) -> int:
        """Time that the plan takes from one place to another; where it names no speed, at 3/4 of critical speed."""
        table = self._plan.cap_table
        tenths = start = 0
        for at in range(0, len(table), CAP_SIZE):
            end, _, speed_cms, _ = struct.unpack_from(CAP, table, at)
            if at + CAP_SIZE == len(table):
                end = _NEVER  # the last cap holds on
            part_dm = min(end, last_dm) - max(start, first_dm)
            if part_dm > 0:
                tenths += part_dm * 100 // (speed_cms or self._plan.cs_cms * 3 // 4)
            start = end
        return tenths // 10
