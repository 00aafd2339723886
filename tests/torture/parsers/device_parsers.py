"""What the device reads beside its sensors: a host's requests, plans, its own recordings and state."""

import struct
from binascii import crc32
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import cbor2
from host.recording_samples import sample
from pacing import cbor, smp, state
from pacing import planformat as form
from pacing.journal import HEAD_BYTES, MAGIC, MAX_BLOCK
from pacing.journalreader import DAMAGE, END, EVENT, SAMPLE, Reader
from pacing.pacer import Pacer
from pacing.plan import Plan
from pacing.planformat import PlanError
from pacing.planwriter import encode
from pacing.sample import Odometer

from torture.parsers import seeds
from torture.parsers.fuzz import Parser
from torture.parsers.sensor_parsers import SMALL, promise

PLAN_SEED = 77


# --- requests ---

BODIES: tuple[dict[str, Any], ...] = (
    {"off": 0, "name": "latest"},
    {"off": 700, "name": "stage-07"},
    {"off": 0, "data": b"HBP\x01" + bytes(90), "name": "plan-02", "len": 4000},
    {"name": "stage-01", "type": "crc32", "off": 1, "len": 9},
    {"datetime": "2026-07-03T06:00:00+02:00"},
    {"stage": 1, "crc": 0xDEADBEEF},
    {"cue": 8, "n": 3},
    {"d": "hello"},
    {"a": [1, [2, [3]]], "b": {"c": {"d": None}}, "e": True, "f": -7, "g": 2**40},
    {},
)
CBOR_TOKENS = (
    b"\xbf", b"\x9f", b"\xff", b"\xbb" + b"\xff" * 8, b"\x9b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8, b"\x7f", b"\x5f",
    b"\x81" * 40, b"\xa1" * 40, b"\xa1\x00" * 20, b"\xc0", b"\xf9\x7e\x00", b"\xfb" + bytes(8), b"\xf4", b"\xf6",
    b"\x98\x20", b"\xb8\x20", b"\x80" * 33, b"\x63\xff\xfe\xfd", b"\x1c", b"\xf8\xff", b"\xa0" * 1000,
)  # fmt: skip


ODD: tuple[Any, ...] = (
    *(0, 1, -1, 99, 100, 256, 65536, 2**30, 2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1, -(2**64), True, None, 1.5),
    *("", "x" * 300, "\0", "latest", "errors", "stage-00", "stage-99", "stage-01.1", "stage-01.x", "plan-02"),
    *("plan-\u0662x", "key", "plan-key"),
    *("../outside", "plan-../../outside", "/", "crc32", "sha256", "2026-02-31T25:61:61", "2079-12-31T23:59:59-99:99"),
    *(b"", b"x" * 900, [], {}, [[[]]], {"a": {"b": {}}}, list(range(32))),
)  # fmt: skip


