"""The descent brake: running down too fast costs the legs of the days to come, and heart rate knows nothing of it.

Counted are decimetres of descent that were run above the plan's limits of speed or vertical speed, all of a moment 10 %
or more above, in proportion below that, and taken off again in the same way by descending slower: so that the roughness
of a real descent adds up to nothing. When the plan's budget is spent, one EASE comes about 100 m before the next
descent, or on the one under way if enough of it is left; after it counting begins anew.
"""

from pacing.ahead import Ahead
from pacing.planformat import DESCENT, NEUTRAL, TECHNICAL
from pacing.sample import STANDING_CMS

FALL_PM = -50  # gentler descents are run at speeds that effort guards
MOST_PM = 100
NEAR_DM = 1000  # told so far before a descent
WORTH_DM = 2000  # of a descent to come, for a word about it
_UNIT = 1000  # a decimetre is 10 cm, each counted 100 times
MOST = 1 << 29


class Brake:
    """Brake(plan, course).step(...): `due` while an EASE is to be said; `told()` once it was; `over` is 1 while the
    runner is above a limit on a descent, -1 below, 0 elsewhere; `hushed` from 100 m before a descent that was told of
    to its end. `fast` is all of the stage that was run too fast and is never repaid, in 1/1000 dm.
    """

    STATE = ("over", "due", "hushed", "fast", "_owed", "_told_dm")

    def __init__(self, plan, course):
        self._plan = plan
        self._course = course
        self._ahead = Ahead()
        self.over = self.due = self.hushed = 0
        self.fast = 0
        self._owed = 0  # in the same unit
        self._told_dm = 0  # end of the descent that was told of

    def step(self, speed_cms: int, speed_ok: bool, seconds: int) -> None:
        """Take `seconds` at a speed; `speed_ok`: fix and map are good and the ground is not technical."""
        plan = self._plan
        course = self._course
        self.over = self.due = self.hushed = 0
        if not plan.ecc_budget_dm or not course.matched:
            return
        moves = speed_ok and speed_cms >= STANDING_CMS
        if moves and course.grade_pm <= FALL_PM and not plan.flags & NEUTRAL:
            self._count(speed_cms, -course.grade_pm * speed_cms // 1000, seconds)
        ahead = self._ahead
        s_dm = course.progress_dm
        ahead.look(s_dm, plan.cap_table, DESCENT | TECHNICAL, DESCENT)
        if s_dm < ahead.first - NEAR_DM:
            return
        if ahead.to == self._told_dm:
            self.hushed = 1
        elif self._owed >= plan.ecc_budget_dm * _UNIT and ahead.to - max(s_dm, ahead.first) >= WORTH_DM:
            self.due = 1 if s_dm < ahead.first or self.over > 0 else 0

    def told(self) -> None:
        """The runner has been told: for this descent, and until the budget is spent again."""
        self._told_dm = self._ahead.to
        self._owed = 0

    def _count(self, speed_cms: int, sink_cms: int, seconds: int) -> None:
        plan = self._plan
        over_pm = speed_cms * 1000 // plan.ecc_cms if plan.ecc_cms else 0
        if plan.sink_cms:
            over_pm = max(over_pm, sink_cms * 1000 // plan.sink_cms)
        over_pm = max(-MOST_PM, min(MOST_PM, over_pm - 1000))
        part = sink_cms * over_pm * seconds
        self._owed = max(0, min(MOST, self._owed + part))
        self.over = 1 if over_pm > 0 else -1
        if over_pm > 0:
            self.fast = min(MOST, self.fast + part)
