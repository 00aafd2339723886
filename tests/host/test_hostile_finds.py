"""What `make torture` has broken, one test each: it stays mended."""

import struct
from binascii import crc32
from pathlib import Path

import pytest
from holdback.athlete.document import merge
from holdback.errors import HoldbackError
from holdback.gpx import MAX_DEPTH, MAX_PARTS, GpxError, read_gpx
from holdback.race import load_race, load_results
from holdback.race.problems import MAX_BYTES, RaceError
from holdback.recordings import fit_reader, journal
from holdback.recordings.activity import Activity, ActivityError, Point
from holdback.recordings.files import read_activities
from holdback.recordings.fit import crc16, encode
from holdback.recordings.journal import open_reader
from holdback.recordings.save import save
from holdback.recordings.text import to_csv, to_gpx
from pacing import cbor
from pacing.journalreader import DAMAGE, END, SAMPLE

from host.recording_samples import recording, run

TCX = """<TrainingCenterDatabase><Activities><Activity>%s</Activity></Activities></TrainingCenterDatabase>"""
POINT = "<Trackpoint><Time>2026-07-03T06:00:%02dZ</Time><DistanceMeters>%s</DistanceMeters></Trackpoint>"


def read(folder: Path, data: bytes) -> Activity:
    path = folder / "activity"
    path.write_bytes(data)
    return read_activities(path)[0]


def test_a_distance_beyond_the_earth_is_left_out(tmp_path):
    """Two of 1e308 m in turn made an infinite total, which no FIT file can hold."""
    text = TCX % "".join(POINT % (i, ("1e308", "-1e308", "7")[i % 3]) for i in range(9))
    activity = read(tmp_path, text.encode())
    assert [point.dist_m for point in activity.points] == [None, None, 7.0] * 3
    assert any("DistanceMeters" in note for note in activity.notes)
    assert encode(activity.points)


def typed_fit(number: int, size: int, base: int, value: bytes) -> bytes:
    """A FIT file of two records whose field `number` is declared as an odd type."""
    definition = struct.pack("<BBBHB", 0x42, 0, 0, 20, 2) + bytes((253, 4, 0x86, number, size, base))
    records = b"".join(b"\x02" + struct.pack("<I", 1_152_000_000 + i) + value for i in range(2))
    body = definition + records
    head = struct.pack("<BBHI4s", 14, 0x20, 2100, len(body), b".FIT")
    whole = head + struct.pack("<H", crc16(head)) + body
    return whole + struct.pack("<H", crc16(whole))


@pytest.mark.parametrize(
    ("number", "size", "base", "value"),
    [
        (5, 8, 0x86, struct.pack("<2I", 100, 200)),  # distance, a pair
        (2, 4, 0x07, b"high"),  # altitude, a text
        (6, 8, 0x89, struct.pack("<d", float("nan"))),  # speed, no number
        (5, 8, 0x89, struct.pack("<d", 1e308)),
        (0, 8, 0x85, struct.pack("<2i", 1, 2)),  # latitude, a pair
    ],
)
def test_a_fit_field_of_another_type_is_no_value(tmp_path, number, size, base, value):
    """A file says itself of which type a field is; what is no number in range was summed up, and fell over."""
    activity = read(tmp_path, typed_fit(number, size, base, value))
    assert len(activity.points) == 2
    for point in activity.points:
        assert (point.lat, point.alt_m, point.speed_ms, point.dist_m) == (None, None, None, None)
    assert to_csv(activity) and encode(activity.points)


def test_a_year_that_no_clock_shows_is_no_time(tmp_path):
    """The first hour of the year 1, east of Greenwich, is in no year that can be written again."""
    points = '<trkpt lat="47" lon="11"><time>%s</time></trkpt>' * 2
    text = f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>" % ("0001-01-01T00:00:00+14:00", "2026-07-03T06:00:00Z")
    activity = read(tmp_path, text.encode())
    assert len(activity.points) == 1 and to_gpx(activity)


def sealed(block: bytearray) -> bytes:
    """The block with its CRC-32 made right."""
    block[-4:] = struct.pack(">I", crc32(block[:-4]))
    return bytes(block)


