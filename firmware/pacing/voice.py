"""When to speak: spacing, priority, repeats, quiet times and the hourly budget of the pacing cues."""

from pacing import cues
from pacing.governor import HR_MARGIN_BPM, INSIDE, OVER, ROUGH, STANDING, UNDER
from pacing.planformat import DESCENT
from pacing.prompts import Prompts

APART_MS = 20000
OBEY_MS = 90000
OBEYED_AFTER_S = 20  # easing must last: one breath under the cap is not obedience
QUIET_MS = 600000
HOUR_MS = 3600000
_SLOT_MS = 134000  # of 30 the budget remembers; 27 are an hour, for three cues in one slot
_THIS_SLOT = 1 << 29
_CHECK_REASONS = (0, cues.STRAP_LOST, cues.GPS_LOST, cues.BATTERY_LOW, 0, cues.HOURS_OVER)
MUTE_MS = 1800000
LOOK_FELT_MS = 6000  # a press before a LOOK, or before it has been felt to its end, accepts no new route
LOOK_AGAIN_MS = 150000  # 3 minutes off the course, 2.5 after the first LOOK


class Voice:
    """One cue at a time, in this order: LOOK, CUT-OFF, CHECK, EASE, HIKE, EAT, CLEAR; 20 s apart.

    After `step` or `press`: `n` is CHECK's number and `reason` says why. Conditions are looked at anew each second, so
    nothing is queued and nothing stale is said.
    """

    STATE = (
        "doubtful", "_last_ms", "_asked", "_by", "_ease_ms", "_ok_s", "_quiet_ms", "_mute_ms", "_slot", "_spent",
        "_looks", "_look_ms", "_rerouted", "_descent", "_odd_ms", "_odder_ms",
    )  # fmt: skip

    def __init__(self, plan, governor, course, checks, brake):
        self._plan = plan
        self._governor = governor
        self._course = course
        self._checks = checks
        self._brake = brake
        self.prompts = Prompts(plan, course)
        self.n = self.reason = 0
        self.doubtful = 0  # the plan asks for less than the heart does: seldom spoken of from now on
        self._last_ms = -APART_MS  # when the last cue was given
        self._asked = 0  # EASEs of this episode: 0, 1 or 2 (1 waits to be obeyed or repeated)
        self._by = 0  # the episode's reason
        self._ease_ms = 0  # its last EASE
        self._ok_s = 0  # seconds of easing since
        self._quiet_ms = 0  # no new episode before
        self._mute_ms = 0  # pacing is quiet at the runner's wish until
        self._slot = self._spent = 0  # EASEs and HIKEs of the hour up to this slot, a bit each, the newest the highest
        self._looks = self._look_ms = 0  # LOOKs of this excursion, time of the last
        self._rerouted = 0  # the runner has accepted the new route
        self._descent = 0  # an EASE was given on this descent, or before it
        self._odd_ms = self._odder_ms = 0  # the last two EASEs at a low heart rate, 0 none

    def step(self, sample, seconds: int) -> int:
        """The cue to give now, or NONE."""
        now_ms = sample.stage_ms
        if not self._course.off_course:
            self._looks = self._rerouted = 0
        if self._brake.hushed or not self._plan.flags & DESCENT:
            self._descent = self._brake.hushed
        self._watch(sample.hr_bpm, seconds)
        if now_ms - self._last_ms < APART_MS:
            return cues.NONE
        code = self._look(now_ms) or self._cutoff(now_ms) or self._check(self._checks.due(now_ms))
        if not code and now_ms >= self._mute_ms:
            code = self._ease(now_ms, sample.hr_bpm) or self._hike(now_ms, sample.speed_cms) or self._eat(now_ms)
        code = code or self._clear(now_ms)
        if code:
            self._last_ms = now_ms
        return code

    def press(self, count: int, now_ms: int, hr_bpm: int) -> int:
        """A press always answers: what is lost, else EASE while over the cap, else CLEAR. Two presses: 30 min quiet.

        Three begin the three hours of a low moment (answered EAT), or end them (CLEAR).
        """
        self._last_ms = now_ms
        self.reason = cues.BY_PRESS
        if count == 3:
            return self._low_moment(now_ms)
        if self._looks and now_ms - self._look_ms >= LOOK_FELT_MS and self._course.off_course:
            self._rerouted = 1
        if count == 2:
            self._mute_ms = now_ms + MUTE_MS
        lost = self._check(self._checks.lost(now_ms))
        if lost:
            return lost
        bound_bpm = self._governor.hr_bound_bpm
        too_high = bound_bpm and hr_bpm > bound_bpm + HR_MARGIN_BPM
        return cues.EASE if too_high or self._governor.state == OVER else cues.CLEAR

    def _low_moment(self, now_ms: int) -> int:
        if not self._checks.toggle_low(now_ms):
            return cues.CLEAR
        self.prompts.eaten(now_ms)
        self.reason = cues.LOW_MOMENT
        return cues.EAT

    def _look(self, now_ms: int) -> int:
        if not self._course.off_course or self._rerouted or self._looks == 2:
            return cues.NONE
        if self._looks == 1 and now_ms - self._look_ms < LOOK_AGAIN_MS:
            return cues.NONE
        self._looks += 1
        self._look_ms = now_ms
        self.reason = cues.OFF_COURSE
        return cues.LOOK

    def _cutoff(self, now_ms: int) -> int:
        reason = self.prompts.cutoff(now_ms)
        if not reason:
            return cues.NONE
        self.reason = reason
        return cues.CUTOFF

    def _check(self, n: int) -> int:
        """Say CHECK with `n`, if there is one."""
        if not n:
            return cues.NONE
        self.n = n
        self.reason = _CHECK_REASONS[n]
        return cues.CHECK

    def _hike(self, now_ms: int, speed_cms: int) -> int:
        climb_dm = self.prompts.hike(speed_cms)
        if not climb_dm or not self._afford(now_ms):
            return cues.NONE
        self.prompts.hiked_dm = climb_dm
        self.reason = cues.CLIMB
        return cues.HIKE

    def _eat(self, now_ms: int) -> int:
        """Who stands is left to it, and is told when on the way again."""
        reason = self.prompts.eat(now_ms, self._checks.low(now_ms))
        if not reason or self._governor.state == STANDING:
            return cues.NONE
        self.prompts.eaten(now_ms)
        self.reason = reason
        return cues.EAT

    def _watch(self, hr_bpm: int, seconds: int) -> None:
        """Count the seconds of easing since EASE; standing and blind seconds are neither."""
        if not self._asked:
            return
        governor = self._governor
        if self._holds(hr_bpm):
            self._ok_s = 0
        elif self._by == cues.BY_HEART_RATE:
            self._ok_s += seconds if hr_bpm and governor.state != STANDING else 0
        elif self._brake.over < 0 if self._by == cues.BY_DESCENT else UNDER <= governor.state <= INSIDE:
            self._ok_s += seconds

    def _holds(self, hr_bpm: int) -> bool:
        """The cause of this episode is still there."""
        if self._by == cues.BY_HEART_RATE:
            return hr_bpm > self._governor.hr_bound_bpm
        return self._brake.over > 0 if self._by == cues.BY_DESCENT else self._governor.state == OVER

    def _ease(self, now_ms: int, hr_bpm: int) -> int:
        """Begin an episode, or repeat its EASE once; a heart rate over its bound need not wait for effort's quiet."""
        waited_ms = now_ms - self._ease_ms
        if self._asked and waited_ms < OBEY_MS:
            return cues.NONE
        governor = self._governor
        quiet = now_ms < self._quiet_ms
        hard = governor.hr_high and not (quiet and self._by == cues.BY_HEART_RATE)
        begins = hard or (not quiet and (governor.too_hard or (self._brake.due and governor.state > ROUGH)))
        repeats = not hard and self._asked == 1 and not self._ok_s and self._holds(hr_bpm)
        if self._asked == 1 and (repeats or waited_ms >= 2 * OBEY_MS):
            self._asked = 2  # said twice, or too late to say it again
        if not (begins or repeats) or self._descent or not self._afford(now_ms):
            return cues.NONE
        self._descent = 1  # until the ground is another
        if repeats:
            self.reason = cues.REPEATED
        else:
            self._asked = 1
            self._by = cues.BY_HEART_RATE if hard else cues.BY_EFFORT if governor.too_hard else cues.BY_DESCENT
            self.reason = self._by
            if self._by == cues.BY_DESCENT:
                self._brake.told()
            else:
                governor.spoken()
                self._doubt(now_ms, hr_bpm)
        self._ok_s = 0
        self._ease_ms = now_ms
        self._quiet_ms = now_ms + QUIET_MS
        return cues.EASE_HARD if self._by == cues.BY_HEART_RATE else cues.EASE

    def _doubt(self, now_ms: int, hr_bpm: int) -> None:
        """Three EASEs for effort in an hour, and the heart below its bound each time: it is the plan that errs."""
        if self._by == cues.BY_HEART_RATE or self.doubtful or not 0 < hr_bpm < self._governor.hr_bound_bpm:
            return
        if self._odder_ms and now_ms - self._odder_ms < HOUR_MS:
            self.doubtful = 1
            self.reason = cues.DOUBTFUL
        self._odder_ms = self._odd_ms
        self._odd_ms = now_ms

    def _afford(self, now_ms: int) -> bool:
        """Spend one EASE or HIKE of the hour that ends now, if one is left."""
        slot = now_ms // _SLOT_MS
        spent = self._spent = self._spent >> (slot - self._slot)
        self._slot = slot
        most = self._plan.ease_per_h if now_ms >= HOUR_MS else self._plan.ease_first_h
        most = min(most, 1) if self.doubtful else most
        while spent:
            spent &= spent - 1
            most -= 1
        if most <= 0:
            return False
        bit = _THIS_SLOT
        while self._spent & bit:  # the second in a slot counts as of the one before
            bit >>= 1
        self._spent |= bit
        return True

    def _clear(self, now_ms: int) -> int:
        if not self._asked:
            return cues.NONE
        if now_ms - self._ease_ms >= QUIET_MS or now_ms < self._mute_ms:
            self._asked = 0  # too late to be understood, or not wanted
            return cues.NONE
        if self._ok_s < OBEYED_AFTER_S:
            return cues.NONE
        self._asked = 0
        self.reason = cues.OBEYED
        return cues.CLEAR
