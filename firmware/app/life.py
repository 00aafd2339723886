"""The life of a stage: idle -> armed -> running -> finished -> idle. All that happens to the device ends here."""

from time import ticks_diff, ticks_ms

from micropython import const
from pacing.cues import CHECK, CHECK_STORAGE, READY, pattern

from app.store import open_plan, size_of

IDLE = const(0)
ARMED = const(1)
RUNNING = const(2)
FINISHED = const(3)
NAMES = ("idle", "armed", "running", "finished")

BY_LINE = const(1)  # how a stage starts and ends
BY_HAND = const(2)

_SILENT_MS = const(1500)  # the receiver's second is over: a sample without fix
_SECOND_MS = const(900)  # samples are a second apart; receivers jitter
_IDLE_MS = const(5000)  # nothing is due each second then; the watchdog waits 30 s
_REST_MS = const(60_000)  # finished, until idle
_WINDOW_MS = const(120_000)  # the door for a phone
_BATTERY_S = const(60)  # between two looks at the battery while running
_BUZZ = (200,)


class Life:
    """The state machine. `device`: see Stage; `door(open)` opens or shuts the peripheral's door.

    Called by: the receiver (`on_epoch`), the clock each second (`on_second`), the button, and the sync service.
    """

    def __init__(self, device, door):
        self._device = device
        self._door = door
        self.state = IDLE
        self.stage = None  # the Stage that is armed or running
        self._ended = None  # what the status tells of the one just finished
        self._plan_file = None
        self._waiting = None  # while armed
        self._pending = False  # a stage was activated and the host is still there
        self._epoch_ms = self._sample_ms = self._since_ms = ticks_ms()
        self._window = False  # the door is open for a phone, since
        self._window_ms = 0
        self._seconds = 0

    # --- transitions ---

    def boot(self) -> None:
        """Take up where the device was: in a stage, armed, or idle."""
        if not self._device.store.state.armed or not self._arm():
            self._enter(IDLE)
        elif self.stage.resume():
            self._waiting = None
            self._enter(RUNNING)

    def _enter(self, state: int) -> None:
        self.state = state
        self._since_ms = self._sample_ms = ticks_ms()
        self._window = False
        self._door(state in (IDLE, FINISHED))
        self._device.strap.want(state in (ARMED, RUNNING))

    def _arm(self) -> bool:
        """Open the plan of the stage that is to be armed; False (and nothing armed) if it is not usable."""
        store = self._device.store
        self._let_go()
        path = store.plan_path(store.state.armed)
        plan = None
        try:
            plan, self._plan_file = open_plan(path)
        except (ValueError, OSError) as error:
            store.log("arm", error)
        if plan is None or plan.crc != store.state.armed_crc:
            self._let_go()
            store.state.armed = 0
            store.save()
            self._device.motor.play(pattern(CHECK, CHECK_STORAGE))
            return False
        from app.ready import Waiting  # only now: see app.modules
        from app.stage import Stage

        self.stage = Stage(self._device, store.state.armed, plan)
        self._waiting = Waiting(self._device, plan)
        self._enter(ARMED)
        return True

    def _let_go(self) -> None:
        """Forget stage and plan: their memory is wanted."""
        self.stage = self._waiting = None
        if self._plan_file is not None:
            self._plan_file.close()
            self._plan_file = None
        self._device.visitors.leave()

    def _start(self, how: int) -> None:
        self._waiting = None
        self._enter(RUNNING)
        self.stage.start(how)

    def _finish(self, how: int) -> None:
        state = self._device.store.state
        self.stage.finish(how)
        state.last, state.armed = self.stage.no, 0
        self._device.store.save()
        self._ended = self._progress()
        self._let_go()
        self._enter(FINISHED)

    def park(self) -> None:
        """A reset comes: keep every sample."""
        if self.state == RUNNING:
            self.stage.park()

    # --- the receiver and the clock ---

    def on_epoch(self) -> None:
        """The receiver has completed a second."""
        now = ticks_ms()
        self._epoch_ms = now
        if ticks_diff(now, self._sample_ms) >= _SECOND_MS:
            self._take(self._device.nmea, now)

    def wait_ms(self) -> int:
        """How long until `on_second` is due: just after a second of the receiver that does not come."""
        now = ticks_ms()
        if self.state not in (ARMED, RUNNING):
            return _IDLE_MS
        left = _SILENT_MS - ticks_diff(now, self._epoch_ms)
        return left if left > 0 else max(_SILENT_MS - _SECOND_MS, 1000 - ticks_diff(now, self._sample_ms))

    def on_second(self) -> None:
        """About each second; the receiver may have fallen silent."""
        now = ticks_ms()
        if ticks_diff(now, self._epoch_ms) >= _SILENT_MS and ticks_diff(now, self._sample_ms) >= _SECOND_MS:
            self._take(None, now)
        self._seconds += 1
        if self.state == RUNNING and self._seconds % _BATTERY_S == 0:
            self.stage.note_battery(self._device.battery.percent())
        if self.state == FINISHED and ticks_diff(now, self._since_ms) >= _REST_MS:
            self._ended = None
            self._enter(IDLE)
            self._arm_pending()
        if self._window and ticks_diff(now, self._window_ms) >= _WINDOW_MS:
            self._window = False
            self._door(self.state in (IDLE, FINISHED))

    def _take(self, nmea, now) -> None:
        self._sample_ms = now
        if self.state == RUNNING:
            self.stage.sample(nmea)
            if self.stage.pacer.finished:
                self._finish(BY_LINE)
        elif self.state == ARMED and self._waiting.step(nmea, ticks_diff(now, self._since_ms)):
            self._start(BY_LINE)
            self.stage.sample(nmea)

    # --- the button ---

    def press(self, count: int) -> None:
        """One press asks "how am I?", two and three mean what runner.md's table says for the state."""
        if self.state == RUNNING:
            self.stage.press(count)
        elif count == 1:
            self._device.motor.play(self._how_am_i())
        elif count == 2:
            self._next_stage()
        else:
            self._open_window()

    def by_hand(self) -> None:
        """A long hold and a press: start or end the stage."""
        if self.state == ARMED:
            self._start(BY_HAND)
        elif self.state == RUNNING:
            self._finish(BY_HAND)

    def _how_am_i(self):
        if self.state == ARMED:
            return self._waiting.answer()
        return pattern(READY, self._device.store.state.last) if self._device.store.state.last else _BUZZ

    def _next_stage(self) -> None:
        """Arm the next plan that has no recording yet, and tell its number."""
        store = self._device.store
        waiting = [no for no in store.stages("plans") if size_of(store.rec_path(no)) < 0]
        after = [no for no in waiting if no > store.state.armed]
        if not waiting:
            self._device.motor.play(pattern(CHECK, CHECK_STORAGE))
            return
        store.state.armed = (after or waiting)[0]
        store.state.armed_crc = store.plan_crc(store.state.armed)
        store.save()
        if self._arm():
            self._device.motor.play(pattern(READY, store.state.armed))

    def _open_window(self) -> None:
        self._window, self._window_ms = True, ticks_ms()
        self._door(True)
        self._device.motor.play(_BUZZ)

    # --- the sync service ---

    def activate(self, stage: int, crc: int) -> bool:
        """Arm `stage` once the host has gone. False while a stage runs."""
        if self.state == RUNNING:
            return False
        store = self._device.store
        store.state.armed, store.state.armed_crc = stage, crc
        store.save()
        self._pending = True
        return True

    def plan_replaced(self, stage: int) -> None:
        """A new plan is there: what was armed with the old one must be activated again."""
        if self.state == ARMED and stage == self.stage.no:
            self._let_go()
            self._device.store.state.armed = 0
            self._enter(IDLE)

    def on_host_gone(self) -> None:
        self._arm_pending()

    def _arm_pending(self) -> None:
        if self._pending and self.state in (IDLE, ARMED):
            self._pending = False
            self._arm()

    def is_running(self, stage: int) -> bool:
        return self.state == RUNNING and self.stage.no == stage

    def status(self) -> dict:
        """The live status, as the sync protocol has it."""
        device = self._device
        status = self._ended or self._progress()
        status["state"] = NAMES[self.state]
        status["hr"] = device.strap.hr_bpm()
        status["batt"] = device.battery.percent()
        status["fw"] = device.firmware
        status["free"] = device.store.free_bytes()
        return status

    def _progress(self) -> dict:
        """How far the stage has come."""
        stage = self.stage
        if stage is None or self._waiting:
            fix = self._waiting.fix() if self._waiting else 0
            return {"stage": stage.no if stage else 0, "ms": 0, "dist_dm": 0, "effort_pm": 0, "fix": fix}
        pacer = stage.pacer
        return {
            "stage": stage.no,
            "ms": stage.ms(),
            "dist_dm": pacer.dist_dm,
            "effort_pm": pacer.effort_pm,
            "fix": stage.fix(),
        }
