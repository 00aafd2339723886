"""Recordings of every kind as points: broken ones, real ones, and the device's own."""

import csv
import io
from pathlib import Path

import gpxpy
import pytest
from holdback.errors import ExitCode, HoldbackError, IntegrityError, NotFoundError
from holdback.recordings import text
from holdback.recordings.activity import Activity, ActivityError, DamagedActivityError, Point, of_one_day, tidy
from holdback.recordings.files import read_activities
from holdback.recordings.fit import encode
from holdback.recordings.journal import Clock, RecordedEvent, Recording, decode, read_recording, to_activity
from holdback.recordings.summary import climb_m, distances_m, summarise
from pacing.journal import EV_UTC, VERSION

from host.recording_samples import PLAN_CRC, START_S, recording, run

TCX = """<?xml version="1.0"?><TrainingCenterDatabase xmlns="x" xmlns:ns3="y"><Activities>
<Activity Sport="Running"><Lap><AverageHeartRateBpm><Value>99</Value></AverageHeartRateBpm><Track>{points}</Track>
</Lap><Creator><Name>Watch 9</Name></Creator></Activity></Activities></TrainingCenterDatabase>"""
TRACKPOINT = """<Trackpoint><Time>2026-07-03T06:00:{second:02d}Z</Time><Position><LatitudeDegrees>47.5</LatitudeDegrees>
<LongitudeDegrees>11.25</LongitudeDegrees></Position><AltitudeMeters>812.5</AltitudeMeters><DistanceMeters>{second}
</DistanceMeters><HeartRateBpm><Value>141</Value></HeartRateBpm><Extensions><ns3:TPX><ns3:Speed>2.5</ns3:Speed>
</ns3:TPX></Extensions></Trackpoint>"""


def tcx(*seconds: int) -> str:
    return TCX.format(points="".join(TRACKPOINT.format(second=second) for second in seconds))


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# --- TCX, and what is common to all kinds


def test_tcx_values(tmp_path):
    (activity,) = read_activities(write(tmp_path, "a.tcx", tcx(0, 1)))
    assert activity.points == [Point(START_S + i, 47.5, 11.25, 812.5, 2.5, float(i), 141) for i in (0, 1)]
    assert (activity.sport, activity.source, activity.notes) == ("running", "Watch 9", [])


def test_a_tcx_value_that_cannot_be_is_left_out_and_told(tmp_path):
    text = tcx(0).replace(">141<", ">300<").replace(">2.5<", ">-1<")
    (activity,) = read_activities(write(tmp_path, "a.tcx", text))
    assert (activity.points[0].hr_bpm, activity.points[0].speed_ms) == (None, None)
    assert activity.notes == [f"a <{leaf}> that cannot be: left out" for leaf in ("Value", "Speed")]


def test_the_content_decides_not_the_suffix(tmp_path):
    assert len(read_activities(write(tmp_path, "a.gpx", "  \n" + tcx(0)))[0].points) == 1
    assert len(read_activities(write(tmp_path, "a.tcx", encode(run(5))))[0].points) == 5
    assert len(read_activities(write(tmp_path, "a.fit", recording(10)[0]))[0].points) == 10


def test_times_backwards_and_twice_are_mended_and_told(tmp_path):
    (activity,) = read_activities(write(tmp_path, "a.tcx", tcx(5, 3, 3, 4)))
    assert [point.time_s - START_S for point in activity.points] == [3, 4, 5]
    assert any("backwards" in note for note in activity.notes) and any("merged" in note for note in activity.notes)


def test_points_of_one_moment_complete_each_other():
    activity = tidy(Activity([Point(1.0, hr_bpm=150), Point(1.0, 47.0, 11.0, 800.0, hr_bpm=99)]))
    assert activity.points == [Point(1.0, 47.0, 11.0, 800.0, hr_bpm=150)]


def test_a_run_ends_at_the_night_and_a_wrong_clock_costs_its_points_alone():
    times = [5.0, 4e8, 4e8 + 1, 4e8 + 40_000, 4e8 + 90_000]
    run = of_one_day(Activity([Point(time_s) for time_s in times], notes=["old"]))
    assert [point.time_s for point in run.points] == [4e8, 4e8 + 1, 4e8 + 40_000]
    assert run.notes == ["old", "points of other days, left out: 2"]
    assert of_one_day(run) == run


def test_a_truncated_tcx_gives_what_comes_before(tmp_path):
    (activity,) = read_activities(write(tmp_path, "a.tcx", tcx(0, 1, 2, 3)[:-700]))
    assert 1 <= len(activity.points) < 4 and "damaged" in activity.notes[0]


