"""The sync service of the real firmware, spoken to by unmodified smpclient through the virtual air."""

import asyncio
from typing import Any

import pytest
from bleak import BleakClient, BleakScanner
from holdback.simulation import Air, run
from pacing.smp import (
    EACCESSDENIED,
    ECORRUPT,
    EINVAL,
    EMSGSIZE,
    ENOENT,
    ENOTSUP,
)
from smpclient.generics import error_v1, success
from smpclient.requests.file_management import FileClose, FileDownload, FileHashChecksum, FileStatus
from smpclient.requests.os_management import (
    DateTimeRead,
    DateTimeWrite,
    EchoWrite,
    MCUMgrParametersRead,
    OSApplicationInfoRead,
    ResetWrite,
)
from system.firmware_rig import READ, WRITE, Body, Host, crc32, host, idle_board, make_plan, plan_crc, with_host

OS, FILES = 0, 8


def test_echo_and_os_group() -> None:
    async def check(h: Host, _: Body) -> None:
        request = h.client.request
        text = "ünïcode " * 60
        echo = await request(EchoWrite(d=text))
        assert success(echo) and echo.r == text
        parameters = await request(MCUMgrParametersRead())
        assert success(parameters) and (parameters.buf_size, parameters.buf_count) == (1032, 1)
        info = await request(OSApplicationInfoRead())
        assert success(info) and info.output == "Holdback 0.1.0 on virtual"
        assert success(await request(DateTimeWrite(datetime="2026-08-02T05:59:58+02:00")))
        now = await request(DateTimeRead())
        assert success(now) and now.datetime == "2026-08-02T03:59:58"

    with_host(check)


def test_version_1_is_answered_in_kind() -> None:
    async def check(h: Host, _: Body) -> None:
        assert await h.command(WRITE, OS, 0, {"d": "x"}, version=0) == {"r": "x"}
        assert await h.command(READ, FILES, 1, {"name": "stage-07"}, version=0) == {"rc": ENOENT}

    with_host(check)


@pytest.mark.parametrize("group, number, op, body, rc", [
    (FILES, 0, READ, {"off": 0, "name": "latest"}, ENOENT),
    (FILES, 0, READ, {"off": 0, "name": "state"}, ENOENT),
    (FILES, 0, READ, {"off": 0, "name": "../state"}, ENOENT),
    (FILES, 0, READ, {"off": 0, "name": "stage-1"}, ENOENT),
    (FILES, 0, READ, {"off": 0, "name": "stage-01.1"}, ENOENT),
    (FILES, 0, READ, {"off": 0, "name": ""}, ENOENT),
    (FILES, 0, READ, {"off": 0}, EINVAL),
    (FILES, 0, READ, {"off": -1, "name": "plan-01"}, EINVAL),
    (FILES, 0, READ, {"off": 10**9, "name": "plan-01"}, EINVAL),
    (FILES, 0, READ, {"off": "0", "name": "plan-01"}, EINVAL),
    (FILES, 0, READ, {"off": 0, "name": 5}, EINVAL),
    (FILES, 2, READ, {"name": "plan-01", "type": "sha256"}, ENOTSUP),
    (FILES, 0, WRITE, {"off": 0, "len": 4, "data": b"1234", "name": "stage-01"}, EACCESSDENIED),
    (FILES, 0, WRITE, {"off": 0, "len": 4, "data": b"1234", "name": "state"}, EACCESSDENIED),
    (FILES, 0, WRITE, {"off": 0, "len": 10**6, "data": b"1234", "name": "plan-01"}, EINVAL),
    (FILES, 0, WRITE, {"off": 0, "len": 4, "data": "1234", "name": "plan-01"}, EINVAL),
    (FILES, 0, WRITE, {"off": 0, "len": 2, "data": b"1234", "name": "plan-01"}, EINVAL),
    (FILES, 0, WRITE, {"off": 0, "len": 4, "data": b"1234", "name": "plan-02"}, ECORRUPT),
    (OS, 0, WRITE, b"\xff\x00 no cbor", EINVAL),
    (OS, 0, WRITE, [1, 2], EINVAL),
    (OS, 0, WRITE, {"d": "x" * 1100}, EMSGSIZE),
    (OS, 0, READ, {}, ENOTSUP),
    (OS, 4, WRITE, {"datetime": "2026-13-02T05:59:58"}, EINVAL),
    (OS, 4, WRITE, {"datetime": "tomorrow"}, EINVAL),
    (64, 1, WRITE, {"stage": 2, "crc": 5}, ENOENT),
    (64, 1, WRITE, {"stage": 1, "crc": 5}, ECORRUPT),
    (64, 1, WRITE, {"stage": 1}, EINVAL),
    (64, 2, WRITE, {"stage": 1, "crc": 5}, ENOENT),
    (64, 4, WRITE, {"mac": b""}, EINVAL),
    (99, 0, READ, {}, ENOTSUP),
])  # fmt: skip
def test_what_cannot_be_done_is_refused(group: int, number: int, op: int, body: Any, rc: int) -> None:
    async def check(h: Host, _: Body) -> None:
        await h.upload("plan-01", make_plan())
        assert await h.command(op, group, number, body) == {"rc": rc}
        # and the device still answers
        assert await h.command(WRITE, OS, 0, {"d": "still there"}) == {"r": "still there"}

    with_host(check)


