"""The recording: what goes in comes out, in order; damage costs only the blocks that it hits."""

import sys
from binascii import crc32

from pacing import journal
from pacing.journal import EV_CUE, EV_PRESS, EV_RESUME, EV_START, EV_UTC, Journal
from pacing.journalreader import DAMAGE, END, EVENT, SAMPLE, SNAPSHOT, Reader
from pacing.sample import ALT_OK, FIX_BEST, JUMP, Sample

DEVICE = b"\x01\x02\x03\x04\x05\x06\x00\x00"


class File:
    """A file in memory, as the journal appends to it and the reader reads it."""

    def __init__(self, data: bytes | bytearray = b""):
        self.data = bytearray(data)
        self.writes = []

    def write(self, buf):
        self.writes.append(len(buf))
        self.data.extend(bytes(buf))

    def read(self, offset, buf):
        buf[:] = self.data[offset : offset + len(buf)]

    def reader(self):
        return Reader(self.read, len(self.data))


def lcg(state):
    """A small random generator that is the same on every interpreter: 15 bits."""
    state[0] = (state[0] * 8121 + 28411) % 134456
    return state[0] * 32767 // 134456


def run(count, step_ms=1000, noise=8, seed=1):
    """Samples of a runner at about 3 m/s, as tuples."""
    state = [seed]
    rows = []
    lat, lon, alt = 47000000, -12000000, 12000
    for i in range(count):
        lat += 20 + lcg(state) % (noise + 1) - noise // 2
        lon += 25 + lcg(state) % (noise + 1) - noise // 2
        alt += lcg(state) % 3 - 1
        flags = FIX_BEST | ALT_OK | (JUMP if lcg(state) % 200 == 0 else 0)
        rows.append((i * step_ms, lat, lon, alt, 280 + lcg(state) % 40, 140 + lcg(state) % 3, flags))
    return rows


def fill(sample, row):
    sample.stage_ms, sample.lat_e6, sample.lon_e6, sample.alt_dm, sample.speed_cms, sample.hr_bpm, sample.flags = row
    return sample


def as_row(s):
    return (s.stage_ms, s.lat_e6, s.lon_e6, s.alt_dm, s.speed_cms, s.hr_bpm, s.flags)


def record(rows, file=None, events=()):
    """Write rows, and events as (index of the row before, kind, value, ms)."""
    file = file or File()
    writer = Journal(file.write, 3, 0xDEADBEEF, DEVICE, 1790000000, lambda: b"state" * 28)
    sample = Sample()
    for i, row in enumerate(rows):
        writer.sample(fill(sample, row), i * 30)
        for after, kind, value, ms in events:
            if after == i:
                writer.event(kind, value, ms)
    writer.close()
    return file


def read_all(reader):
    """Everything in a recording as a list of tuples."""
    things = []
    while True:
        kind = reader.next()
        if kind == END:
            return things
        if kind == SAMPLE:
            things.append((SAMPLE, as_row(reader.sample)))
        elif kind == EVENT:
            things.append((EVENT, reader.event_kind, reader.event_value, reader.event_ms))
        elif kind == SNAPSHOT:
            things.append((SNAPSHOT, reader.snapshot))
        else:
            things.append((DAMAGE, reader.damage_bytes))


def samples_of(things):
    return [thing[1] for thing in things if thing[0] == SAMPLE]


def test_round_trip():
    rows = run(1000)
    reader = record(rows).reader()
    assert (reader.version, reader.stage_no, reader.plan_crc) == (1, 3, 0xDEADBEEF)
    assert (reader.device_id, reader.utc_s) == (DEVICE, 1790000000)
    things = read_all(reader)
    assert samples_of(things) == rows
    assert [t for t in things if t[0] == DAMAGE] == []
    assert len([t for t in things if t[0] == SNAPSHOT]) == 1000 // 64 // 5


def test_extreme_values():
    rows = [
        (0, 90000000, 180000000, 88490, 20000, 255, 15),
        (100, -90000000, -180000000, -4500, 0, 0, 0),
        (200, 90000000, -180000000, 88490, 20000, 255, 15),
        (1073741800, 0, 0, 0, 0, 1, 3),
    ]
    assert samples_of(read_all(record(rows).reader())) == rows


def test_order_of_samples_and_events():
    rows = run(10)
    events = ((3, EV_UTC, 1790000003, 3210), (3, EV_CUE, 1 | 2 << 4, 3000), (6, EV_PRESS, -5, 6789))
    things = read_all(record(rows, events=events).reader())
    assert things[4] == (EVENT, EV_UTC, 1790000003, 3210)
    assert things[5] == (EVENT, EV_CUE, 33, 3000)
    assert things[9] == (EVENT, EV_PRESS, -5, 6789)
    assert samples_of(things) == rows


def test_a_block_is_one_write_and_closes_in_time():
    file = File()
    writer = Journal(file.write, 1, 0, DEVICE, 0, lambda: b"")
    assert len(file.writes) == 1  # the stage is known before its first sample
    sample = Sample()
    closed = [writer.sample(fill(sample, row), 0) for row in run(64, 100)]
    assert closed == [False] * 63 + [True] and len(file.writes) == 2
    closed = [writer.sample(fill(sample, row), 0) for row in run(7, 10000)]
    assert closed == [False] * 6 + [True]
    assert not writer.event(EV_UTC, 1, 0)
    assert writer.event(EV_START, 1, 0)
    assert not writer.close()
    assert max(file.writes) <= journal.MAX_BLOCK


