"""The facade: what the firmware and the replay on the host use to decide. It sees samples and events, nothing else."""

from pacing import cues, state
from pacing.course import Course, start_line
from pacing.effort import Effort
from pacing.geo import Frame, hypot_dm
from pacing.governor import Governor
from pacing.journal import EV_END, EV_PRESS
from pacing.planformat import TECHNICAL
from pacing.sample import FIX_GOOD, FIX_MASK, JUMP, STANDING_CMS, Odometer
from pacing.voice import Loss, Voice

MOST_S = 10  # a sample stands for no more: nobody knows what was run in a longer gap
NEAR_DM = 600
PAST_DM = 50
GATE_DM = 1000
GATE_CMS = 100  # walking pace: the wandering fix of somebody who waits does not start a stage


class StartGate:
    """StartGate(plan).step(sample) is True once the start line is crossed: near it first, then moving past it."""

    def __init__(self, plan):
        self._frame = Frame(plan.lat0_e6, plan.lon0_e6, plan.cos_q15)
        self._open = plan.has_course
        self._near = False
        if self._open:
            plan.load_tile(0)
            self._x, self._y, dx, dy = start_line(plan.tile, plan.tile_count)
            length = max(1, hypot_dm(dx, dy))
            self._dx = dx * 1024 // length
            self._dy = dy * 1024 // length

    def step(self, sample) -> bool:
        """Take a sample from before the start. Always False without a course: such a stage is started by hand."""
        if not self._open or sample.flags & FIX_MASK < FIX_GOOD or sample.flags & JUMP:
            return False
        self._frame.place(sample.lat_e6, sample.lon_e6)
        x = self._frame.x_dm - self._x
        y = self._frame.y_dm - self._y
        if abs(x) > 2 * GATE_DM or abs(y) > 2 * GATE_DM:
            self._near = False
            return False
        past = (x * self._dx + y * self._dy) >> 10
        beside = abs(x * self._dy - y * self._dx) >> 10
        if past < PAST_DM:
            self._near = hypot_dm(x, y) <= NEAR_DM
            return False
        return self._near and sample.speed_cms >= GATE_CMS and past <= GATE_DM and beside <= NEAR_DM // 2


class Pacer:
    """Pacer(plan): feed `step` and `event` in the journal's order; each answers with a cue code or 0.

    With a cue, cue_n (CHECK's number) and reason are set. `save()` holds everything that later answers depend on.
    """

    STATE = ("dist_dm", "finished", "_ms", "_begun", "_hr_bpm")

    def __init__(self, plan):
        plan.at(0)
        self._plan = plan
        self._odometer = Odometer()
        self._course = Course(plan)
        self._effort = Effort(plan, plan.cap_pm or 750)
        self._governor = Governor(plan)
        self._strap = Loss(0)
        self._gps = Loss(1)
        self._voice = Voice(plan, self._governor, self._course, self._strap, self._gps)
        self._parts = (
            self, self._odometer, self._course, self._effort, self._governor, self._voice, self._strap, self._gps,
        )  # fmt: skip
        self.dist_dm = self.finished = 0
        self.cue_n = self.reason = 0
        self._ms = 0  # stage time that has been accounted for, whole seconds behind the samples
        self._begun = 0
        self._hr_bpm = 0

    progress_dm = property(lambda self: self._course.progress_dm)
    off_course = property(lambda self: self._course.off_course)
    grade_pm = property(lambda self: self._course.grade_pm)
    effort_pm = property(lambda self: self._effort.effort_pm)
    hr_cap_bpm = property(lambda self: self._governor.hr_bound_bpm)
    debt = property(lambda self: self._governor.debt)
    state = property(lambda self: self._governor.state)
    cap_pm = property(lambda self: self._plan.cap_pm)
    ms = property(lambda self: self._ms)  # stage time of the last input, within 500 ms

    def step(self, sample) -> int:
        """Take the next sample; the cue code to give now, or 0."""
        self._odometer.step(sample)
        self.dist_dm = self._odometer.dist_dm
        if not self._begun:
            self._begun = 1
            self._ms = sample.stage_ms - 1000
        seconds = (sample.stage_ms - self._ms + 500) // 1000
        self._ms += seconds * 1000
        seconds = min(seconds, MOST_S)
        self._hr_bpm = sample.hr_bpm
        self._course.step(sample)
        if self.finished or seconds <= 0:
            return cues.NONE
        self.finished = self._course.finished
        self._decide(sample, seconds)
        return self._said(self._voice.step(sample.stage_ms, seconds, sample.hr_bpm))

    def _decide(self, sample, seconds: int) -> None:
        """Effort and guards for a sample that stands for `seconds`."""
        plan = self._plan
        course = self._course
        plan.at(course.progress_dm)
        good = sample.flags & FIX_MASK >= FIX_GOOD and not sample.flags & JUMP
        if sample.flags & FIX_MASK and sample.speed_cms < STANDING_CMS:
            self._effort.stand(sample.hr_bpm)
        else:
            speed_ok = bool(good and not plan.flags & TECHNICAL and (course.matched or not plan.has_course))
            self._effort.step(sample, course.grade_pm, seconds, speed_ok)
        self._governor.step(sample, self._effort.effort_pm, self._effort.trusted, course.grade_pm, seconds)
        self._strap.step(sample.hr_bpm > 0, seconds)
        self._gps.step(sample.flags & FIX_MASK > 0, seconds)

    def _said(self, code: int) -> int:
        if code:
            self.cue_n = self._voice.n if code == cues.CHECK else 0
            self.reason = self._voice.reason
        return code

    def event(self, kind: int, value: int, stage_ms: int) -> int:
        """Take an input event of the journal; the answer to a press, else 0. Other events change nothing."""
        if kind == EV_END:
            self.finished = 1
        if kind != EV_PRESS:
            return cues.NONE
        return self._said(self._voice.press(value, stage_ms, self._hr_bpm))

    def save(self) -> bytes:
        """The complete state, about 100 to 160 bytes."""
        return state.save(self._parts, self._plan.crc)

    def load(self, data) -> None:
        """Continue from what `save` gave under the same plan; ValueError otherwise, and nothing is changed."""
        state.load(self._parts, self._plan.crc, data)
        self._plan.at(self._course.progress_dm)