def test_upload_checks_before_it_replaces() -> None:
    async def check(h: Host, _: Body) -> None:
        good, other = make_plan(), make_plan(length_m=3000)
        await h.upload("plan-01", good)
        damaged = bytearray(other)
        damaged[100] ^= 1
        for bad in (bytes(damaged), other[:-1], make_plan(stage_no=2)):
            with pytest.raises(Exception, match=r"ECORRUPT|EINVAL"):
                await h.upload("plan-01", bad)
            assert (await h.download("plan-01"))[0] == good
        await h.upload("plan-01", other)
        assert (await h.download("plan-01"))[0] == other
        listed = await h.ours(READ, 0)
        assert listed == {"stages": [], "plans": [{"id": 1, "crc": plan_crc(other)}], "armed": 0}

    with_host(check)


def test_upload_says_where_to_go_on() -> None:
    async def check(h: Host, _: Body) -> None:
        plan = make_plan()
        piece = {"off": 0, "len": len(plan), "data": plan[:100], "name": "plan-01"}
        assert await h.command(WRITE, FILES, 0, piece) == {"off": 100}
        late = {"off": 200, "data": plan[200:300], "name": "plan-01"}
        assert await h.command(WRITE, FILES, 0, late) == {"off": 100}
        assert await h.command(WRITE, FILES, 0, late | {"name": "plan-02"}) == {"off": 0}
        assert success(await h.client.request(FileClose()))
        again = {"off": 100, "data": plan[100:200], "name": "plan-01"}
        assert await h.command(WRITE, FILES, 0, again) == {"off": 0}
        await h.upload("plan-01", plan)

    with_host(check)


def test_file_status_and_prefix_checksum() -> None:
    async def check(h: Host, _: Body) -> None:
        plan = make_plan()
        await h.upload("plan-01", plan)
        status = await h.client.request(FileStatus(name="plan-01"))
        assert success(status) and status.len == len(plan)
        for off, length in ((0, None), (0, 77), (100, 55), (len(plan), None), (10, 10**6)):
            answer = await h.client.request(FileHashChecksum(name="plan-01", type="crc32", off=off, len=length))
            assert success(answer), answer
            part = plan[off:] if length is None else plan[off : off + length]
            assert (answer.off or 0, answer.len, answer.output) == (off, len(part), crc32(part))

    with_host(check)


def test_unknown_file_by_smpclient() -> None:
    async def check(h: Host, _: Body) -> None:
        answer = await h.client.request(FileDownload(off=0, name="stage-09"))
        assert error_v1(answer) and answer.rc == ENOENT

    with_host(check)


def test_status_of_an_idle_device() -> None:
    async def check(h: Host, _: Body) -> None:
        status = await h.ours(READ, 3)
        assert status["state"] == "idle" and status["batt"] == 94 and status["fw"] == "0.1.0"
        assert status["free"] > 1_500_000

    with_host(check)


def test_standard_services() -> None:
    async def main(air: Air) -> list[bytes]:
        body = await idle_board(air)
        with air.bleak():
            async with BleakClient(str(body.board.address)) as client:
                numbers = (0x2A29, 0x2A24, 0x2A26, 0x2A25, 0x2A19)
                values = [await client.read_gatt_char(f"0000{n:04x}-0000-1000-8000-00805f9b34fb") for n in numbers]
        assert values[3] == bytes(body.board.address)[::-1].hex().encode()
        return [bytes(value) for value in values]

    maker, model, firmware, _, battery = run(main)
    assert (maker, model, firmware, battery) == (b"Holdback", b"virtual", b"0.1.0", bytes([94]))


def test_a_half_request_does_not_wedge_the_server() -> None:
    async def check(h: Host, body: Body) -> None:
        await h.client._transport.send(b"\x0a\x00\x00\x50\x00\x00\x01\x00half")
        await body.air.sleep(6000)
        assert await h.command(WRITE, OS, 0, {"d": "next"}) == {"r": "next"}

    with_host(check)


def test_a_silent_host_is_sent_away() -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air)
        with air.bleak():
            gone = asyncio.Event()
            async with BleakClient(str(body.board.address), disconnected_callback=lambda _: gone.set()):
                await asyncio.wait_for(gone.wait(), 250)

    run(main)


def test_reset_answers_first() -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air)
        async with host(body) as h:
            assert success(await h.client.request(ResetWrite()))
            await air.sleep(5000)
        assert len(body.board.resets) == 1
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "idle"

    run(main)


def test_adverts_name_service_and_serial() -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air)
        with air.bleak():
            service = "8d53dc1d-1db7-4cd3-868b-8a527460aa84"
            found = await BleakScanner.discover(2, return_adv=True, service_uuids=[service])
        (device, advert), = found.values()  # fmt: skip
        assert device.name == advert.local_name == "Holdback-" + bytes(body.board.address)[:2][::-1].hex().upper()
        assert advert.service_uuids == [service]

    run(main)


def test_activate_refuses_while_the_stage_runs_and_delete_wants_the_crc() -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air)
        plan = make_plan(length_m=300)
        async with host(body) as h:
            await h.arm(plan)
        await body.seconds(5)
        await body.seconds(110, 3.0)
        await body.seconds(5)
        async with host(body) as h:
            (recording,) = (await h.ours(READ, 0))["stages"]
            data = (await h.download("latest"))[0]
            assert recording == {"id": 1, "len": len(data), "crc": crc32(data), "closed": True}
            wrong = recording["crc"] ^ 1
            assert await h.ours(WRITE, 2, stage=1, crc=wrong) == {"rc": EACCESSDENIED}
            assert (await h.download("stage-01"))[0] == data
            assert await h.ours(WRITE, 2, stage=1, crc=recording["crc"]) == {"rc": 0}
            assert (await h.ours(READ, 0))["stages"] == []
            assert await h.command(READ, FILES, 1, {"name": "latest"}) == {"rc": ENOENT}

    run(main)
