"""A clock that costs nothing: asyncio's event loop in virtual time.

When nothing is ready to run, `VirtualLoop` does not wait: it sets its time to the next timer's and goes on, so that an
hour passes in the time that its events take to compute. Firmware processes need no entry here: each one runs
its turn inside a callback (see board.py) and is idle whenever the loop is asked what to do next.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from holdback.errors import HoldbackError

T = TypeVar("T")

# A thread of the host under test (asyncio.to_thread) that stays silent for so long in real seconds is stuck.
THREAD_LIMIT_S = 60.0


class SimulationError(HoldbackError):
    """The simulated world cannot go on: nothing left to happen, or a firmware that died or never yields."""

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.what, self.why, self.next_step)))


class _JumpingSelector(selectors.DefaultSelector):
    """What the loop waits with: real waiting only for the host's own threads, else a jump of the clock."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return []
        if self.loop.threads:
            return self._wait_for_threads()
        if timeout is None:
            raise SimulationError(
                "the simulation has stalled: every task waits and no timer is set",
                "each firmware sleeps forever and nothing on the air will wake anybody",
                "give the wait a timeout, or look for an event that is never set",
            )
        self.loop.jump()
        return []

    def _wait_for_threads(self) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(THREAD_LIMIT_S)
        if not events:
            raise SimulationError(f"a thread of the host did not finish within {THREAD_LIMIT_S:.0f} real seconds")
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop whose `time()` starts at 0 and jumps from timer to timer. Deterministic."""

    def __init__(self) -> None:
        self._now = 0.0
        self.threads = 0
        self._pool: concurrent.futures.ThreadPoolExecutor | None = None
        selector = _JumpingSelector()
        selector.loop = self
        super().__init__(selector)
        self._clock_resolution = 1e-7  # more than one step of a float at years, far less than a microsecond

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def jump(self) -> None:
        """Set the time to that of the next timer."""
        self._now = max(self._now, self._scheduled[0]._when)  # type: ignore[attr-defined]

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        """As asyncio's; the clock stands still until the thread has finished."""
        self.threads += 1
        future = super().run_in_executor(executor or self._executor(), func, *args)
        future.add_done_callback(self._thread_done)
        return future

    def close(self) -> None:
        if self._pool:
            self._pool.shutdown(wait=False)
        super().close()

    def _thread_done(self, _future: asyncio.Future[Any]) -> None:
        self.threads -= 1

    def _executor(self) -> concurrent.futures.ThreadPoolExecutor:
        """Not asyncio's default executor: that one is shut down by a thread which the clock would not wait for."""
        self._pool = self._pool or concurrent.futures.ThreadPoolExecutor(1, "simulation")
        return self._pool


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a fresh `VirtualLoop`; whatever it left running is cancelled."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
