"""Attacks side by side, each in a process of its own: one that dies takes no other with it."""

import multiprocessing
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from threading import Event

from torture.attacks import ATTACKS
from torture.rows import Row, Scale, table

SPAWN = multiprocessing.get_context("spawn")
LAST_WORDS_S = 20.0  # for an attack that is told to stop: those that cannot say what they have reached are ended


def run_all(names: Sequence[str], scale: Scale, jobs: int, stop: Event) -> list[Row]:
    """The rows of these attacks, in their order; `jobs` at a time. Once `stop` is set, what they have reached."""

    def row(name: str) -> Row:
        done = _row(name, scale, stop)
        tell(table([done]).splitlines()[-1])
        return done

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(row, names))


def _row(name: str, scale: Scale, stop: Event) -> Row:
    if stop.is_set():
        return Row(name, scale.seed, skipped="not begun")
    way, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_attack, args=(name, scale, theirs), daemon=True)
    process.start()
    theirs.close()
    while not way.poll(1.0) and not stop.is_set():
        pass
    try:
        if stop.is_set():
            with suppress(OSError):  # it has just ended
                way.send("stop")
        return way.recv() if way.poll(LAST_WORDS_S) else Row(name, scale.seed, skipped="broken off")
    except EOFError:
        return Row(name, scale.seed, crashes=1, failures=[f"{name}: its process has died"])
    finally:
        process.join(LAST_WORDS_S)  # it clears up behind itself
        process.terminate()


def _attack(name: str, scale: Scale, way: Connection) -> None:
    """In the process. It is stopped by any word, and by the end of whoever started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    way.send(ATTACKS[name](replace(scale, stopped=way.poll), tell))


def tell(line: str) -> None:
    """A line for whoever watches."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)
