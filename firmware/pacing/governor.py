"""Two guards over the plan's caps: the debt of effort, and the upper bound of heart rate.

Debt is percent-minutes of effort above 1.03 of the cap, repaid by easing. It rides out the hills and rests of real
running, which sink any average. Each moment counts as it is: smoothing only delays what is added up anyway. The first
cue comes at a debt of the plan's limit; who has been told has to run up five times as much for another, counted from
the least debt since; after 40 min in all with next to none the first limit holds again. So a first cue can come soon,
and an uneven runner is not nagged (bench/pacing/detection.py compares it with other detectors).

The heart is watched alike, by a sum of beats above its bound: on real runs on plan "60 s above it" spoke three times an
hour, the sum every other hour (bench/pacing/detection.py).
"""

from pacing.planformat import NEUTRAL, TECHNICAL
from pacing.sample import FIX_MASK, STANDING_CMS

# What a second of running is, for pacing. Each input is exactly one of these: see `classify`. The order counts: up to
# ROUGH nothing is said, from CRESTED on effort is charged.
FREE = 0  # neutral kilometres, or a plan without a cap: neither charged nor cued
STANDING = 1  # nothing is charged or repaid
ROUGH = 2  # technical ground: silent, nothing is charged
BLIND = 3  # no reading that effort can be trusted on
CRESTED = 4  # within 80 s of a crest: level speed is disturbed (Townshend 2010); charged, but silent
UNDER = 5  # below 0.97 of the cap
INSIDE = 6  # within 3 % of the cap: silent
OVER = 7

BAND_PM = 30
AGAIN = 5  # limits of new debt between one cue and the next
CALM_S = 2400  # next to no new debt for so long in all, and the next cue is a first one again
START_MS = 90000  # a surge off the line is charged, but not told of before
CREST_S = 80
CLIMB_PM = 50  # a crest ends a climb of at least this grade ...
CLIMB_S = 30  # ... that lasted this long
LEVEL_PM = 10
HR_MARGIN_BPM = 5
HR_MOST_BPM = 20  # a moment counts no more: straps have spikes
HR_LIMIT = 2400  # bpm x seconds above it, less those below: 10 bpm for 4 minutes, 20 for 2
MOST_DEBT = 10000
_HR_CALM = (AGAIN - 1) * HR_LIMIT // CALM_S
_UNIT = 600  # a percent-minute is 600 per mille seconds


def classify(  # noqa: PLR0911, PLR0917 (a table: a line for each state)
    cap_pm: int, flags: int, speed_cms: int, trusted: int, crest_s: int, ratio_pm: int
) -> int:
    """The one state of an input. `ratio_pm` is effort per mille of the cap; the first reason to be silent wins."""
    if flags & NEUTRAL or not cap_pm:
        return FREE
    if speed_cms < STANDING_CMS:
        return STANDING
    if flags & TECHNICAL:
        return ROUGH
    if not trusted:
        return BLIND
    if crest_s:
        return CRESTED
    if ratio_pm > 1000 + BAND_PM:
        return OVER
    return UNDER if ratio_pm < 1000 - BAND_PM else INSIDE


