"""What lies ahead and when to say it: climbs to walk, meals, cut-offs. `Voice` decides whether it is said."""

import struct

from pacing import cues
from pacing.ahead import NEVER, Ahead
from pacing.cost import walk_speed_cms
from pacing.planformat import CAP, CAP_SIZE, HIKE, NEUTRAL

HIKE_DM = 600  # told so far before the climb ...
HIKE_LATE_DM = 200  # ... or at most so far into it
LOW_EAT_MS = 1800000
CUTOFF_MS = 60000  # between two predictions
MARGIN_S = 900
MOST_RELAX_PM = 50
_MOST = 1 << 29
BEST_PM = 950
PRIOR_S = 600  # so much of the plan is taken as run on plan before the start: ten minutes prove little
MOST_S = 21600  # a start that is this much later than the gun was another day's
EARLY_S = 600


class Prompts:
    """Who says it keeps `hiked_dm`, the end of that climb, and tells of meals; what was said of cut-offs is kept
    here. relax_pm: so much more than the cap is allowed for the sake of a cut-off.
    """

    STATE = ("hiked_dm", "relax_pm", "_spent_mm", "_eaten_ms", "_gun_s", "_looked_ms", "_urged", "_missed")

    def __init__(self, plan, course):
        self._plan = plan
        self._course = course
        self.hiked_dm = 0  # the end of the climb that was told last
        self.relax_pm = 0
        self._spent_mm = 0  # energy since the last meal: level millimetres that cost as much
        self._eaten_ms = 0  # the last meal, or the start
        self._gun_s = 0  # from the gun to stage_ms 0
        self._looked_ms = 0  # the last prediction
        self._urged = -1  # the station of which was told last, as an index of plan.cutoffs
        self._missed = 0  # it was told that one is out of reach
        self._climb = Ahead()

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
        climb = self._climb
        climb.look(s_dm, self._plan.cap_table, HIKE, HIKE)
        near = climb.first - HIKE_DM <= s_dm < climb.first + HIKE_LATE_DM
        runs = speed_cms >= walk_speed_cms(course.grade_pm)
        return climb.to if near and runs and climb.to != self.hiked_dm else 0

    # --- EAT ---

    def eat(self, now_ms: int, low: bool) -> int:
        """The reason to eat now, or 0. Where the plan says what a portion lasts for, that decides within half of its
        time between meals and one and a half of it.
        """
        plan = self._plan
        waited_ms = now_ms - self._eaten_ms
        if low:
            return cues.LOW_MOMENT if waited_ms >= LOW_EAT_MS else 0
        every_ms = plan.eat_every_s * 1000
        if plan.eat_every_m:
            every_ms = every_ms // 2 if self._spent_mm >= plan.eat_every_m * 1000 else every_ms * 3 // 2
        return cues.MEAL if 0 < every_ms <= waited_ms else 0

    def spend(self, flat_mm: int) -> None:
        """Energy was spent: that of so many level millimetres."""
        self._spent_mm = min(_MOST, self._spent_mm + flat_mm)

    def eaten(self, now_ms: int) -> None:
        """A meal was told."""
        self._eaten_ms = now_ms
        self._spent_mm = 0

    # --- CUT-OFF ---

    def cutoff(self, now_ms: int) -> int:
        """Looked at each minute: the reason to speak of the next cut-off, or 0. What it gives must be said. Sets
        relax_pm, too: it grows from 0 at 15 min of margin to 50 at 5, and is 0 where nothing can be done.

        The way there takes the plan's time, times what the runner has taken so far against it, .7 to 1.5. Out of reach
        is what even the plan, or the runner where he is faster, cannot do with 5 % more.
        """
        if now_ms - self._looked_ms < CUTOFF_MS or not self._course.matched:
            return 0
        self._looked_ms = now_ms
        self.relax_pm = 0
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
        margin_s = left_s - way_s * pace_pm // 1000
        self.relax_pm = max(0, min(MOST_RELAX_PM, (MARGIN_S - margin_s) // 12))
        if i == self._urged or margin_s >= MARGIN_S:
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
                end = NEVER  # the last cap holds on
            part_dm = min(end, last_dm) - max(start, first_dm)
            if part_dm > 0:
                tenths += part_dm * 100 // (speed_cms or self._plan.cs_cms * 3 // 4)
            start = end
        return tenths // 10
