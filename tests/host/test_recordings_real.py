"""Real activities: every file of HOLDBACK_DATA/runs_hr against its manifest, and broken ones."""

import csv
import os
import time
from itertools import pairwise
from pathlib import Path

import pytest
from holdback.errors import HoldbackError
from holdback.recordings.activity import ActivityError
from holdback.recordings.files import read_activities
from holdback.recordings.summary import summarise

DATA = Path(os.environ["HOLDBACK_DATA"]) if "HOLDBACK_DATA" in os.environ else None
needs_data = pytest.mark.skipif(not DATA, reason="HOLDBACK_DATA is not set: no real recordings to read")


def manifest() -> dict[str, dict[str, str]]:
    if not DATA:
        return {}
    with (DATA / "MANIFEST.tsv").open() as lines:
        return {row["file"]: row for row in csv.DictReader(lines, delimiter="\t")}


RUNS = {name: row for name, row in manifest().items() if name.startswith("runs_hr/") and row["samples"]}
UNTIMED = {name for name, row in RUNS.items() if not row["start"]}
# One moment can stand in a file twice: there the merged points are fewer than the manifest's.
MERGED = {"multisport.fit", "2013-02-06-12-11-14.fit", "6782987395.tcx", "sports-tracker.gpx"}


@needs_data
@pytest.mark.parametrize("name", sorted(RUNS.keys() - UNTIMED))
def test_real_files_give_what_the_manifest_says(name):
    assert DATA
    row = RUNS[name]
    activities = read_activities(DATA / name)
    points = [point for activity in activities for point in activity.points]
    merged = sum(int(note.split()[0]) for a in activities for note in a.notes if "merged" in note)
    assert len(points) + merged == int(row["samples"])
    assert merged == 0 or any(name.endswith(end) for end in MERGED)
    assert time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(points[0].time_s)) == row["start"]
    assert (points[-1].time_s - points[0].time_s) / 3600 == pytest.approx(float(row["dur"][:-1]), abs=0.006)
    assert any(point.hr_bpm for point in points) == row["has_hr"].startswith("y")
    assert any(point.alt_m is not None for point in points) == row["has_altitude"].startswith("y")
    assert all(b.time_s > a.time_s for activity in activities for a, b in pairwise(activity.points))


@needs_data
@pytest.mark.parametrize("name", sorted(UNTIMED))
def test_real_courses_are_no_activities(name):
    assert DATA
    with pytest.raises(ActivityError, match="no activity"):
        read_activities(DATA / name)


@needs_data
def test_multisport_gives_its_legs():
    assert DATA
    legs = read_activities(DATA / "runs_hr/tormoder/activity-large-fenxi2-multisport.fit")
    assert [leg.sport for leg in legs] == [
        *("generic", "transition", "running", "transition", "running", "transition", "cycling"),
    ]
    distances = [25072.07, 224.24, 2245.23, 3.63, 12740.37, 617.55, 28928.27]  # as the watch's own sessions say
    for leg, distance_m in zip(legs, distances, strict=True):
        assert summarise(leg.points).distance_m == pytest.approx(distance_m, abs=5)


@needs_data
def test_one_run_in_three_formats_is_the_same():
    assert DATA
    fit, gpx, tcx = (
        {
            point.time_s: point
            for point in read_activities(DATA / f"runs_hr/sports-alliance/6782987395.{kind}")[0].points
        }
        for kind in ("fit", "gpx", "tcx")
    )
    assert fit.keys() == tcx.keys() and gpx.keys() < fit.keys() and len(gpx) == 4967
    for moment, point in fit.items():
        for other in (tcx[moment], gpx.get(moment, tcx[moment])):
            assert other.hr_bpm == point.hr_bpm
            assert other.lat == pytest.approx(point.lat, abs=1e-9) and other.lon == pytest.approx(point.lon, abs=1e-9)
            assert other.alt_m == pytest.approx(point.alt_m, abs=1e-3)
        if point.speed_ms is not None:  # a few records have none, where the TCX repeats the last one
            assert tcx[moment].speed_ms == pytest.approx(point.speed_ms, abs=1e-3)
        assert tcx[moment].dist_m == pytest.approx(point.dist_m, abs=1e-3)


@needs_data
def test_malformed_files_are_read_or_refused_in_words():
    assert DATA
    read = refused = 0
    for path in sorted((DATA / "malformed").rglob("*")):
        if path.is_file():
            try:
                read += len(read_activities(path))
            except HoldbackError as error:
                assert path.name in error.what
                refused += 1
    assert read > 40 and refused > 5
