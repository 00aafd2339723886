"""The facade: what the firmware and the replay on the host use to decide. It sees samples and events, nothing else."""

from pacing import cues, state
from pacing.checks import BLIND, DEGRADED, TRUSTED, Checks, Trust
from pacing.course import Course
from pacing.descent import Brake
from pacing.effort import Effort
from pacing.ending import UNEND_MS, WHEELS_CMS, Ending
from pacing.governor import CRESTED, Governor
from pacing.heart import MORNING_MS, Heart
from pacing.journal import EV_BATTERY, EV_END, EV_LEDGER, EV_PRESS, EV_UNEND, EV_UTC
from pacing.ledger import LEAST_PM, Ledger
from pacing.planformat import TECHNICAL
from pacing.sample import FIX_GOOD, FIX_MASK, JUMP, STANDING_CMS, Odometer, Sample
from pacing.voice import Voice

MOST_S = 10  # a sample stands for no more: nobody knows what was run in a longer gap
MORNING_PM = 900
LOW_PM = 850


class Pacer:
    """Pacer(plan): feed `step` and `event` in the journal's order; each answers with a cue code or 0.

    With a cue, cue_n (CHECK's number) and reason are set. `finished` is the value of EV_END once the stage is over, and
    ending.end_ms when that was; 0 before. Its parts may be looked at: course.progress_dm, effort.effort_pm,
    governor.debt ... `save()` holds everything that later answers depend on.
    """

    STATE = ("finished", "_ms", "_begun")

    def __init__(self, plan):
        plan.at(0)
        self._plan = plan
        self.odometer = Odometer()
        self.course = Course(plan)
        self.effort = Effort(plan, plan.cap_pm or 750)
        self.governor = Governor(plan)
        self.ledger = Ledger()
        self.heart = Heart(plan)
        self.strap = Trust(0)
        self.gps = Trust(1)
        self._checks = Checks(plan, self.strap, self.gps)
        self.brake = Brake(plan, self.course)
        self.voice = Voice(plan, self.governor, self.course, self._checks, self.brake)
        self.ending = Ending(plan, self.course)
        self._parts = (
            self, self.odometer, self.course, self.effort, self.governor, self.heart, self.strap, self.gps,
            self._checks, self.voice, self.voice.prompts, self.ending, self.ledger, self.brake,
        )  # fmt: skip
        self.dist_dm = self.finished = 0
        self.cue_n = self.reason = 0
        self._ms = 0  # stage time that has been accounted for, whole seconds behind the samples
        self._begun = 0
        self._seen = Sample()  # what of a sample can be believed

    def step(self, sample) -> int:
        """Take the next sample; the cue code to give now, or 0."""
        self.odometer.step(sample)
        self.dist_dm = self.odometer.dist_dm
        if not self._begun:
            self._begun = 1
            self._ms = sample.stage_ms - 1000
        seconds = (sample.stage_ms - self._ms + 500) // 1000
        self._ms += seconds * 1000
        seconds = min(seconds, MOST_S)
        self.course.step(sample)
        if self.finished or seconds <= 0:
            return cues.NONE
        self.finished = self.ending.step(sample, seconds)
        seen = self._seen
        seen.copy_from(sample)
        self._decide(seen, seconds)
        return self._said(self.voice.step(seen, seconds))

    def _decide(self, sample, seconds: int) -> None:
        """Effort and guards for a sample that stands for `seconds`."""
        plan = self._plan
        course = self.course
        plan.at(course.progress_dm)
        speed_ok = self._trust(sample, seconds)
        self.brake.step(sample.speed_cms, speed_ok, seconds)
        effort = self.effort
        if not sample.flags & FIX_MASK or sample.speed_cms >= STANDING_CMS:
            effort.step(sample, course.grade_pm, seconds, speed_ok)
            self.voice.prompts.spend(effort.effort_pm * plan.cs_cms // 100 * seconds)
        governor = self.governor
        governor.low_bpm = self.heart.low_bpm
        governor.share_pm = self._share_pm(sample.stage_ms)
        governor.off_course = course.off_course
        governor.step(sample, effort, course.grade_pm, seconds)
        if governor.state >= CRESTED:
            self.ledger.step(effort.effort_pm, plan.cap_pm, seconds)

    def _trust(self, sample, seconds: int) -> bool:
        """Rank the sensors and leave of the strap's word what can be believed. Whether speed tells effort here: fix and
        map are good, the ground is not technical, and he is on foot.
        """
        plan = self._plan
        fix = sample.flags & FIX_MASK
        self.gps.step((TRUSTED if fix >= FIX_GOOD and not sample.flags & JUMP else DEGRADED) if fix else BLIND, seconds)
        placed = (self.course.matched or not plan.has_course) and sample.speed_cms < WHEELS_CMS
        speed_ok = bool(self.gps.level == TRUSTED and placed and not plan.flags & TECHNICAL)
        self.heart.step(sample, self.course.grade_pm, seconds, speed_ok)
        sample.hr_bpm = self.heart.hr_bpm
        self.strap.step(TRUSTED if sample.hr_bpm else BLIND, seconds)
        return speed_ok

    def _said(self, code: int) -> int:
        if code:
            self.cue_n = self.voice.n if code == cues.CHECK else 0
            self.reason = self.voice.reason
        return code

    def _share_pm(self, now_ms: int) -> int:
        """How much of the plan's cap is allowed: less after days of overspending, early on later days, and in a low
        moment; else up to 5 % more for a cut-off. The bound of heart rate and the limits of descents do not rise.
        """
        share_pm = self.ledger.share_pm
        if now_ms < MORNING_MS and self._plan.stage_no > 1:
            share_pm = share_pm * (MORNING_PM + (1000 - MORNING_PM) * now_ms // MORNING_MS) // 1000
        if self._checks.low(now_ms):
            return share_pm * LOW_PM // 1000
        return share_pm if self.course.off_course else share_pm * (1000 + self.voice.prompts.relax_pm) // 1000

    def event(self, kind: int, value: int, stage_ms: int) -> int:
        """Take an input event of the journal; the answer to a press, else 0. Events that are not known change nothing.

        UNEND is taken for 30 minutes after an end: the stage goes on as if there had been none.
        """
        if kind == EV_PRESS:
            return self._said(self.voice.press(value, stage_ms, self.heart.hr_bpm))
        if kind == EV_END:
            self.finished = value or 1
            self.ending.end_ms = stage_ms
        elif kind == EV_UNEND and self.finished and stage_ms - self.ending.end_ms <= UNEND_MS:
            self.finished = 0
            self.ending.forget()
        elif kind == EV_UTC:
            self.voice.prompts.clock(value, stage_ms)
        elif kind == EV_LEDGER:
            self.ledger.share_pm = max(LEAST_PM, min(1000, value))
        elif kind == EV_BATTERY:
            self._checks.battery(value, stage_ms)
        return cues.NONE

    def save(self) -> bytes:
        """The complete state, about 100 to 220 bytes."""
        return state.save(self._parts, self._plan.crc)

    def load(self, data) -> None:
        """Continue from what `save` gave under the same plan; ValueError otherwise, and nothing is changed."""
        state.load(self._parts, self._plan.crc, data)
        self._plan.at(self.course.progress_dm)
        self.dist_dm = self.odometer.dist_dm
