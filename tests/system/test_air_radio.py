"""The air: roles, intervals, loss, range, throughput; and that the same seed gives the same world."""

import asyncio
from pathlib import Path

from air_rig import firmware
from bleak import BleakClient, BleakScanner
from bumble.core import UUID
from bumble.gatt import Characteristic, Service
from holdback.simulation import Air, run
from holdback.simulation.radio.controller import AirDevice
from smpclient import SMPClient
from smpclient.requests.os_management import EchoWrite
from smpclient.transport.ble import SMPBLETransport

FIXTURES = Path(__file__).parent / "fixtures"


class Strap:
    """A heart rate strap of a few lines."""

    def __init__(self, device: AirDevice) -> None:
        self.device = device
        self.measurement = Characteristic(
            UUID(0x2A37), Characteristic.Properties.NOTIFY, Characteristic.Permissions(0), b""
        )
        device.add_service(Service(UUID(0x180D), [self.measurement]))

    async def start(self) -> None:
        await self.device.power_on()
        await self.advertise()

    async def advertise(self) -> None:
        await self.device.start_advertising(advertising_data=b"\x02\x01\x06\x03\x03\x0d\x18", auto_restart=True)

    async def beat(self, hr_bpm: int) -> None:
        await self.device.notify_subscribers(self.measurement, bytes([0, hr_bpm]))


def test_firmware_as_central_follows_a_strap(tmp_path: Path) -> None:
    async def main(air: Air) -> list[str]:
        strap = Strap(air.device("strap"))
        board = air.board(script=FIXTURES / "strap_listener.py")
        await strap.start()
        await board.start()
        await air.sleep(5000)
        for hr_bpm in (120, 121):
            await strap.beat(hr_bpm)
            await air.sleep(1000)
        return board.log

    assert run(main) == ["connected 0", "True b'\\x00x'", "True b'\\x00y'"]


