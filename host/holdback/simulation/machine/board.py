"""A board on the virtual air: a MicroPython process with flash, radio, UART, pins and a motor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdback.simulation.clock import SimulationError
from holdback.simulation.machine import wire
from holdback.simulation.machine.bridge import Bridge
from holdback.simulation.machine.flash import Flash
from holdback.simulation.machine.process import PROJECT, Log, Process
from holdback.simulation.machine.turns import Turns
from holdback.simulation.radio.controller import AirDevice, make_device

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
UNLIKELY_ERROR = 0x0E  # ATT: what a reader gets from a firmware that does not answer


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

    def __init__(  # noqa: PLR0917
        self,
        air: Air,
        name: str,
        script: str | Path,
        flash: Flash | None,
        heapsize: str,
        args: Sequence[str],
        mpy_path: Sequence[Path],
    ) -> None:
        self.air = air
        self.name = name
        self.script = FIRMWARE_FOLDER / script if isinstance(script, str) else script
        self.flash = flash or Flash()
        self.heapsize = heapsize
        self.args = tuple(args)
        self.paths = [*mpy_path, BOARD_FOLDER, PROJECT, FIRMWARE_FOLDER, self.script.parent]
        self.address = air.new_address(name)
        self.adc_mv = AdcLevels(lambda pin, mv: self.post(wire.ADC, pin, mv))
        self.flash.on_cut = lambda operations: self.post(wire.FLASH_CUT, operations)
        self.pins: dict[int, int] = {}
        self.on_pwm: list[Callable[[int, int, int], None]] = []
        self.on_pin: list[Callable[[int, int, int], None]] = []
        self.on_uart: list[Callable[[int, int, bytes], None]] = []
        self.resets: list[tuple[int, int]] = []
        self.exit: int | None = None
        self._log = Log()
        self._turns: Turns | None = None
        self._radio: Bridge | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._rtc_us = 0  # time since 2000 minus uptime
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
        return self._turns is not None

    @property
    def turns(self) -> int:
        """How often the firmware has run since its start."""
        return self._turns.count if self._turns else 0

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
        """Power off and on again; or another reset cause, and then the RTC's time and memory survive."""
        if cause == POWER_ON:
            self.power_off()
            await self.start()
        else:
            self._carry_rtc_over()
            await self._boot(cause)

    def power_off(self) -> None:
        """At once: no process, no radio, nothing pending."""
        if self._turns:
            self._turns.close()
            self._turns = None
        if self._radio:
            self._radio.close()
            self._radio = None
        for task in self._tasks:
            task.cancel()

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

    # for the radio

    def post(self, kind: int, a: int = 0, b: int = 0, c: int = 0, data: bytes = b"") -> None:
        """Queue one event; nobody minds when there is no power."""
        if self._turns:
            self._turns.post(wire.pack(kind, a, b, c, data))

    def read_value(self, connection: int, value_handle: int) -> tuple[int, bytes]:
        """Ask the firmware for a value that a peer reads: (ATT error or 0, data)."""
        self._read_value = None
        self.post(wire.READ, connection, value_handle)
        if self._turns:
            self._turns.turn()
        return self._read_value or (UNLIKELY_ERROR, b"")

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        """Run a step of this board's radio; it ends with the board's power."""
        task = self.air.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # for the firmware: turns.Owner

    def answer(self, kind: int, a: int, b: int, c: int, data: bytes) -> tuple[int, bytes]:
        assert self._radio
        return self._radio.call(kind, a, b, c, data)

    def driven(self, kind: int, a: int, b: int, c: int, data: bytes) -> None:
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

    def restarts(self, cause: int, *, power_fails: bool) -> None:
        self.resets.append((self.air.now_ms, 0 if power_fails else cause))
        if power_fails:
            self.flash.cut_after(-1)
            self.power_off()
        else:
            self._carry_rtc_over()
            self.air.keep(self.air.loop.create_task(self._boot(cause)))

    def ended(self, exit_code: int) -> None:
        self.exit = exit_code
        self.power_off()
        if exit_code:
            self.failed(BoardError(f"the firmware of board {self.name} ended with exit code {exit_code}"))

    def failed(self, error: SimulationError) -> None:
        self.power_off()
        error.why = "\n".join([error.why, f"the last lines of board {self.name}:", *self.log[-20:]]).strip()
        self.air.fail(error)

    # starting

    async def _boot(self, cause: int) -> None:
        self.power_off()
        self.exit = None
        device = make_device(self.air.link, self.name, self.address)
        await device.power_on()
        self._radio = Bridge(self, device)
        await asyncio.sleep(BOOT_MS / 1000)
        process = Process(self.script, self.paths, self._settings(cause), self.heapsize, self._log.file)
        self._turns = Turns(process, self)
        self._turns.turn()

    def _carry_rtc_over(self) -> None:
        """A reset keeps the time, where uptime starts again."""
        if self._turns:
            self._rtc_us += self._turns.uptime_us + BOOT_MS * 1000
        self.power_off()

    def _settings(self, cause: int) -> dict[str, Any]:
        """What the stand-ins need to know, as a literal."""
        return {
            "uid": bytes(self.address)[::-1],
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
        }
