"""When to speak: spacing, priority, repeats, quiet times and the hourly budget of the pacing cues."""

from pacing import cues
from pacing.governor import HR_MARGIN_BPM, INSIDE, OVER, STANDING, UNDER

APART_MS = 20000
OBEY_MS = 90000
OBEYED_AFTER_S = 20  # easing must last: one breath under the cap is not obedience
QUIET_MS = 600000
HOUR_MS = 3600000
MUTE_MS = 1800000
LOOK_AGAIN_MS = 150000  # 3 minutes off the course, 2.5 after the first LOOK
LOST_S = 60  # the firmware has tried to reconnect several times by then
BACK_S = 60  # a sensor must have been back so long before its next loss is told
NEVER_S = 180  # a receiver that never had a fix is told once, so late


class Loss:
    """Tells once that a sensor fell silent. `due` holds until `told`."""

    STATE = ("away_s", "ever", "_back_s", "_armed")

    def __init__(self, expected: int):
        self.away_s = 0
        self.ever = 0  # it has been heard
        self._back_s = 0
        self._armed = expected  # a loss would be news

    def step(self, present: bool, seconds: int) -> None:
        """One input with or without the sensor."""
        if not present:
            self.away_s = min(self.away_s + seconds, 9999)
            self._back_s = 0
            return
        self.away_s = 0
        self.ever = 1
        self._back_s = min(self._back_s + seconds, BACK_S)
        if self._back_s >= BACK_S:
            self._armed = 1

    @property
    def lost(self) -> bool:
        """The sensor has been silent for long."""
        return self.away_s >= (LOST_S if self.ever else NEVER_S)

    @property
    def due(self) -> bool:
        """The loss has not been told yet."""
        return self.lost and self._armed == 1

    def told(self) -> None:
        """Say no more of this loss."""
        self._armed = 0