class Governor:
    """Governor(plan).step(...): state, ratio_pm, debt (percent-minutes), hr_bound_bpm, and two demands that hold as
    long as their cause does: too_hard (a limit of debt is reached) and hr_high (far or long above the bound and 5 bpm).
    Before a step the caller sets share_pm, off_course and low_bpm.
    """

    STATE = ("state", "ratio_pm", "hr_bound_bpm", "too_hard", "hr_high", "_debt", "_least", "_level", "_calm_s",
             "_climb_s", "_crest_s", "_hr_sum", "_hr_level")  # fmt: skip

    def __init__(self, plan):
        self._plan = plan
        self.cap_pm = plan.cap_pm  # in force at the last step
        self.share_pm = 1000  # of the plan's cap that is allowed now
        self.off_course = 0  # the plan's flags are those of another place
        self.low_bpm = 0  # by how much the heart beats slower than it did on Day 1
        self.state = FREE
        self.ratio_pm = 0
        self.hr_bound_bpm = plan.hr_cap_bpm
        self.too_hard = self.hr_high = 0
        self._debt = plan.head_start * _UNIT  # per mille seconds
        self._least = 0  # least debt since the last cue, percent-minutes
        self._level = plan.debt_limit  # speak at so much more
        self._calm_s = 0  # seconds at next to no more, since the last cue
        self._climb_s = self._crest_s = 0
        self._hr_level = HR_LIMIT  # speak at this sum; it comes down again while nothing is over
        self._hr_sum = 0  # beats over the bound and its margin, bpm x seconds

    @property
    def debt(self) -> int:
        """Percent-minutes above 1.03 of the cap that are not yet repaid."""
        return self._debt // _UNIT

    def step(self, sample, effort, grade_pm: int, seconds: int) -> None:
        """Take one second (or a few) of `effort`, an Effort; the plan stands at the runner's place."""
        plan = self._plan
        self._watch_crest(grade_pm, sample.speed_cms, seconds)
        cap_pm = self.cap_pm = plan.cap_pm * self.share_pm // 1000
        flags = 0 if self.off_course else plan.flags
        self.ratio_pm = effort.effort_pm * 1000 // cap_pm if cap_pm else 0
        speed_cms = sample.speed_cms if sample.flags & FIX_MASK else STANDING_CMS
        self.state = classify(cap_pm, flags, speed_cms, effort.trusted, self._crest_s, self.ratio_pm)
        if self.state >= CRESTED:
            self._charge(effort.now_pm * 1000 // cap_pm - 1000 - BAND_PM, seconds)
        owes = sample.stage_ms >= START_MS and self.debt - self._least >= self._level
        self.too_hard = 1 if self.state == OVER and owes else 0
        self._watch_heart(sample.hr_bpm, sample.stage_ms, seconds)

    def spoken(self) -> None:
        """The runner has been told."""
        if self.too_hard:
            self._least = self.debt
            self._level = AGAIN * self._plan.debt_limit
            self._calm_s = 0
        if self.hr_high:
            self._hr_sum = 0
            self._hr_level = AGAIN * HR_LIMIT

    def _charge(self, over_pm: int, seconds: int) -> None:
        limit = self._plan.debt_limit
        self._debt = max(0, min(MOST_DEBT * _UNIT, self._debt + over_pm * seconds))
        debt = self.debt
        self._least = min(self._least, debt)
        if debt - self._least <= limit // 10:
            self._calm_s += seconds
            if self._calm_s >= CALM_S:
                self._level = limit

    def _watch_crest(self, grade_pm: int, speed_cms: int, seconds: int) -> None:
        if grade_pm >= CLIMB_PM:
            self._climb_s = min(self._climb_s + seconds, CLIMB_S)
            self._crest_s = 0
        elif grade_pm < LEVEL_PM and self._climb_s:
            self._crest_s = CREST_S if self._climb_s >= CLIMB_S else 0
            self._climb_s = 0
        else:
            self._crest_s = max(0, self._crest_s - seconds)

    def _watch_heart(self, hr_bpm: int, stage_ms: int, seconds: int) -> None:
        plan = self._plan
        if not plan.hr_cap_bpm:
            return
        drift = min(plan.hr_drift_max_dbpm, plan.hr_drift_dbpm_h * (stage_ms // 1000) // 3600)
        self.hr_bound_bpm = plan.hr_cap_bpm + drift // 10 - self.low_bpm
        over_bpm = min(HR_MOST_BPM, hr_bpm - self.hr_bound_bpm - HR_MARGIN_BPM)
        if hr_bpm and (over_bpm < 0 or self.state > STANDING):
            self._hr_sum = max(0, min(self._hr_level, self._hr_sum + over_bpm * seconds))
        if not self._hr_sum:
            self._hr_level = max(HR_LIMIT, self._hr_level - _HR_CALM * seconds)
        silent = self.state <= ROUGH or self.state == CRESTED
        self.hr_high = 1 if self._hr_sum >= self._hr_level and not silent else 0
