"""What the device reads: the receiver, the strap, a host's requests, plans, its own recordings and state."""

import re
import struct
from binascii import crc32
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import cbor2
from host.recording_samples import recording, sample
from pacing import cbor, smp, state
from pacing import planformat as form
from pacing.heartrate import MAX_RR, HeartRate
from pacing.journal import HEAD_BYTES, MAGIC, MAX_BLOCK
from pacing.journalreader import END, EVENT, SAMPLE, Reader
from pacing.nmea import Nmea
from pacing.pacer import Pacer
from pacing.plan import Plan
from pacing.planformat import PlanError
from pacing.planwriter import encode
from pacing.sample import Odometer

from torture.fuzz import Parser, PromiseError
from torture.mutation import Text

SMALL = 1 << 30  # what runs each second stays a small int on the device
PLAN_SEED = 77


def promise(kept: object, what: str) -> None:
    """PromiseError unless `kept`."""
    if not kept:
        raise PromiseError(what)


# --- the receiver ---


def sentence(body: str) -> bytes:
    """The body with `$`, its checksum and an end of line."""
    return b"$%s*%02X\r\n" % (body.encode(), xor_of(body.encode()))


def xor_of(body: bytes) -> int:
    """The checksum of NMEA."""
    xor = 0
    for c in body:
        xor ^= c
    return xor


def _epoch(second: int, lat: str = "4717.11437", lon: str = "01133.91522") -> bytes:
    clock = f"1000{second:02}.00"
    return sentence(f"GNRMC,{clock},A,{lat},N,{lon},E,5.83,77.52,091202,,,A,V") + sentence(
        f"GNGGA,{clock},{lat},N,{lon},E,1,08,1.01,499.6,M,48.0,M,,"
    )


NMEA_VALID = (
    _epoch(1) + _epoch(2),
    sentence("GPRMC,235959.972,A,5200.8499,S,00421.7860,W,022.4,084.4,311299,003.1,W"),
    sentence("GPRMC,000000,V,,,,,,,010100,,") + sentence("GPGGA,000000,,,,,0,00,99.9,,,,,,"),
    sentence("GPGSV,3,1,11,12,73,067,,30,67,271,39") + sentence("GPVTG,77.5,T,,M,5.8,N,10.8,K,A") + _epoch(9),
)
NMEA_TOKENS = (
    b"$", b"*", b",", b",,,,,,,,,,,,", b"-", b".", b"\r\n", b"$GPRMC,", b"$GNGGA,", b"$BDRMC", b"A", b"9999999999999",
    b"0.00000000000001", b"240000", b"9060.0", b"-4717.1", b"\xb5\x62\x01\x07", b"$PMTK", b"S", b"W",
)  # fmt: skip
NMEA_VALUES = (
    b"", b"A", b"V", b"0", b"-0", b"9", b"99999999999999999999", b"9999.9999", b"0.00000000000000001", b"235959.999",
    b"235960", b"000000", b"9000.0000", b"9000.0001", b"18000.000", b"18000.0001", b"1760.0", b"N", b"S", b"E", b"W",
    b".", b"-", b"1e9", b"311299", b"320100", b"6", b"-499.6",
)  # fmt: skip
NMEA_TEXT = Text(re.compile(rb",([^,*\r\n]*)"), re.compile(rb"\$[^$]*"), NMEA_VALUES)
WHOLE_LINE = re.compile(rb"\$([^$*]*)\*(?:[0-9A-Fa-f]{2})?")


def right_sums(data: bytes) -> bytes:
    """Every checksum made right, so that any fields reach the parser."""
    return WHOLE_LINE.sub(lambda found: b"$%s*%02X" % (found[1], xor_of(found[1])), data)


def take_nmea(data: bytes) -> None:
    """Whole and in pieces the same; every figure in range; and behind it two good seconds are heard."""
    whole, pieces = Nmea(), Nmea()
    whole.feed(data, len(data))
    size = 1 + len(data) % 37
    for start in range(0, len(data), size):
        pieces.feed(data[start : start + size], len(data[start : start + size]))
    for name in ("sentences", "bad", "valid", "lat_e6", "lon_e6", "speed_cms", "utc_ms_of_day"):
        promise(getattr(whole, name) == getattr(pieces, name), f"{name} depends on how the bytes are cut")
    promise(abs(whole.lat_e6) <= 90_000_000 and abs(whole.lon_e6) <= 180_000_000, "off the globe")
    for name in ("alt_dm", "speed_cms", "course_cdeg", "hdop_x10", "sats", "utc_ms_of_day", "date_ddmmyy"):
        promise(-SMALL < getattr(whole, name) < SMALL, f"{name} is no small int")
    good = b"\r\n" + _epoch(31, "4600.0000") + _epoch(32, "4630.0000")
    whole.feed(good, len(good))
    promise(whole.valid and whole.lat_e6 == 46_500_000 and whole.utc_ms_of_day == 36_032_000, "deaf afterwards")


# --- the strap ---

HEART_VALID = tuple(
    bytes.fromhex(text)
    for text in ("0048", "0648", "164800030004", "10b8f401f501", "1f4800100000030004", "014801", "1e4b3905f203", "00ff")
)


def take_heart_rate(data: bytes) -> None:
    """Never raises; what is too short changes nothing."""
    heart = HeartRate()
    heart.parse(b"\x16\x50\x00\x04")
    before = (heart.hr_bpm, heart.contact, heart.energy_kj, heart.rr_count)
    if not heart.parse(data):
        promise((heart.hr_bpm, heart.contact, heart.energy_kj, heart.rr_count) == before, "changed by a stump")
    promise(0 <= heart.hr_bpm <= 255 and 0 <= heart.contact <= 2 and -1 <= heart.energy_kj <= 0xFFFF, "out of range")
    promise(0 <= heart.rr_count <= MAX_RR, "more intervals than fit")
    promise(all(0 <= heart.rr_ms(i) <= 64_000 for i in range(heart.rr_count)), "an interval out of range")


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


def recordings() -> tuple[bytes, ...]:
    """Short ones, one of them long enough for snapshots."""
    return recording(20)[0], recording(150)[0], recording(410)[0][-2500:]


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
    Parser("nmea", lambda: NMEA_VALID, take_nmea, (), NMEA_TOKENS, NMEA_TEXT, right_sums, most_input=2000),
    Parser("2a37", lambda: HEART_VALID, take_heart_rate, most_input=512, examples=600),
    Parser(
        "cbor", lambda: [cbor2.dumps(body) for body in (*BODIES, *odd(BODIES))], take_cbor, (ValueError,), CBOR_TOKENS,
        most_input=1100,
    ),
    Parser("smp", lambda: FRAMES, take_request, tokens=CBOR_TOKENS, repair=right_length, most_input=3000),
    Parser("state", states, TakeState(), (ValueError,), (b"\x80" * 20, b"\xff" * 9), None, right_state, most_input=600),
    Parser("plan", plans, take_plan, (PlanError,), PLAN_TOKENS, None, right_crc, most_input=20_000),
    Parser(
        "recording", recordings, take_recording, (ValueError,), RECORDING_TOKENS, None, right_blocks, most_input=20_000,
        examples=100,
    ),
)  # fmt: skip
