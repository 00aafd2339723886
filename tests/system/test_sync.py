"""The device commands against the real firmware on a virtual air: loss, a device that walks away, two of them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from bumble.core import UUID, AdvertisingData
from bumble.gatt import Characteristic, CharacteristicValue, Service
from holdback.cli.app import run_async
from holdback.device import known, sync
from holdback.errors import ExitCode
from holdback.recordings.journal import read_recording
from holdback.simulation import Air, run
from holdback.simulation.machine.provision import provision
from pacing.journal import EV_END
from system.firmware_rig import BUTTON, Body, make_plan, plan_crc

STAGE_S = 900
SMP = UUID("8D53DC1D-1DB7-4CD3-868B-8A527460AA84")


@pytest.fixture(autouse=True)
def own_state(monkeypatch, tmp_path):
    monkeypatch.setattr(known, "user_state_path", lambda _name: tmp_path / "state")


@pytest.fixture
def hb(capsys):
    """Run a command inside the running loop; exit code and its JSON document."""

    async def command(*tokens: object) -> tuple[int, Any]:
        code = await run_async([*map(str, tokens), "--json"])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return int(code), json.loads(out)

    return command


async def stage(body: Body, seconds: int) -> None:
    """Start by hand, run, end by hand, and wait until the device can be reached again."""
    await body.seconds(5)
    await body.hold_and_press()
    await body.seconds(seconds, 2.0)
    await body.hold_and_press()
    await body.seconds(3)


async def open_the_door(body: Body) -> None:
    """Armed, it is silent; three presses let a host in."""
    for _ in range(3):
        await body.board.press(BUTTON)
        await body.air.sleep(200)
    await body.air.sleep(1000)


async def switched_on(air: Air) -> Body:
    body = Body(air)
    sync.utc_now.set(lambda: air.utc_s)
    await body.board.start()
    await air.sleep(2000)
    return body


def plan_in(folder: Path) -> bytes:
    data = make_plan(1, 20_000)
    (folder / "plans").mkdir()
    (folder / "plans/stage-01.hbp").write_bytes(data)
    (folder / "race.toml").write_text("")
    return data


@pytest.mark.parametrize("loss", [0.0, 0.1])
def test_push_run_pull(hb, tmp_path, loss):
    plan = plan_in(tmp_path)

    async def main(air: Air) -> None:
        body = await switched_on(air)
        with air.bleak():
            code, pushed = await hb("device", "push", tmp_path)
            assert code == 0 and pushed["sent"] == [1] and pushed["armed"] == 1
            code, silent = await hb("device", "push", tmp_path)
            assert code == ExitCode.NOT_FOUND and "three presses" in silent["next"]
            await open_the_door(body)
            code, again = await hb("device", "push", tmp_path)
            assert code == 0 and again["sent"] == [] and again["bytes"] == 0
            await stage(body, STAGE_S)
            code, now = await hb("device", "status")
            assert code == 0 and now["plans"] == [{"id": 1, "crc32": f"{plan_crc(plan):08x}"}]
            code, pulled = await hb("device", "pull", tmp_path)
            assert code == 0 and pulled["stage"] == 1 and pulled["received"] == pulled["bytes"]
            assert now["stages"] == [
                {"id": 1, "bytes": pulled["bytes"], "crc32": pulled["crc32"], "closed": True},
            ]  # fmt: skip
            code, again = await hb("device", "pull", tmp_path)
            assert code == 0 and again["received"] == 0
            code, shown = await hb("recording", "show", pulled["path"])
            assert code == 0 and shown["recording"]["replay_agrees"] is True
            assert Path(pulled["path"]) == tmp_path / "recordings/stage-01.hbr"
        recording = read_recording(tmp_path / "recordings/stage-01.hbr")
        assert STAGE_S <= len(recording.samples) <= STAGE_S + 10 and recording.damage_bytes == 0
        assert recording.plan_crc == plan_crc(plan) and recording.events[-1].kind == EV_END
        assert abs(recording.utc_s - air.utc_s) < STAGE_S + 120

    run(main, loss=loss)


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def walk_away_at(air: Air, body: Body, part: Path, size: int) -> None:
    while size_of(part) < size:
        await air.sleep(20)
    air.set_in_range(body.board, False)


def test_a_device_that_walks_away_half_way_is_4_and_the_next_pull_goes_on(hb, tmp_path):
    plan_in(tmp_path)
    part = tmp_path / "recordings/stage-01.hbr.part"

    async def main(air: Air) -> None:
        body = await switched_on(air)
        with air.bleak():
            assert (await hb("device", "push", tmp_path))[0] == 0
            await stage(body, STAGE_S)
            thief = asyncio.create_task(walk_away_at(air, body, part, 1500))
            code, failure = await hb("device", "pull", tmp_path)
            await thief
            assert code == failure["exit_code"] == ExitCode.INTERRUPTED and "are here" in failure["error"]
            have = size_of(part)
            assert have >= 1500
            code, _ = await hb("device", "pull", tmp_path)
            assert code == ExitCode.NOT_FOUND and size_of(part) == have
            air.set_in_range(body.board, True)
            await air.sleep(5000)
            code, pulled = await hb("device", "pull", tmp_path)
            assert code == 0 and pulled["resumed_at"] == have and pulled["received"] == pulled["bytes"] - have
        assert not part.exists() and read_recording(pulled["path"]).damage_bytes == 0

    run(main)


async def one_that_never_answers(air: Air) -> None:
    """It advertises and connects as a Holdback does, takes every request, and says nothing."""
    talk = Characteristic(
        UUID("DA2E7828-FBCE-4E01-AE9E-261174997C48"),
        Characteristic.Properties.WRITE_WITHOUT_RESPONSE | Characteristic.Properties.NOTIFY,
        Characteristic.Permissions.WRITEABLE,
        CharacteristicValue(write=lambda _connection, _value: None),
    )
    device = air.device("Holdback-MUTE")
    device.add_service(Service(SMP, [talk]))
    await device.power_on()
    await device.start_advertising(
        auto_restart=True,
        advertising_data=bytes(
            AdvertisingData([(AdvertisingData.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS, bytes(SMP))])
        ),
        scan_response_data=bytes(AdvertisingData([(AdvertisingData.COMPLETE_LOCAL_NAME, b"Holdback-MUTE")])),
    )


@pytest.mark.parametrize("command", ["status", "pull"])
def test_a_device_that_hangs_is_one_that_vanished(hb, command):
    async def main(air: Air) -> None:
        await one_that_never_answers(air)
        with air.bleak():
            code, failure = await hb("device", command)
        assert (
            code == ExitCode.INTERRUPTED and failure["error"] == "the device vanished" and "no answer" in failure["why"]
        )

    run(main)


def test_two_devices_and_no_adapter(hb, tmp_path):
    plan_in(tmp_path)

    async def main(air: Air) -> None:
        await switched_on(air)
        second = air.board("B")
        provision(second.flash)
        second.adc_mv[35] = 2050
        await second.start()
        await air.sleep(2000)
        with air.bleak():
            _, document = await hb("device", "scan")
            ids = [device["id"] for device in document["devices"]]
            assert len(set(ids)) == 2
            code, failure = await hb("device", "push", tmp_path)
            assert code == ExitCode.USAGE and all(name in failure["why"] for name in ids)
            for name in ids:
                code, pushed = await hb("device", "push", tmp_path, "--device", name)
                assert code == 0 and pushed["device"] == name and pushed["sent"] == [1]
        with air.bleak(adapter=False):
            code, failure = await hb("device", "scan")
            assert code == ExitCode.NOT_FOUND and "adapter" in failure["error"]

    run(main)