def test_a_truncated_fit_gives_what_comes_before(tmp_path):
    data = encode(run(500))
    (activity,) = read_activities(write(tmp_path, "a.fit", data[: len(data) // 2]))
    assert 150 < len(activity.points) < 300 and "damaged" in activity.notes[0]


def test_a_flipped_bit_in_a_fit_is_told(tmp_path):
    data = bytearray(encode(run(100)))
    data[-500] ^= 1
    (activity,) = read_activities(write(tmp_path, "a.fit", bytes(data)))
    assert "checksum" in activity.notes[0]


@pytest.mark.parametrize(
    ("content", "error", "code"),
    [
        (b"", DamagedActivityError, ExitCode.INTEGRITY),
        (b"hello, this is a diary", ActivityError, ExitCode.DOMAIN),
        (encode(run(3))[:20], DamagedActivityError, ExitCode.INTEGRITY),
        (tcx(), ActivityError, ExitCode.DOMAIN),
        (tcx(0)[:150], DamagedActivityError, ExitCode.INTEGRITY),
        ('<!DOCTYPE b [<!ENTITY a "b">]>' + tcx(0), ActivityError, ExitCode.DOMAIN),
        (b"<gpx><trk><trkseg><trkpt lat='1' lon='2'/></trkseg></trk></gpx>", ActivityError, ExitCode.DOMAIN),
        (b"<gpx><trk>", HoldbackError, ExitCode.DOMAIN),
        (b"\xb5J" + bytes(100), IntegrityError, ExitCode.INTEGRITY),
    ],
    ids=["empty", "text", "fit-head", "no-points", "tcx-head", "entity", "no-times", "gpx-head", "hbr-head"],
)
def test_unreadable_files_are_typed_errors_that_name_the_file(tmp_path, content, error, code):
    path = write(tmp_path, "odd.bin", content)
    with pytest.raises(error) as caught:
        read_activities(path)
    assert caught.value.exit_code == code and "odd.bin" in caught.value.what and caught.value.next_step


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(NotFoundError):
        read_activities(tmp_path / "none.fit")
    with pytest.raises(ActivityError):
        read_activities(tmp_path)


# --- summary


def test_climb_ignores_noise_and_counts_to_the_top():
    noisy = [100 + (i % 2) * 2.0 for i in range(200)]
    assert climb_m(noisy) == (0, 0)
    hill = [float(abs(100 - abs(i - 100))) for i in range(201)]  # 0 .. 100 .. 0
    assert climb_m(hill) == (100, 100)
    assert climb_m([None, 5.0, None, 15.0]) == (10, 0)
    assert climb_m([None]) == (None, None)


def test_distance_goes_on_over_a_counter_that_restarts():
    points = [Point(float(i), dist_m=dist) for i, dist in enumerate([None, 5.0, 10.0, None, 0.0, 4.0])]
    assert distances_m(points) == [5.0, 5.0, 10.0, 10.0, 10.0, 14.0]


def test_distance_along_positions_is_a_great_circle():
    points = [Point(0.0, 0.0, 10.0), Point(1.0), Point(2.0, 1.0, 10.0)]
    assert distances_m(points)[-1] == pytest.approx(111_195, rel=1e-4)


def test_standing_and_gaps_are_not_moving():
    points = [Point(float(t), dist_m=min(t, 50) * 3.0) for t in range(100)] + [Point(500.0, dist_m=150.0)]
    summary = summarise(points)
    assert (summary.elapsed_s, summary.timer_s, summary.moving_s) == (500, 99, 50)
    assert summary.distance_m == 150 and summary.hr_avg_bpm is None


# --- the device's recording


def test_every_sample_comes_back():
    data, samples, distances = recording(1000)
    read = decode(data)
    fields = ("stage_ms", "lat_e6", "lon_e6", "alt_dm", "speed_cms", "hr_bpm", "flags")
    assert [[getattr(s, f) for f in fields] for s in read.samples] == [[getattr(s, f) for f in fields] for s in samples]
    assert [s.dist_dm for s in read.samples] == distances
    assert (read.version, read.stage_no, read.plan_crc) == (VERSION, 2, PLAN_CRC)
    assert (read.device_id, read.utc_s, read.damage_bytes) == ("24a160c0ffee", START_S - 5, 0)
    assert [(cue.value & 15, cue.value >> 4, cue.stage_ms) for cue in read.cues] == [(1, 1, 300_000), (3, 4, 400_000)]
    decided_on = read.sample_at(read.cues[0])
    assert decided_on and decided_on.stage_ms == 300_000


def test_as_an_activity_missing_things_are_none():
    data, _, distances = recording(300)
    points = to_activity(decode(data)).points
    assert points[0] == Point(START_S, 47.0, 11.0, 1500.0, 2.8, distances[0] / 10, 140)
    blind = points[119]
    assert blind.lat is blind.alt_m is blind.speed_ms is None and blind.hr_bpm
    assert points[49].hr_bpm is None and points[49].lat is not None
    assert [point.time_s for point in points] == [START_S + i for i in range(300)]


def test_a_damaged_block_costs_only_itself():
    data, samples, distances = recording(1000)
    broken = bytearray(data)
    broken[len(data) // 2] ^= 0xFF
    read = decode(bytes(broken))
    assert 1000 - 64 <= len(read.samples) < 1000 and 0 < read.damage_bytes < 1000
    truth = {s.stage_ms: dist for s, dist in zip(samples, distances, strict=True)}
    assert all(abs(truth[s.stage_ms] - s.dist_dm) <= 1 for s in read.samples)
    assert "damaged" in to_activity(read).notes[0]


def test_a_truncated_recording_gives_what_comes_before():
    data, _, _ = recording(1000)
    read = decode(data[: len(data) * 2 // 3])
    assert 500 < len(read.samples) < 700 and read.damage_bytes > 0


def test_nothing_intact_is_an_integrity_error(tmp_path):
    for content in (b"", bytes(1000), b"\xb5J" * 300):
        with pytest.raises(IntegrityError, match="broken"):
            read_recording(write(tmp_path, "broken.hbr", content))
    with pytest.raises(NotFoundError):
        read_recording(tmp_path / "none.hbr")
    with pytest.raises(HoldbackError, match="cannot be read"):
        read_recording(tmp_path)


def test_utc_counts_from_the_anchor_before_else_from_the_first():
    events = [RecordedEvent(EV_UTC, 5000, 100_000, 0), RecordedEvent(EV_UTC, 9000, 200_000, 0)]
    clock = Clock(Recording(utc_s=1, events=events))
    assert [clock.utc_s(ms) for ms in (0, 100_000, 150_500, 201_000)] == [4900, 5000, 5050.5, 9001]
    assert Clock(Recording(utc_s=7)).utc_s(1500) == 8.5


def test_an_anchor_that_is_no_time_of_ours_is_not_believed():
    events = [RecordedEvent(EV_UTC, value, 0, 0) for value in (-5, 1 << 40)]
    assert Clock(Recording(utc_s=7, events=events)).utc_s(1500) == 8.5


GOLDEN = sorted((Path(__file__).parents[1] / "core/golden").glob("recording-v*.hbr"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_every_released_version_is_read(path):
    read = read_recording(path)
    assert f"-v{read.version}." in path.name and read.damage_bytes == 0
    assert len(read.samples) > 10 and read.events and read.stage_no and read.device_id
    assert len(to_activity(read).points) == len(read.samples)


def test_the_versions_released_are_all_there():
    assert [path.name for path in GOLDEN] == [f"recording-v{version}.hbr" for version in range(1, VERSION + 1)]


# --- GPX and CSV


def test_gpx_out_is_what_gpxpy_and_we_read_back(tmp_path):
    points = [point for point in run(400) if not 100 <= point.time_s - START_S < 200]
    document = text.to_gpx(Activity(points, sport="running", name="Tag 1 <Höhe> & weiter"))
    parsed = gpxpy.parse(document)
    assert len(parsed.tracks[0].segments) == 2 and parsed.tracks[0].name == "Tag 1 <Höhe> & weiter"
    (activity,) = read_activities(write(tmp_path, "out.gpx", document))
    placed = [point for point in points if point.lat is not None]
    assert len(activity.points) == len(placed)
    for ours, theirs in zip(placed, activity.points, strict=True):
        assert (ours.time_s, ours.hr_bpm, ours.alt_m) == (theirs.time_s, theirs.hr_bpm, theirs.alt_m)
        assert theirs.lat == pytest.approx(ours.lat, abs=6e-8) and theirs.lon == pytest.approx(ours.lon, abs=6e-8)


def test_csv_out():
    rows = list(csv.DictReader(io.StringIO(text.to_csv(Activity(run(50))))))
    assert list(rows[0]) == list(text.CSV_COLUMNS) and len(rows) == 50
    assert rows[0]["time"] == "2026-07-03T06:00:00Z" and rows[0]["hr_bpm"] == "" and rows[1]["hr_bpm"] == "120"
    assert rows[7]["elapsed_s"] == "7.0" and float(rows[7]["lat"]) == pytest.approx(47.00014)
    assert text.to_csv(Activity([])) == ",".join(text.CSV_COLUMNS) + "\n"


def test_times_carry_fractions_only_where_there_are_any():
    assert text.iso_utc(START_S + 0.3) == "2026-07-03T06:00:00.300Z"
    assert text.iso_utc(START_S + 0.9999) == "2026-07-03T06:00:01Z"
