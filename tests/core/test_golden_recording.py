"""A recording of version 1, as it was released: every later reader must give these very values."""

from pacing.heartrate import HeartRate
from pacing.journal import EV_BATTERY, EV_CUE, EV_END, EV_PRESS, EV_RESUME, EV_START, EV_UTC, Journal
from pacing.journalreader import END, EVENT, SAMPLE, SNAPSHOT, Reader
from pacing.sample import ALT_OK, FIX_BEST, FIX_GOOD, JUMP, Sample

PATH = __file__[: __file__.rfind("test_golden_recording")] + "golden/recording-v1.hbr"
DEVICE = b"\xc4\xdd\x57\x01\x02\x03\x00\x00"
SNAPSHOT_BYTES = bytes(range(100, 240))


def golden_rows():
    """Values by formula: a curved run with a pause of 90 s, a leap, minutes without a fix or a strap."""
    rows = []
    ms = 0
    for i in range(700):
        ms += 90000 if i == 333 else 1100 if i % 97 == 0 else 1000
        flags = 0 if 200 <= i < 260 else (FIX_BEST if i % 50 else FIX_GOOD) | ALT_OK
        lat = 46500000 + i * 21 + i * i % 13 + (2000000 if i >= 500 else 0)
        lon = -9870000 - i * 30 + i * i // 90 - i * 7 % 5
        hr = 0 if 400 <= i < 430 else 128 + i * 3 % 11 + i // 60
        flags |= JUMP if i == 500 else 0
        rows.append((ms, lat, lon, 21000 - i * 9 // 4, 240 + i * i % 120, hr, flags))
    return rows


GOLDEN_EVENTS = (
    (-1, EV_UTC, 1790000000, 0),
    (0, EV_START, 1, 100),
    (99, EV_CUE, 1 | 1 << 4, 100000),
    (120, EV_PRESS, 2, 121234),
    (350, EV_RESUME, 2, 450000),
    (351, EV_BATTERY, 87, 451000),
    (699, EV_END, 1, 800000),
)


def golden_file():
    """The bytes that the present writer makes of it."""
    data = bytearray()
    journal = Journal(data.extend, 12, 0xC0FFEE42, DEVICE, 1790000000, lambda: SNAPSHOT_BYTES, rr=True)
    sample = Sample()
    beat = HeartRate()
    events = list(GOLDEN_EVENTS)
    if events[0][0] < 0:
        journal.event(*events.pop(0)[1:])
    for i, row in enumerate(golden_rows()):
        sample.stage_ms, sample.lat_e6, sample.lon_e6 = row[:3]
        sample.alt_dm, sample.speed_cms, sample.hr_bpm, sample.flags = row[3:]
        beat.parse(bytes((16, row[5])) + bytes((i % 256, 3)) * (i % 3))
        journal.sample(sample, i * 26, beat)
        while events and events[0][0] == i:
            journal.event(*events.pop(0)[1:])
    journal.close()
    return data


def opened():
    """A reader on the golden file."""
    with open(PATH, "rb") as file:
        data = file.read()

    def read(offset, buf):
        buf[:] = data[offset : offset + len(buf)]

    return Reader(read, len(data)), data


def test_what_it_is_of():
    reader, _ = opened()
    assert (reader.version, reader.stage_no, reader.plan_crc) == (1, 12, 0xC0FFEE42)
    assert (reader.device_id, reader.utc_s, reader.has_rr) == (DEVICE, 1790000000, True)


def test_every_value():
    reader, data = opened()
    rows = golden_rows()
    events = list(GOLDEN_EVENTS)
    i = snapshots = 0
    kind = reader.next()
    while kind != END:
        if kind == SAMPLE:
            s = reader.sample
            assert (s.stage_ms, s.lat_e6, s.lon_e6, s.alt_dm, s.speed_cms, s.hr_bpm, s.flags) == rows[i]
            assert reader.rr_ms[: reader.rr_count] == [((i % 256 | 3 << 8) * 1000 + 512) >> 10] * (i % 3)
            if reader.is_key:
                assert reader.dist_dm == i * 26
            i += 1
        elif kind == EVENT:
            after, event_kind, value, ms = events.pop(0)
            assert after == i - 1
            assert (reader.event_kind, reader.event_value, reader.event_ms) == (event_kind, value, ms)
        else:
            assert kind == SNAPSHOT and reader.snapshot == SNAPSHOT_BYTES
            snapshots += 1
        kind = reader.next()
    assert (i, len(events), snapshots) == (700, 0, 2)
    assert reader.valid_end == len(data)


def test_the_writer_still_writes_version_1():
    assert golden_file() == opened()[1]
