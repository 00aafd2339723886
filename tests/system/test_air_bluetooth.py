"""The `bluetooth` stand-in's handler, configuration and errors are ESP32's. One test a fact."""

from pathlib import Path

from air_rig import WRITTEN, firmware, log_of, script, uuid, with_client
from bleak import BleakClient, BleakScanner
from holdback.simulation import Air, VirtualBoard, run

# handlers


def test_buffers_of_a_handler_are_gone_after_it(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        await air.sleep(1000)

    tail = """
        kept = []
        def irq(event, data):
            if event == 1:
                kept.append(data[2]); kept.append(bytes(data[2]))
        ble.irq(irq)
        time.sleep(5)
        print(len(kept[0]), bytes(kept[0]) == kept[1])
    """
    assert with_client(tmp_path, tail, act)[0] == ["6 False"]


def test_an_exception_in_the_handler_ends_all_events(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        for i in range(3):
            await client.write_gatt_char(WRITTEN, bytes([i]), response=True)

    tail = """
        seen = []
        def irq(event, data):
            seen.append(event)
            if event == 3:
                raise ValueError("oops")
        ble.irq(irq)
        time.sleep(8)
        print(seen.count(3), ble.gatts_read(written))
    """
    log, _ = with_client(tmp_path, tail, act)
    assert any("oops" in line for line in log)
    assert log[-1] == "1 b'\\x02'"  # values still arrive, events do not


def test_a_handler_that_sleeps_is_an_error(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        await air.sleep(1000)

    log, _ = with_client(tmp_path, "ble.irq(lambda event, data: time.sleep_ms(1))\ntime.sleep(5)", act)
    assert any("would stop the radio" in line for line in log)


def test_mtu_may_be_told_before_the_program_has_seen_the_connection(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> int:
        await air.sleep(1000)
        return client.mtu_size

    log, mtu = with_client(tmp_path, "time.sleep(5)\nprint([e for e in events if e[0] in (1, 21)])", act)
    assert mtu == 247
    assert log[0].startswith("[(1, (0, 1, b'") and log[0].endswith("(21, (0, 247))]")


# configuration and errors


def test_configuration(tmp_path: Path) -> None:
    source = """
        import bluetooth, machine
        ble = bluetooth.BLE()
        print(ble is bluetooth.BLE(), ble.active())
        try:
            ble.gap_advertise(1000)
        except OSError as error:
            print(error.errno)
        ble.active(True)
        try:
            ble.config(rxbuf=2000)
        except ValueError as error:
            print(error)
        ble.config(gap_name="Me", mtu=128)
        print(ble.config("gap_name"), ble.config("mtu"), ble.config("mac") == (1, machine.unique_id()))
        for call in (lambda: ble.gatts_notify(3, 9, b""), lambda: ble.gattc_read(3, 9), lambda: ble.gatts_read(999)):
            try:
                call()
            except OSError as error:
                print(error.errno)
        print(ble.gap_disconnect(3))
    """
    expected = ["True False", "19", "unknown config param", "b'Me' 128 True", "107", "107", "22", "False"]
    assert log_of(tmp_path, source) == expected


def test_uuids(tmp_path: Path) -> None:
    source = """
        from bluetooth import UUID
        long = UUID("8D53DC1D-1DB7-4CD3-868B-8A527460AA84")
        print(UUID(0x180D), bytes(UUID(0x180D)), long, bytes(long)[:4])
        print(bytes(UUID("AB12")), UUID(bytes(long)) == long, UUID(0x180D) == UUID(0x180F), {UUID(1): 2}[UUID(1)])
        for wrong in (70000, "8D53", "xyz"):
            try:
                print(UUID(wrong))
            except ValueError:
                print("invalid")
    """
    assert log_of(tmp_path, source) == [
        "UUID(0x180d) b'\\r\\x18' UUID('8d53dc1d-1db7-4cd3-868b-8a527460aa84') b'\\x84\\xaa`t'",
        "b'AB12' True False 2",
        "invalid",
        "UUID(0x33354438)",
        "invalid",
    ]


def test_registering_again_replaces_the_services(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> list[str]:
        return [service.uuid for service in client.services if service.uuid not in (uuid(0x1800), uuid(0x1801))]

    tail = """
        described = (U(0xAB0A), NOTIFY, ((U(0x2901), READ),))
        handles = ble.gatts_register_services(((U(0x5678), ((U(0xAB09), READ), described)),))
        print(len(handles[0]), ble.gatts_read(handles[0][2]))
    """
    log, services = with_client(tmp_path, tail, act)
    assert (log, services) == (["3 b''"], [uuid(0x5678)])


def test_switching_the_radio_off_ends_connections(tmp_path: Path) -> None:
    gone: list[int] = []

    async def main(air: Air) -> list[str]:
        tail = "while not events:\n    time.sleep_ms(10)\ntime.sleep(2)\nble.active(False)\nprint(ble.active())"
        board = air.board(script=firmware(tmp_path, script(tail)))
        await board.start()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Test", timeout=5)
            assert device
            async with BleakClient(device, disconnected_callback=lambda _: gone.append(air.now_ms)):
                await air.sleep(5000)
        return board.log

    assert run(main) == ["False"]
    assert 2500 < gone[0] < 4000
