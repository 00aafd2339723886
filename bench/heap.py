"""Memory of the firmware at rest, armed and on a 100 km stage, above what the stand-ins take; also on 32-bit words.

A device has 32-bit words. There the code is measured as built, loaded over hardware that does nothing, and the core's
objects; what tasks, radio and files hold is taken from the 64-bit run. Not in it: what asyncio and the drivers of
MicroPython's own take, and the radio, with which the heap shares a pool.
"""

import math
import multiprocessing
import sys
import tempfile
from pathlib import Path
from typing import Any

from holdback.building.build import PROJECT, build
from holdback.simulation import Air, SimulationError, run
from holdback.simulation.world.strap import Strap
from smpclient.transport.ble import SMPBLETransportDeviceNotFound

from bench.estimates import BOOT_KB
from tests.core.interpreters import Interpreter, unix_port, wasm_port

sys.path.insert(0, str(PROJECT / "tests"))

AIM = 100  # kB of heap
WORDS = Path(__file__).parent / "micropython" / "heap_words.py"
BASE = ("boards.common", "app.supervisor")
PHASES = {"at rest": (*BASE, "app.camp"), "armed": (*BASE, "app.trail", "app.ready"), "running": (*BASE, "app.trail")}
SECONDS = 240
RESET_AT = 150  # by the watchdog: the stage goes on from its journal
REST_S = 12  # in camp, before anybody comes
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
print("used", gc.mem_alloc(), "at rest")
"""
IN_CAMP = STANDINS.replace("machine.UART(2, rxbuf=2048), ", "")  # the receiver's is opened on the trail alone
# The firmware, telling what is in use at each EVERYth turn of its clock: these come to the watchdog.
FIRMWARE = """
import gc
import sys
from app import supervisor
from boards.common import Board
class Dog:
    turns = 0
    def feed(self):
        self.turns += 1
        if self.turns % EVERY == 0:
            gc.collect()
            trail, ready = "app.trail" in sys.modules, "app.ready" in sys.modules
            print("used", gc.mem_alloc(), "armed" if ready else "running" if trail else "at rest")
board = Board()
board.watchdog = Dog
supervisor.run(board)
"""


def rows(_peer: Path | None = None) -> list[tuple[str, str]]:
    """What is in use in each state, as source and as built, and the least heap that works; then on 32-bit words."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sizes = build("virtual", folder)
        (folder / "plan.hbp").write_bytes(long_plan())
        standins, camp = (_standins(folder, text) for text in (STANDINS, IN_CAMP))
        above = {state: camp if state == "at rest" else standins for state in PHASES}
        telling = _script(folder, "telling.py", FIRMWARE.replace("EVERY", "2"))
        source, built = (_states(telling, path, above) for path in ([], [folder]))
        least = _least(_script(folder, "measured.py", FIRMWARE.replace("EVERY", "60")), folder, standins)
        narrow = _narrow(folder, built)
    return [
        ("stand-ins, measured apart", f"{standins / 1000:.1f} kB"),
        *((f"firmware {state}, from source", _kb(source[state])) for state in PHASES),
        *((f"firmware {state}, built", _kb(built[state])) for state in PHASES),
        (".mpy files of it", f"{sum(sizes.values())} B"),
        (f"least heap for it (aim {AIM} kB)", f"{least} kB"),
        *narrow,
    ]


def _kb(size: int) -> str:
    return f"{size / 1000:.1f} kB"


def _standins(folder: Path, text: str) -> int:
    found = run(lambda air: _log_of(air, _script(folder, "standins.py", text)))
    return found["at rest"]


def _states(script: Path, path: list[Path], above: dict[str, int]) -> dict[str, int]:
    """{state: bytes in use}, above what the stand-ins take in it."""
    used = run(lambda air: _stage(air, script, path, 1000))
    return {state: used[state] - above[state] for state in PHASES}


def _narrow(folder: Path, built: dict[str, int]) -> list[tuple[str, str]]:
    """The same on 32-bit words: code and core as measured there, the rest as on 64 bits."""
    wide, narrow = unix_port(), wasm_port()
    if narrow.missing:
        return [("32-bit words", narrow.missing)]
    core = {port.name: _words(port, folder, "objects") for port in (wide, narrow)}
    found = [
        ("core's objects on this stage, 32-bit words (64-bit)", _pair(core, "objects")),
        (
            "allocated a fix, pacer and journal, 32-bit (64-bit)",
            f"{core['wasm']['fix']} B ({core['unix']['fix']} B)",
        ),
    ]
    for state, phases in PHASES.items():
        code = {port.name: _words(port, folder, "code", *phases) for port in (wide, narrow)}
        saved = code["unix"]["code"] - code["wasm"]["code"]
        if state == "running":
            saved += core["unix"]["objects"] - core["wasm"]["objects"]
        found += [
            (f"code {state}, 32-bit words (64-bit)", _pair(code, "code")),
            (
                f"firmware {state}, 32-bit words, partly estimated",
                f"{_kb(built[state] - saved)} of {BOOT_KB.value:g} kB before the radio",
            ),
        ]
    return found


def _pair(figures: dict[str, dict[str, int]], name: str) -> str:
    return f"{_kb(figures['wasm'][name])} ({_kb(figures['unix'][name])})"


def _words(port: Interpreter, folder: Path, *args: str) -> dict[str, int]:
    ran = port.run(WORDS, str(folder), *args)
    if ran.returncode:
        raise RuntimeError(f"heap_words.py failed under {port.name}: {ran.stderr.strip() or ran.stdout.strip()}")
    return {name: int(size) for name, size in map(str.split, ran.stdout.splitlines())}


def _script(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


async def _log_of(air: Air, script: Path) -> dict[str, int]:
    board = air.board("S", script=script)
    await board.start()
    await air.sleep(10)
    return _used(board.log)


def _used(log: list[str]) -> dict[str, int]:
    """{state: bytes in use}, the last of each."""
    lines = [line.split(maxsplit=2) for line in log if line.startswith("used ")]
    return {state: int(size) for _, size, state in lines}


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


async def _stage(air: Air, script: Path, path: list[Path], heap_kb: int) -> dict[str, int]:
    """Push the plan, start again as after a night, run, with a reset on the way; bytes in use by state.

    The recording must be whole but for the seconds around the reset and its open block, and the cues the laptop's own.
    """
    from pacing.journal import EV_RESUME
    from system.firmware_rig import Body, Recording, host, replayed

    plan = long_plan()
    body: Any = Body(air, script=script, mpy_path=path, heapsize=f"{heap_kb}K")
    strap = Strap(air.device("strap"))
    await strap.start()
    await body.board.start()
    await body.seconds(REST_S)
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
    return _used(body.board.log)


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
