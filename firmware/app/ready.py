"""Armed: wait for the start line, and tell once, unasked, that all is READY; after three minutes, what is missing."""

from micropython import const
from pacing.cues import CHECK, CHECK_BATTERY, CHECK_GPS, CHECK_STORAGE, CHECK_STRAP, READY, pattern
from pacing.sample import FIX_GOOD, FIX_MASK, JUMP, Sample, Sampler
from pacing.saving import RADIO, UNPLANNED_S
from pacing.startgate import StartGate

from app.lives import SAY, forget
from app.which import Which

_STRAP_MS = const(90_000)  # who owns none, as far as the device knows, goes without: a full mode
_TELL_MS = const(180_000)
_BYTES_PER_HOUR = const(9_200)  # at its thinnest: app.thinning
_PAUSE_MS = const(2000)  # between READY and that samples are thin
_SPARE_BYTES = const(65_536)  # the file system wants room to turn round


class Waiting:
    """The time between arming and the start. The plan itself has been checked before.

    `thin`: what is left of the race does not fit at a sample a second; `told_ready`, and so has that been told.
    """

    def __init__(self, device, strap, plan):
        from app.lasting import lasting  # of use for this moment only

        saving, self._least_percent = lasting(device, plan.planned_s or UNPLANNED_S)
        from app.thinning import thinned  # this, too

        self.thin = thinned(device.store, plan)[0] > 1
        forget("app.lasting", "app.thinning")
        strap.sparing = saving >= RADIO  # before it connects
        self._device = device
        self._strap = strap
        self._plan = plan
        self._gate = StartGate(plan)
        self._sampler = Sampler()
        self._sample = Sample()
        self.told_ready = self._told_missing = False
        self._missing = CHECK_GPS
        chosen = device.store.state.chosen == plan.stage_no
        self._which = Which(device.store, plan.stage_no) if plan.has_course and not chosen else None

    def step(self, nmea, armed_ms: int) -> bool:
        """Take one second, as Stage.sample; True once the start line is crossed. `armed_ms`: since arming."""
        device = self._device
        if nmea is not None and not device.clock.confirmed:
            device.clock.take(nmea)
        self._sampler.take(self._sample, nmea, self._strap.hr_bpm(), armed_ms)
        if self._gate.step(self._sample, device.clock.utc_s()):
            return True
        if self._which and self._sample.flags & FIX_MASK >= FIX_GOOD and not self._sample.flags & JUMP:
            self._look_around()
        score = self._tell(armed_ms)
        if score:
            device.motor.play(score)
        return False

    def _look_around(self) -> None:
        """Arm the stage that starts here, if the armed one does not; READY then tells its number."""
        device = self._device
        stage = self._which.step(self._sample, device.clock.utc_s())
        if stage:
            state = device.store.state
            state.armed, state.armed_crc = stage, self._which.crc
            device.store.save()
            self._which = None
            device.leave(bytes((SAY, 0, 0)))

    def _tell(self, armed_ms: int):
        """The score to play now, or None."""
        self._missing = self._look(self._sample, armed_ms)
        looking = self._which and self._which.looking
        if not self._missing and not self.told_ready and not looking and not self._device.motor.busy:
            self.told_ready = True
            score = self.answer()
            if self.thin:
                score += (_PAUSE_MS,)
                score += pattern(CHECK, CHECK_STORAGE)
            return score
        if self._missing and not self.told_ready and not self._told_missing and armed_ms >= _TELL_MS:
            self._told_missing = True
            return self.answer()
        return None

    def answer(self):
        """What a press is answered with: READY with the stage's number, or CHECK with what is missing."""
        return pattern(CHECK, self._missing) if self._missing else pattern(READY, self._plan.stage_no)

    def _look(self, sample, armed_ms: int) -> int:
        """CHECK's number of what is missing most, 0 if nothing is."""
        device = self._device
        stage_s = self._plan.planned_s or UNPLANNED_S
        if sample.flags & FIX_MASK < FIX_GOOD:
            return CHECK_GPS
        strap = self._strap
        unsure = strap.crowded and not self._told_missing  # told once: perhaps none of them is the runner's
        if not sample.hr_bpm and (armed_ms < _STRAP_MS or strap.address or device.radio.wanted or unsure):
            return CHECK_STRAP
        if self.told_ready:
            return 0  # room and battery were good a moment ago
        if device.battery.percent() < self._least_percent:
            return CHECK_BATTERY
        if not device.store.make_room(stage_s * _BYTES_PER_HOUR // 3600 + _SPARE_BYTES):
            return CHECK_STORAGE
        return 0
