"""What the tests of a board on a cable share: a firmware as short as one can be, and what the board prints."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from holdback.building.build import PROJECT
from holdback.device import flash, usb
from holdback.device.images import Image
from holdback.simulation import Flash
from holdback.simulation.machine.serial_port import SerialBoard

SPEED = 20
VIRTUAL = Image("virtual", "standard")
SAFE_LINE = "Holdback: safe mode, nothing is started"
# A firmware that is as short as one can be: it says that it runs, has a watchdog, settles, and keeps its loop.
FIRMWARE = """
import machine, time
def run(board, settle):
    print("this is", {version!r})
    watchdog = machine.WDT(timeout=30000)
    {fault}
    if settle:
        settle({version!r})
    while True:
        time.sleep_ms(1000)
        watchdog.feed()
"""
ROOT = {name: (PROJECT / "firmware" / name).read_bytes() for name in flash.ROOT_FILES}


def tiny(version: str, fault: str = "pass", more: Mapping[str, bytes] = {}) -> flash.Firmware:
    """That firmware, with a line of its own and further files."""
    files = {
        "app/supervisor.py": FIRMWARE.format(version=version, fault=fault).encode(),
        "boards/common.py": b"class Board:\n    pass\n",
    }
    return flash.Firmware(version, files | dict(more), ROOT)


def says(board: SerialBoard, text: str, seconds: float = 20.0) -> None:
    """Wait until the board prints it, and forget what it has printed."""
    deadline = time.monotonic() + seconds
    while text.encode() not in board.printed:
        assert time.monotonic() < deadline, board.printed.decode(errors="replace")
        time.sleep(0.01)
    board.printed.clear()


def read(port: str, path: str) -> str:
    return usb.mpremote(port, "fs", "cat", f":{path}")


@contextmanager
def started(old: bytes) -> Iterator[SerialBoard]:
    """A board with the flash `old`, whose firmware "old" runs."""
    chip = Flash()
    chip.write(old)
    with SerialBoard(chip, SPEED) as board:
        says(board, "this is old")
        yield board
