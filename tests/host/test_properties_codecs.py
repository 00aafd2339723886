"""The codecs under made-up input: whatever goes in comes out, and whatever is thrown at them is survived."""

import cbor2
from hypothesis import given, settings
from hypothesis import strategies as st
from pacing import cbor, smp
from pacing.journal import MAX_BLOCK, MAX_SNAPSHOT, Journal
from pacing.journalreader import DAMAGE, END, EVENT, SAMPLE, SNAPSHOT, Reader
from pacing.sample import Sample

LAT = st.integers(-90_000_000, 90_000_000)
LON = st.integers(-180_000_000, 180_000_000)
NEAR = st.integers(-60, 60)


@st.composite
def rows(draw):
    """Samples as the sampler makes them: mostly near the last one, now and then anywhere; times strictly increase."""
    ms, lat, lon, alt, speed = 0, draw(LAT), draw(LON), 0, 0
    found = []
    for far in draw(st.lists(st.integers(0, 20), max_size=150)):
        ms += 100 * draw(st.integers(1, 100_000) if far == 0 else st.integers(1, 20))
        lat = draw(LAT) if far == 1 else min(max(lat + draw(NEAR), -90_000_000), 90_000_000)
        lon = draw(LON) if far == 1 else min(max(lon + draw(NEAR), -180_000_000), 180_000_000)
        alt = draw(st.integers(-5000, 90_000)) if far == 2 else alt + far % 5 - 2
        speed = draw(st.integers(0, 20_000)) if far == 3 else 250 + 7 * far
        found.append((ms, lat, lon, alt, speed, draw(st.integers(0, 255)), draw(st.integers(0, 15))))
    return found


EVENTS = st.dictionaries(
    st.integers(0, 150),
    st.tuples(st.integers(1, 8), st.integers(-(2**31), 2**32 - 1), st.integers(0, 2**30 - 1)),
    max_size=8,
)


def write(samples, events=None, state: bytes = b"\x55" * 140) -> tuple[bytes, list[tuple]]:
    """The recording, and what a reader should find in it, snapshots aside."""
    data = bytearray()
    expected: list[tuple] = []
    sizes: list[int] = []
    journal = Journal(lambda buf: (data.extend(buf), sizes.append(len(buf))), 7, 2**32 - 1, b"device", 1, lambda: state)
    s = Sample()
    for i, row in enumerate(samples):
        s.stage_ms, s.lat_e6, s.lon_e6, s.alt_dm, s.speed_cms, s.hr_bpm, s.flags = row
        journal.sample(s, i)
        expected.append((SAMPLE, *row))
        if events and i in events:
            journal.event(*events[i])
            expected.append((EVENT, *events[i]))
    journal.close()
    assert max(sizes) <= MAX_BLOCK
    return bytes(data), expected


def open_reader(data: bytes) -> Reader:
    """A reader on bytes; a read outside of them would be a bug of the reader."""

    def read(offset: int, buf: memoryview) -> None:
        assert 0 <= offset <= offset + len(buf) <= len(data)
        buf[:] = data[offset : offset + len(buf)]

    return Reader(read, len(data))


def everything(reader: Reader) -> list[tuple]:
    """All that a reader finds."""
    found: list[tuple] = []
    while (kind := reader.next()) != END:
        s = reader.sample
        found.append(
            (kind, s.stage_ms, s.lat_e6, s.lon_e6, s.alt_dm, s.speed_cms, s.hr_bpm, s.flags)
            if kind == SAMPLE
            else (kind, reader.event_kind, reader.event_value, reader.event_ms)
            if kind == EVENT
            else (kind, reader.snapshot)
            if kind == SNAPSHOT
            else (kind, reader.damage_bytes)
        )
    return found


@given(rows(), EVENTS, st.binary(max_size=MAX_SNAPSHOT))
def test_recording_round_trip(samples, events, state):
    data, expected = write(samples, events, state)
    found = everything(open_reader(data))
    assert [thing for thing in found if thing[0] != SNAPSHOT] == expected