def test_noise_never_overflows_a_block():
    state = [7]
    rows = []
    for i in range(400):
        rows.append(
            (
                i * 1000,
                lcg(state) * 2700,
                lcg(state) * 5400,
                lcg(state),
                lcg(state) % 20000,
                lcg(state) % 256,
                lcg(state) % 16,
            )
        )
    file = record(rows)
    assert max(file.writes) <= journal.MAX_BLOCK
    assert samples_of(read_all(file.reader())) == rows


def test_resume_from_the_last_snapshot():
    rows = run(700)
    file = record(rows[:400], events=[(389, EV_PRESS, 1, 389500)])
    things = read_all(file.reader())
    reader = file.reader()
    assert reader.seek_last_snapshot()
    assert reader.snapshot == b"state" * 28
    at = [i for i, t in enumerate(things) if t[0] == SNAPSHOT][-1]
    assert read_all(reader) == things[at + 1 :]
    assert reader.valid_end == len(file.data)
    writer = Journal.resume(file.write, reader, lambda: b"later")
    assert writer.event(EV_RESUME, 2, 400000)
    for row in rows[400:]:
        writer.sample(fill(Sample(), row), 0)
    writer.close()
    again = file.reader()
    things = read_all(again)
    assert samples_of(things) == rows and again.stage_no == 3
    assert (SNAPSHOT, b"later") in things


def test_no_snapshot_yet():
    file = record(run(20))
    reader = file.reader()
    assert not reader.seek_last_snapshot()
    assert len(samples_of(read_all(reader))) == 20


def test_truncation_loses_only_the_cut_block():
    rows = run(300)
    whole = bytes(record(rows).data)
    for size in range(0, len(whole), 97):
        reader = File(whole[:size]).reader()
        things = read_all(reader)
        got = samples_of(things)
        assert got == rows[: len(got)]
        assert len(got) >= (size // 400) * 60 - 64
        assert reader.valid_end + sum([t[1] for t in things if t[0] == DAMAGE]) == size
    assert File().reader().version == 0


def test_damage_loses_only_its_block():
    rows = run(640)
    whole = bytes(record(rows).data)
    for at in range(0, len(whole), 61):
        broken = bytearray(whole)
        broken[at] ^= 0x5A
        reader = File(broken).reader()
        assert reader.stage_no == 3
        things = read_all(reader)
        got = samples_of(things)
        assert len(rows) - len(got) in (0, 60, 64) or len(rows) - len(got) <= 64
        assert len([t for t in things if t[0] == DAMAGE]) == 1
        assert [row for row in got if row not in rows] == []


def test_a_checksum_of_the_file_tells_recordings_apart():
    # Were the blocks' own CRCs little-endian, any two files of the same block lengths would have the same one.
    low, high = (
        [(1000 * i, 0, 0, 0, 0, 100, 0) for i in range(1, 31)],
        [(1000 * i, 0, 0, 0, 0, 101, 0) for i in range(1, 31)],
    )
    low, high = bytes(record(low).data), bytes(record(high).data)
    assert len(low) == len(high)
    assert crc32(low) != crc32(high)


def test_garbage_between_blocks_is_skipped():
    rows = run(128)
    blocks = []
    record(rows, file=_Splitter(blocks))
    things = read_all(File(b"\xb5J junk".join(blocks)).reader())
    assert samples_of(things) == rows
    assert len([t for t in things if t[0] == DAMAGE]) == len(blocks) - 1


class _Splitter:
    def __init__(self, blocks):
        self.write = lambda buf: blocks.append(bytes(buf))


def test_a_later_version_is_refused():

    data = record([]).data
    data[6] = 2 << 4 | data[6] & 15
    data[-4:] = crc32(bytes(data[:-4])).to_bytes(4, "big")
    try:
        File(data).reader()
    except ValueError as error:
        assert "version 2" in str(error)
    else:
        raise AssertionError("read a version that does not exist")


class Beat:
    def __init__(self, *intervals):
        self._intervals = intervals
        self.rr_count = len(intervals)

    def rr_ms(self, i):
        return self._intervals[i]


def test_rr_intervals_are_an_optional_channel():
    file = File()
    writer = Journal(file.write, 1, 0, DEVICE, 0, lambda: b"", rr=True)
    beats = [Beat(412, 430), Beat(), None, Beat(63999), Beat(400, 401, 402, 403, 404, 405, 406, 407, 408)]
    for i, row in enumerate(run(5)):
        writer.sample(fill(Sample(), row), 0, beats[i])
    writer.close()
    reader = file.reader()
    got = []
    while reader.next() == SAMPLE:
        got.append(tuple(reader.rr_ms[: reader.rr_count]))
    assert reader.has_rr
    assert got == [(412, 430), (), (), (63999,), (400, 401, 402, 403, 404, 405, 406, 407)]


def test_bytes_a_sample():
    """Simulated running: the real ones are in bench/recording.py."""
    assert len(record(run(3600, noise=8)).data) <= 6 * 3600
    assert len(record(run(3600, noise=60)).data) <= 6.5 * 3600


def test_nothing_is_allocated_for_a_sample():
    if sys.implementation.name != "micropython":
        return  # CPython cannot tell: this is about the heap of the wrist
    import micropython  # pyright: ignore[reportMissingImports]

    writer = Journal(File().write, 1, 0, DEVICE, 0, lambda: b"")
    samples = [fill(Sample(), row) for row in run(60, noise=100)]
    writer.sample(samples[0], 0)
    micropython.heap_lock()
    try:
        for i in range(1, 60):
            writer.sample(samples[i], 0)
    finally:
        micropython.heap_unlock()
    assert writer.close()
