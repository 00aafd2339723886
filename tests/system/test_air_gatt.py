"""The GATT server of the `bluetooth` stand-in does what NimBLE does on ESP32. One test a fact."""

import asyncio
from pathlib import Path

import pytest
from air_rig import PLAIN, SECRET, SHOWN, TOLD, WRITTEN, with_client
from bleak import BleakClient
from bleak.exc import BleakError
from holdback.simulation import Air, VirtualBoard

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
