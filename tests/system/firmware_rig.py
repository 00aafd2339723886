"""What the firmware's tests share: a plan, a board with a receiver, a host with unmodified smpclient."""

import contextlib
import hmac
import math
import struct
from binascii import crc32
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import cbor2
from holdback.building.build import PROJECT
from holdback.errors import HoldbackError
from holdback.simulation import Air, Flash, VirtualBoard, run
from holdback.simulation.machine.provision import SIMULATED_KEY, hold_simulated_keys, provision
from holdback.simulation.world.receiver import EXACT, Receiver, Truth
from pacing.cues import pattern
from pacing.journal import EV_CUE
from pacing.journalreader import DAMAGE, END, EVENT, SAMPLE, Reader
from pacing.plan import Plan
from pacing.planwriter import encode
from pacing.replay import replay
from smpclient import SMPClient
from smpclient.generics import success
from smpclient.requests.file_management import FileDownload, FileUpload
from smpclient.transport.ble import SMPBLETransport

MOTOR, BUTTON, BATTERY = 25, 0, 35  # boards/virtual/board.py
READ, WRITE = 0, 2
LAT, LON = 47.0, 11.0
M_PER_DEG = 111_320.0
FULL_MV = 2050  # at the ADC, behind the divider: 4.1 V


def make_plan(stage_no: int = 1, length_m: int = 2000, **more: Any) -> bytes:
    """A straight, level course to the north, walked slowly is fine, run is over the cap."""
    steps = max(1, length_m // 50)
    points = [
        (round((LAT + i * length_m / steps / M_PER_DEG) * 1e6), round(LON * 1e6), round(i * length_m / steps * 10))
        for i in range(steps + 1)
    ]
    spec: dict[str, Any] = {
        "race": "Test",
        "stage_no": stage_no,
        "stage_count": 3,
        "lat0_e6": round(LAT * 1e6),
        "lon0_e6": round(LON * 1e6),
        "cos_q15": round(math.cos(math.radians(LAT)) * 32768),
        "cs_cms": 400,
        "points": points,
        "profile": (100, [5000] * (length_m // 10 + 1)),
        "caps": [(length_m * 10, 800, 0, 0)],
        "hr_cap_bpm": 160,
        "debt_limit": 30,
        "head_start": 0,
        "planned_s": length_m // 3,
    }
    return encode(spec | more)


def plan_crc(plan: bytes) -> int:
    return struct.unpack("<I", plan[-4:])[0]


def open_plan(data: bytes) -> Plan:
    return Plan(reader_of(data), len(data))


def reader_of(data: bytes) -> Callable[[int, Any], None]:
    def read(offset: int, buf: Any) -> None:
        memoryview(buf)[:] = data[offset : offset + len(buf)]

    return read


class Body:
    """A board on a runner: `second` moves it along the straight course and lets the second pass.

    `key` is what its flash gets; b"" leaves it without one.
    """

    def __init__(self, air: Air, flash: Flash | None = None, key: bytes = SIMULATED_KEY, **board: Any) -> None:
        self.air = air
        flash = flash or Flash()
        with contextlib.suppress(HoldbackError):  # a test's damaged file system takes no key
            provision(flash, key)
        hold_simulated_keys()
        self.board: VirtualBoard = air.board("A", flash=flash, **board)
        self.board.adc_mv[BATTERY] = FULL_MV
        self.receiver = Receiver(1, EXACT)
        self.m = -30.0  # metres along the course; the start is at 0
        self.east_m = 0.0  # beside it
        self.pulses: list[tuple[int, int]] = []  # motor: (time, length) in ms
        self._on_ms = 0
        self.board.on_pwm.append(self._pwm)

    def _pwm(self, t_ms: int, pin: int, duty: int) -> None:
        assert pin == MOTOR
        if duty:
            self._on_ms = t_ms
        else:
            self.pulses.append((self._on_ms, t_ms - self._on_ms))

    async def second(self, speed_ms: float = 0.0, *, silent: bool = False, fix: bool = True) -> None:
        self.m += speed_ms
        lon = LON + self.east_m / M_PER_DEG / math.cos(math.radians(LAT))
        truth = Truth(LAT + self.m / M_PER_DEG, lon, 500.0, speed_ms, 0.0) if fix else None
        if not silent:
            self.board.feed_uart(self.receiver.epoch(self.air.utc_s, truth))
        await self.air.sleep(1000)

    async def seconds(self, count: int, speed_ms: float = 0.0, **how: bool) -> None:
        for _ in range(count):
            await self.second(speed_ms, **how)

    async def hold_and_press(self) -> None:
        """By hand: hold 3 s, feel the buzz, let go, press."""
        await self.board.press(BUTTON, 3300)
        await self.air.sleep(1000)
        await self.board.press(BUTTON)
        await self.air.sleep(300)

    def felt(self, since_ms: int = 0) -> list[int]:
        """Lengths of the motor's pulses since then."""
        return [length for at, length in self.pulses if at >= since_ms]


@contextlib.asynccontextmanager
async def host(body: Body, key: bytes = SIMULATED_KEY) -> AsyncIterator["Host"]:
    """Connect to the board as a laptop does, prove the key (b"": do not), and hang up."""
    with body.air.bleak():
        async with SMPClient(SMPBLETransport(), str(body.board.address), timeout_s=10) as client:
            h = Host(client)
            if key:
                assert "mac" in await h.prove(key)
            yield h
    await body.air.sleep(500)


class Host:
    """A connected smpclient, and the commands of group 64 as plain maps."""

    def __init__(self, client: SMPClient) -> None:
        self.client = client
        self._seq = 0

    async def command(self, op: int, group: int, number: int, body: Any, version: int = 1) -> dict[str, Any]:
        """Send one command; the body of the answer. `body` may be raw bytes."""
        raw = body if isinstance(body, bytes) else cbor2.dumps(body)
        self._seq = (self._seq + 1) % 256
        head = struct.pack(">BBHHBB", version << 3 | op, 0, len(raw), group, self._seq, number)
        answer = await self.client._transport.send_and_receive(head + raw)
        first, _, length, got_group, seq, got_number = struct.unpack(">BBHHBB", answer[:8])
        assert (first, length, got_group, seq, got_number) == (
            version << 3 | op | 1, len(answer) - 8, group, self._seq, number,
        )  # fmt: skip
        return cbor2.loads(answer[8:])

    async def ours(self, op: int, number: int, **body: Any) -> dict[str, Any]:
        return await self.command(op, 64, number, body)

    async def prove(self, key: bytes, nonce: bytes = bytes(16)) -> dict[str, Any]:
        """The proof as docs/sync-protocol.md has it, written down a second time; the device's answer."""
        challenge = await self.ours(READ, 4)
        text = b"holdback host" + challenge["nonce"] + nonce + challenge["serial"].encode()
        return await self.ours(WRITE, 4, mac=hmac.digest(key, text, "sha256"), nonce=nonce)

    async def upload(self, name: str, data: bytes) -> None:
        async for _ in self.client.upload_file(data, name, timeout_s=10):
            pass

    async def download(self, name: str) -> tuple[bytes, list[int]]:
        """The file, and how long each answer was."""
        data, sizes, length = b"", [], None
        while length is None or len(data) < length:
            answer = await self.client.request(FileDownload(off=len(data), name=name), timeout_s=10)
            assert success(answer), answer
            length = answer.len if length is None else length
            data += answer.data
            sizes.append(len(answer.data))
        return data, sizes

    async def arm(self, plan: bytes, stage_no: int = 1) -> None:
        await self.upload(f"plan-{stage_no:02d}", plan)
        assert await self.ours(WRITE, 1, stage=stage_no, crc=plan_crc(plan)) == {"rc": 0}


class Recording:
    """A recording, read whole."""

    def __init__(self, data: bytes) -> None:
        self.reader = Reader(reader_of(data), len(data))
        self.samples: list[tuple[int, ...]] = []  # stage_ms, lat_e6, speed_cms, hr_bpm, flags
        self.events: list[tuple[int, int, int]] = []  # kind, value, stage_ms
        self.damaged = 0
        while (kind := self.reader.next()) != END:
            if kind == SAMPLE:
                s = self.reader.sample
                self.samples.append((s.stage_ms, s.lat_e6, s.speed_cms, s.hr_bpm, s.flags))
            elif kind == EVENT:
                self.events.append((self.reader.event_kind, self.reader.event_value, self.reader.event_ms))
            elif kind == DAMAGE:
                self.damaged += self.reader.damage_bytes

    def of(self, kind: int) -> list[tuple[int, int]]:
        """(value, stage_ms) of the events of one kind."""
        return [(value, ms) for found, value, ms in self.events if found == kind]

    @property
    def cues(self) -> list[tuple[int, int, int]]:
        """(stage_ms, code, reason) as the device wrote them."""
        return [(ms, value & 15, value >> 4) for value, ms in self.of(EV_CUE)]


def replayed(data: bytes, plan: bytes) -> list[tuple[int, int, int]]:
    """The cues that the same core gives on this recording, here."""
    return list(replay(open_plan(plan), Reader(reader_of(data), len(data))))


def pulses(code: int, n: int = 0) -> list[int]:
    return list(pattern(code, n)[::2])


def altered(folder: str | Path, head: str) -> Path:
    """The firmware behind `head`, which breaks something in it: a board's script, in `folder`."""
    script = Path(folder) / "altered.py"
    script.write_text(head + (PROJECT / "firmware" / "main.py").read_text())
    return script


async def armed(air: Air, plan: bytes, **how: Any) -> Body:
    """A board with `plan` activated, the host gone."""
    body = Body(air, **how)
    await body.board.start()
    await body.seconds(2)
    async with host(body) as h:
        await h.arm(plan)
    return body


async def pulled(body: Body, name: str = "latest") -> bytes:
    async with host(body) as h:
        return (await h.download(name))[0]


async def idle_board(air: Air, **how: Any) -> Body:
    body = Body(air, **how)
    await body.board.start()
    await air.sleep(500)
    return body


def with_host(check: Any, **how: Any) -> Any:
    """Run `check(host, body)` with a host connected to an idle board."""

    async def main(air: Air) -> Any:
        body = await idle_board(air)
        async with host(body) as h:
            return await check(h, body)

    return run(main, **how)


__all__ = [
    "BUTTON",
    "READ",
    "WRITE",
    "Body",
    "FileUpload",
    "Flash",
    "Host",
    "Recording",
    "armed",
    "crc32",
    "host",
    "idle_board",
    "make_plan",
    "plan_crc",
    "pulled",
    "pulses",
    "replayed",
    "with_host",
]
