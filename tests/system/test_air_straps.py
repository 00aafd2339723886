"""Straps heard by the host's own scanner, on the virtual air: who is there, and which one is meant."""

import json

import pytest
from holdback.cli.app import run_async
from holdback.device.straps import scan_straps, the_one, twins
from holdback.errors import NotFoundError, UsageError
from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap


def test_two_straps_are_heard_and_told_apart_by_name() -> None:
    async def main(air: Air) -> None:
        mine, other = Strap(air.device("mine"), "HRM 4711"), Strap(air.device("other"), "HRM 0815")
        await mine.start()
        await other.start()
        with air.bleak():
            heard = await scan_straps(3.0)
            assert sorted(strap.name for strap in heard) == ["HRM 0815", "HRM 4711"] and not twins(heard)
            assert the_one(heard, "hrm 4711").address == str(mine.device.random_address.to_string(False))
            with pytest.raises(NotFoundError, match="no strap HRM 1 in the air"):
                the_one(heard, "HRM 1")
            other.vanish()
            assert [strap.name for strap in await scan_straps(3.0)] == ["HRM 4711"]

    run(main)


def test_two_straps_of_one_name_cannot_be_told_apart() -> None:
    async def main(air: Air) -> None:
        for key in ("one", "two"):
            await Strap(air.device(key), "HRM").start()
        with air.bleak():
            heard = await scan_straps(3.0)
        assert len(heard) == 2 and twins(heard) == {"HRM"}
        with pytest.raises(UsageError, match="2 straps in the air are called HRM"):
            the_one(heard, "HRM")

    run(main)


def test_the_command_lists_straps_and_no_device_of_ours(capsys) -> None:
    async def main(air: Air) -> None:
        await air.board("A").start()
        await Strap(air.device("mine"), "HRM 4711").start()
        await air.sleep(1000)
        with air.bleak():
            assert await run_async(["device", "strap", "--json"]) == 0
        with air.bleak(adapter=False):
            assert await run_async(["device", "strap"]) == 3

    run(main)
    out, err = capsys.readouterr()
    assert [strap["name"] for strap in json.loads(out)["straps"]] == ["HRM 4711"] and "adapter" in err
