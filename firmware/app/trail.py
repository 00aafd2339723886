"""On the trail: armed, then running. The receiver's seconds, the clock and the button end here."""

from struct import pack
from time import ticks_diff, ticks_ms

from drivers.gnss import Gnss
from micropython import const
from pacing.cues import CLEAR, READY, pattern
from pacing.ending import AT_LINE, BY_HAND
from pacing.heartrate import HeartRate
from pacing.nmea import Nmea
from pacing.planreader import PlanError, PlanReader

from app.lives import ARMED, BACK, FINISHED, GO, HOME, NEXT, RUNNING, SAY, WINDOW, forget
from app.stage import Stage
from app.store import FileBytes
from app.strap import Strap

_BUZZ = (200,)
_SILENT_MS = const(500)  # the receiver's second is over for so long: a sample without fix
_JITTER_MS = const(100)  # of receivers; samples are a second apart, or a few
_BATTERY_S = const(60)  # between two looks at the battery while running


class Trail:
    """This life's state and tasks. `device`: see app.supervisor; `message`: see app.lives.

    ValueError or OSError if the plan that is to be armed is not the one that was checked when it was armed.
    """

    def __init__(self, device, uart, message):
        self._device = device
        state = device.store.state
        data = FileBytes(device.store.plan_path(state.armed))
        plan = PlanReader(data.read, data.size)
        if plan.crc != state.armed_crc:
            raise PlanError("plan: not the one that was armed")
        from pacing.plansums import sum_pieces  # of use for this moment only

        sum_pieces(plan)
        forget("pacing.plansums")
        self._strap = Strap(device.radio, HeartRate(), state.strap, state.strap_name, device.reset)
        self._nmea = Nmea()
        self._gnss = Gnss(uart, self._nmea, self.on_epoch, forget)
        self.stage = Stage(device, self._strap, plan)
        self._seconds = 0
        self._silent = False  # the last sample was without the receiver
        self._waiting = None  # while armed
        self._enter(ARMED)
        device.on_reset = self._park
        kind = message[0] if message else 0
        if self.stage.resume(kind == BACK):
            self._enter(RUNNING)
            if kind == BACK:
                device.motor.play(_BUZZ)
            return
        if self.stage.pacer:  # it had ended when power failed
            self._home()
            return
        self._wait(plan)
        if kind == GO:
            self.by_hand()
        elif kind == SAY and message[1]:
            device.motor.play(pattern(message[1], message[2]))
            if message[1] == READY:  # by two presses: no other place is asked for
                state.chosen = state.armed
                device.store.save()

    def tasks(self):
        return (("strap", self._strap.run), ("gnss", self._gnss.run))

    def _enter(self, state: int) -> None:
        self.state = state
        self._epoch_ms = self._since_ms = self._sample_ms = ticks_ms()

    def _wait(self, plan) -> None:
        from app.ready import Waiting  # of use until the start only

        self._waiting = Waiting(self._device, self._strap, plan)
        self._gnss.wake()

    def _start(self, how: int) -> None:
        told = self._waiting.thin and self._waiting.told_ready
        self._waiting = None
        forget("app.ready", "app.which", "pacing.startgate")
        self._enter(RUNNING)
        self.stage.start(how, told)

    def _finish(self, how: int) -> None:
        """End the stage."""
        self.stage.finish(how)
        self._home()
        self._gnss.rest()  # last: it may fail

    def _home(self) -> None:
        """The stage is over: to camp."""
        self.state = FINISHED
        stage = self.stage
        pacer = stage.pacer
        self._device.leave(
            pack("<BBIIHB", HOME, stage.no, stage.ms(), pacer.dist_dm, min(pacer.effort.effort_pm, 65535), stage.fix())
        )

    def _park(self) -> None:
        """A reset comes: keep every sample."""
        if self.state == RUNNING:
            self.stage.park()

    # --- the receiver and the clock ---

    def on_epoch(self) -> None:
        """The receiver has completed a second."""
        now = ticks_ms()
        self._epoch_ms = now
        # A receiver that is back is taken at once, however late in the silence the last sample was made.
        if self._silent or ticks_diff(now, self._sample_ms) >= self.stage.every_s * 1000 - _JITTER_MS:
            self._take(self._nmea, now)

    def wait_ms(self) -> int:
        """How long until `on_second` is due: just after a second of the receiver that does not come."""
        now = ticks_ms()
        apart_ms = self.stage.every_s * 1000
        left = apart_ms + _SILENT_MS - ticks_diff(now, self._epoch_ms)
        return left if left > 0 else max(_SILENT_MS + _JITTER_MS, apart_ms - ticks_diff(now, self._sample_ms))

    def on_second(self) -> None:
        """About each second; the receiver may have fallen silent."""
        now = ticks_ms()
        stage = self.stage
        apart_ms = stage.every_s * 1000
        silent = ticks_diff(now, self._epoch_ms) >= apart_ms + _SILENT_MS
        if silent and ticks_diff(now, self._sample_ms) >= apart_ms - _JITTER_MS:
            self._take(None, now)
        if self._gnss.every_s != stage.every_s:
            self._gnss.every_s = stage.every_s
            self._gnss.wake()
        self._seconds += 1
        if self.state == RUNNING and self._seconds % _BATTERY_S == 0:
            self.stage.note_battery(self._device.battery.percent())

    def _take(self, nmea, now) -> None:
        self._sample_ms = now
        self._silent = nmea is None
        if self.state == RUNNING:
            self.stage.sample(nmea)
            if self.stage.pacer.finished:
                self._finish(self.stage.pacer.finished)
        elif self.state == ARMED and self._waiting.step(nmea, ticks_diff(now, self._since_ms)):
            self._start(AT_LINE)
            self.stage.sample(nmea)

    # --- the button ---

    def press(self, count: int) -> None:
        """While running the core answers; armed, one press asks "how am I?", two arm the next stage, three let a
        phone in."""
        if self.state == RUNNING:
            self.stage.press(count)
        elif self.state != ARMED:
            return
        elif count == 1:
            self._device.motor.play(self._waiting.answer())
        else:
            self._device.leave(bytes((NEXT if count == 2 else WINDOW,)))

    def by_hand(self) -> None:
        """A long hold and a press: start or end the stage."""
        if self.state == ARMED:
            self._start(BY_HAND)
            self._device.motor.play(pattern(CLEAR))
        elif self.state == RUNNING:
            self._finish(BY_HAND)
