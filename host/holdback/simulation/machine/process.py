"""One MicroPython process and its two lines to the simulator."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from holdback.errors import NotFoundError
from holdback.simulation.clock import SimulationError
from holdback.simulation.machine import wire

PROJECT = Path(__file__).parents[4]
STANDINS = PROJECT / "boards" / "virtual" / "standins"
# A turn of a firmware takes milliseconds; one that computes for so long without yielding is a busy loop.
TURN_LIMIT_S = 20.0


class ProcessEndedError(Exception):
    """The firmware process is gone."""


def find_micropython() -> str:
    """The unix port to run: $MICROPYTHON, or the one installed beside this Python."""
    beside = Path(sys.executable).parent / "micropython"
    found = os.environ.get("MICROPYTHON") or (str(beside) if beside.exists() else shutil.which("micropython"))
    if not found:
        raise NotFoundError(
            "no MicroPython to run the firmware with", "", "run `make setup`, or set MICROPYTHON to a unix port"
        )
    return found


def standins_heap() -> int:
    """Bytes of the MicroPython heap that the stand-ins take, which on a device are in its ROM.

    A firmware has 100 KB to itself in `air.board(heapsize=str(100 * 1024 + standins_heap()))`.
    """
    command = [find_micropython(), str(STANDINS / "virtualboot.py")]
    environment = {**os.environ, "MICROPYPATH": f"{STANDINS}:.frozen"}
    return int(subprocess.run(command, env=environment, check=True, capture_output=True, timeout=10).stdout)


class Process:
    """A running firmware. Only one side runs at a time: `turn` hands over, and returns at the firmware's IDLE."""

    def __init__(self, script: Path, paths: Sequence[Path], settings: dict[str, Any], heapsize: str, log: Any) -> None:
        self._events, events = socket.socketpair()
        self._calls, calls = socket.socketpair()
        self._buffer = b""
        limit = struct.pack("ll", int(TURN_LIMIT_S), 0)
        self._calls.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        command = [find_micropython(), "-X", f"heapsize={heapsize}", str(STANDINS / "virtualboot.py")]
        environment = {
            **os.environ,
            "MICROPYPATH": ":".join([*map(str, [STANDINS, *paths]), ".frozen"]),
            "HOLDBACK_BOARD": repr(settings),
            "TZ": "UTC",
        }
        with events, calls:
            inherited = (events.fileno(), calls.fileno())
            self._process = subprocess.Popen(
                [*command, *map(str, inherited), str(script)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                pass_fds=inherited,
                start_new_session=True,  # a Ctrl-C is for the simulator, which then switches the board off
            )

    def send(self, batch: bytes) -> None:
        """Hand over: a batch of events."""
        try:
            self._events.sendall(batch)
        except OSError:
            raise ProcessEndedError from None

    def receive(self) -> tuple[int, int, int, int, bytes]:
        """The next record from the firmware."""
        head = self._take(wire.RECORD.size)
        size, kind, a, b, c = wire.RECORD.unpack(head)
        return kind, a, b, c, self._take(size + 2 - wire.RECORD.size)

    def reply(self, result: int, error: int = 0, data: bytes = b"") -> None:
        self._calls.sendall(wire.pack(0, result, error, 0, data))

    def _take(self, n: int) -> bytes:
        while len(self._buffer) < n:
            try:
                received = self._calls.recv(65536)
            except BlockingIOError:
                raise SimulationError(
                    f"the firmware did not yield within {TURN_LIMIT_S:.0f} real seconds",
                    "virtual time stands still while it computes",
                    "look for a loop that waits for time to pass without sleeping",
                ) from None
            except OSError:
                received = b""
            if not received:
                raise ProcessEndedError
            self._buffer += received
        data, self._buffer = self._buffer[:n], self._buffer[n:]
        return data

    def wait(self) -> int:
        """The exit code of a process that has ended by itself."""
        return self._process.wait()

    def kill(self) -> None:
        """End it now, as a power cut or a reset does."""
        self._process.kill()
        self._process.wait()
        self._events.close()
        self._calls.close()


class Log:
    """What a board printed, over all its restarts: stdout and stderr together."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the board

    @property
    def lines(self) -> list[str]:
        size = os.fstat(self.file.fileno()).st_size
        return os.pread(self.file.fileno(), size, 0).decode(errors="replace").splitlines()
