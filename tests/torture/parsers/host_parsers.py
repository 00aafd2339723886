"""What the host reads from files: activities of every make, courses, plans, and what the runner writes."""

import re
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from math import isfinite
from typing import Any

from holdback.athlete.document import merge
from holdback.athlete.fitting import Measure
from holdback.errors import HoldbackError
from holdback.gpx import read_gpx
from holdback.race import load_race, load_results
from holdback.race.problems import ATHLETE_FILE, RACE_FILE
from holdback.race.results import RESULTS_FILE
from holdback.recordings.activity import Activity
from holdback.recordings.files import read_activities
from holdback.recordings.fit import encode
from holdback.recordings.load import load
from holdback.recordings.summary import summarise
from holdback.recordings.text import to_csv, to_gpx
from host.make_fixtures import gpx, hilly

from torture.parsers import seeds
from torture.parsers.device_parsers import RECORDING_TOKENS, right_blocks
from torture.parsers.fuzz import Parser
from torture.parsers.mutation import Text
from torture.parsers.room import room, written
from torture.parsers.sensor_parsers import promise


def digest(activity: Activity) -> None:
    """Everything that is done with an activity: totals, and all three exports."""
    totals = summarise(activity.points)
    for value in (totals.elapsed_s, totals.distance_m, totals.moving_s, totals.ascent_m or 0.0, totals.speed_avg_ms):
        promise(isfinite(value) and value >= 0, "totals that are no numbers")
    for point in activity.points:
        promise(point.hr_bpm is None or 0 < point.hr_bpm < 255, "a heart out of range")
        promise(point.lat is None or abs(point.lat) <= 90, "a latitude out of range")
    promise(to_csv(activity).count("\n") == len(activity.points) + 1, "CSV lines that are no points")
    to_gpx(activity)
    with suppress(HoldbackError):  # a year that FIT does not know
        encode(activity.points, sport=activity.sport)


def take_activities(data: bytes) -> None:
    """As `holdback recording show` and `export` take a file."""
    for activity in read_activities(written("activity", data)):
        digest(activity)


def take_recording_file(data: bytes) -> None:
    """The device's own recording, with all that is said about it."""
    loaded = load(written("stage-01.hbr", data))
    for activity in loaded.activities:
        digest(activity)
    loaded.replay_agrees()


def take_course(data: bytes) -> None:
    """A course, as `race init` reads it."""
    document = read_gpx(data, "course.gpx")
    for segment in document.segments:
        for point in segment:
            promise(abs(point.lat) <= 90 and abs(point.lon) <= 180, "off the globe")
            promise(point.ele_m is None or isfinite(point.ele_m), "an elevation that is no number")


# --- what the formats are made of ---

GPX_TOKENS = (
    b"<trkpt", b' lat="', b'"91"', b'"nan"', b'"1e999"', b"<trk>", b"</trk>", b"<trkseg>", b"</gpx>", b"<rte>", b"<wpt",
    b"<ele>1e308</ele>", b"<ele>-inf</ele>", b"<time>9999-12-31T23:59:59Z</time>", b"<time>0001-01-01T00:00:00+14:00",
    b"<time>2026-07-03T06:00:00Z</time>", b"<gpxtpx:hr>300</gpxtpx:hr>", b"<speed>-1</speed>", b"<extensions>",
    b'<!DOCTYPE g [<!ENTITY a "b">]>', b"&a;", b"&#0;", b"<![CDATA[", b"]]>", b"<!--", b'encoding="utf-16"',
    b"\xff\xfe",    b"<?xml?>", b"\x00", b"x" * 70, b"<a>" * 30,
)  # fmt: skip

