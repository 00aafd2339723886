"""The GPX reader, judged by gpxpy on equal files and by its errors on broken ones."""

import os
import time
from pathlib import Path

import gpxpy
import pytest
from holdback.errors import ExitCode, NotFoundError
from holdback.gpx import MAX_BYTES, GpxDocument, GpxError, read_gpx, unix_time

from host.make_fixtures import HEAD, gpx, hilly, straight

DATA = Path(os.environ["HOLDBACK_DATA"]) if "HOLDBACK_DATA" in os.environ else None
REAL = sorted(DATA.rglob("*.gpx")) if DATA else []
UNREADABLE_BY_GPXPY = {"6037744996.gpx"}  # prefixes that nobody declared


def ours(document: GpxDocument) -> list[tuple[object, ...]]:
    parts = [part for track in document.tracks for part in track.segments]
    parts += [part for route in document.routes for part in route.segments] + [document.waypoints]
    return [(p.lat, p.lon, p.ele_m, p.time_s) for part in parts for p in part]


def theirs(text: bytes) -> list[tuple[object, ...]]:
    document = gpxpy.parse(text)
    parts = [segment.points for track in document.tracks for segment in track.segments]
    parts += [route.points for route in document.routes] + [document.waypoints]
    rows = [(p.latitude, p.longitude, p.elevation, p.time) for part in parts for p in part]
    return [(*row, moment.timestamp() if moment else None) for *row, moment in rows]


def test_equals_gpxpy_on_tracks_routes_and_times():
    for text in (
        gpx(hilly(500)),
        gpx(hilly(300), straight(50)),
        gpx(hilly(300), tag="rtept"),
        gpx(hilly(300), times=True),
    ):
        assert len(ours(read_gpx(text.encode()))) > 5
        assert ours(read_gpx(text.encode())) == theirs(text.encode())


@pytest.mark.skipif(not REAL, reason="HOLDBACK_DATA is not set: no real GPX files to compare with gpxpy")
def test_equals_gpxpy_on_real_files():
    compared = 0
    for path in REAL:
        document = read_gpx(path)
        if path.name in UNREADABLE_BY_GPXPY:
            assert len(ours(document)) > 1000
            continue
        assert ours(document) == theirs(path.read_bytes()), path
        compared += len(ours(document))
    assert compared > 50_000


def test_routes_only_are_segments():
    document = read_gpx(gpx(hilly(300), tag="rtept").encode())
    assert not document.tracks and [len(part) for part in document.segments] == [31]


def test_heart_rate_speed_and_what_extensions_must_not_overwrite():
    text = HEAD + (
        '<trk><name>Day 1</name><type>running</type><trkseg><trkpt lat="1" lon="2"><ele>3</ele>'
        "<time>2026-06-05T06:00:00.250+02:00</time><extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>141</gpxtpx:hr>"
        "<ns3:speed>2.5</ns3:speed><x:ele>999</x:ele><x:name>no</x:name></gpxtpx:TrackPointExtension></extensions>"
        "</trkpt></trkseg><extensions><name>no</name></extensions></trk></gpx>"
    )
    track = read_gpx(text.encode()).tracks[0]
    point = track.segments[0][0]
    assert (track.name, track.type) == ("Day 1", "running")
    assert (point.ele_m, point.hr_bpm, point.speed_ms, point.name) == (3.0, 141, 2.5, None)
    assert point.time_s == unix_time("2026-06-05T04:00:00.25Z") == 1780632000.25


def test_byte_order_mark_and_other_encodings():
    text = gpx(straight(50)).replace("holdback tests", "Höhe")
    assert read_gpx(b"\xef\xbb\xbf" + text.encode()).creator == "Höhe"
    latin = text.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    assert read_gpx(latin).creator == "Höhe"


def test_a_value_that_is_no_number_is_counted_not_guessed():
    text = (
        HEAD
        + '<wpt lat="1" lon="2"><ele>high</ele><time>noon</time></wpt><wpt lat="1" lon="2"><ele>NaN</ele></wpt></gpx>'
    )
    document = read_gpx(text.encode())
    assert document.unreadable == 3
    assert [(p.ele_m, p.time_s) for p in document.waypoints] == [(None, None), (None, None)]


@pytest.mark.parametrize("leaf", ["hr>255", "hr>-5", "hr>1e300", "speed>-2", "speed>1e300"])
def test_what_no_body_does_is_left_out_and_told(leaf: str):
    kind = leaf.partition(">")[0]
    document = read_gpx(f'{HEAD}<wpt lat="1" lon="2"><extensions><{leaf}</{kind}></extensions></wpt></gpx>'.encode())
    assert document.waypoints[0].hr_bpm is None and document.waypoints[0].speed_ms is None
    assert document.notes == ["values that cannot be, left out: 1"]


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE gpx [
<!ENTITY a "aaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
]>
<gpx><trk><name>&b;</name></trk></gpx>"""


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "course.gpx: the file is empty"),
        (BOMB, "course.gpx, line 3: declares an entity"),
        (b'<!DOCTYPE gpx [<!ENTITY % p SYSTEM "file:///etc/hostname">]><gpx/>', "line 1: declares an entity"),
        (gpx(straight(500)).encode()[:-300], "line 51: not well-formed XML: unclosed token"),
        (b"\x0e\x10\xd9\x07.FIT", "line 1: not well-formed"),
        (b"<kml><Document/></kml>", "line 1: not a GPX file"),
        (HEAD.encode() + b'<trk><trkseg><trkpt lon="7"/></trkseg></trk></gpx>', "line 3: a <trkpt> without lat"),
        (HEAD.encode() + b'<wpt lat="x" lon="7"/></gpx>', "line 3: a <wpt> whose position is no number"),
        (HEAD.encode() + b'<wpt lat="91" lon="7"/></gpx>', "line 3: a <wpt> off the globe"),
        (HEAD.encode() + b'<wpt lat="nan" lon="7"/></gpx>', "line 3: a <wpt> off the globe"),
        (b'<?xml version="1.0" encoding="klingon"?><gpx/>', "course.gpx"),
    ],
)
def test_broken_files_name_the_file_the_line_and_the_next_step(data: bytes, says: str):
    with pytest.raises(GpxError) as caught:
        read_gpx(data, "course.gpx")
    assert "course.gpx" in caught.value.what and says in caught.value.what
    assert caught.value.next_step and caught.value.exit_code == ExitCode.DOMAIN


def test_absurd_sizes_and_missing_paths(tmp_path: Path):
    huge = tmp_path / "huge.gpx"
    with huge.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(GpxError, match="too large"):
        read_gpx(huge)
    with pytest.raises(NotFoundError, match="no such file"):
        read_gpx(tmp_path / "none.gpx")
    with pytest.raises(GpxError, match="cannot be read"):
        read_gpx(tmp_path)


def test_34_000_points_read_in_well_under_a_third_of_a_second():
    data = gpx(hilly(170_000, 5.0)).encode()
    best_s = 9.0
    for _ in range(3):
        started = time.process_time()
        assert len(read_gpx(data).segments[0]) == 34_001
        best_s = min(best_s, time.process_time() - started)
    assert best_s < 0.3
