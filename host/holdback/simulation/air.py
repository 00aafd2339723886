"""One virtual air: a clock, a radio link, and whatever boards, straps and hosts are on it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from bumble import hci

from holdback.simulation.clock import SimulationError, VirtualLoop, run_virtual
from holdback.simulation.machine.board import VirtualBoard
from holdback.simulation.machine.flash import Flash
from holdback.simulation.radio.bleak_air import patched_bleak
from holdback.simulation.radio.controller import AirDevice, make_device
from holdback.simulation.radio.link import AirLink

T = TypeVar("T")

# 2026-07-01 06:00 UTC: a summer morning, when stages start.
START_UTC_S = 1_782_885_600


class Air:
    """Made by `run`. Times are virtual; `rng` is seeded and the only source of chance."""

    def __init__(self, *, seed: int, interval_ms: float, packets: int, loss: float, start_utc: int) -> None:
        self.loop = asyncio.get_running_loop()
        self.seed = seed
        self.rng = random.Random(seed)
        self.link = AirLink(random.Random(seed ^ 0x5EED), interval_ms=interval_ms, packets=packets, loss=loss)
        self.start_utc = start_utc
        self.boards: list[VirtualBoard] = []
        self.failed: asyncio.Future[None] = self.loop.create_future()
        self._hosts = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self.loop.set_exception_handler(self._callback_failed)

    @property
    def now_ms(self) -> int:
        """Virtual milliseconds since the air began."""
        return int(self.loop.time() * 1000 + 1e-6)

    @property
    def utc_s(self) -> float:
        """The world's UTC as a unix time in seconds."""
        return self.start_utc + self.loop.time()

    async def sleep(self, ms: float) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(ms / 1000)

    def board(
        self,
        name: str = "A",
        *,
        script: str | Path = "main.py",
        flash: Flash | None = None,
        heapsize: str = "400K",
        args: Sequence[str] = (),
        mpy_path: Sequence[Path] = (),
    ) -> VirtualBoard:
        """A board, still off. `script` is a file of firmware/ or a path; its folder and `mpy_path` can be imported."""
        board = VirtualBoard(self, name, script, flash, heapsize, args, mpy_path)
        self.boards.append(board)
        return board

    def device(self, name: str, address: str | None = None) -> AirDevice:
        """A Bumble device for an emulated peer (a strap, a phone); `await device.power_on()` as with Bumble."""
        return make_device(self.link, name, hci.Address(address) if address else self.new_address(name))

    def bleak(self, *, adapter: bool = True) -> contextlib.AbstractContextManager[None]:
        """Inside it BleakScanner and BleakClient use this air. `adapter=False`: as on a machine without Bluetooth."""
        return patched_bleak(self, adapter=adapter)

    def set_in_range(self, thing: AirDevice | VirtualBoard, in_range: bool) -> None:
        """Take a device out of reach of all others, or bring it back."""
        device = thing.device if isinstance(thing, VirtualBoard) else thing
        if device:
            device.radio.set_on_air(in_range)

    def new_address(self, name: str) -> hci.Address:
        """A static random address, the same for the same name."""
        raw = bytearray(hashlib.sha256(name.encode()).digest()[:6])
        raw[5] |= 0xC0
        return hci.Address(bytes(raw), hci.AddressType.RANDOM_DEVICE)

    def new_host_name(self) -> str:
        """Each host has an adapter of its own."""
        self._hosts += 1
        return f"host {self._hosts}"

    def keep(self, task: asyncio.Task[Any]) -> None:
        """Hold a task until it ends; its exception fails the run."""
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def fail(self, error: BaseException) -> None:
        """End the run with this error."""
        if not self.failed.done():
            self.failed.set_exception(error)

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.fail(error)

    def _callback_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An error in a callback (a firmware's turn, a connection event) ends the run; asyncio would only print it."""
        if "handle" in context:
            self.fail(context["exception"])
        else:
            loop.default_exception_handler(context)

    async def run(self, main: Callable[[Air], Awaitable[T]]) -> T:
        """Run `main(air)` until it ends or a board fails; then switch everything off."""
        task = asyncio.ensure_future(main(self))
        try:
            await asyncio.wait({task, self.failed}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            if self.failed.done():
                self.failed.result()
            return task.result()
        finally:
            for board in self.boards:
                board.power_off()
            self.failed.cancel()


def run(
    main: Callable[[Air], Awaitable[T]],
    *,
    seed: int = 0,
    interval_ms: float = 30,
    packets: int = 6,
    loss: float = 0.0,
    start_utc: int = START_UTC_S,
) -> T:
    """Run `main(air)` in virtual time and return its result. Everything is torn down afterwards.

    interval_ms: connection interval; packets: link-layer packets each way per connection event;
    loss: 0..1 of packets. The same arguments give the same run.
    Raises SimulationError if a board dies or nothing can happen any more.
    """

    # Bumble warns of what is ordinary here, such as a notification that nobody has subscribed to.
    logging.getLogger("bumble").setLevel(logging.ERROR)

    async def world() -> T:
        air = Air(seed=seed, interval_ms=interval_ms, packets=packets, loss=loss, start_utc=start_utc)
        return await air.run(main)

    return run_virtual(world())


__all__ = ["Air", "Flash", "SimulationError", "VirtualBoard", "VirtualLoop", "run"]