XML_VALUES = (
    b"", b"0", b"-1", b"1", b"47.5", b"-90", b"90.0001", b"180", b"1e308", b"-1e308", b"1e9", b"nan", b"inf", b"255",
    b"1_0",    b"9999-12-31T23:59:59Z", b"0001-01-01T00:00:00+14:00", b"1969-12-31T23:59:59Z", b"1989-12-31T00:00:00Z",
    b"2126-02-06T06:28:13Z", b"2026-07-03", b"2026-07-03T06:00:00.999Z", b"&#233;", b"&lt;", b"\xc3\xa9" * 9,
    b"9" * 400,
)  # fmt: skip
XML_TEXT = Text(
    re.compile(rb"[>\"]([^<>\"]*)[<\"]"),
    re.compile(rb"(?s)<(\w+)[^<>]*>[^<]*</\1>|<(trkpt|Trackpoint|Position|trkseg|rte|Activity)\b.*?</\2>"),
    XML_VALUES,
)

TCX_TOKENS = (
    *GPX_TOKENS, b"<Trackpoint>", b"</Trackpoint>", b"<Activity>", b"<Activity/>", b"</Activity>", b"<Value>-1</Value>",
    b"<DistanceMeters>1e308</DistanceMeters>", b"<DistanceMeters>-1e308</DistanceMeters>", b"<Lap>", b"<Creator>",
    b"<AltitudeMeters>-1e308</AltitudeMeters>", b"<AltitudeMeters>1e308</AltitudeMeters>", b"<Position>",
)  # fmt: skip


FIT_TOKENS = (
    *(
        bytes([0x40 | local, 0, endian]) + struct.pack("<>"[endian] + "HB", number, 1) + bytes([field, size, base])
        for local, endian, number in ((2, 0, 20), (2, 1, 20), (4, 0, 18), (0, 0, 0), (1, 0, 206), (3, 0, 3))
        for field, size, base in ((253, 4, 0x86), (2, 8, 0x88), (5, 4, 7), (0, 255, 13), (3, 8, 0x8E), (253, 8, 0x8F))
    ),
    *(b"\x00", b"\x02", b"\x42", b"\x62", b"\x84", b"\x9f", b"\xff" * 8, b"\x0e\x20\x34\x08", b".FIT"),
)


# --- what the runner writes ---

ATHLETE = b"""[result]
distance_km = 21.1
time = "1:45:00"
climb_m = 300
"""
ATHLETE_FULL = b"""critical_speed_ms = 3.7 # by hand
hr_max_bpm = 188
threshold_hr_bpm = 165
pace_factors = [1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1, 0.9, 0.9, 1, 1.2, 1.5, 1.8, 2.2, 2.6, 3, 3.4, 3.8, 4.2]
kappa = 0.3

[fit]
kappa = { value = 0.3, plus_minus = 0.1, basis = "2 races" }
"""
MEASURES = (
    Measure("critical_speed_ms", 3.6, 0.1, "3 runs"),
    Measure("pace_factors", [1.5] * 9 + [1.0] * 10, 0.0, "3 runs"),
    Measure("hr_max_bpm", 191.0, 0.0, "a run"),
)
RACE = b"""name = "Alps"
date = 2026-09-04
timezone = "Europe/Vienna"
start = "07:00"
units = "km"
eat = 45
[[stages]]
hours = 5
terrain = "technical"
[[stages]]
gpx = "stages/a.gpx"
cutoff = "Sun 16:30"
ground = [{from_km = 1, to_km = 3.5, terrain = "sand"}]
start = "22:15"
role = "survive"
weather = [{hour = 6, temp_c = 18.5}, {hour = 12, temp_c = 31, humidity = 60}]
[[stages.stations]]
km = 10.5
name = "Hut"
cutoff = "11:30"
stop_min = 4
"""
RESULTS = b"""[[results]]
stage = 1
ended = "finished"
rating = 7
[[results]]
stage = 2
ended = "dnf"
"""
TOML_TOKENS = (
    b"[[stages]]", b"[stages]", b"[", b"]", b"{", b"}", b"=", b'"', b'"""', b"'''", b"a.b.c.", b"nan", b"inf", b"-1",
    b"1e400", b"9" * 30, b"0x", b"9999-12-31", b"0001-01-01", b"1979-05-27T07:32:00Z", b"07:32:00", b'"24:00"', b"true",
    b'""', b"[]", b"{}", b"#", b"\n", b"\r", b"\x00", b"\xff", b"\\u0000", b"\\UFFFFFFFF", b'"../../etc"', b'"/"',
    b"[" * 40, b"\xef\xbb\xbf", b'"Mon 00:00"', b"1_0", b"name", b"km = 1\n", b'"Etc/../UTC"',
)  # fmt: skip
TOML_VALUES = (
    b"", b"0", b"-0.0", b"1", b"-1", b"1e400", b"nan", b"-inf", b"9" * 30, b'""', b'"x"', b'"Alps\\u0007"', b"[]",
    b"{}", b"true", b"9999-12-31", b"0001-01-01", b"2026-03-29", b"07:32:00", b'"23:59"', b'"02:30"', b'"Mon 00:00"',
    b'"999:59:59"', b'"0:00:00"', b'"sand"', b'"miles"', b'"America/St_Johns"', b'"../../etc"', b'"stages/b.gpx"',
    b"24", b"300", b"0.3",
)  # fmt: skip
TOML_TEXT = Text(re.compile(rb"=[ \t]*([^\n#]*)"), re.compile(rb"[^\n]*\n"), TOML_VALUES)