def odd(bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each of these maps with each of its values left out, or another type, or out of every range."""
    found = []
    for body in bodies:
        for name in body:
            found += [{**body, name: value} for value in ODD]
            found.append({other: value for other, value in body.items() if other != name})
    return found


def take_cbor(data: bytes) -> None:
    """What is taken is what another decoder reads in it, within the bounds."""
    value = cbor.decode(data)
    promise(value == cbor2.loads(data), "another decoder reads something else")
    out = bytearray()
    cbor.encode(value, out)
    promise(cbor.decode(out) == value, "not what it was when written again")


def request(body: bytes, op: int = 0, group: int = 8, command: int = 0, version: int = 1) -> bytes:
    """A frame."""
    return struct.pack(smp.HEADER, version << 3 | op, 0, len(body), group, 5, command) + body


def right_length(data: bytes) -> bytes:
    """The header's length as it should be."""
    return data[:2] + struct.pack(">H", max(0, len(data) - 8) & 0xFFFF) + data[4:]


def take_request(data: bytes) -> None:
    """In pieces, as the link brings them; a request that is whole is decoded and refused."""
    assembler = smp.Assembler(1024)
    size = 1 + len(data) % 251
    for start in range(0, len(data), size):
        if assembler.feed(data[start : start + size]):
            with suppress(ValueError):
                promise(isinstance(assembler.body(), dict), "no map")
            promise(len(smp.refuse(assembler, smp.EINVAL)) == 13, "no refusal")
    assembler.reset()
    promise(assembler.feed(request(cbor2.dumps({"d": "x"}))) and assembler.body() == {"d": "x"}, "deaf afterwards")


# --- plans ---


def reader_of(data: bytes) -> Callable[[int, Any], None]:
    """read(offset, buf) on bytes; a read outside of them would be a bug of the reader."""

    def read(offset: int, buf: Any) -> None:
        promise(0 <= offset <= offset + len(buf) <= len(data), "reads outside of the file")
        memoryview(buf)[:] = data[offset : offset + len(buf)]

    return read


def plans() -> tuple[bytes, ...]:
    """A plan of caps alone, one with everything, and one whose course has two tiles."""
    head = {"race": "Öx", "stage_no": 2, "stage_count": 3, "cs_cms": 350}
    place = {"lat0_e6": 47_000_000, "lon0_e6": 11_000_000, "cos_q15": 22_347}
    line = [(47_000_000 + i * 450, 11_000_000 + i % 7 * 30, i * 500) for i in range(40)]
    long = [(47_000_000 + i * 90, 11_000_000 + i % 5 * 40, i * 110) for i in range(200)]
    day: dict[str, Any] = {"stations": [(5000, 3600, "Hut"), (9000, 0, "Lake")], "fuel": (45, 1200)}
    everything = {"points": line, "profile": (100, [5000 + i for i in range(196)]), "hr_cap_bpm": 160, "planned_s": 800}
    return (
        encode(head | {"caps": [(i * 1000 + 1000, 900, 0, 0) for i in range(9)]}),
        encode(head | place | everything | day | {"caps": [(19500, 800, 300, 8)], "gun_utc_s": 1_783_058_400}),
        encode(head | place | {"points": long, "caps": [(21890, 700, 0, 1)]}),
    )


PLAN_TOKENS = tuple(struct.pack(form.SECTION, tag, size) for tag in range(1, 14) for size in (0, 1, 8, 20, 0xFFFFFFFF))


def right_crc(data: bytes) -> bytes:
    """The CRC-32 at the end as it should be."""
    return data[:-4] + struct.pack("<I", crc32(data[:-4]))


def take_plan(data: bytes) -> None:
    """A plan that is taken can be paced by: every tile, places before and behind it, a few seconds."""
    plan = Plan(reader_of(data), len(data))
    for number in range(plan.tiles):
        plan.load_tile(number)
    for s_dm in (0, plan.length_dm // 2, plan.length_dm, 1 << 23):
        plan.at(s_dm)
        promise(-1000 <= plan.grade_pm(s_dm) <= 1000, "a grade out of range")
    pacer = Pacer(plan)
    for i in (1, 2, 3, 300):
        pacer.step(sample(i))
    promise(len(pacer.save()) <= 280, "a snapshot too long for the journal")


# --- recordings ---


def right_blocks(data: bytes) -> bytes:
    """The CRC-32 of whatever looks like a block as it should be."""
    out = bytearray(data)
    at = out.find(MAGIC)
    while at >= 0:
        end = at + HEAD_BYTES + int.from_bytes(out[at + 2 : at + 4], "little")
        if end <= min(len(out), at + MAX_BLOCK) and end - at >= HEAD_BYTES + 4:
            out[end - 4 : end] = struct.pack(">I", crc32(out[at : end - 4]))
            at = end - 1
        at = out.find(MAGIC, at + 1)
    return bytes(out)


RECORDING_TOKENS = (
    MAGIC,
    MAGIC * 30,
    MAGIC + b"\xf8\x02",
    b"\x11\xff",
    b"\x13\xff",
    b"\x17\xff",
    b"\x27\xff",
    b"\xff" * 40,
)


def take_recording(data: bytes) -> None:
    """Everything in it, twice; the last snapshot; where to go on."""
    reader = Reader(reader_of(data), len(data))
    odometer = Odometer()
    damage = things = 0
    while (kind := reader.next()) != END:
        things += 1
        if kind == SAMPLE:
            s = reader.sample
            promise(abs(s.lat_e6) <= 90_000_000 and abs(s.lon_e6) <= 180_000_000 and 0 <= s.stage_ms < SMALL, "absurd")
            odometer.step(s)
        elif kind == EVENT:
            promise(0 <= reader.event_kind <= 255, "an event of no kind")
        elif kind == DAMAGE:
            damage += reader.damage_bytes
    promise(things <= 8 * len(data) + 1, "more things than bits")
    promise(0 <= reader.valid_end <= len(data) and damage <= len(data), "ends outside of the file")
    reader.seek_last_snapshot()
    reader.next()


# --- the core's state ---


def _parts() -> tuple[Any, ...]:
    data = plans()[1]
    return Pacer(Plan(reader_of(data), len(data)))._parts


def states() -> tuple[bytes, ...]:
    """A fresh one and one of a stage under way."""
    data = plans()[1]
    pacer = Pacer(Plan(reader_of(data), len(data)))
    fresh = state.save(pacer._parts, PLAN_SEED)
    for i in range(400):
        pacer.step(sample(i))
    return fresh, state.save(pacer._parts, PLAN_SEED)


def right_state(data: bytes) -> bytes:
    """The checksum as it should be."""
    crc = crc32(data[:-2], PLAN_SEED)
    return data[:-2] + bytes((crc & 255, crc >> 8 & 255))


class TakeState:
    """What is refused leaves everything as it was, and what is taken can be saved again."""

    def __init__(self) -> None:
        self._made: tuple[Any, ...] = ()

    def __call__(self, data: bytes) -> None:
        parts = self._made = self._made or _parts()
        before = state.save(parts, PLAN_SEED)
        try:
            state.load(parts, PLAN_SEED, data)
        except ValueError:
            promise(state.save(parts, PLAN_SEED) == before, "refused, and yet changed")
            raise
        promise(len(state.save(parts, PLAN_SEED)) <= len(data), "longer than it was")
        state.load(parts, PLAN_SEED, before)


FRAMES = tuple(request(cbor2.dumps(body), op, group) for body in BODIES for op, group in ((0, 8), (2, 64)))
PARSERS = (
    Parser(
        "cbor", lambda: [cbor2.dumps(body) for body in (*BODIES, *odd(BODIES))], take_cbor, (ValueError,), CBOR_TOKENS,
        most_input=1100,
    ),
    Parser("smp", lambda: FRAMES, take_request, tokens=CBOR_TOKENS, repair=right_length, most_input=3000),
    Parser("state", states, TakeState(), (ValueError,), (b"\x80" * 20, b"\xff" * 9), None, right_state, most_input=600),
    Parser("plan", plans, take_plan, (PlanError,), PLAN_TOKENS, None, right_crc, most_input=20_000),
    Parser(
        "recording", seeds.recordings, take_recording, (ValueError,), RECORDING_TOKENS, None, right_blocks,
        most_input=20_000, large=seeds.large_recordings,
    ),
)  # fmt: skip