def test_a_strap_out_of_range_is_lost_after_the_supervision_timeout_and_found_again(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[list[str], int, int]:
        strap = Strap(air.device("strap"))
        board = air.board(script=FIXTURES / "strap_listener.py")
        await strap.start()
        await board.start()
        await air.sleep(5000)
        air.set_in_range(strap.device, False)
        left_ms = air.now_ms
        while "gone 0" not in board.log:
            await air.sleep(10)
        lost_ms = air.now_ms
        await air.sleep(60_000)
        air.set_in_range(strap.device, True)
        await air.sleep(5000)
        await strap.beat(99)
        await air.sleep(100)
        return board.log, lost_ms - left_ms, len(strap.device.connections)

    log, took_ms, connections = run(main)
    assert log == ["connected 0", "gone 0", "connected 0", "True b'\\x00c'"]
    assert 2560 <= took_ms <= 2570
    assert connections == 1


def test_connecting_to_nobody_fails_in_time(tmp_path: Path) -> None:
    source = """
        import bluetooth, time
        ble = bluetooth.BLE()
        ble.active(True)
        start = time.ticks_ms()
        ble.irq(lambda event, data: print(event, data[:2], time.ticks_ms() - start))
        ble.gap_connect(1, b"nobody", 2000)
        try:
            ble.gap_connect(1, b"nobody", 2000)
        except OSError as error:
            print(error.errno)
        time.sleep(5)
        ble.gap_scan(0)
        try:
            ble.gap_connect(1, b"nobody")
        except OSError as error:
            print(error.errno)
    """

    async def main(air: Air) -> list[str]:
        board = air.board(script=firmware(tmp_path, source))
        await board.start()
        await air.sleep(10_000)
        return board.log

    assert run(main) == ["114", "8 (65535, 255) 2000", "16"]


def test_packets_arrive_at_connection_events_only(tmp_path: Path) -> None:
    async def main(air: Air) -> set[int]:
        board = air.board(script=FIXTURES / "smp_echo.py")
        await board.start()
        times: set[int] = set()
        with air.bleak():
            async with SMPClient(SMPBLETransport(), "Echo") as client:
                for i in range(20):
                    await air.sleep(7 * i)
                    await client.request(EchoWrite(d="x"))  # type: ignore[arg-type]
                    times.add(air.now_ms)
        first = min(times)
        return {(time - first) % 50 for time in times}

    assert run(main, interval_ms=50) <= {0, 1, 49}  # now_ms is cut to whole milliseconds


def _throughput(packets: int, interval_ms: int, loss: float, seed: int = 1) -> float:
    """Bytes a second of notifications from a board that never pauses."""
    source = (FIXTURES / "smp_echo.py").read_text()
    source = source[: source.index("async def main")] + (
        "async def main():\n"
        "    await arrived.wait()\n"
        "    for i in range(400):\n"
        "        while True:\n"
        "            try:\n"
        "                ble.gatts_notify(connections[0], value, bytes(244))\n"
        "                break\n"
        "            except OSError:\n"
        "                await asyncio.sleep_ms(5)\n"
        "ble.irq(on_event)\nadvertise()\nasyncio.run(main())\n"
    )

    async def main(air: Air) -> float:
        path = Path(air.board().flash.path).with_name("sender.py")
        path.write_text(source)
        board = air.board("B", script=path)
        await board.start()
        got: list[int] = []
        done = asyncio.Event()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Echo")
            assert device

            def count(_: object, data: bytearray) -> None:
                got.append(len(data))
                if len(got) == 400:
                    done.set()

            async with BleakClient(device) as client:
                value = client.services.get_characteristic("da2e7828-fbce-4e01-ae9e-261174997c48")
                assert value
                await client.start_notify(value, count)
                await client.write_gatt_char(value, b"go", response=False)
                start_ms = air.now_ms
                await done.wait()
        return sum(got) / (air.now_ms - start_ms) * 1000

    return run(main, packets=packets, interval_ms=interval_ms, loss=loss, seed=seed)


def test_notifications_fill_the_connection_events() -> None:
    limit = 6 * 244 / 0.030
    rate = _throughput(6, 30, 0.0)
    assert 0.9 * limit <= rate <= limit


def test_loss_is_only_delay() -> None:
    clean, lossy = _throughput(6, 30, 0.0), _throughput(6, 30, 0.1)
    # A loss ends its event: of six slots (1 - 0.9**6) / 0.1 * 0.9 = 4.2 are used on average.
    assert 0.6 * clean < lossy < 0.85 * clean


def _small_world(seed: int) -> list[str]:
    """Two boards, a strap, a Bleak host, 5 % loss: everything that anybody saw, with times."""

    async def main(air: Air) -> list[str]:
        trace: list[str] = []
        strap = Strap(air.device("strap"))
        listener = air.board("listener", script=FIXTURES / "strap_listener.py")
        echo = air.board("echo", script=FIXTURES / "smp_echo.py")
        await asyncio.gather(strap.start(), listener.start(), echo.start())

        async def run_heart() -> None:
            for _ in range(30):
                await air.sleep(1000)
                await strap.beat(air.rng.randrange(90, 180))

        heart = asyncio.create_task(run_heart())
        with air.bleak():
            for i in range(3):
                async with SMPClient(SMPBLETransport(), "Echo") as client:
                    answer = await client.request(EchoWrite(d=f"echo {i}"))  # type: ignore[arg-type]
                    trace.append(f"{air.now_ms} {answer.r}")  # type: ignore[union-attr]
        await heart
        return [*trace, *listener.log, *echo.log, str((air.now_ms, listener.turns, echo.turns))]

    return run(main, seed=seed, loss=0.05)


def test_the_same_seed_gives_the_same_world() -> None:
    first = _small_world(7)
    assert first == _small_world(7)
    assert len(first) > 20
    assert first != _small_world(8)


def test_a_board_may_be_peripheral_and_central_at_once(tmp_path: Path) -> None:
    source = (FIXTURES / "strap_listener.py").read_text()
    source = source.replace(
        "ble.active(True)\n", "ble.active(True)\nble.gap_advertise(100_000, b'\\x05\\x09Dual')\n", 1
    )

    async def main(air: Air) -> list[str]:
        strap = Strap(air.device("strap"))
        board = air.board(script=firmware(tmp_path, source))
        await strap.start()
        await board.start()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Dual")
            assert device
            async with BleakClient(device):
                await air.sleep(5000)
                await strap.beat(100)
                await air.sleep(500)
        return board.log

    log = run(main)
    assert log[0].startswith("connected")
    assert log[1:] == ["True b'\\x00d'"]


def test_scanning_hears_names_in_scan_responses_only_when_active(tmp_path: Path) -> None:
    source = """
        import bluetooth, time
        ble = bluetooth.BLE()
        ble.active(True)
        heard = set()
        ble.irq(lambda event, data: heard.add((data[2], bytes(data[4])) if event == 5 else event))
        for active in (False, True):
            heard.clear()
            ble.gap_scan(3000, 30000, 30000, active)
            time.sleep(4)
            print(len(heard), 6 in heard, any(x != 6 and x[0] == 4 and b"Echo" in x[1] for x in heard))
    """

    async def main(air: Air) -> list[str]:
        await air.board("echo", script=FIXTURES / "smp_echo.py").start()
        board = air.board("scanner", script=firmware(tmp_path, source))
        await board.start()
        await air.sleep(10_000)
        return board.log

    assert run(main) == ["2 True False", "3 True True"]


def test_a_scan_hears_in_its_windows_only(tmp_path: Path) -> None:
    source = """
        import bluetooth, time
        ble = bluetooth.BLE()
        ble.active(True)
        count = [0]
        def irq(event, data):
            count[0] += event == 5
        ble.irq(irq)
        for window_us in (100_000, 25_000):
            count[0] = 0
            ble.gap_scan(100_000, 100_000, window_us)
            time.sleep(101)
            print(count[0])
    """

    async def main(air: Air) -> list[int]:
        await air.board("echo", script=FIXTURES / "smp_echo.py").start()
        board = air.board("scanner", script=firmware(tmp_path, source))
        await board.start()
        await air.sleep(210_000)
        return [int(line) for line in board.log]

    always, quarter = run(main)
    assert 900 < always < 1000  # one each 100 ms and a random delay of 0..10 ms
    assert 0.1 * always < quarter < 0.45 * always
