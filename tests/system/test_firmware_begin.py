"""A life that cannot begin, for lack of memory or a fault: three times, and the device lets a host see to it."""

from pathlib import Path

from bleak import BleakScanner
from holdback.device.build import PROJECT
from holdback.simulation import Air, run
from system.firmware_rig import READ, Body, armed, host, make_plan

NO_TRAIL = "from app import trail\ndef fail(*_):\n    raise MemoryError\ntrail.Trail.__init__ = fail\n"
NO_LIFE = NO_TRAIL.replace("trail.Trail", "camp.Camp").replace("import trail", "import camp")
SAFE_LINE = "Holdback: safe mode, nothing is started. Reset to leave it."


async def failing(body: Body, folder: Path, fault: str) -> None:
    """Start the board with a fault in its firmware."""
    script = folder / "failing.py"
    script.write_text(fault + (PROJECT / "firmware" / "main.py").read_text())
    await body.board.stop()
    body.board.script = script
    await body.board.start()


def test_a_stage_that_cannot_begin_opens_the_window_for_a_host(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[dict[str, object], int]:
        body = await armed(air, make_plan(length_m=20_000))
        await failing(body, tmp_path, NO_TRAIL)
        await air.sleep(10_000)
        async with host(body) as h:
            return await h.ours(READ, 3), body.board.log.count("MemoryError: ")

    status, failures = run(main)
    assert (status["state"], status["stage"]) == ("armed", 1)
    assert failures == 3


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
