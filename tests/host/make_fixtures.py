"""Tracks and GPX files for the tests, made from formulas: nothing here comes from anybody's recording."""

import math
from pathlib import Path

from holdback.gpx import GpxPoint

METRES_PER_DEGREE = 111_195.0
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="holdback tests">\n'


def hilly(length_m: float, step_m: float = 10.0, *, lat: float = 47.0, lon: float = 11.0) -> list[GpxPoint]:
    """A wandering track with climbs and descents of up to about 18 %."""
    points, east, north = [], 0.0, 0.0
    for index in range(int(length_m / step_m) + 1):
        s = index * step_m
        points.append(
            GpxPoint(
                round(lat + north / METRES_PER_DEGREE, 7),
                round(lon + east / METRES_PER_DEGREE / math.cos(math.radians(lat)), 7),
                round(1200.0 + 150.0 * math.sin(s / 1400.0) + 25.0 * math.sin(s / 330.0), 2),
            )
        )
        heading = 0.9 * math.sin(s / 700.0) + 0.5 * math.sin(s / 90.0)
        east += step_m * math.cos(heading)
        north += step_m * math.sin(heading)
    return points


def straight(length_m: float, grade: float = 0.0, step_m: float = 10.0) -> list[GpxPoint]:
    """Due north from 47° N 11° E at one grade (rise over run)."""
    count = int(length_m / step_m) + 1
    return [
        GpxPoint(47.0 + i * step_m / METRES_PER_DEGREE, 11.0, 500.0 + grade * i * step_m) for i in range(count)
    ]  # fmt: skip


def gpx(*segments: list[GpxPoint], tag: str = "trkpt", times: bool = False) -> str:
    """A GPX text: one track with these segments, or with tag "rtept" one route each."""
    inner, outer = ("trkseg", "trk") if tag == "trkpt" else ("", "rte")
    parts = []
    for segment in segments:
        rows = "\n".join(_point(tag, point, i if times else None) for i, point in enumerate(segment))
        parts.append(f"<{inner}>\n{rows}\n</{inner}>" if inner else f"<{outer}>\n{rows}\n</{outer}>")
    body = "\n".join(parts)
    return HEAD + (f"<{outer}>\n{body}\n</{outer}>" if inner else body) + "\n</gpx>\n"


def _point(tag: str, point: GpxPoint, second: int | None) -> str:
    ele = "" if point.ele_m is None else f"<ele>{point.ele_m}</ele>"
    time = (
        ""
        if second is None
        else f"<time>2026-06-05T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z</time>"
    )
    return f'<{tag} lat="{point.lat}" lon="{point.lon}">{ele}{time}</{tag}>'


def write(path: Path, *segments: list[GpxPoint], tag: str = "trkpt", times: bool = False) -> Path:
    """Write `gpx(...)` to a path and return the path."""
    path.write_text(gpx(*segments, tag=tag, times=times), encoding="utf-8")
    return path