def take_race(data: bytes) -> None:
    """race.toml beside a good athlete.toml, with a course for one of its stages."""
    written(ATHLETE_FILE, ATHLETE)
    _course()
    load_race(written(RACE_FILE, data).parent)


@cache
def _course() -> None:
    (room() / "stages").mkdir()
    written("stages/a.gpx", gpx(hilly(400)).encode())


def take_athlete(data: bytes) -> None:
    """athlete.toml beside a good race.toml; then `athlete fit` writes into it."""
    path = written(ATHLETE_FILE, data)
    _course()
    written(RACE_FILE, RACE)
    merge(path, MEASURES if len(data) % 2 else [])
    load_race(path.parent)


def take_results(data: bytes) -> None:
    """results.toml."""
    load_results(written(RESULTS_FILE, data).parent)


def _file(name: str, valid: Callable[[], Sequence[bytes]], feed: Callable[[bytes], None], **more: Any) -> Parser:
    """A file that is refused in words. The host may spend more memory and time than the device."""
    bounds = {"cpu_s": 2.0, "base_bytes": 1 << 20, "byte_bytes": 400, "examples": 150}
    return Parser(name, valid, feed, (HoldbackError,), **(bounds | more))


PARSERS = (
    _file(
        "course", seeds.course_gpx, take_course, tokens=GPX_TOKENS, text=XML_TEXT, large=seeds.large_gpx, examples=300,
        most_input=8192,
    ),
    _file(
        "gpx", seeds.activity_gpx, take_activities, tokens=GPX_TOKENS, text=XML_TEXT, large=seeds.large_gpx,
        most_input=8192,
    ),
    _file(
        "tcx", seeds.tcx, take_activities, tokens=TCX_TOKENS, text=XML_TEXT, large=seeds.large_tcx, most_input=16384,
    ),
    _file("fit", seeds.fit, take_activities, tokens=FIT_TOKENS, repair=seeds.right_fit, large=seeds.large_fit),
    _file(
        "hbr", seeds.replayed_recordings, take_recording_file, tokens=RECORDING_TOKENS, repair=right_blocks,
        large=seeds.large_recordings, most_input=20_000,
    ),
    _file("race.toml", lambda: (RACE,), take_race, tokens=TOML_TOKENS, text=TOML_TEXT),
    _file("athlete.toml", lambda: (ATHLETE, ATHLETE_FULL), take_athlete, tokens=TOML_TOKENS, text=TOML_TEXT),
    _file("results.toml", lambda: (RESULTS,), take_results, tokens=TOML_TOKENS, text=TOML_TEXT),
)  # fmt: skip
