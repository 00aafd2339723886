"""A board on a cable: MicroPython's prompt at a serial port, for tools that copy files, mpremote above all.

Real MicroPython in a process of its own, in real time (or faster), without an air. Its flash is all its files, as on a
device. The unix port speaks the prompt; what a device's port adds is here: boot and soft reset, the reset that keeps
the RTC's memory, the watchdog that goes on at the prompt, the power that fails.
"""

from __future__ import annotations

import ast
import contextlib
import math
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
import time
import tty
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any

from holdback.simulation.machine import wire
from holdback.simulation.machine.flash import Flash
from holdback.simulation.machine.process import STANDINS, find_micropython

POWER_ON, HARD_RESET, WATCHDOG, SOFT_RESET = 1, 2, 3, 5  # machine.reset_cause()
RAW, FRIENDLY, CTRL_C = b"\x01", b"\x02", b"\x03"  # Ctrl-A and Ctrl-B choose the prompt
TICKS_MS_AT_START = (1 << 30) - 3_600_000
UID = bytes.fromhex("f0c0ffeec0de")
HEAP = "400K"
MOST_RECORDS = 64  # that wait for a process that does not wait for them: at the prompt a UART overflows


class SerialBoard:
    """With `with` it has power. `port` is what a tool connects to; `speed` is virtual seconds a real one.

    `starts` lists the reset cause of each start, `printed` is all that came out of the port, `adverts` whether its
    radio has ever advertised in this life. `on_pwm(pin, duty_u16)` and `on_uart(uart, data)` are lists of callbacks for
    what the firmware drives, in a thread of the board's; `adc_mv` is read at each start.
    """

    def __init__(self, flash: Flash, speed: float = 1.0) -> None:
        self.flash = flash
        self.speed = speed
        self.starts: list[int] = []
        self.printed = bytearray()
        self.adverts = False
        self.powered = False
        self.adc_mv: dict[int, int] = {}
        self.on_pwm: list[Callable[[int, int], object]] = []
        self.on_uart: list[Callable[[int, bytes], object]] = []
        self._pins: dict[int, int] = {}
        self._outbox: deque[bytes] = deque(maxlen=MOST_RECORDS)
        self._rtc_memory = b""
        self._stop = threading.Event()

    def __enter__(self) -> SerialBoard:
        self.power_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.power_off()

    def power_on(self) -> None:
        self._rtc_memory = b""
        self._host, self._far = pty.openpty()
        tty.setraw(self._far)
        self.port = os.ttyname(self._far)
        self._watchdog_s = 0.0
        self._prompt = FRIENDLY
        self._stop.clear()
        self.powered = True
        self._start(POWER_ON)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def power_off(self) -> None:
        """Cut the power: the process is gone, and so is the port."""
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    # what the world does to it, from any thread

    def feed_uart(self, data: bytes, uart: int = 2) -> None:
        """Bytes arrive at a UART."""
        self._outbox.append(wire.pack(wire.UART, uart, 0, 0, data))

    def set_pin(self, pin: int, level: int) -> None:
        """An input takes a level."""
        self._pins[pin] = level
        self._outbox.append(wire.pack(wire.PIN, pin, level))

    # the process

    def _start(self, cause: int) -> None:
        """Run boot.py and main.py, after a soft reset from the raw prompt only boot.py."""
        self.starts.append(cause)
        self.adverts = False
        self._events, events = socket.socketpair()
        self._calls, calls = socket.socketpair()
        self._console, terminal = pty.openpty()
        _make_plain(terminal)
        self._started_s = self._idle_s = time.monotonic()
        self._wake_s: float | None = None
        self._outbox.clear()
        if cause != SOFT_RESET:
            self._watchdog_s = 0.0
        only_boot = cause == SOFT_RESET and self._prompt == RAW
        inherited = (events.fileno(), calls.fileno())
        environment = {
            **os.environ,
            "MICROPYPATH": f"{STANDINS}:.frozen",
            "HOLDBACK_BOARD": repr(self._settings(cause, 1 if only_boot else 2)),
            "TZ": "UTC",
        }
        command = [find_micropython(), "-i", "-X", f"heapsize={HEAP}", str(STANDINS / "virtualboot.py")]
        with events, calls:
            self._process = subprocess.Popen(
                [*command, *map(str, inherited), "main.py"],
                stdin=terminal,
                stdout=terminal,
                stderr=terminal,
                env=environment,
                pass_fds=inherited,
                start_new_session=True,
            )
        os.close(terminal)
        self._hand_over()
        if only_boot:
            os.write(self._console, RAW)

    def _settings(self, cause: int, cable: int) -> dict[str, Any]:
        return {
            "uid": UID,
            "cause": cause,
            "rtc_us": 0,
            "rtc_memory": self._rtc_memory,
            "pins": dict(self._pins),
            "adc": dict(self.adc_mv),
            "flash": str(self.flash.path),
            "flash_size": self.flash.size,
            "flash_cut": self.flash.operations_left,
            "ticks_ms": TICKS_MS_AT_START,
            "args": (),
            "cable": cable,  # how many of boot.py and main.py run
        }

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for line in (self._events, self._calls):
            line.close()
        os.close(self._console)

    def _restart(self, cause: int) -> None:
        self._end()
        self._start(cause)

    # serving it

    def _serve(self) -> None:
        while not self._stop.is_set():
            ready, _, _ = select.select([self._host, self._console, self._calls], [], [], self._patience())
            if self._host in ready:
                self._from_host()
            if self._console in ready and not self._to_host():
                continue  # that process is gone
            if self._calls in ready:
                self._take_record()
            self._look_at_the_clock()
        self._end()
        os.close(self._host)
        os.close(self._far)
        self.powered = False

    def _patience(self) -> float:
        return 0.05 if self._wake_s is None else min(0.05, max(0.0, self._wake_s - time.monotonic()))

    def _from_host(self) -> None:
        data = os.read(self._host, 4096)
        for byte in (RAW, FRIENDLY):
            if byte in data:
                self._prompt = byte
        before, interrupt, behind = data.rpartition(CTRL_C)
        if interrupt and termios.tcgetattr(self._console)[3] & termios.ISIG:  # a program runs, the prompt is not read
            self._process.send_signal(signal.SIGINT)
            data = before.replace(CTRL_C, b"") + behind
        os.write(self._console, data)

    def _to_host(self) -> bool:
        """Pass on what the process prints. False if it has ended: Ctrl-D at the prompt, which is a soft reset."""
        try:
            data = os.read(self._console, 4096)
        except OSError:
            data = b""
        if not data:
            self._tell(b"\r\nMPY: soft reboot\r\n")
            self._restart(SOFT_RESET)
            return False
        self._tell(data)
        return True

    def _tell(self, data: bytes) -> None:
        self.printed += data
        os.write(self._host, data)

    def _take_record(self) -> None:
        head = self._receive(wire.RECORD.size)
        if not head:
            return
        size, kind, a, b, c = wire.RECORD.unpack(head)
        data = self._receive(size + 2 - wire.RECORD.size)
        if kind == wire.IDLE:
            self._idle_s = time.monotonic()
            self._wake_s = self._started_s + c / 1e6 / self.speed if c >= 0 else math.inf
        elif kind == wire.PWM:
            for drive in self.on_pwm:
                drive(a, b)
        elif kind == wire.UART_TX:
            for hear in self.on_uart:
                hear(a, data)
        elif kind == wire.RTC_MEMORY:
            self._rtc_memory = data
        elif kind == wire.WATCHDOG:
            self._idle_s, self._watchdog_s = time.monotonic(), a / 1000 / self.speed
        elif kind == wire.RESET:
            self._restart(a)
        elif kind == wire.POWER_FAIL:
            self.flash.cut_after(-1)
            self._stop.set()
        elif kind >= wire.REPLIES:
            self._calls.sendall(wire.pack(0, 0, 0, 0, self._answer(kind, a, data)))

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                more = self._calls.recv(count - len(data))
            except OSError:
                more = b""
            if not more:
                return b""
            data += more
        return data

    def _answer(self, kind: int, a: int, data: bytes) -> bytes:
        """A radio that hears nobody."""
        if kind == wire.BLE_ACTIVE:
            return UID
        if kind == wire.BLE_ADVERTISE and a >= 0:
            self.adverts = True
        if kind == wire.BLE_REGISTER:
            services = ast.literal_eval(data.decode())
            count = sum(1 + len(descriptors) for _, items in services for _, _, descriptors in items)
            return struct.pack(f"<{count}H", *range(1, count + 1))
        return b""

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        if self._watchdog_s and now - self._idle_s > self._watchdog_s:  # at the prompt nobody feeds it
            self._restart(WATCHDOG)
        elif self._wake_s is not None and (self._outbox or now >= self._wake_s):
            self._wake_s = None
            self._hand_over()

    def _hand_over(self) -> None:
        uptime_us = round((time.monotonic() - self._started_s) * self.speed * 1e6)
        with contextlib.suppress(OSError):
            self._events.sendall(wire.batch(uptime_us, [self._outbox.popleft() for _ in range(len(self._outbox))]))


def _make_plain(terminal: int) -> None:
    """No echo and no lines. ISIG, which the prompt switches off while it reads, tells that a program runs."""
    tty.setraw(terminal)
    mode = termios.tcgetattr(terminal)
    mode[3] |= termios.ISIG
    termios.tcsetattr(terminal, termios.TCSANOW, mode)