@given(rows(), st.data())
def test_damage_never_invents_a_sample(samples, data):
    whole, expected = write(samples)
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(broken) - 1))
        match data.draw(st.sampled_from(("flip", "cut", "insert"))):
            case "flip":
                broken[at] ^= data.draw(st.integers(1, 255))
            case "cut":
                del broken[at : at + data.draw(st.integers(1, 300))]
            case _:
                broken[at:at] = data.draw(st.binary(min_size=1, max_size=20))
        if not broken:
            break
    reader = open_reader(bytes(broken))
    found = everything(reader)
    known = set(expected)
    assert all(thing in known for thing in found if thing[0] == SAMPLE)
    assert reader.valid_end <= len(broken)
    assert sum(thing[1] for thing in found if thing[0] == DAMAGE) <= len(broken)


@given(rows(), st.data())
def test_a_truncated_recording_resumes(samples, data):
    whole, _ = write(samples)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    reader = open_reader(cut)
    before = [thing for thing in everything(reader) if thing[0] == SAMPLE]
    out = bytearray(cut[: reader.valid_end])
    if reader.version:
        journal = Journal.resume(out.extend, reader, lambda: b"")
        s = Sample()
        for _ in range(3):
            s.stage_ms += 100
            journal.sample(s, 0)
        journal.close()
        after = everything(open_reader(bytes(out)))
        assert [thing for thing in after if thing[0] == SAMPLE][:-3] == before
        assert not [thing for thing in after if thing[0] == DAMAGE]


@given(st.binary(max_size=2000))
def test_any_bytes_are_no_recording_but_never_raise(data):
    reader = open_reader(data)
    everything(reader)
    assert not reader.seek_last_snapshot()


@given(rows(), st.data())
@settings(max_examples=50)
def test_hostile_blocks_with_a_right_checksum_never_raise(samples, data):
    """Bytes changed behind the head, and the CRC made right again: the content is not trusted either."""
    from binascii import crc32

    whole = bytearray(write(samples)[0])
    size = 12 + int.from_bytes(whole[2:4], "little") - 4
    at = data.draw(st.integers(8, size - 5))
    block = whole[: size - 4]
    block[7] = data.draw(st.integers(0, 255))  # more items than there are
    block[6] = 0x10 | data.draw(st.integers(0, 7))
    block[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    block = block[: size - 4]
    block += crc32(block).to_bytes(4, "little")
    for thing in everything(open_reader(bytes(block))):
        if thing[0] == SAMPLE:
            assert abs(thing[2]) <= 90_000_000 and abs(thing[3]) <= 180_000_000 and 0 <= thing[1] < 2**30


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.text(max_size=40) | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=8), inner, max_size=8),
    max_leaves=20,
)


def depth(value) -> int:
    """How deep lists and maps are nested."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max((depth(item) for item in inner), default=0)


def count(value) -> int:
    """How many values there are in one, keys too."""
    if isinstance(value, dict):
        return 1 + sum(1 + count(item) for item in value.values())
    return 1 + sum(map(count, value)) if isinstance(value, list) else 1


@given(VALUES)
def test_cbor_agrees_with_another_implementation(value):
    out = bytearray()
    cbor.encode(value, out)
    assert cbor2.loads(bytes(out)) == value
    encoded = cbor2.dumps(value)
    if depth(value) <= cbor.MAX_DEPTH and count(value) <= cbor.MAX_VALUES:
        assert cbor.decode(encoded) == value
    else:
        assert refused(cbor.decode, encoded)


def refused(call, *args) -> bool:
    """True if the call raises ValueError; any other exception is the test's failure."""
    try:
        call(*args)
    except ValueError:
        return True
    return False


@given(st.binary(max_size=200))
def test_any_cbor_is_refused_or_decoded(data):
    refused(cbor.decode, data)


@given(st.lists(st.binary(max_size=60), max_size=10))
def test_any_pieces_of_a_request(pieces):
    assembler = smp.Assembler(64)
    for piece in pieces:
        if assembler.feed(piece):
            refused(assembler.body)
            smp.refuse(assembler, smp.EINVAL)
