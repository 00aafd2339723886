"""Who may talk to the real firmware: with the key, without it, through the window, and by guessing."""

import hmac
from pathlib import Path
from typing import Any

import pytest
from bleak import BleakScanner
from bleak.exc import BleakError
from holdback.device import keys, sync
from holdback.device.proof import NoKeyError, through_window
from holdback.simulation import Air, run
from holdback.simulation.machine.provision import SIMULATED_KEY, provision, put
from pacing.smp import EACCESSDENIED, EBUSY, EINVAL, ENOENT
from smpclient.generics import error_v1, success
from smpclient.requests.file_management import FileDownload, FileHashChecksum, FileStatus
from smpclient.requests.os_management import (
    DateTimeRead,
    EchoWrite,
    MCUMgrParametersRead,
    OSApplicationInfoRead,
)
from system.firmware_rig import (
    BUTTON,
    READ,
    WRITE,
    Body,
    Flash,
    Host,
    armed,
    crc32,
    host,
    idle_board,
    make_plan,
    plan_crc,
)

REFUSED = {"rc": EACCESSDENIED}
FILES = 8
WRONG = bytes(32)
SIZES = (300, 5000, 70_000)  # of recordings: less than the first answer, a few answers, all that answers can grow to
MINUTE_MS, WINDOW_MS = 61_000, 121_000
OURS_READ = ((64, 0, {}), (64, 3, {}), (64, 6, {}), (FILES, 0, {"off": 0, "name": "plan-01"}))
FILES_READ = ((FILES, 1, {"name": "plan-01"}), (FILES, 2, {"name": "plan-01"}))
READS = OURS_READ + FILES_READ
WRITES = (
    (64, 1, {"stage": 1, "crc": 1}),
    (64, 2, {"stage": 1, "crc": 1}),
    (64, 5, {"cue": 1, "n": 0}),
    (64, 6, {"name": "mine"}),
    (FILES, 0, {"off": 0, "len": 4, "data": b"1234", "name": "plan-01"}),
    (FILES, 4, {}),
    (0, 4, {"datetime": "2026-08-02T05:59:58"}),
    (0, 5, {}),
)


async def three_presses(body: Body) -> None:
    await body.seconds(5)  # a press just after a start asks for safe mode
    for _ in range(3):
        await body.board.press(BUTTON)
        await body.air.sleep(200)
    await body.air.sleep(1000)


async def refused(h: Host, op: int, commands: Any) -> bool:
    return [await h.command(op, *command) for command in commands] == [REFUSED] * len(commands)


async def with_plan(air: Air, plan: bytes, **how: Any) -> Body:
    body = await idle_board(air, **how)
    async with host(body) as h:
        await h.upload("plan-01", plan)
    return body


@pytest.mark.parametrize("key", [SIMULATED_KEY, b""], ids=["keyed", "keyless"])
def test_without_the_key_everything_of_ours_is_refused_and_clients_get_what_they_ask_on_connecting(key: bytes) -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air, key=key)
        async with host(body, b"") as h:
            assert await refused(h, READ, READS) and await refused(h, WRITE, WRITES)
            requests: tuple[Any, ...] = (
                EchoWrite(d="x"), MCUMgrParametersRead(), OSApplicationInfoRead(), DateTimeRead(),
            )  # fmt: skip
            for request in requests:
                assert success(await h.client.request(request))
            challenge = await h.ours(READ, 4)
            assert ("nonce" in challenge) if key else (challenge == {"rc": ENOENT})
        assert body.board.resets == []

    run(main)


def test_the_proof_is_mutual_good_once_and_for_its_connection() -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air)
        async with host(body, b"") as h:
            ours = bytes(range(16))
            challenge = await h.ours(READ, 4)
            tail = challenge["nonce"] + ours + challenge["serial"].encode()
            proof = {"mac": hmac.digest(SIMULATED_KEY, b"holdback host" + tail, "sha256"), "nonce": ours}
            other = (await h.ours(READ, 4))["nonce"]
            assert len(other) == 16 and other != challenge["nonce"]
            assert await h.ours(WRITE, 4, **proof) == REFUSED  # an old challenge's
            assert await h.ours(WRITE, 4, **proof) == {"rc": EINVAL}  # none was asked for
            assert await h.ours(WRITE, 4, **proof | {"nonce": bytes(32)}) == {"rc": EINVAL}
            assert await h.ours(READ, 3) == REFUSED
            answer = await h.prove(SIMULATED_KEY, ours)
            assert len(answer["mac"]) == 32 and (await h.ours(READ, 3))["state"] == "idle"
        async with host(body, b"") as h:
            assert await h.ours(READ, 3) == REFUSED

    run(main)


def test_wrong_keys_are_counted_over_connections_and_the_pause_is_bounded() -> None:
    async def tries(body: Body, count: int) -> list[int]:
        async with host(body, b"") as h:
            return [(await h.prove(WRONG))["rc"] for _ in range(count)]

    async def main(air: Air) -> None:
        body = await idle_board(air)
        assert await tries(body, 2) == [EACCESSDENIED] * 2
        assert await tries(body, 1) == [EBUSY]
        async with host(body, b"") as h:
            assert await h.ours(READ, 4) == {"rc": EBUSY}
            await air.sleep(1000)
            with pytest.raises(BleakError):
                await h.ours(READ, 4)
        for _ in range(6):
            await air.sleep(MINUTE_MS)
            assert await tries(body, 3) == [EACCESSDENIED, EACCESSDENIED, EBUSY]
        await air.sleep(MINUTE_MS)
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "idle"

    run(main)


