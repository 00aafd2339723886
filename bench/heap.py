"""Memory of the running firmware on a 100 km stage, above what the stand-ins take (64-bit words; a device has 32)."""

import math
import multiprocessing
import sys
import tempfile
from pathlib import Path
from typing import Any

from holdback.device.build import PROJECT, build
from holdback.simulation import Air, SimulationError, run
from holdback.simulation.world.strap import Strap
from smpclient.transport.ble import SMPBLETransportDeviceNotFound

sys.path.insert(0, str(PROJECT / "tests"))

AIM = 100  # kB of heap
SECONDS = 240
RESET_AT = 150  # by the watchdog: the stage goes on from its journal
WATCHDOG = 3
ATTEMPT_S = 30  # one takes a few seconds
LOST_S = 64 + 10  # the open block, the restart, and a receiver that has begun the second

# All that the stand-ins hold for a running board: their modules and one of each of their objects.
STANDINS = """
import asyncio, bluetooth, blockdev, gc, machine, select, time
asyncio.Event, asyncio.StreamReader, asyncio.ThreadSafeFlag, asyncio.wait_for_ms, asyncio.gather
blockdev.mount("/flash")
ble = bluetooth.BLE()
ble.active(True)
uuid = bluetooth.UUID
ble.gatts_register_services(((uuid(0x180A), tuple((uuid(0x2A00 + i), 2) for i in range(6))),))
kept = (
    machine.UART(2, rxbuf=2048), machine.PWM(machine.Pin(25)), machine.Timer(0), machine.Pin(0), machine.ADC(35),
    machine.WDT(timeout=1000000), machine.RTC(),
)
gc.collect()
print("used", gc.mem_alloc())
"""
# The firmware, telling what is in use after each minute of a stage. Each turn of its clock comes to the watchdog.
FIRMWARE = """
import gc
import sys
from app import supervisor
from boards.common import Board
class Dog:
    turns = 0
    def feed(self):
        self.turns += 1
        if self.turns % 60 == 0 and "app.trail" in sys.modules:
            gc.collect()
            print("used", gc.mem_alloc())
board = Board()
board.watchdog = Dog
supervisor.run(board)
"""


def rows(_peer: Path | None = None) -> list[tuple[str, str]]:
    """What is in use while the stage runs, as source and as built for a device, and the least heap that works."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = build("virtual", folder)
        standins = run(lambda air: _log_of(air, _script(folder, "standins.py", STANDINS)))[-1]
        firmware = _script(folder, "measured.py", FIRMWARE)
        source = run(lambda air: _stage(air, firmware, [], 1000))
        built = run(lambda air: _stage(air, firmware, [folder], 1000))
        least = _least(firmware, folder, standins)
    return [
        ("stand-ins, measured apart", f"{standins / 1000:.1f} kB"),
        ("firmware running a stage, from source", f"{(source - standins) / 1000:.1f} kB"),
        ("firmware running a stage, built", f"{(built - standins) / 1000:.1f} kB (.mpy files {sum(sizes.values())} B)"),
        (f"least heap for it (aim {AIM} kB)", f"{least} kB"),
    ]


def _script(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


async def _log_of(air: Air, script: Path) -> list[int]:
    board = air.board("S", script=script)
    await board.start()
    await air.sleep(10)
    return _used(board.log)


def _used(log: list[str]) -> list[int]:
    return [int(line.split()[1]) for line in log if line.startswith("used ")]


def long_plan() -> bytes:
    """100 km with a bend in every segment, a profile each 20 m and a cap each kilometre."""
    from system.firmware_rig import LAT, LON, M_PER_DEG, make_plan

    count = 5000
    points = [
        (round((LAT + i * 20 / M_PER_DEG) * 1e6), round((LON + 0.0003 * math.sin(i / 9)) * 1e6), i * 200)
        for i in range(count + 1)
    ]
    caps = [(i * 10_000, 800, 300, 0) for i in range(1, 101)]
    return make_plan(1, 100_000, points=points, profile=(200, [5000 + i % 500 for i in range(count + 1)]), caps=caps)


async def _stage(air: Air, script: Path, path: list[Path], heap_kb: int) -> int:
    """Push the plan, start again as after a night, run, with a reset on the way; bytes in use at the end.

    The recording must be whole but for the seconds around the reset and its open block, and the cues the laptop's own.
    """
    from pacing.journal import EV_RESUME
    from system.firmware_rig import Body, Recording, host, replayed

    plan = long_plan()
    body: Any = Body(air, script=script, mpy_path=path, heapsize=f"{heap_kb}K")
    strap = Strap(air.device("strap"))
    await strap.start()
    await body.board.start()
    async with host(body) as h:
        await h.arm(plan)
    await body.board.restart()
    for second in range(SECONDS):
        if second == RESET_AT:
            await body.board.restart(cause=WATCHDOG)
        await strap.beat(168)
        await body.second(3.9 if second > 30 else 0.0)
    await body.hold_and_press()
    await body.seconds(3)
    async with host(body) as h:
        data = (await h.download("latest"))[0]
    assert len(Recording(data).samples) > SECONDS - 30 - LOST_S
    assert Recording(data).of(EV_RESUME) and Recording(data).cues
    assert Recording(data).cues == replayed(data, plan)
    assert not any("MemoryError" in line for line in body.board.log), body.board.log[-10:]
    return _used(body.board.log)[-1]


def _least(script: Path, folder: Path, standins: int) -> int:
    """The least heap in kB in which the whole of it works: push, restart, run, pull."""
    low, high = 60, 300
    while high - low > 1:
        heap_kb = (low + high) // 2
        if _works(script, folder, heap_kb + standins // 1024):
            high = heap_kb
        else:
            low = heap_kb
    return high


def _works(script: Path, folder: Path, heap_kb: int) -> bool:
    """In a process of its own, which is ended: a stand-in that runs out of memory may leave both sides waiting."""
    attempt = multiprocessing.get_context("fork").Process(target=_attempt, args=(script, folder, heap_kb))
    attempt.start()
    attempt.join(ATTEMPT_S)
    if attempt.is_alive():
        attempt.kill()
        attempt.join()
    return attempt.exitcode == 0


def _attempt(script: Path, folder: Path, heap_kb: int) -> None:
    try:
        run(lambda air: _stage(air, script, [folder], heap_kb))
    except (SimulationError, AssertionError, IndexError, OSError, SMPBLETransportDeviceNotFound):
        sys.exit(1)
