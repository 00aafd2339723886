"""A simulation beside the command line's own event loop: it has a loop of its own, in virtual time, in a thread."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

T = TypeVar("T")
Step = Callable[[str, int, int | None], None]


async def in_background(work: Callable[[Callable[[], bool]], T]) -> T:
    """Run `work(stop)` in a thread. When this task is cancelled (Ctrl-C), `stop()` turns true and the thread is
    waited for, so that it ends the firmware's process."""
    _keep_libraries_quiet()
    stopped = threading.Event()
    task = asyncio.create_task(asyncio.to_thread(work, stopped.is_set))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopped.set()
        await asyncio.gather(task, return_exceptions=True)  # Ctrl-C reaches the firmware too: how it died is no news
        raise


@contextmanager
def at_once() -> Iterator[None]:
    """Within it Ctrl-C ends what blocks at once. The event loop would hear of it only when that has come to its end."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _keep_libraries_quiet() -> None:
    """Bumble logs through the root logger, which would set up one that writes all warnings to stderr: ours is first."""
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())


@contextmanager
def steps() -> Iterator[Step]:
    """A bar whose label says what is going on, on a terminal; nothing elsewhere. Yields `step(what, done, total)`."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what, done, total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task("starting")
        yield lambda what, done, total: bars.update(task, description=what, completed=done, total=total)