class Voice:
    """One cue at a time: LOOK before CHECK before EASE before CLEAR, 20 s apart; what cannot be said soon is dropped.

    After `step` or `press`: `n` is CHECK's number and `reason` says why. Conditions are looked at anew each second, so
    nothing is queued and nothing stale is said.
    """

    STATE = (
        "_last_ms", "_asked", "_by", "_ease_ms", "_ok_s", "_quiet_ms", "_mute_ms", "_hour", "_spent", "_looks",
        "_look_ms", "_rerouted",
    )  # fmt: skip

    def __init__(self, plan, governor, course, strap: Loss, gps: Loss):
        self._plan = plan
        self._governor = governor
        self._course = course
        self._strap = strap
        self._gps = gps
        self.n = self.reason = 0
        self._last_ms = -APART_MS  # when the last cue was given
        self._asked = 0  # EASEs of this episode: 0, 1 or 2 (1 waits to be obeyed or repeated)
        self._by = 0  # the episode's reason
        self._ease_ms = 0  # its last EASE
        self._ok_s = 0  # seconds of easing since
        self._quiet_ms = 0  # no new episode before
        self._mute_ms = 0  # pacing is quiet at the runner's wish until
        self._hour = self._spent = 0  # EASEs of this hour of the stage
        self._looks = self._look_ms = 0  # LOOKs of this excursion, time of the last
        self._rerouted = 0  # the runner has accepted the new route

    def step(self, now_ms: int, seconds: int, hr_bpm: int) -> int:
        """The cue to give now, or NONE."""
        if not self._course.off_course:
            self._looks = self._rerouted = 0
        self._watch(hr_bpm, seconds)
        if now_ms - self._last_ms < APART_MS:
            return cues.NONE
        code = self._look(now_ms) or self._check()
        code = code or self._ease(now_ms, hr_bpm) or self._clear(now_ms)
        if code:
            self._last_ms = now_ms
        return code

    def press(self, count: int, now_ms: int, hr_bpm: int) -> int:
        """A press always answers: what is lost, else EASE while over the cap, else CLEAR. Two presses: 30 min quiet."""
        self._last_ms = now_ms
        if self._course.off_course:
            self._rerouted = 1
        if count == 2:
            self._mute_ms = now_ms + MUTE_MS
        self.reason = cues.BY_PRESS
        if self._gps.lost:
            return self._say_check(cues.CHECK_GPS)
        if self._strap.lost and self._strap.ever:
            return self._say_check(cues.CHECK_STRAP)
        bound_bpm = self._governor.hr_bound_bpm
        too_high = bound_bpm and hr_bpm > bound_bpm + HR_MARGIN_BPM
        return cues.EASE if too_high or self._governor.state == OVER else cues.CLEAR

    def _look(self, now_ms: int) -> int:
        if not self._course.off_course or self._rerouted or self._looks == 2:
            return cues.NONE
        if self._looks == 1 and now_ms - self._look_ms < LOOK_AGAIN_MS:
            return cues.NONE
        self._looks += 1
        self._look_ms = now_ms
        self.reason = cues.OFF_COURSE
        return cues.LOOK

    def _check(self) -> int:
        if self._gps.due:
            self._gps.told()
            return self._say_check(cues.CHECK_GPS)
        if self._strap.due:
            self._strap.told()
            return self._say_check(cues.CHECK_STRAP)
        return cues.NONE

    def _say_check(self, n: int) -> int:
        self.n = n
        self.reason = cues.GPS_LOST if n == cues.CHECK_GPS else cues.STRAP_LOST
        return cues.CHECK

    def _watch(self, hr_bpm: int, seconds: int) -> None:
        """Count the seconds of easing since EASE; standing and blind seconds are neither."""
        if not self._asked:
            return
        governor = self._governor
        if self._holds(hr_bpm):
            self._ok_s = 0
        elif self._by == cues.BY_HEART_RATE:
            self._ok_s += seconds if hr_bpm and governor.state != STANDING else 0
        elif UNDER <= governor.state <= INSIDE:
            self._ok_s += seconds

    def _holds(self, hr_bpm: int) -> bool:
        """The cause of this episode is still there."""
        if self._by == cues.BY_HEART_RATE:
            return hr_bpm > self._governor.hr_bound_bpm
        return self._governor.state == OVER

    def _ease(self, now_ms: int, hr_bpm: int) -> int:
        """Begin an episode, or repeat its EASE once; a heart rate over its bound need not wait for effort's quiet."""
        waited_ms = now_ms - self._ease_ms
        if self._asked and waited_ms < OBEY_MS:
            return cues.NONE
        hard = self._governor.hr_high and (now_ms >= self._quiet_ms or self._by != cues.BY_HEART_RATE)
        begins = hard or (self._governor.too_hard and now_ms >= self._quiet_ms)
        repeats = not hard and self._asked == 1 and not self._ok_s and self._holds(hr_bpm)
        if self._asked == 1 and (repeats or waited_ms >= 2 * OBEY_MS):
            self._asked = 2  # said twice, or too late to say it again
        if not (begins or repeats) or now_ms < self._mute_ms or not self._afford(now_ms):
            return cues.NONE
        if repeats:
            self.reason = cues.REPEATED
        else:
            self._asked = 1
            self.reason = self._by = cues.BY_HEART_RATE if hard else cues.BY_EFFORT
            self._governor.spoken()
        self._ok_s = 0
        self._ease_ms = now_ms
        self._quiet_ms = now_ms + QUIET_MS
        return cues.EASE_HARD if self._by == cues.BY_HEART_RATE else cues.EASE

    def _afford(self, now_ms: int) -> bool:
        """Spend one EASE of this hour of the stage, if one is left."""
        hour = now_ms // HOUR_MS
        if hour != self._hour:
            self._hour = hour
            self._spent = 0
        if self._spent >= (self._plan.ease_per_h if hour else self._plan.ease_first_h):
            return False
        self._spent += 1
        return True

    def _clear(self, now_ms: int) -> int:
        if not self._asked:
            return cues.NONE
        if now_ms - self._ease_ms >= QUIET_MS:
            self._asked = 0  # too late to be understood
        if self._ok_s < OBEYED_AFTER_S:
            return cues.NONE
        self._asked = 0
        self.reason = cues.OBEYED
        return cues.CLEAR
