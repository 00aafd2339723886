"""Puts the device together from a board, runs its tasks, keeps their faults, and feeds the watchdog."""

import asyncio
import gc
from binascii import hexlify
from time import ticks_diff, ticks_ms

import machine
from drivers.gnss import Gnss
from micropython import const
from pacing.heartrate import HeartRate
from pacing.nmea import Nmea

from app.buttons import Buttons
from app.clock import Clock
from app.life import Life
from app.modules import Visitors
from app.peripheral import Peripheral, services
from app.radio import Radio
from app.store import Store
from app.strap import Strap

FIRMWARE = "0.1.0"
SAFE = b"safe"  # in RTC memory: main.py starts nothing

_SECOND_MS = const(1000)
_COLLECT_S = const(30)
_LAST_WORDS_MS = const(500)  # the answer to a reset goes out before it
_FAULT_MS = const(10_000)  # faults closer together than this
_MOST_FAULTS = const(10)  # and so many of them: a restart is the better chance
_BOOT_BUZZ = (200,)


class Device:
    """What the parts share: hardware from the board, and the few objects that stand for the outside world."""

    def __init__(self, board):
        uid = machine.unique_id()
        self.device_id = uid[-8:]
        self.serial = hexlify(uid).decode()
        self.name = "Holdback-" + self.serial[-4:].upper()
        self.firmware = FIRMWARE
        self.board = board.NAME
        self.battery_hours = board.BATTERY_HOURS
        self.visitors = Visitors()
        self.radio = Radio(self.name, services)
        self.radio.start()
        self.motor = board.motor()
        self.battery = board.battery()
        self.store = Store(board.ROOT)
        self.clock = Clock()
        self.nmea = Nmea()
        self.strap = Strap(self.radio, HeartRate())
        self.strap.address = self.store.state.strap

    def information(self) -> dict:
        """The texts of the Device Information service."""
        return {"manufacturer": "Holdback", "model": self.board, "firmware": FIRMWARE, "serial": self.serial}


class Supervisor:
    """One task for each source of events. A task that fails is logged and started again."""

    def __init__(self, board):
        self._device = device = Device(board)
        device.motor.play(_BOOT_BUZZ)
        self._link = Peripheral(device.radio, device.information(), device.battery.percent)
        self._link.setup()
        self.life = Life(device, self._link.door)
        device.strap.on_restart = self._restart_radio
        device.strap.on_reset = self._reset
        self._gnss = Gnss(board.uart(), device.nmea, self.life.on_epoch)
        self._buttons = Buttons(board.button(), self.life, device.motor, self._safe_mode)
        self._watchdog = board.watchdog()
        self._faults = 0
        self._last_task = None
        self._fault_ms = ticks_ms()

    async def main(self) -> None:
        """Run for ever."""
        gc.collect()
        self.life.boot()
        device = self._device
        await asyncio.gather(
            self._guard("radio", device.radio.pump),
            self._guard("strap", device.strap.run),
            self._guard("sync", self._sync),
            self._guard("gnss", self._gnss.run),
            self._guard("button", self._buttons.run),
            self._guard("clock", self._tick),
        )

    async def _guard(self, name: str, run) -> None:
        while True:
            try:
                await run()
            except Exception as error:  # whatever it is: the stage goes on
                self._device.store.log(name, error)
                self._count_fault()
            await asyncio.sleep_ms(_SECOND_MS)

    def _count_fault(self) -> None:
        now = ticks_ms()
        close = ticks_diff(now, self._fault_ms) < _FAULT_MS
        self._faults = self._faults + 1 if close else 1
        self._fault_ms = now
        if self._faults >= _MOST_FAULTS:
            self._reset()

    async def _tick(self) -> None:
        """The seconds that nobody else counts. Only a loop that still turns comes here and feeds the watchdog."""
        seconds = 0
        while True:
            await asyncio.sleep_ms(self.life.wait_ms())
            self._watchdog.feed()
            self.life.on_second()
            seconds += 1
            if seconds % _COLLECT_S == 0 and not self._device.motor.busy:
                gc.collect()

    async def _sync(self) -> None:
        """Serve one host after the other."""
        while True:
            await self._link.host()
            try:
                await self._serve()
            finally:
                self._device.visitors.leave()
                self.life.on_host_gone()

    async def _serve(self) -> None:
        """Load what talks to a host, and use it until the host has gone."""
        from app.smp_groups import Groups
        from app.smp_server import SmpServer

        device = self._device
        about = "Holdback %s on %s" % (FIRMWARE, device.board)
        groups = Groups(device.store, self.life, device.clock, about, self._reset_soon)
        try:
            await SmpServer(self._link, groups).run()
        finally:
            groups.drop_upload()

    def _restart_radio(self) -> None:
        self._device.radio.stop()
        self._device.radio.start()
        self._link.setup()

    def _reset_soon(self) -> None:
        self._last_task = asyncio.create_task(self._reset_later())

    async def _reset_later(self) -> None:
        await asyncio.sleep_ms(_LAST_WORDS_MS)
        self._reset()

    def _reset(self) -> None:
        self.life.park()
        self._device.motor.stop()
        machine.reset()

    def _safe_mode(self) -> None:
        machine.RTC().memory(SAFE)
        self._reset()


def run(board) -> None:
    """Start the device on `board` (a module of boards/). Never returns."""
    board.prepare()
    asyncio.run(Supervisor(board).main())
