"""Activities as text: GPX 1.1 with heart rate, and CSV."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from holdback.recordings.activity import Activity, Point
from holdback.recordings.summary import GAP_S, distances_m

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator={creator} xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd">
"""
CSV_COLUMNS = ("time", "elapsed_s", "lat", "lon", "alt_m", "speed_ms", "dist_m", "hr_bpm")


def iso_utc(time_s: float) -> str:
    """2026-07-04T06:00:00Z, with milliseconds only where there are any."""
    moment = datetime.fromtimestamp(round(time_s * 1000) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def to_gpx(activity: Activity) -> str:
    """A GPX track; points without a position are left out, a gap begins a new segment."""
    lines = [_HEAD.format(creator=quoteattr("Holdback")), " <trk>\n"]
    lines += [f"  <name>{escape(activity.name)}</name>\n"] if activity.name else []
    lines += [f"  <type>{escape(activity.sport)}</type>\n"] if activity.sport else []
    for segment in _segments([point for point in activity.points if point.lat is not None]):
        lines.append("  <trkseg>\n")
        lines += map(_trkpt, segment)
        lines.append("  </trkseg>\n")
    return "".join((*lines, " </trk>\n</gpx>\n"))


def _segments(points: list[Point]) -> Iterator[list[Point]]:
    start = 0
    for i in range(1, len(points) + 1):
        if i == len(points) or points[i].time_s - points[i - 1].time_s > GAP_S:
            yield points[start:i]
            start = i


def _trkpt(point: Point) -> str:
    ele = "" if point.alt_m is None else f"<ele>{point.alt_m:.1f}</ele>"
    heart = (
        f"<extensions><gpxtpx:TrackPointExtension><gpxtpx:hr>{point.hr_bpm}</gpxtpx:hr>"
        "</gpxtpx:TrackPointExtension></extensions>"
        if point.hr_bpm
        else ""
    )
    time = f"<time>{iso_utc(point.time_s)}</time>"
    return f'   <trkpt lat="{point.lat:.7f}" lon="{point.lon:.7f}">{ele}{time}{heart}</trkpt>\n'


def to_csv(activity: Activity) -> str:
    """One line a point, CSV_COLUMNS; empty where there is no value."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    start_s = activity.points[0].time_s if activity.points else 0.0
    for point, dist_m in zip(activity.points, distances_m(activity.points), strict=True):
        writer.writerow((iso_utc(point.time_s), _number(point.time_s - start_s, 1), *_values(point, dist_m)))
    return out.getvalue()


def _values(point: Point, dist_m: float) -> tuple[str, ...]:
    return (
        _number(point.lat, 7),
        _number(point.lon, 7),
        _number(point.alt_m, 1),
        _number(point.speed_ms, 3),
        _number(dist_m, 1),
        _number(point.hr_bpm, 0),
    )


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
