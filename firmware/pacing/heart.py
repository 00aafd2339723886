"""The strap's word: what of it can be believed, and whether the heart still says what it said on Day 1.

Not believed are a leap (a spike lasts seconds, a heart takes a minute), a rate that no runner has, and the same number
for minutes at changing speeds (some straps hold their last value when they lose the skin; the longest of real runs are
1.5 min). A strap that counts steps instead of beats is not recognised: that would take the cadence.

Late in an ultra and on later days hearts beat slower at the same speed and grade (docs/models.md): then heart rate is
blind. Its bound comes down with the heart; it takes nothing away from the effort that speed tells anyway (effort.py).
"""

from pacing.cost import flat_factor_pm, walk_speed_cms
from pacing.sample import STANDING_CMS

LEAP_BPM = 30
LEAP_S = 20  # a leap that lasts this long is believed: a strap that was put right
LEAST_BPM = 30
MOST_BPM = 225
STUCK_S = 120
OTHER_CMS = 30  # a speed so far from that at which a number came is another

MORNING_MS = 1200000  # the heart of a stiff morning is no sign
LATE_MS = 21600000  # on Day 1 the heart tires only after 6 h [assumed]; before, it is the line that errs
STEEP_PM = -80  # on steeper descents hearts fall behind
FAR_DBPM = 400  # no comparison: he has just set off, or the strap is loose
LOW_DBPM = 100
BACK_DBPM = 50
MOST_LOW_DBPM = 250


class Heart:
    """Heart(plan).step(...) sets hr_bpm, what can be believed, 0 nothing; and low_bpm, by how much the heart has been
    below the plan's line for long (a mean over 17 min or so), 0 unless that is 10 bpm or, once it was, 5.
    """

    STATE = ("hr_bpm", "low_bpm", "_last", "_leap_bpm", "_leap_s", "_same_s", "_pace", "_sum")

    def __init__(self, plan):
        self._plan = plan
        self.hr_bpm = self.low_bpm = 0
        self._last = 0  # the last reading but for leaps
        self._leap_bpm = self._leap_s = 0  # a leap under way, and how long
        self._same_s = 0  # at other speeds than _pace, at which the number came
        self._pace = 0
        self._sum = 0  # 1024 times the mean distance from the line, 0.1 bpm

    def step(self, sample, grade_pm: int, seconds: int, speed_ok: bool) -> None:
        """Take a reading; `speed_ok` as for pacing.effort."""
        speed_cms = sample.speed_cms
        self.hr_bpm = hr_bpm = self._believed(sample.hr_bpm, speed_cms, seconds)
        runs = speed_ok and grade_pm >= STEEP_PM and speed_cms >= walk_speed_cms(grade_pm)
        if hr_bpm and runs and sample.stage_ms >= (MORNING_MS if self._plan.stage_no > 1 else LATE_MS):
            self._compare(hr_bpm, min(speed_cms, 1000) * flat_factor_pm(grade_pm, self._plan.factors) // 1000, seconds)

    def _believed(self, hr_bpm: int, speed_cms: int, seconds: int) -> int:
        if not LEAST_BPM <= hr_bpm <= MOST_BPM:
            return 0
        if self._last and abs(hr_bpm - self._last) > LEAP_BPM:
            if abs(hr_bpm - self._leap_bpm) > LEAP_BPM:
                self._leap_bpm = hr_bpm
                self._leap_s = 0
            self._leap_s += seconds
            if self._leap_s < LEAP_S:
                return 0
        self._leap_s = 0
        if hr_bpm != self._last or speed_cms < STANDING_CMS or not self._pace:
            self._last = hr_bpm
            self._pace = speed_cms
            self._same_s = 0
        elif abs(speed_cms - self._pace) >= OTHER_CMS:
            self._same_s = min(self._same_s + seconds, STUCK_S)
        return 0 if self._same_s >= STUCK_S else hr_bpm

    def _compare(self, hr_bpm: int, flat_cms: int, seconds: int) -> None:
        plan = self._plan
        off_dbpm = 10 * hr_bpm - plan.hr_a_dbpm - plan.hr_b_dbpm * flat_cms // plan.cs_cms
        if abs(off_dbpm) > FAR_DBPM:
            return
        self._sum += (off_dbpm - (self._sum >> 10)) * seconds
        low_dbpm = -(self._sum >> 10)
        if low_dbpm < (BACK_DBPM if self.low_bpm else LOW_DBPM):
            low_dbpm = 0
        self.low_bpm = min(low_dbpm, MOST_LOW_DBPM) // 10
