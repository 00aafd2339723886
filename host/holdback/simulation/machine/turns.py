"""The dialogue with one running firmware: events go in with the time, calls come out, until it is idle."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from holdback.simulation.clock import SimulationError
from holdback.simulation.machine import wire
from holdback.simulation.machine.process import Process, ProcessEndedError

# A turn takes milliseconds; one that makes calls for so long in real seconds without sleeping never ends.
TURN_LIMIT_S = 30.0


class Owner(Protocol):
    """What a board does for its firmware. Each method but `answer` may end the dialogue."""

    def answer(self, kind: int, a: int, b: int, c: int, data: bytes) -> tuple[int, bytes]:
        """Answer a call: (result, data), or CallError."""
        ...

    def driven(self, kind: int, a: int, b: int, c: int, data: bytes) -> None:
        """The firmware drives a pin, a motor, a UART."""
        ...

    def restarts(self, cause: int, *, power_fails: bool) -> None:
        """A reset, the watchdog, or the flash's power failure: the process is of no more use."""
        ...

    def ended(self, exit_code: int) -> None:
        """The process ended by itself."""
        ...

    def failed(self, error: SimulationError) -> None:
        """The process does not yield."""
        ...


class Turns:
    """One process from power-on to its end. `post` queues events; all of one instant make one turn."""

    def __init__(self, process: Process, owner: Owner) -> None:
        self.loop = asyncio.get_running_loop()
        self.count = 0
        self._process = process
        self._owner = owner
        self._start_us = self._clock_us()
        self._outbox: list[bytes] = []
        self._soon: asyncio.Handle | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._wake_us = -1
        self._busy = False
        self._closed = False

    @property
    def uptime_us(self) -> int:
        return self._clock_us() - self._start_us

    def post(self, record: bytes) -> None:
        """Queue one record for the turn of this instant."""
        self._outbox.append(record)
        if self._soon is None and not self._busy and not self._closed:
            self._soon = self.loop.call_soon(self.turn)

    def turn(self) -> None:
        """Hand over what is queued, and serve the firmware until it is idle."""
        if self._soon:
            self._soon.cancel()
            self._soon = None
        if self._closed or self._busy:
            return
        self.count += 1
        batch = wire.batch(self.uptime_us, self._outbox)
        self._outbox.clear()
        self._busy = True
        try:
            self._process.send(batch)
            self._serve()
        except ProcessEndedError:
            self._owner.ended(self._process.wait())
        except SimulationError as error:
            self._owner.failed(error)
        finally:
            self._busy = False
        if self._outbox and not self._closed:
            self._soon = self.loop.call_soon(self.turn)

    def close(self) -> None:
        """End the process now."""
        self._closed = True
        self._outbox.clear()
        for timer in (self._soon, self._wake):
            if timer:
                timer.cancel()
        self._soon = self._wake = None
        self._process.kill()

    def _clock_us(self) -> int:
        return round(self.loop.time() * 1e6)

    def _serve(self) -> None:
        receive, limit_s = self._process.receive, time.monotonic() + TURN_LIMIT_S
        while not self._closed:
            kind, a, b, c, data = receive()
            if kind == wire.IDLE:
                self._sleep_until(c)
                return
            if kind >= wire.REPLIES:
                self._answer(kind, a, b, c, data)
            elif kind in (wire.RESET, wire.POWER_FAIL):
                self._owner.restarts(a, power_fails=kind == wire.POWER_FAIL)
                return
            else:
                self._owner.driven(kind, a, b, c, data)
            if time.monotonic() > limit_s:
                raise SimulationError(f"the firmware made calls for {TURN_LIMIT_S:.0f} real seconds without sleeping")

    def _answer(self, kind: int, a: int, b: int, c: int, data: bytes) -> None:
        try:
            result, answer = self._owner.answer(kind, a, b, c, data)
        except wire.CallError as error:
            self._process.reply(0, error.errno)
        else:
            self._process.reply(result, 0, answer)

    def _sleep_until(self, until_us: int) -> None:
        """The firmware's next turn is due at its uptime `until_us`, or at the next event (-1)."""
        if self._wake and until_us == self._wake_us:
            return
        if self._wake:
            self._wake.cancel()
            self._wake = None
        self._wake_us = until_us
        if until_us >= 0:
            self._wake = self.loop.call_at((self._start_us + until_us) / 1e6, self._woken)

    def _woken(self) -> None:
        self._wake = None
        self.turn()
