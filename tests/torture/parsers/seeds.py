"""Valid files to make hostile ones from: small ones with everything that their format has, and a few larger ones."""

import struct
from collections.abc import Iterator, Sequence

from holdback.recordings.activity import Activity
from holdback.recordings.fit import crc16, encode
from holdback.recordings.text import to_gpx
from host.make_fixtures import gpx, hilly
from host.recording_samples import DEVICE_ID, PLAN_CRC, START_S, recording, run, sample
from pacing.heartrate import HeartRate
from pacing.journal import (
    EV_BATTERY,
    EV_CUE,
    EV_END,
    EV_LEDGER,
    EV_LOSS,
    EV_PRESS,
    EV_RESUME,
    EV_START,
    EV_UNEND,
    EV_UTC,
    Journal,
)
from pacing.sample import Odometer
from pacing.unplanned import unplanned

# --- the device's recordings ---

EVENTS = ((EV_UTC, START_S), (EV_LEDGER, 950), (EV_BATTERY, 80), (EV_CUE, 17), (EV_LOSS, 1), (EV_PRESS, 2))
EVENTS += ((EV_RESUME, 1), (EV_END, 1), (EV_UNEND, 0))
STAGE_NO = 2  # of `recording`, too


def stage(seconds: int, each: int, plan_crc: int = PLAN_CRC, *, rr: bool = False, pause_s: int = 0) -> list[bytes]:
    """The blocks of a stage with an event behind each so many samples, one kind after the other; a pause half way."""
    blocks: list[bytes] = []
    journal = Journal(
        lambda block: blocks.append(bytes(block)), STAGE_NO, plan_crc, DEVICE_ID, START_S, lambda: b"state", rr=rr
    )
    heart, odometer = HeartRate(), Odometer()
    heart.parse(bytes.fromhex("108c8a018001"))
    journal.event(EV_START, 1, 0)
    for i in range(seconds):
        s = sample(i + pause_s * (i > seconds // 2))
        odometer.step(s)
        journal.sample(s, odometer.dist_dm, heart)
        if i % each == each - 1:
            journal.event(*EVENTS[i // each % len(EVENTS)], s.stage_ms)
    journal.close()
    return blocks


def recordings() -> list[bytes]:
    """Every kind of event, RR intervals, and the start and the end of one that is long enough for a snapshot."""
    long = stage(309, 3)
    return [b"".join(blocks) for blocks in (stage(10, 1), stage(5, 9, rr=True), long[:2] + long[-4:], stage(9, 4))]


def replayed_recordings() -> list[bytes]:
    """The same, and one of a run without a plan: whoever reads it has its plan and replays it."""
    plan_crc = int.from_bytes(unplanned(STAGE_NO, 160)[-4:], "little")
    return [*recordings(), b"".join(stage(10, 4, plan_crc, pause_s=90))]


def large_recordings() -> list[bytes]:
    """One with many samples a block, one over minutes, and the end of a long one."""
    return [recording(20)[0], recording(150)[0], recording(410)[0][-2500:]]


# --- GPX ---

REST = b"""<?xml version="1.0"?><gpx creator="x"><wpt lat="47" lon="11"><name>Hut</name></wpt><rte><name>r</name>
<rtept lat="47.1" lon="11"><ele>5</ele></rtept><rtept lat="47.2" lon="11"/></rte></gpx>"""


def _watch(*seconds: int) -> bytes:
    every = run(max(seconds) + 1)
    return to_gpx(Activity([every[i] for i in seconds], sport="running", name="Tag & Nacht")).encode()


def activity_gpx() -> list[bytes]:
    """A watch's with heart rate, with something missing and a gap in it, and an organiser's with times."""
    return [_watch(0, 1, 96, 98), gpx(hilly(10), hilly(10), times=True).encode()]


def course_gpx() -> list[bytes]:
    """Those, and one of waypoints and a route."""
    return [*activity_gpx(), REST]


def large_gpx() -> list[bytes]:
    """The same, longer."""
    return [_watch(*range(30)), gpx(hilly(200), hilly(150), times=True).encode()]


# --- TCX ---

TCX = b"""<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="Running"><Id>x</Id><Lap><Track>
%s</Track></Lap><Creator><Name>Watch</Name></Creator></Activity></Activities></TrainingCenterDatabase>"""
TRACKPOINT = """<Trackpoint><Time>2026-07-03T06:00:%02dZ</Time><Position><LatitudeDegrees>47.%03d</LatitudeDegrees>
<LongitudeDegrees>11.5</LongitudeDegrees></Position><AltitudeMeters>%d</AltitudeMeters><DistanceMeters>%d.5
</DistanceMeters><HeartRateBpm><Value>14%d</Value></HeartRateBpm><Extensions><TPX><Speed>3.1</Speed></TPX></Extensions>
</Trackpoint>"""
BARE = b"<Trackpoint><Time>2026-07-03T06:00:00Z</Time></Trackpoint>\n"  # the next one, of the same moment, fills it


def _tcx(points: int) -> list[bytes]:
    """One activity, and two in a file."""
    one = TCX % (BARE + "".join(TRACKPOINT % (i, i, 500 + i % 9, i * 3, i % 10) for i in range(points)).encode())
    again = one[one.find(b"<Activity ") : one.find(b"</Activities>")]
    return [one, one.replace(b"</Activities>", again + b"</Activities>")]


def tcx() -> list[bytes]:
    """With two points an activity."""
    return _tcx(2)


def large_tcx() -> list[bytes]:
    """With twenty."""
    return _tcx(20)


# --- FIT ---

FIT_TIME_S = 1_152_000_000  # seconds of FIT


def right_fit(data: bytes) -> bytes:
    """The length in the header, and both checksums, as they should be."""
    if len(data) < 16 or data[0] != 14:
        return data
    head = data[:4] + struct.pack("<I", len(data) - 16) + data[8:12]
    whole = head + struct.pack("<H", crc16(head)) + data[14:-2]
    return whole + struct.pack("<H", crc16(whole))


def _fit(*messages: bytes) -> bytes:
    return right_fit(struct.pack("<BBHI4sH", 14, 0x20, 2100, 0, b".FIT", 0) + b"".join(messages) + bytes(2))


def _definition(
    local: int, number: int, *fields: tuple[int, int, int], order: str = "<", developer: bytes = b""
) -> bytes:
    """`fields`: number, size and base type of each. `developer`: three bytes for each developer's field."""
    head = struct.pack(f"{order}BBBHB", 0x40 | bool(developer) << 5 | local, 0, order == ">", number, len(fields))
    return head + b"".join(map(bytes, fields)) + (bytes((len(developer) // 3,)) + developer if developer else b"")


def _others() -> Iterator[bytes]:
    """What other makers' files have and ours do not."""
    clock, place = (253, 4, 0x86), ((0, 4, 0x85), (1, 4, 0x85))
    now = struct.pack("<I", FIT_TIME_S)
    yield _fit(  # big-endian, wide fields, times in the head of the message, two sessions
        _definition(0, 0, (0, 1, 0), (1, 2, 0x84), (8, 4, 7), order=">")
        + struct.pack(">BBH4s", 0, 4, 1, b"W\xc3\xa9\0"),
        _definition(1, 20, clock, *place, (78, 4, 0x86), (73, 4, 0x86), (3, 1, 2), order=">"),
        struct.pack(">BIiiIIB", 1, FIT_TIME_S, 560_000_000, 130_000_000, 5000, 3000, 140),
        _definition(2, 20, (3, 1, 2), (5, 4, 0x86)),
        *(struct.pack("<BBI", 0xC0 | (i * 9 & 31), 140 + i, i * 300) for i in range(4)),
        _definition(3, 18, (2, 4, 0x86), (5, 1, 0)),
        b"\x03" + now + b"\x01\x03" + struct.pack("<I", FIT_TIME_S + 20) + b"\x02",
    )
    yield _fit(  # whose the watch is, and fields of a developer's own
        _definition(0, 3, (1, 1, 0), (3, 1, 2)) + b"\x00\x01\xaa",
        _definition(1, 207, (3, 1, 2), (1, 16, 13)) + b"\x01\x00" + bytes(16),
        _definition(2, 206, (0, 1, 2), (1, 1, 2), (2, 1, 2), (3, 6, 7)) + b"\x02\x00\x00\x84Power\0",
        _definition(3, 20, clock, (2, 2, 0x84), developer=b"\x00\x02\x00"),
        *(b"\x03" + struct.pack("<IHH", FIT_TIME_S + i, 9000 + i, 250) for i in range(2)),
    )
    times = (7, FIT_TIME_S)  # the first counts from power-up
    yield _fit(_definition(0, 20, clock, *place), *(b"\x00" + struct.pack("<Iii", time_s, 9, 9) for time_s in times))


def fit() -> Sequence[bytes]:
    """Ours with two points, other makers', and two in one stream."""
    others = list(_others())
    return [encode(run(2)), *others, others[1] + others[2]]


def large_fit() -> Sequence[bytes]:
    """Ours with more points, with another sport, and the two in one stream."""
    one, other = encode(run(12)), encode(run(9), sport="cycling")
    return [one, other, one + other]
