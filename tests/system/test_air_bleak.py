"""Unmodified Bleak on the virtual air: scanning, failures, and a device that goes away."""

import asyncio
from pathlib import Path

import pytest
from air_rig import PLAIN, WRITTEN, firmware, script, uuid
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakDeviceNotFoundError, BleakError
from holdback.simulation import Air, run

FIXTURES = Path(__file__).parent / "fixtures"
SMP_SERVICE = "8d53dc1d-1db7-4cd3-868b-8a527460aa84"


def test_a_scan_tells_names_and_services_from_advert_and_scan_response(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[list[tuple[str | None, list[str]]], int]:
        await air.board("echo", script=FIXTURES / "smp_echo.py").start()
        await air.board("test", script=firmware(tmp_path, script(""))).start()
        with air.bleak():
            start_ms = air.now_ms
            found = await BleakScanner.discover(timeout=3, return_adv=True)
            return [(advert.local_name, advert.service_uuids) for _, advert in found.values()], air.now_ms - start_ms

    found, took_ms = run(main)
    assert sorted(found, key=str) == [("Echo", [SMP_SERVICE]), ("Test", [])]
    assert 3000 <= took_ms < 3100


def test_a_scan_for_a_service_sees_nothing_else(tmp_path: Path) -> None:
    async def main(air: Air) -> list[str | None]:
        await air.board("echo", script=FIXTURES / "smp_echo.py").start()
        await air.board("test", script=firmware(tmp_path, script(""))).start()
        with air.bleak():
            return [device.name for device in await BleakScanner.discover(timeout=3, service_uuids=[SMP_SERVICE])]

    assert run(main) == ["Echo"]


def test_two_hosts_one_after_the_other_and_two_devices_at_once(tmp_path: Path) -> None:
    async def main(air: Air) -> list[bytes]:
        for name in "AB":
            await air.board(name, script=firmware(tmp_path, script(f"ble.gatts_write(plain, b'{name}')"), name)).start()
        with air.bleak():
            found = [device for device in await BleakScanner.discover(timeout=3) if device.name == "Test"]
            values = []
            async with BleakClient(found[0]) as first, BleakClient(found[1]) as second:
                values += [bytes(await client.read_gatt_char(PLAIN)) for client in (first, second)]
            async with BleakClient(found[0]) as again:
                values.append(bytes(await again.read_gatt_char(PLAIN)))
        return values

    first, second, again = run(main)
    assert {first, second} == {b"A", b"B"}
    assert again == first


def test_scanners_share_the_adapter(tmp_path: Path) -> None:
    async def main(air: Air) -> list[bool]:
        await air.board("echo", script=FIXTURES / "smp_echo.py").start()
        with air.bleak():
            async with BleakScanner() as first:
                async with BleakScanner(service_uuids=[uuid(0x1234)]) as second:
                    await air.sleep(1000)
                await air.sleep(1000)
                again = await BleakScanner.find_device_by_name("Echo")
                return [bool(first.discovered_devices), bool(second.discovered_devices), bool(again)]

    assert run(main) == [True, False, True]


def test_a_host_that_goes_away_is_noticed_by_the_device(tmp_path: Path) -> None:
    async def main(air: Air) -> list[str]:
        board = air.board(script=firmware(tmp_path, script("time.sleep(20)\nprint([e for e, _ in events])")))
        await board.start()
        for _ in range(2):
            with air.bleak():
                device = await BleakScanner.find_device_by_name("Test")
                assert device
                await BleakClient(device).connect()
            await air.sleep(5000)
        await air.sleep(10_000)
        return board.log

    assert run(main) == ["[1, 21, 2, 1, 21, 2]"]


def test_without_an_adapter(tmp_path: Path) -> None:
    async def main(air: Air) -> None:
        with air.bleak(adapter=False):
            await BleakScanner.discover(timeout=3)

    with pytest.raises(BleakBluetoothNotAvailableError):
        run(main)


def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    async def main(air: Air) -> int:
        with air.bleak():
            with pytest.raises(BleakDeviceNotFoundError):
                await BleakClient("C0:00:00:00:00:01", timeout=8).connect()
            return air.now_ms

    assert run(main) == 8000


def test_a_device_whose_power_fails_is_noticed_and_what_waits_fails(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[int, str, bool]:
        board = air.board(script=firmware(tmp_path, script("")))
        await board.start()
        gone = asyncio.Event()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Test")
            assert device
            client = BleakClient(device, disconnected_callback=lambda _: gone.set())
            await client.connect()
            await board.cut()
            cut_ms = air.now_ms
            with pytest.raises(BleakError) as caught:
                await client.read_gatt_char(PLAIN)
            await gone.wait()
            return air.now_ms - cut_ms, str(caught.value), client.is_connected

    took_ms, error, connected = run(main)
    assert (took_ms, error, connected) == (4200, "disconnected", False)


def test_a_device_that_restarts_can_be_connected_again(tmp_path: Path) -> None:
    async def main(air: Air) -> bytes:
        board = air.board(script=firmware(tmp_path, script("ble.gatts_write(plain, b'back')")))
        await board.start()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Test")
            assert device
            async with BleakClient(device):
                await board.restart()
                await air.sleep(5000)
            async with BleakClient(device) as client:
                return bytes(await client.read_gatt_char(PLAIN))

    assert run(main) == b"back"


def test_only_the_wanted_services_are_shown(tmp_path: Path) -> None:
    async def main(air: Air) -> list[str]:
        await air.board(script=firmware(tmp_path, script(""))).start()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Test")
            assert device
            async with BleakClient(device, services=["1234"]) as client:
                return [service.uuid for service in client.services]

    assert run(main) == [uuid(0x1234)]


def test_many_writes_without_response_wait_for_the_air(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[int, list[str]]:
        tail = "ble.gatts_set_buffer(written, 2000, True)\ntime.sleep(20)\nprint(len(ble.gatts_read(written)))"
        board = air.board(script=firmware(tmp_path, script(tail)))
        await board.start()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Test")
            assert device
            async with BleakClient(device) as client:
                start_ms = air.now_ms
                for _ in range(100):
                    await client.write_gatt_char(WRITTEN, bytes(20), response=False)
                took_ms = air.now_ms - start_ms
                await air.sleep(200)
        await air.sleep(20_000)
        return took_ms, board.log

    took_ms, log = run(main)
    assert 400 < took_ms < 600  # 100 packets, 6 each 30 ms, the last 12 queued
    assert log == ["2000"]