def test_a_heart_that_no_byte_holds_is_damage():
    """A block with a right checksum, whose coded values go anywhere: its heart rate went to 4000 bpm, and below 0."""
    whole = recording(60)[0]
    start = end = 0
    while end - start < 100:  # the first blocks hold no samples
        start, end = end, end + 8 + int.from_bytes(whole[end + 2 : end + 4], "little")
    hearts: set[int] = set()
    kinds: set[int] = set()
    for at in range(start + 32, end - 4):
        data = whole[:start] + sealed(bytearray(whole[start:at] + b"\xff\xf0\x0f" + whole[at + 3 : end]))
        reader = open_reader(data, "hostile.hbr")
        while (kind := reader.next()) != END:
            kinds.add(kind)
            if kind == SAMPLE:
                hearts.add(reader.sample.hr_bpm)
                assert reader.sample.speed_cms >= 0
    assert DAMAGE in kinds and min(hearts) >= 0 and max(hearts) <= 255


@pytest.mark.parametrize(
    ("inside", "what"),
    [("<trk/>" * (MAX_PARTS + 1), "too many tracks"), ("<a>" * MAX_DEPTH, "nested too deeply")],
)
def test_a_gpx_has_bounds(inside, what):
    """Six bytes of file made two hundred of memory."""
    with pytest.raises(GpxError, match=what):
        read_gpx(f"<gpx>{inside}".encode(), "hostile.gpx")


def test_a_tcx_has_bounds(tmp_path):
    with pytest.raises(ActivityError, match="too much in it"):
        read(tmp_path, ("<TrainingCenterDatabase>" + "<a>" * 100).encode())


def test_a_fit_has_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(fit_reader, "MAX_POINTS", 20)
    with pytest.raises(HoldbackError, match="too much in it"):
        read(tmp_path, encode(run(21)))
    monkeypatch.setattr(fit_reader, "MAX_FILES", 2)
    with pytest.raises(HoldbackError, match="too much in it"):
        read(tmp_path, encode(run(9)) * 3)
    assert len(read(tmp_path, encode(run(20))).points) == 20


def test_a_request_holds_few_values():
    """A thousand empty maps in a kilobyte took twenty on the device."""
    cbor.decode(b"\x98\x1f" + b"\xa0" * 31)
    many = b"\x9f" + (b"\x98\x1e" + b"\xa0" * 30) * 3 + b"\xff"
    with pytest.raises(ValueError, match="too many values"):
        cbor.decode(many)


def test_points_without_a_time_are_told(tmp_path):
    """They were left out in silence."""
    track = '<trk><trkseg><trkpt lat="47" lon="11">%s</trkpt><trkpt lat="47" lon="11"/></trkseg></trk>'
    gpx = f"<gpx>{track % ''}{track % '<time>2026-07-03T06:00:00Z</time>'}</gpx>"
    assert read(tmp_path, gpx.encode()).notes == ["points of the file without a time, left out: 3"]
    tcx = TCX % ("<Trackpoint></Trackpoint>" + POINT % (1, 5))
    assert read(tmp_path, tcx.encode()).notes == ["points without a time: left out"]


def test_an_export_that_fails_names_its_file(tmp_path):
    early = [Point(60.0 + i, 47.0, 11.0) for i in range(3)]
    with pytest.raises(HoldbackError, match=r"out\.fit: not written"):
        save(tmp_path / "out.fit", "fit", Activity(early))


@pytest.mark.parametrize("read_file", [load_race, load_results])
@pytest.mark.parametrize(
    ("text", "why"), [("a." * 40_000 + "b = 1", "dots"), ("#" * (MAX_BYTES + 1), "kB"), ("x = " + "[" * 9000, "TOML")]
)
def test_a_toml_has_bounds(tmp_path, read_file, text, why):
    """A key of eighty thousand bytes took tomllib a minute."""
    for name in ("race.toml", "results.toml", "athlete.toml"):
        (tmp_path / name).write_text(text)
    with pytest.raises(RaceError, match=why):
        read_file(tmp_path)
    with pytest.raises(HoldbackError) as caught:
        merge(tmp_path / "athlete.toml", [])
    assert why in caught.value.what + caught.value.why and caught.value.next_step


def test_what_takes_long_a_byte_is_bounded_in_bytes(tmp_path, monkeypatch):
    """A quarter of a gigabyte of FIT, or of what looks like blocks, took half an hour."""
    monkeypatch.setattr(fit_reader, "MAX_BYTES", 100)
    with pytest.raises(ActivityError, match="too large"):
        read(tmp_path, encode(run(20)))
    monkeypatch.setattr(journal, "MAX_BYTES", 100)
    with pytest.raises(ActivityError, match="not a recording"):
        read(tmp_path, recording(20)[0])