async def read_stage(h: Host, name: str, data: bytes) -> None:
    """As a stranger's program does: unmodified smpclient; whole, and from the middle after comparing what is there."""
    request = h.client.request
    status = await request(FileStatus(name=name))
    assert success(status) and status.len == len(data)
    whole = await request(FileHashChecksum(name=name, type="crc32"), timeout_s=40)
    assert success(whole) and whole.output == crc32(data)
    assert await h.client.download_file(name, timeout_s=10) == data
    half = len(data) // 2
    prefix = await request(FileHashChecksum(name=name, type="crc32", len=half))
    assert success(prefix) and prefix.output == crc32(data[:half])
    rest = data[:half]
    while len(rest) < len(data):
        piece = await request(FileDownload(off=len(rest), name=name), timeout_s=10)
        assert success(piece)
        rest += piece.data
    assert rest == data


def test_an_unmodified_client_reads_stages_through_the_window_and_nothing_outside_it() -> None:
    stages = {f"stage-{no:02d}": bytes(i * no % 251 for i in range(size)) for no, size in enumerate(SIZES, 1)}

    async def main(air: Air) -> None:
        flash = Flash()
        provision(flash)
        for name, data in stages.items():
            put(flash, f"rec/{name}.hbr", data)
        body = await idle_board(air, flash=flash)
        async with host(body, b"") as h:
            answer = await h.client.request(FileDownload(off=0, name="stage-01"))
            assert error_v1(answer) and answer.rc == EACCESSDENIED
        await three_presses(body)
        assert body.felt()[-1:] == [200]
        async with host(body, b"") as h:
            for name, data in stages.items():
                await read_stage(h, name, data)
            assert [one["len"] for one in (await h.ours(READ, 0))["stages"]] == list(SIZES)
            assert await refused(h, WRITE, WRITES)
            await air.sleep(WINDOW_MS - MINUTE_MS)
            assert (await h.ours(READ, 3))["state"] == "idle"
            await air.sleep(MINUTE_MS)
            answer = await h.client.request(FileStatus(name="stage-01"))
            assert error_v1(answer) and answer.rc == EACCESSDENIED

    run(main)


@pytest.mark.parametrize("key", [SIMULATED_KEY, b""], ids=["keyed", "keyless"])
def test_the_window_of_an_armed_device_is_read_only_too(key: bytes) -> None:
    plan = make_plan()

    async def main(air: Air) -> None:
        body = await armed(air, plan)
        if not key:
            await body.board.stop()
            put(body.board.flash, "key", b"")
            await body.board.start()
        await three_presses(body)
        await air.sleep(1500)
        async with host(body, b"") as h:
            assert (await h.ours(READ, 3))["state"] == "armed" and (await h.download("plan-01"))[0] == plan
            assert await refused(h, WRITE, WRITES)
            assert ("mac" in await h.prove(SIMULATED_KEY)) if key else (await h.ours(READ, 4) == {"rc": ENOENT})
            written = await h.ours(WRITE, 6, name="mine")
            assert written == ({} if key else REFUSED)
            assert await h.ours(WRITE, 1, stage=1, crc=plan_crc(plan)) == ({"rc": 0} if key else REFUSED)

    run(main)


def test_a_stranger_is_sent_away_and_an_owner_is_not() -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air)
        async with host(body, b"") as h:
            for _ in range(3):
                await air.sleep(8000)
                assert success(await h.client.request(EchoWrite(d="me again")))
            await air.sleep(16_000)
            with pytest.raises(BleakError):
                await h.client.request(EchoWrite(d="and again"))
        async with host(body) as h:
            await air.sleep(MINUTE_MS)
            assert (await h.ours(READ, 3))["state"] == "idle"

    run(main)


def test_adverts_tell_service_and_serial_and_nothing_else() -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air)
        with air.bleak():
            ((device, advert),) = (await BleakScanner.discover(2, return_adv=True)).values()
        assert advert.service_data == {} and advert.manufacturer_data == {} and len(advert.service_uuids) == 1
        assert device.name == "Holdback-" + bytes(body.board.address)[::-1].hex()[-4:].upper()

    run(main)


def test_a_new_key_by_cable_shuts_out_the_old_one_and_keeps_stages_and_plans() -> None:
    new, recording, plan = bytes(range(32)), bytes(range(256)) * 20, make_plan()

    async def main(air: Air) -> None:
        flash = Flash()
        provision(flash)
        put(flash, "rec/stage-01.hbr", recording)
        body = await with_plan(air, plan, flash=flash)
        await body.board.stop()
        provision(flash, new)
        await body.board.start()
        await air.sleep(500)
        async with host(body, b"") as h:
            assert await h.prove(SIMULATED_KEY) == REFUSED and await h.ours(READ, 0) == REFUSED
        async with host(body, new) as h:
            assert (await h.download("stage-01"))[0] == recording and (await h.download("plan-01"))[0] == plan

    run(main)


def test_the_host_without_the_key_says_what_to_do_and_reads_through_the_window(tmp_path: Path) -> None:
    data = bytes(range(250)) * 9

    async def main(air: Air) -> None:
        flash = Flash()
        provision(flash)
        put(flash, "rec/stage-01.hbr", data)
        body = await idle_board(air, flash=flash)
        keys.keyring.set(lambda _serial: None)
        address = str(body.board.address)
        with air.bleak():
            with pytest.raises(NoKeyError, match="no key of the device") as failure:
                await sync.status(address)
            assert "provision" in failure.value.next_step and "three presses" in failure.value.next_step
            through_window.set(True)
            with pytest.raises(NoKeyError, match="window is not open"):
                await sync.pull(address, 1, tmp_path)
            await three_presses(body)
            assert (await sync.pull(address, 1, tmp_path)).path.read_bytes() == data

    run(main)
