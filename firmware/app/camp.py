"""In camp: idle, finished, or armed with the door open for a phone. Serves hosts and decides what is armed."""

from struct import pack, unpack
from time import ticks_diff, ticks_ms

from micropython import const
from pacing.cues import CHECK, CHECK_STORAGE, READY, pattern

from app.doors import WINDOW_BEATS, Doors
from app.lives import ARMED, BACK, FINISHED, GO, HOME, IDLE, NEXT, SAY, WINDOW
from app.peripheral import Peripheral
from app.shelf import check_plan, plan_crc, stages
from app.smp_groups import Groups
from app.smp_server import SmpServer
from app.store import size_of

_NAMES = ("idle", "armed", "running", "finished")
_IDLE_MS = const(5000)  # a beat of app.doors: nothing is due each second; the watchdog waits 30 s
_REST_MS = const(60_000)  # finished, until idle
_BACK_MS = const(1_800_000)  # an end can be taken back so long
_BUZZ = (200,)


class Camp:
    """This life's state and tasks. `device`: see app.supervisor; `message`: see app.lives."""

    def __init__(self, device, message):
        self._device = device
        information = {
            "manufacturer": "Holdback",
            "model": device.board,
            "firmware": device.firmware,
            "serial": device.serial,
        }
        self._link = Peripheral(device.radio, information, device.battery.percent)
        kind = message[0] if message else 0
        state = device.store.state
        if kind == HOME and state.running:  # the flash has not taken the end
            state.armed = state.running = 0
        armed = state.armed
        self.state = FINISHED if kind == HOME else ARMED if armed else IDLE
        # Stage, ms, dist_dm, effort_pm and fix of the status, as app.trail packs them.
        self._ended = unpack("<BIIHB", message[1:]) if kind == HOME else (armed, 0, 0, 0, 0)
        self._since_ms = ticks_ms()
        self._home = kind == HOME  # from a stage, whose end can be taken back
        self._to_arm = 0  # a stage was activated and the host is still there
        self._doors = Doors(device, self._link)
        self._groups = Groups(device, self, self._doors)
        if not device.store.free_bytes():  # full, or there is no file system
            device.motor.play(pattern(CHECK, CHECK_STORAGE))
        if kind == SAY and message[1]:
            device.motor.play(pattern(message[1], message[2]))
        if kind == WINDOW:
            self._open_window()
        if kind == NEXT:
            self._next_stage()

    def tasks(self):
        return (("sync", self._sync),)

    async def _sync(self) -> None:
        """Serve one host after the other."""
        self._link.door(True)
        while True:
            await self._link.host()
            try:
                await SmpServer(self._link, self._groups).run()
            finally:
                self._groups.drop_upload()
                self._doors.stranger = 0
                self._host_gone()

    # --- the clock ---

    def wait_ms(self) -> int:
        """How long until `on_second` is due."""
        return _IDLE_MS

    def on_second(self) -> None:
        here_ms = ticks_diff(ticks_ms(), self._since_ms)
        doors = self._doors
        doors.beat()
        if self.state == FINISHED and here_ms >= _REST_MS and not self._link.connected and not doors.window:
            self._rest()
        if self._home and here_ms >= _BACK_MS:
            self._home = False
        if self.state == ARMED and not doors.window:
            self._leave(SAY)

    def _rest(self) -> None:
        """A minute after the stage: idle; or armed again, if it was a false start."""
        if self._device.store.state.armed:
            self._leave(SAY)
        self.state = IDLE
        self._ended = (0, 0, 0, 0, 0)

    # --- the button ---

    def press(self, count: int) -> None:
        """One press asks "how am I?", two arm the next stage, three open the window."""
        last = self._device.store.state.last
        if count == 2:
            self._next_stage()
        elif count == 3:
            self._open_window()
        elif count == 1 and last and self.state != ARMED:
            self._device.motor.play(pattern(READY, last))
        else:
            self._device.motor.play(_BUZZ)

    def _open_window(self) -> None:
        """For two minutes reads need no key: a phone."""
        self._doors.window = WINDOW_BEATS
        self._device.motor.play(_BUZZ)

    def by_hand(self) -> None:
        """A long hold and a press: start the armed stage; within 30 minutes of an end, take it back; with no stage to
        come, start a run without a plan."""
        if self.state == ARMED:
            self._leave(GO)
        elif self._home:
            self._go_back()
        elif not self._to_arm and not self._waiting():
            self._train()

    def _go_back(self) -> None:
        """Go on with the stage that has just ended, if its plan and its recording are there."""
        store = self._device.store
        state = store.state
        plan = store.plan_path(state.last)
        if size_of(plan) > 0 and size_of(store.rec_path(state.last)) > 0:
            state.armed, state.armed_crc = state.last, plan_crc(plan)
            store.save()
            self._leave(BACK)

    def _train(self) -> None:
        """Start a run that no plan is for."""
        from app.training import make_plan  # of use for this moment only

        store = self._device.store
        try:
            stage = make_plan(store)
        except (ValueError, OSError) as error:
            store.log("train", error)
            self._device.motor.play(pattern(CHECK, CHECK_STORAGE))
            return
        store.state.armed, store.state.armed_crc = stage, plan_crc(store.plan_path(stage))
        store.save()
        self._leave(GO)

    # --- arming ---

    def _waiting(self) -> list:
        """Stages that have a plan and no recording yet."""
        store = self._device.store
        return [no for no in stages(store.root, "plans") if size_of(store.rec_path(no)) < 0]

    def _next_stage(self) -> None:
        """Arm the next plan that has no recording yet, and tell its number."""
        store = self._device.store
        waiting = self._waiting()
        after = [no for no in waiting if no > store.state.armed]
        if waiting:
            stage = (after or waiting)[0]
            self._arm(stage, plan_crc(store.plan_path(stage)), READY, stage)
        elif self.state == ARMED:
            self._leave(SAY, CHECK, CHECK_STORAGE)
        else:
            self._device.motor.play(pattern(CHECK, CHECK_STORAGE))

    def _arm(self, stage: int, crc: int, cue: int = 0, n: int = 0) -> None:
        """Restart with `stage` armed, and the cue; if its plan is not usable nothing is armed."""
        store = self._device.store
        try:
            usable = check_plan(store.plan_path(stage))[1] == crc
        except (ValueError, OSError) as error:
            store.log("arm", error)
            usable = False
        store.state.armed, store.state.armed_crc = (stage, crc) if usable else (0, 0)
        store.save()
        if usable:
            self._leave(SAY, cue, n)
            return
        self.state = IDLE
        self._device.motor.play(pattern(CHECK, CHECK_STORAGE))

    def _leave(self, kind: int, cue: int = 0, n: int = 0) -> None:
        self._link.door(False)
        self._device.leave(pack("BBB", kind, cue, n))

    # --- the sync service ---

    def activate(self, stage: int, crc: int) -> None:
        """Arm `stage` once the host has gone, or when the device starts again."""
        state = self._device.store.state
        state.armed, state.armed_crc = stage, crc
        if not self._device.store.save():
            raise OSError(5)  # EIO: the host must know
        self._to_arm = stage

    def plan_replaced(self, stage: int) -> None:
        """A new plan is there: what was armed with another one must be activated again."""
        store = self._device.store
        if stage == store.state.armed and plan_crc(store.plan_path(stage)) != store.state.armed_crc:
            store.state.armed = self._to_arm = 0
            store.save()
            self.state = IDLE

    def _host_gone(self) -> None:
        if self._to_arm:
            self._arm(self._to_arm, self._device.store.state.armed_crc)

    def status(self) -> dict:
        """The live status, as the sync protocol has it."""
        device = self._device
        stage, ms, dist_dm, effort_pm, fix = self._ended
        return {
            "state": _NAMES[self.state],
            "stage": stage,
            "ms": ms,
            "dist_dm": dist_dm,
            "effort_pm": effort_pm,
            "hr": 0,
            "fix": fix,
            "batt": device.battery.percent(),
            "fw": device.firmware,
            "free": device.store.free_bytes(),
            "drain": device.store.state.drain,
            "hours": device.battery_hours,
        }
