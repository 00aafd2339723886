"""Puts the device together from a board, begins one of its lives, keeps the faults of tasks, and feeds the watchdog."""

import asyncio
import gc
import sys
from binascii import hexlify
from time import ticks_diff, ticks_ms

import machine
from micropython import const
from pacing.cues import CHECK, CHECK_STORAGE

from app.buttons import Buttons
from app.clock import Clock
from app.lives import FAULTY, HOME, NEXT, SAFE, SAY, WINDOW, begun, message
from app.radio import Radio
from app.store import Store

FIRMWARE = "0.1.0"

_SECOND_MS = const(1000)
_COLLECT_S = const(30)
_COLLECT_BYTES = const(4096)  # allocated: a heap that is collected only when it is full is full of small holes
_LAST_WORDS_MS = const(500)  # before a reset its answer goes out
_TRIAL_MS = const(30_000)  # a new firmware that turns for so long is kept
_FAULT_MS = const(10_000)  # faults closer together than this
_MOST_FAULTS = const(10)  # and so many of them: a restart is the better chance, once; no more are written down
_BOOT_BUZZ = (200,)


class Device:
    """What both lives work with: hardware from the board, and the few objects that stand for the outside world.

    `on_reset()` is called before each reset.
    """

    def __init__(self, board):
        uid = machine.unique_id()
        self.device_id = uid[-8:]
        self.serial = hexlify(uid).decode()
        self.firmware = FIRMWARE
        self.board = board.NAME
        self.battery_hours = board.BATTERY_HOURS
        self.radio = Radio("Holdback-" + self.serial[-4:].upper())  # first: what follows takes its memory
        self.radio.start()
        self.motor = board.motor()
        self.battery = board.battery()
        self.store = Store(board.ROOT)
        self.clock = Clock()
        self.on_reset = _nothing
        self._last_task = None

    def leave(self, message: bytes = b"") -> None:
        """Restart soon, when the motor has ended, with a message for the next life: app.lives."""
        self._last_task = asyncio.create_task(self._leave(message))

    async def _leave(self, message: bytes) -> None:
        await asyncio.sleep_ms(_LAST_WORDS_MS)
        while self.motor.busy:
            await asyncio.sleep_ms(_LAST_WORDS_MS)
        self.reset(message)

    def reset(self, message: bytes = b"") -> None:
        """Restart now."""
        try:
            self.on_reset()
        except Exception as error:  # a reset must not need what it is to put right
            print(error)
        self.motor.stop()
        machine.RTC().memory(message)
        machine.reset()


class Supervisor:
    """One task for each source of events. A task that fails is logged and started again."""

    def __init__(self, board, left: bytes, settle):
        self._settle = settle
        self._board = board
        self._watchdog = board.watchdog()  # before all that may hang
        self._device = device = Device(board)
        if not left:
            device.motor.play(_BOOT_BUZZ)
        self._life = _begin(device, board, left)
        # Safe mode is for a start that somebody made, not for one that the device made by itself.
        self._buttons = Buttons(board.button(), self._life, device.motor, None if left else self._safe_mode)
        self._restarted = left[:1] == bytes((FAULTY,))
        self._faults = 0
        self._fault_ms = ticks_ms()

    async def main(self) -> None:
        """Run for ever."""
        gc.collect()
        begun()
        tasks = (("radio", self._device.radio.pump), ("button", self._buttons.run), ("clock", self._tick))
        await asyncio.gather(*[self._guard(name, run) for name, run in tasks + self._life.tasks()])

    async def _guard(self, name: str, run) -> None:
        while True:
            try:
                await run()
            except Exception as error:  # whatever it is: the stage goes on
                self._fault(name, error)
            await asyncio.sleep_ms(_SECOND_MS)

    def _fault(self, name: str, error: Exception) -> None:
        now = ticks_ms()
        close = ticks_diff(now, self._fault_ms) < _FAULT_MS
        self._faults = self._faults + 1 if close else 1
        self._fault_ms = now
        try:
            if self._faults <= _MOST_FAULTS:
                self._device.store.log(name, error)
        except Exception:  # not even memory for that: losing the words is better than losing the stage
            gc.collect()
        if self._faults == _MOST_FAULTS and not self._restarted:
            self._device.reset(bytes((FAULTY,)))

    async def _tick(self) -> None:
        """The seconds that nobody else counts. Only a loop that still turns comes here and feeds the watchdog."""
        seconds = 0
        start_ms = ticks_ms()
        while True:
            await asyncio.sleep_ms(self._life.wait_ms())
            self._watchdog.feed()
            self._life.on_second()
            if self._board.faults:
                self._device.store.log(*self._board.faults.pop())
            if self._settle and ticks_diff(ticks_ms(), start_ms) >= _TRIAL_MS and not self._device.motor.busy:
                self._settle(FIRMWARE)
                self._settle = None
            seconds += 1
            if seconds % _COLLECT_S == 0 and not self._device.motor.busy:
                gc.collect()

    def _safe_mode(self) -> None:
        self._device.leave(SAFE)


def _begin(device, board, left: bytes):
    """The life to live: on the trail while a stage is armed, else in camp. Only its own modules are loaded."""
    state = device.store.state
    if state.armed and (left[0] if left else 0) not in (HOME, WINDOW, NEXT):
        from app.trail import Trail

        try:
            return Trail(device, board.uart(), left)
        except (ValueError, OSError) as error:
            device.store.log("arm", error)
            state.armed = 0
            device.store.save()
            device.reset(bytes((SAY, CHECK, CHECK_STORAGE)))  # the trail's modules are in the way of camp's
    from app.camp import Camp

    return Camp(device, left)


def run(board, settle=None) -> None:
    """Start the device on `board` (a module of boards/). Never returns.

    `settle(version)`: called once this firmware has run for a while; None if main.py knows that it does.
    """
    gc.threshold(_COLLECT_BYTES)
    try:
        board.prepare()
    except OSError as error:  # a damaged file system: app.camp tells
        sys.print_exception(error)
    left = message()
    if left == SAFE:
        machine.RTC().memory(SAFE)
        machine.reset()
    try:
        asyncio.run(Supervisor(board, left, settle).main())
    except Exception as error:  # a life that cannot begin, perhaps for lack of memory: app.lives counts
        try:
            Store(board.ROOT).log("begin", error)
        except Exception:  # not even that: what is left of the memory is for the restart
            pass
        machine.reset()


def _nothing() -> None:
    """Nobody minds."""
