"""The owner's kit's probes that want a world around them, on the virtual air: a strap, a host that counts, a thumb."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hardware import throughput
from hardware.session import PROBES, Result, parse
from holdback.errors import NotFoundError
from holdback.simulation import Air, VirtualBoard, run
from holdback.simulation.world.strap import Strap
from system.air_rig import firmware

from bench.micropython import core_cost

LEASE_MS = 600_000  # probes/lead.py


def a_board(air: Air, folder: Path, name: str, **options: int) -> VirtualBoard:
    """A board that runs a probe as soon as it has power."""
    script = firmware(folder, f"from probes.lead import tell\ntell({name!r}, {options!r})\n")
    return air.board(script=script, mpy_path=[PROBES.parent, Path(core_cost.__file__).parent])


def told(board: VirtualBoard, name: str) -> Result:
    return parse("\n".join(board.log), name)


def test_a_strap_is_held_and_what_it_loses_is_counted(tmp_path: Path) -> None:
    """Twenty seconds, of which it is out of reach for three; its rate and name are told to nobody."""

    async def main(air: Air) -> Result:
        strap = Strap(air.device("strap"), "HRM 4711")
        await strap.start()
        board = a_board(air, tmp_path, "straps", find_ms=15_000, hold_ms=20_000)
        await board.start()
        for second in range(40):
            if second not in (18, 19, 20):
                await strap.beat(168)
            await air.sleep(1000)
        assert not any(secret in line for secret in ("168", "4711") for line in board.log)
        return told(board, "straps")

    found = run(main)
    assert not found.failed and found.facts["straps"] == 1 and found.facts["lost"] == 3
    assert isinstance(found.facts["first_ms"], int) and found.facts["first_ms"] < 10_000
    assert found.facts["notifications"] in (17, 18)


def test_of_several_straps_none_is_taken_and_without_one_it_says_so(tmp_path: Path) -> None:
    async def main(air: Air, straps: int) -> Result:
        for number in range(straps):
            await Strap(air.device(str(number))).start()
        board = a_board(air, tmp_path, "straps", find_ms=8_000, hold_ms=1_000)
        await board.start()
        await air.sleep(12_000)
        return told(board, "straps")

    several, none = (run(partial(main, straps=straps)) for straps in (2, 0))
    assert several.failed == "several straps are in the air, so none is taken" and several.facts["straps"] == 2
    assert none.failed == "no strap is heard" and none.facts["straps"] == 0


def test_notifications_are_counted_at_both_ends(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[Result, throughput.Arrived]:
        board = a_board(air, tmp_path, "notify", wait_ms=20_000, send_ms=4_000)
        await board.start()
        with air.bleak():
            await throughput.adapter()
            arrived = await throughput.receive()
        await air.sleep(3_000)
        return told(board, "notify"), arrived

    found, arrived = run(main)
    assert found.facts["sent_b"] == arrived.size > 20_000 and found.facts["mtu"] == 247
    assert 3_000 < arrived.ms < 6_000 and found.facts["queue_full"]


def test_without_adapter_or_device_the_throughput_says_why(tmp_path: Path) -> None:
    async def main(air: Air) -> None:
        with air.bleak(adapter=False), pytest.raises(NotFoundError, match="adapter"):
            await throughput.adapter()
        with air.bleak(), pytest.raises(NotFoundError, match="is not heard"):
            await throughput.receive(2.0)
        board = a_board(air, tmp_path, "notify", wait_ms=2_000, send_ms=1_000)
        await board.start()
        await air.sleep(5_000)
        assert told(board, "notify").skipped == "no host has asked"

    run(main)


def test_a_device_that_nobody_asks_any_more_goes_back_to_its_firmware(tmp_path: Path) -> None:
    """The cable is out, the computer asleep: after ten minutes at its prompt it restarts."""

    async def main(air: Air) -> Any:
        board = a_board(air, tmp_path, "battery")
        await board.start()
        await air.sleep(LEASE_MS - 5_000)
        before = list(board.resets)
        await air.sleep(10_000)
        return before, told(board, "battery").facts["percent"], board.resets

    before, percent, after = run(main)
    assert percent == 0 and not before and len(after) == 1


def test_a_bounce_is_measured_from_its_first_edge_to_its_last(tmp_path: Path) -> None:
    """Contacts that take 9 ms to close and 4 to open; the press between them is no bounce."""

    async def main(air: Air) -> Result:
        board = a_board(air, tmp_path, "button", wait_ms=10_000)
        await board.start()
        await air.sleep(500)
        for ms, level in ((2, 0), (3, 1), (4, 0), (1, 1), (1, 0), (150, 1), (3, 0), (1, 1)):
            await air.sleep(ms)
            board.set_pin(0, level)
        await air.sleep(2_000)
        return told(board, "button")

    assert run(main).facts == {"gesture": "one press", "edges": 8, "bounce_ms": 9}
