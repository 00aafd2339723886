"""The `bluetooth` stand-in does what ESP32 does, awkward things included. One test a fact."""

import asyncio
import textwrap
from pathlib import Path
from typing import Any

import pytest
from air_rig import firmware, log_of
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from holdback.simulation import Air, VirtualBoard, run

# A peripheral with a characteristic of each kind; `events` holds what its handler got, data copied.
PERIPHERAL = """
import bluetooth, time
ble = bluetooth.BLE()
ble.active(True)
ble.config(gap_name="Test", mtu=247)
READ, WRITE, COMMAND, NOTIFY, INDICATE = 2, 8, 4, 16, 32
U = bluetooth.UUID
written, told, shown = (U(0xAB01), READ | WRITE | COMMAND), (U(0xAB02), READ | NOTIFY), (U(0xAB03), INDICATE)
secret, plain = (U(0xAB04), WRITE), (U(0xAB05), READ)
((written, told, shown, secret, plain),) = ble.gatts_register_services(
    ((U(0x1234), (written, told, shown, secret, plain)),)
)
events = []
reads = []
def copy(data):
    return tuple(bytes(x) if isinstance(x, memoryview) else x for x in data)
def irq(event, data):
    events.append((event, copy(data)))
    if event == 4:
        return on_read(*data)
def on_read(conn, handle):
    return None
ble.irq(irq)
ble.gap_advertise(100_000, b"\\x02\\x01\\x06\\x05\\x09Test")
"""


def uuid(short: int) -> str:
    return f"0000{short:04x}-0000-1000-8000-00805f9b34fb"


WRITTEN, TOLD, SHOWN, SECRET, PLAIN = (uuid(0xAB01 + i) for i in range(5))


def script(tail: str) -> str:
    return PERIPHERAL + textwrap.dedent(tail)


def with_client(folder: Path, tail: str, act: Any, **air_options: Any) -> tuple[list[str], Any]:
    """Run the peripheral with `tail`; `act(client, air, board)` happens while Bleak is connected. (log, its result)."""

    async def main(air: Air) -> tuple[list[str], Any]:
        board = air.board(script=firmware(folder, script(tail)))
        await board.start()
        with air.bleak():
            device = await BleakScanner.find_device_by_name("Test", timeout=5)
            assert device
            async with BleakClient(device) as client:
                result = await act(client, air, board)
            await air.sleep(10_000)
        return board.log, result

    return run(main, **air_options)


# writes


