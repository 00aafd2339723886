"""A board on the virtual air: a MicroPython process with flash, radio, UART, pins and a motor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdback.simulation import wire
from holdback.simulation.bridge import Bridge
from holdback.simulation.clock import SimulationError
from holdback.simulation.controller import AirDevice, make_device
from holdback.simulation.flash import Flash
from holdback.simulation.process import PROJECT, Log, Process, ProcessEndedError, now_s

if TYPE_CHECKING:
    from holdback.simulation.air import Air

BOARD_FOLDER = PROJECT / "boards" / "virtual"
FIRMWARE_FOLDER = PROJECT / "firmware"
POWER_ON, HARD_RESET, WATCHDOG = 1, 2, 3  # machine.reset_cause()
# From reset to the first line of boot.py: an ESP32's ROM and second-stage loader, and MicroPython's start.
BOOT_MS = 500
# One record to the firmware carries up to so many bytes of the UART.
UART_CHUNK = 512
# Ticks wrap one hour after each start, so that every long run crosses the wrap.
TICKS_MS_AT_START = (1 << 30) - 3_600_000
# A turn that makes calls without end is a busy loop too; each single call is fast.
TURN_LIMIT_S = 30.0


class BoardError(SimulationError):
    """A firmware process ended by itself; `why` holds the end of its log."""


class AdcLevels(dict[int, int]):
    """Pin -> millivolts at the ADC; a change reaches the firmware with its next events."""

    def __init__(self, changed: Callable[[int, int], None]) -> None:
        super().__init__()
        self._changed = changed

    def __setitem__(self, pin: int, mv: int) -> None:
        super().__setitem__(pin, mv)
        self._changed(pin, mv)


class VirtualBoard:
    """Made by `Air.board`. `on_pwm(t_ms, pin, duty_u16)`, `on_pin(t_ms, pin, level)`, `on_uart(t_ms, uart, data)` are
    lists of callbacks for what the firmware drives; `resets` lists (t_ms, cause) of each restart by itself."""

    def __init__(
        self,
        air: Air,
        name: str,
        script: str | Path = "main.py",
        flash: Flash | None = None,
        heapsize: str = "400K",
        args: Sequence[str] = (),
        mpy_path: Sequence[Path] = (),
    ) -> None:
        self.air = air
        self.loop = air.loop
        self.name = name
        self.script = FIRMWARE_FOLDER / script if isinstance(script, str) else script
        self.flash = flash or Flash()
        self.heapsize = heapsize
        self.args = tuple(args)
        self.paths = [*mpy_path, BOARD_FOLDER, PROJECT / "boards", PROJECT, FIRMWARE_FOLDER, self.script.parent]
        self.address = air.new_address(name)
        self.uid = bytes(self.address)[::-1]
        self.adc_mv = AdcLevels(lambda pin, mv: self.post(wire.ADC, pin, mv))
        self.pins: dict[int, int] = {}
        self.on_pwm: list[Callable[[int, int, int], None]] = []
        self.on_pin: list[Callable[[int, int, int], None]] = []
        self.on_uart: list[Callable[[int, int, bytes], None]] = []
        self.resets: list[tuple[int, int]] = []
        self.exit: int | None = None
        self.turns = 0
        self._log = Log()
        self._process: Process | None = None
        self._radio: Bridge | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._outbox: list[bytes] = []
        self._flushing: asyncio.Handle | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._wake_us = -1
        self._in_turn = False
        self._power_us = 0  # when this process started
        self._rtc_us = 0  # UTC since 2000 minus uptime, us; survives a reset
        self._rtc_memory = b""
        self._read_value: tuple[int, bytes] | None = None

    @property
    def log(self) -> list[str]:
        """Lines printed so far, stdout and stderr, over all restarts."""
        return self._log.lines

    @property
    def device(self) -> AirDevice | None:
        """The Bumble device behind the radio, while there is power."""
        return self._radio and self._radio.device

    @property
    def running(self) -> bool:
        return self._process is not None

    # power

    async def start(self) -> None:
        """Power on. Returns when the firmware has run its first turn and waits for something."""
        self._rtc_us, self._rtc_memory = 0, b""
        await self._boot(POWER_ON)

    async def stop(self) -> None:
        """Power off; the flash is kept."""
        self.power_off()
        await asyncio.sleep(0)

    async def cut(self) -> None:
        """Cut the power now: what was not flushed to the flash is gone."""
        await self.stop()

    async def restart(self, cause: int = POWER_ON) -> None:
        """Power off and on again, or another reset cause (then clock and RTC memory survive)."""
        self.power_off()
        if cause == POWER_ON:
            await self.start()
        else:
            self._rtc_us += self._uptime_us()
            await self._boot(cause)

    # what the world does to the board

    def feed_uart(self, data: bytes, uart: int = 2) -> None:
        """Bytes arrive at a UART now."""
        for at in range(0, len(data), UART_CHUNK):
            self.post(wire.UART, uart, 0, 0, data[at : at + UART_CHUNK])

    def set_pin(self, pin: int, level: int) -> None:
        """An input takes a level; the firmware's pin interrupt runs if it changes."""
        self.pins[pin] = level
        self.post(wire.PIN, pin, level)

    async def press(self, pin: int, ms: float = 120) -> None:
        """Press a button that pulls `pin` low, and release it."""
        self.set_pin(pin, 0)
        await asyncio.sleep(ms / 1000)
        self.set_pin(pin, 1)

    def post(self, kind: int, a: int = 0, b: int = 0, c: int = 0, data: bytes = b"") -> None:
        """Queue one record; all of one instant reach the firmware in one batch."""
        if self._process is None:
            return
        self._outbox.append(wire.pack(kind, a, b, c, data))
        if self._flushing is None and not self._in_turn:
            self._flushing = self.loop.call_soon(self._turn)

    def read_value(self, connection: int, value_handle: int) -> tuple[int, bytes]:
        """Ask the firmware for a value that a peer reads: (ATT error or 0, data)."""
        if self._process is None:
            return 0x0E, b""  # unlikely error: the board is gone
        self._read_value = None
        self._outbox.append(wire.pack(wire.READ, connection, value_handle))
        self._turn()
        return self._read_value or (0x0E, b"")

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run a step of this board's radio; it ends with the board's power."""
        task = self.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # the process

    async def _boot(self, cause: int) -> None:
        self.power_off()
        self.exit = None
        device = make_device(self.air.link, self.name, self.address)
        await device.power_on()
        self._radio = Bridge(self, device)
        await asyncio.sleep(BOOT_MS / 1000)
        self._power_us = self._clock_us()
        self._process = Process(self.script, self.paths, self._settings(cause), self.heapsize, self._log.file)
        self._turn()

    def _settings(self, cause: int) -> dict[str, Any]:
        return {
            "uid": self.uid,
            "cause": cause,
            "rtc_us": self._rtc_us,
            "rtc_memory": self._rtc_memory,
            "pins": self.pins,
            "adc": dict(self.adc_mv),
            "flash": str(self.flash.path),
            "flash_size": self.flash.size,
            "flash_cut": self.flash.operations_left,
            "ticks_ms": TICKS_MS_AT_START,
            "args": self.args,
            "measure": self.air.measure_heap,
        }

    def power_off(self) -> None:
        """At once: no process, no radio, nothing pending."""
        if self._process:
            self._process.kill()
            self._process = None
        if self._radio:
            self._radio.close()
            self._radio = None
        for task in self._tasks:
            task.cancel()
        self._outbox.clear()
        for timer in (self._flushing, self._wake):
            if timer:
                timer.cancel()
        self._flushing = self._wake = None

    def _clock_us(self) -> int:
        return round(self.loop.time() * 1e6)

    def _uptime_us(self) -> int:
        return self._clock_us() - self._power_us

    # turns

    def _turn(self) -> None:
        """Hand the firmware all events and the time; serve its calls until it is idle."""
        if self._flushing:
            self._flushing.cancel()
            self._flushing = None
        if self._process is None:
            return
        self.turns += 1
        self._in_turn = True
        self._outbox.append(wire.pack(wire.RUN, c=self._uptime_us()))
        batch = wire.chunks(self._outbox)
        self._outbox.clear()
        try:
            self._process.send(batch)
            self._serve(self._process)
        except ProcessEndedError:
            self._ended()
        except SimulationError as error:
            self._fail(error)
        finally:
            self._in_turn = False
        if self._outbox and self._process:
            self._flushing = self.loop.call_soon(self._turn)

    def _serve(self, process: Process) -> None:
        limit_s = now_s() + TURN_LIMIT_S
        while True:
            kind, a, b, c, data = process.receive()
            if kind == wire.IDLE:
                self._sleep_until(c)
                return
            if kind >= wire.REPLIES:
                self._answer(process, kind, a, b, c, data)
            elif kind in (wire.RESET, wire.POWER_FAIL):
                self._restart_itself(a, power_fails=kind == wire.POWER_FAIL)
                return
            else:
                self._driven(kind, a, b, c, data)
            if now_s() > limit_s:
                raise SimulationError(f"the firmware made calls for {TURN_LIMIT_S:.0f} real seconds without sleeping")

    def _sleep_until(self, until_us: int) -> None:
        if until_us == self._wake_us and self._wake:
            return
        if self._wake:
            self._wake.cancel()
            self._wake = None
        self._wake_us = until_us
        if until_us >= 0:
            self._wake = self.loop.call_at((self._power_us + until_us) / 1e6, self._woken)

    def _woken(self) -> None:
        self._wake = None
        self._turn()

    def _answer(self, process: Process, kind: int, a: int, b: int, c: int, data: bytes) -> None:
        assert self._radio
        try:
            result, answer = self._radio.call(kind, a, b, c, data)
        except wire.CallError as error:
            process.reply(0, error.errno)
        else:
            process.reply(result, 0, answer)

    def _driven(self, kind: int, a: int, b: int, c: int, data: bytes) -> None:
        """The firmware drives something, without an answer."""
        t_ms = self.air.now_ms
        if kind == wire.PWM:
            for call in self.on_pwm:
                call(t_ms, a, b)
        elif kind == wire.PIN_OUT:
            for call in self.on_pin:
                call(t_ms, a, b)
        elif kind == wire.UART_TX:
            for receive in self.on_uart:
                receive(t_ms, a, data)
        elif kind == wire.READ_VALUE:
            self._read_value = (a, data)
        elif kind == wire.RTC_OFFSET:
            self._rtc_us = c
        elif kind == wire.RTC_MEMORY:
            self._rtc_memory = data

    # ends

    def _restart_itself(self, cause: int, *, power_fails: bool) -> None:
        uptime_us = self._uptime_us()
        self.power_off()
        if power_fails:
            self.flash.operations_left = -1
            self.resets.append((self.air.now_ms, 0))
            return
        self.resets.append((self.air.now_ms, cause))
        self._rtc_us += uptime_us
        self.air.keep(self.loop.create_task(self._boot(cause)))

    def _ended(self) -> None:
        """The process ended by itself: with 0 the script is at its end, which leaves an idle board; else a failure."""
        assert self._process
        self.exit = self._process.wait()
        self.power_off()
        if self.exit:
            self._fail(BoardError(f"the firmware of board {self.name} ended with exit code {self.exit}"))

    def _fail(self, error: SimulationError) -> None:
        self.power_off()
        error.why = "\n".join([error.why, f"the last lines of board {self.name}:", *self.log[-20:]]).strip()
        self.air.fail(error)
