"""Effort now, in per mille of critical speed: grade-adjusted speed, and what heart rate adds to it.

Speed tells effort, on climbs and descents as well as on the flat: the plan's caps come from the same table of grades.
Where it cannot, heart rate tells it alone. Beside speed heart rate may only add, never take away: a heart that stays
above the plan's line for many minutes has ground or heat to carry that speed does not show; one below it may be tired,
cold or badly strapped. Mixed any other way it made detection on real runs slower (bench/pacing/detection.py). A plan
without a bound of heart rate does not know the runner's line: then nothing is added, and the line is only learned.
"""

from pacing.cost import flat_factor_pm

_MEAN_S = 30  # effort_pm is a mean over about so long; of all there is, as long as there is less
_KEEP_S = 60  # effort is trusted so long after the last reading that moved it
_HEART_S = 600  # the heart's distance from its line is a mean over about so long
_FREE_DBPM = 50  # above the line for nothing
_FAR_DBPM = 400  # a reading further off says nothing: just set off, or the strap is loose
_MOST_PM = 150  # heart rate adds no more: a strap may err for a whole day
_LIMIT_PM = 2000


class Effort:
    """Effort(plan, start_pm).step(sample, grade_pm, seconds, speed_ok): sets effort_pm, now_pm and trusted.

    effort_pm is smooth, for comparing with a cap; now_pm is the moment alone, for adding up. `start_pm` is believed
    until readings come. `speed_ok`: fix and map are good and the ground is not technical. Who stands takes no step.
    """

    STATE = ("_u", "_c", "_n", "_age_s", "effort_pm", "now_pm", "trusted")

    def __init__(self, plan, start_pm: int = 750):
        self._plan = plan
        self._u = start_pm << 10  # 1/1024 per mille
        self._c = 0  # the heart's mean distance from its line, 1/1024 of 0.1 bpm
        self._n = 0  # seconds that effort_pm is a mean of
        self._age_s = _KEEP_S  # since the last reading
        self.effort_pm = self.now_pm = start_pm
        self.trusted = 0

    def step(self, sample, grade_pm: int, seconds: int, speed_ok: bool) -> None:
        """Take one sample that stands for `seconds`, 1 to 10."""
        plan = self._plan
        hr_dbpm = sample.hr_bpm * 10
        self._age_s = 0 if speed_ok or hr_dbpm else min(self._age_s + seconds, 9999)
        self.trusted = 1 if self._age_s < _KEEP_S else 0
        now_pm = self._u >> 10
        if speed_ok:
            now_pm = min(sample.speed_cms, 1000) * flat_factor_pm(grade_pm, plan.factors) // plan.cs_cms
        elif hr_dbpm:
            now_pm = (hr_dbpm - plan.hr_a_dbpm - (self._c >> 10)) * 1000 // plan.hr_b_dbpm
        now_pm = max(0, min(_LIMIT_PM, now_pm))
        if not self._age_s:
            self._n = min(self._n + seconds, _MEAN_S)
            self._u += ((now_pm << 10) - self._u) * seconds // self._n
        if speed_ok and hr_dbpm:
            off_dbpm = hr_dbpm - plan.hr_a_dbpm - plan.hr_b_dbpm * (self._u >> 10) // 1000
            if abs(off_dbpm) <= _FAR_DBPM:
                self._c += ((off_dbpm << 10) - self._c) * seconds // _HEART_S
        added_pm = 0
        if plan.hr_cap_bpm:
            added_pm = max(0, min(_MOST_PM, ((self._c >> 10) - _FREE_DBPM) * 1000 // plan.hr_b_dbpm))
        self.now_pm = now_pm + added_pm
        self.effort_pm = (self._u >> 10) + added_pm