def test_a_write_beyond_20_bytes_is_cut_without_a_word(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> bytes:
        await client.write_gatt_char(WRITTEN, bytes(range(30)), response=True)
        return bytes(await client.read_gatt_char(WRITTEN))

    log, read = with_client(tmp_path, "time.sleep(5)\nprint(len(ble.gatts_read(written)))", act)
    assert log == ["20"]
    assert read == bytes(range(20))


def test_a_larger_buffer_takes_a_larger_write(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        await client.write_gatt_char(WRITTEN, bytes(244), response=False)
        await air.sleep(100)

    tail = "ble.gatts_set_buffer(written, 300)\ntime.sleep(5)\nprint(len(ble.gatts_read(written)))"
    assert with_client(tmp_path, tail, act)[0] == ["244"]


def test_an_append_buffer_collects_and_reading_empties_it(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        for text in (b"one", b"two", b"three"):
            await client.write_gatt_char(WRITTEN, text, response=False)
        await air.sleep(100)

    tail = """
        ble.gatts_set_buffer(written, 10, True)
        time.sleep(5)
        print(ble.gatts_read(written), ble.gatts_read(written))
    """
    assert with_client(tmp_path, tail, act)[0] == ["b'onetwothre' b''"]


def test_without_append_the_last_write_stands(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        for text in (b"one", b"three", b"2"):
            await client.write_gatt_char(WRITTEN, text, response=False)
        await air.sleep(100)

    tail = "time.sleep(5)\nprint(ble.gatts_read(written), ble.gatts_read(written))"
    assert with_client(tmp_path, tail, act)[0] == ["b'2' b'2'"]


def test_each_write_is_applied_just_before_its_event(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        await asyncio.gather(*(client.write_gatt_char(WRITTEN, bytes([i]), response=False) for i in range(6)))
        await air.sleep(100)

    tail = """
        ble.irq(lambda event, data: event == 3 and print(data, ble.gatts_read(data[1])))
        time.sleep(5)
    """
    log, _ = with_client(tmp_path, tail, act)
    assert [line[-5:] for line in log] == [f"\\x0{i}'" for i in range(6)]


def test_the_firmwares_own_write_makes_room(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> int:
        await air.sleep(100)
        return len(await client.read_gatt_char(PLAIN))

    log, size = with_client(tmp_path, "print(ble.gatts_write(plain, bytes(100)))\ntime.sleep(5)", act)
    assert (log, size) == (["100"], 100)


def test_permissions_are_enforced(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> list[str]:
        refusals = []
        for attempt in (client.read_gatt_char(SECRET), client.write_gatt_char(PLAIN, b"x", response=True)):
            with pytest.raises(BleakError) as caught:
                await attempt
            refusals.append(str(caught.value))
        return refusals

    log, (read, write) = with_client(tmp_path, "time.sleep(9)\nprint(bytes(ble.gatts_read(plain)))", act)
    assert "READ_NOT_PERMITTED" in read
    assert "WRITE_NOT_PERMITTED" in write
    assert log == ["b''"]


# reads


def test_the_handler_may_change_a_value_before_it_is_read_or_refuse(tmp_path: Path) -> None:
    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> tuple[bytes, bytes, str]:
        first, second = [bytes(await client.read_gatt_char(PLAIN)) for _ in range(2)]
        with pytest.raises(BleakError) as caught:
            await client.read_gatt_char(PLAIN)
        return first, second, str(caught.value)

    tail = """
        def on_read(conn, handle):
            reads.append(handle)
            ble.gatts_write(handle, b"read %d" % len(reads))
            return 0x05 if len(reads) == 3 else None
        time.sleep(20)
    """
    _, (first, second, refusal) = with_client(tmp_path, tail, act)
    assert (first, second) == (b"read 1", b"read 2")
    assert "INSUFFICIENT_AUTHENTICATION" in refusal


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


# sending


def test_notify_ignores_the_subscription_and_is_cut_to_the_mtu(tmp_path: Path) -> None:
    got: list[int] = []

    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> list[int]:
        await air.sleep(1100)  # not subscribed: it is sent all the same, and this client has no callback for it
        await client.start_notify(TOLD, lambda _, data: got.append(len(data)))
        await air.sleep(5000)
        return got

    tail = """
        while not events:
            time.sleep_ms(10)
        time.sleep_ms(1000)
        before = time.ticks_ms()
        ble.gatts_notify(0, told, b"early")
        time.sleep(2)
        ble.gatts_notify(0, told, bytes(400))
        ble.gatts_write(told, b"stored")
        ble.gatts_notify(0, told)
        print("sent")
    """
    log, lengths = with_client(tmp_path, tail, act)
    assert log == ["sent"]
    assert lengths == [244, 6]


def test_about_ten_notifications_may_be_in_flight_then_memory_is_out(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        await client.start_notify(TOLD, lambda _, data: got.append(bytes(data)))
        await air.sleep(5000)

    tail = """
        while not events:
            time.sleep_ms(10)
        time.sleep_ms(2000)
        sent = 0
        try:
            while True:
                ble.gatts_notify(0, told, b"%d" % sent)
                sent += 1
        except OSError as error:
            print(sent, error.errno)
        time.sleep_ms(100)
        ble.gatts_notify(0, told, b"more")
    """
    log, _ = with_client(tmp_path, tail, act)
    assert log == ["10 12"]
    assert got == [b"%d" % i for i in range(10)] + [b"more"]  # what failed was not queued, the rest came in order


def test_a_loop_that_retries_ends(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        await client.start_notify(TOLD, lambda _, data: got.append(bytes(data)))
        await air.sleep(5000)

    tail = """
        while not events:
            time.sleep_ms(10)
        time.sleep_ms(2000)
        for i in range(100):
            while True:
                try:
                    ble.gatts_notify(0, told, b"%d" % i)
                    break
                except OSError:
                    pass
    """
    with_client(tmp_path, tail, act)
    assert got == [b"%d" % i for i in range(100)]


def test_an_indication_is_confirmed(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> None:
        await client.start_notify(SHOWN, lambda _, data: got.append(bytes(data)))
        await air.sleep(3000)

    tail = """
        while not events:
            time.sleep_ms(10)
        time.sleep_ms(1500)
        ble.gatts_indicate(0, shown, b"seen?")
        time.sleep_ms(500)
        print(events[-1] == (20, (0, shown, 0)))
    """
    log, _ = with_client(tmp_path, tail, act)
    assert (log, got) == (["True"], [b"seen?"])


def test_writing_with_send_update_reaches_who_has_subscribed(tmp_path: Path) -> None:
    got: list[bytes] = []

    async def act(client: BleakClient, air: Air, board: VirtualBoard) -> bytes:
        await client.start_notify(TOLD, lambda _, data: got.append(bytes(data)))
        await air.sleep(3000)
        return bytes(await client.read_gatt_char(TOLD))

    tail = """
        while not events:
            time.sleep_ms(10)
        time.sleep_ms(1500)
        ble.gatts_write(told, b"news", True)
        ble.gatts_write(told, b"silent")
    """
    _, value = with_client(tmp_path, tail, act)
    assert (got, value) == ([b"news"], b"silent")


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
