"""Small firmware for the tests of the virtual air, written where it is tested; and a common peripheral."""

import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bleak import BleakClient, BleakScanner
from holdback.simulation import Air, Flash, VirtualBoard, run


def firmware(folder: Path, source: str, name: str = "script.py") -> Path:
    """A MicroPython script as a file."""
    path = folder / name
    path.write_text(textwrap.dedent(source))
    return path


def log_of(
    folder: Path,
    source: str,
    act: Callable[[Air, VirtualBoard], Awaitable[Any]] | None = None,
    *,
    flash: Flash | None = None,
    **air_options: Any,
) -> list[str]:
    """What a board prints that runs `source` while `act(air, board)` happens (or in its first ten seconds)."""

    async def main(air: Air) -> list[str]:
        board = air.board(script=firmware(folder, source), flash=flash)
        await board.start()
        await (act(air, board) if act else air.sleep(10_000))
        return board.log

    return run(main, **air_options)


# A peripheral with a characteristic of each kind; `events` holds what its handler got, data copied.
PERIPHERAL = """
import bluetooth, time
ble = bluetooth.BLE()
ble.active(True)
ble.config(gap_name="Test", mtu=247)
READ, WRITE, COMMAND, NOTIFY, INDICATE = 2, 8, 4, 16, 32
U = bluetooth.UUID
written, told, shown = (U(0xAB01), READ | WRITE | COMMAND), (U(0xAB02), READ | NOTIFY), (U(0xAB03), INDICATE)
secret, plain = (U(0xAB04), WRITE), (U(0xAB05), READ)
((written, told, shown, secret, plain),) = ble.gatts_register_services(
    ((U(0x1234), (written, told, shown, secret, plain)),)
)
events = []
reads = []
def copy(data):
    return tuple(bytes(x) if isinstance(x, memoryview) else x for x in data)
def irq(event, data):
    events.append((event, copy(data)))
    if event == 2:
        advertise()
    if event == 4:
        return on_read(*data)
def on_read(conn, handle):
    return None
def advertise():
    ble.gap_advertise(100_000, b"\\x02\\x01\\x06\\x05\\x09Test")
ble.irq(irq)
advertise()
"""


def uuid(short: int) -> str:
    return f"0000{short:04x}-0000-1000-8000-00805f9b34fb"


WRITTEN, TOLD, SHOWN, SECRET, PLAIN = (uuid(0xAB01 + i) for i in range(5))


def script(tail: str) -> str:
    return PERIPHERAL + textwrap.dedent(tail)


def with_client(folder: Path, tail: str, act: Any, **air_options: Any) -> tuple[list[str], Any]:
    """Run the peripheral with `tail`; `act(client, air, board)` happens while Bleak is connected. (log, its result)."""

    async def main(air: Air) -> tuple[list[str], Any]:
        board = air.board(script=firmware(folder, script(tail)))
        await board.start()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Test", timeout=5)
            assert device
            async with BleakClient(device) as client:
                result = await act(client, air, board)
            await air.sleep(10_000)
        return board.log, result

    return run(main, **air_options)
