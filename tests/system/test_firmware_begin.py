"""A life that cannot begin, for lack of memory or a fault: three times, and the device lets a host see to it.

What raises, at the start or on the way, is written down and told.
"""

from pathlib import Path

from bleak import BleakScanner
from holdback.device import logs, sync
from holdback.simulation import Air, run
from system.firmware_rig import Body, Recording, altered, armed, make_plan, pulled

NO_TRAIL = "from app import trail\ndef fail(*_):\n    raise MemoryError\ntrail.Trail.__init__ = fail\n"
NO_LIFE = NO_TRAIL.replace("trail.Trail", "camp.Camp").replace("import trail", "import camp")
# Each 20 s the strap's task raises and the receiver's; they are started again.
TASKS_RAISE = """
import asyncio
from app import strap
from drivers import gnss
def raising(name, run):
    async def task(self):
        try:
            await asyncio.wait_for_ms(run(self), 20000)
        except asyncio.TimeoutError:
            raise ValueError(name)
    return task
strap.Strap.run = raising("strap", strap.Strap.run)
gnss.Gnss.run = raising("gnss", gnss.Gnss.run)
"""
SAFE_LINE = "Holdback: safe mode, nothing is started. Reset to leave it."


async def failing(body: Body, folder: Path, fault: str) -> None:
    """Start the board with a fault in its firmware."""
    await body.board.stop()
    body.board.script = altered(folder, fault)
    await body.board.start()


def test_a_stage_that_cannot_begin_opens_the_window_for_a_host(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[sync.Status, str]:
        body = await armed(air, make_plan(length_m=20_000))
        await failing(body, tmp_path, NO_TRAIL)
        await air.sleep(10_000)
        with air.bleak():
            address = str(body.board.address)
            return await sync.status(address), await logs.by_air(address)

    now, log = run(main)
    assert (now.live.state, now.live.stage) == ("armed", 1)
    assert now.fault.startswith("begin: MemoryError")
    assert log.count("begin: ") == log.count("MemoryError: ") == 3


def test_a_task_that_raises_is_written_down_and_pacing_goes_on(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[sync.Status, Recording, list[tuple[int, int]]]:
        body = await armed(air, make_plan(length_m=20_000))
        await failing(body, tmp_path, TASKS_RAISE)
        await body.seconds(5)
        await body.hold_and_press()
        await body.seconds(200, 3.9)
        resets = body.board.resets[1:]
        await body.hold_and_press()
        await body.seconds(3)
        recording = Recording(await pulled(body))
        with air.bleak():
            return await sync.status(str(body.board.address)), recording, resets

    now, recording, resets = run(main)
    assert now.fault in ("strap: ValueError: strap", "gnss: ValueError: gnss")
    assert len(recording.samples) > 190 and recording.cues and not resets
    assert sum(sample[4] & 3 >= 2 for sample in recording.samples) > 150, "the receiver is not read any longer"


def test_a_task_that_raises_for_ever_costs_one_restart_and_not_the_stage(tmp_path: Path) -> None:
    """The strap's, from its first moment on."""
    fault = "from app import strap\nasync def fail(self):\n    raise ValueError('strap')\nstrap.Strap.run = fail\n"

    async def main(air: Air) -> tuple[int, Recording, int]:
        body = await armed(air, make_plan(length_m=20_000))
        await failing(body, tmp_path, fault)  # before it has restarted to arm
        await body.seconds(3)
        await body.hold_and_press()
        await body.seconds(200, 3.9)
        told, resets = sum(line.startswith("strap: ") for line in body.board.log), len(body.board.resets)
        await body.hold_and_press()
        await body.seconds(3)
        return told, Recording(await pulled(body)), resets

    told, recording, resets = run(main)
    assert resets == 1
    assert told == 20  # ten in each life
    assert len(recording.samples) > 185 and recording.cues


def test_a_device_that_cannot_begin_at_all_goes_to_safe_mode(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[list[str], bool]:
        body = Body(air)
        await body.board.start()
        await air.sleep(1000)
        await failing(body, tmp_path, NO_LIFE)
        await air.sleep(20_000)
        with air.bleak():
            seen = {device.address for device in await BleakScanner.discover(3)}
        return body.board.log, str(body.board.address) in seen

    log, advertises = run(main)
    assert log.count("MemoryError: ") == 6
    assert log[-1] == SAFE_LINE and not advertises
