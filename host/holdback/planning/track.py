"""From the points of a GPX file to one clean line: metres along it, a plane for shapes, elevations without holes.

What had to be repaired is said in `notes`; what cannot be repaired without inventing a course is refused.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from holdback.errors import HoldbackError
from holdback.gpx import GpxPoint

WGS84_A_M = 6_378_137.0
WGS84_E2 = 0.00669437999014
MIN_STEP_M = 1.0  # points closer than this are jitter of somebody standing, or duplicates
GAP_M = 500.0  # a gap that is said aloud, if it is also far above the file's usual spacing
MAX_GAP_M = 5_000.0  # no straight line over this is a course
MAX_NOTES = 3
LENGTH_RANGE_M = (200.0, 300_000.0)
ELEVATION_RANGE_M = (-450.0, 9_000.0)
SPIKE_M = 10.0  # a point this far above or below both neighbours, at more than 45°, is a spike


class CourseError(HoldbackError):
    """A track that cannot be a course; says which file and where."""


@dataclass
class Track:
    """A clean line: parallel lists over its points, and what was repaired on the way.

    `s_m` is the distance along the line (WGS 84), `x_m`, `y_m` a plane for shapes, right within a few kilometres.
    """

    name: str
    lat: list[float] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    ele_m: list[float] = field(default_factory=list)
    s_m: list[float] = field(default_factory=list)
    x_m: list[float] = field(default_factory=list)
    y_m: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def scales(lat: float) -> tuple[float, float]:
    """Metres per degree of latitude and of longitude at `lat` degrees, on the WGS 84 ellipsoid."""
    phi = math.radians(lat)
    w2 = 1.0 - WGS84_E2 * math.sin(phi) ** 2
    meridian = WGS84_A_M * (1.0 - WGS84_E2) / (w2 * math.sqrt(w2))
    parallel = WGS84_A_M / math.sqrt(w2) * math.cos(phi)
    return math.radians(meridian), math.radians(parallel)


def clean(segments: Sequence[Sequence[GpxPoint]], name: str = "course") -> Track:
    """One line from all segments in file order. Raises CourseError when they cannot be one course."""
    points = [point for segment in segments for point in segment]
    if len(points) < 2:
        count = "one point" if points else "no track and no route"
        raise CourseError(f"{name}: {count}", "a course needs a line of points", "export the course as a track")
    track = Track(name)
    points = _without_outliers(points, track.notes)
    elevations = _lay(points, track)
    _check_length(track)
    _say_gaps(track, len([segment for segment in segments if segment]))
    _set_elevations(track, elevations)
    return track


def _lay(points: Sequence[GpxPoint], track: Track) -> list[float | None]:
    """Fill position, plane and distance, leaving out points nearer than MIN_STEP_M; returns their elevations."""
    lat0, lon0 = points[0].lat, points[0].lon
    scaled_at, (per_lat, per_lon) = lat0, scales(lat0)
    x = y = s = 0.0
    track.lat, track.lon, track.x_m, track.y_m, track.s_m = [lat0], [lon0], [x], [y], [s]
    elevations = [points[0].ele_m]
    for point in points:
        lat, lon = point.lat, point.lon
        if not -0.002 < lat - scaled_at < 0.002:
            scaled_at, (per_lat, per_lon) = lat, scales(lat)
        d_lon = lon - lon0
        if not -180.0 < d_lon < 180.0:  # the antimeridian
            d_lon -= math.copysign(360.0, d_lon)
        dx, dy = d_lon * per_lon, (lat - lat0) * per_lat
        step = math.hypot(dx, dy)
        if step < MIN_STEP_M:
            continue
        x, y, s, lat0, lon0 = x + dx, y + dy, s + step, lat, lon
        track.lat.append(lat)
        track.lon.append(lon)
        track.x_m.append(x)
        track.y_m.append(y)
        track.s_m.append(s)
        elevations.append(point.ele_m)
    return elevations


def distance_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Metres between two (lat, lon) in degrees, by the scales half way: right to a few per cent at 100 km."""
    per_lat, per_lon = scales((a[0] + b[0]) / 2)
    d_lon = (b[1] - a[1] + 180.0) % 360.0 - 180.0
    return math.hypot(d_lon * per_lon, (b[0] - a[0]) * per_lat)


def _distance(a: GpxPoint, b: GpxPoint) -> float:
    return distance_m((a.lat, a.lon), (b.lat, b.lon))


def _without_outliers(points: list[GpxPoint], notes: list[str]) -> list[GpxPoint]:
    """Drop single points that fly more than MAX_GAP_M away and come straight back; a note says how many."""
    far = MAX_GAP_M / 111_000.0
    suspects = {
        i
        for i in range(1, len(points) - 1)
        if abs(points[i].lat - points[i - 1].lat) + abs(points[i].lon - points[i - 1].lon) > far
        and _distance(points[i - 1], points[i]) > MAX_GAP_M
        and _distance(points[i], points[i + 1]) > MAX_GAP_M
        and _distance(points[i - 1], points[i + 1]) < GAP_M
    }
    if not suspects:
        return points
    notes.append(f"points that jump over {MAX_GAP_M / 1000:g} km away and back, left out: {len(suspects)}")
    return [point for i, point in enumerate(points) if i not in suspects]


def _check_length(track: Track) -> None:
    shortest, longest = LENGTH_RANGE_M
    if not shortest <= track.s_m[-1] <= longest:
        why = f"{track.s_m[-1] / 1000:.2f} km; the range is {shortest / 1000:g} to {longest / 1000:g} km"
        raise CourseError(f"{track.name}: not the length of a stage", why, "export one stage a file")


def _say_gaps(track: Track, parts: int) -> None:
    steps = [b - a for a, b in pairwise(track.s_m)]
    worth_saying = max(GAP_M, 20.0 * median(steps))
    gaps = [(track.s_m[i], step) for i, step in enumerate(steps) if step > min(worth_saying, MAX_GAP_M)]
    for at, gap in gaps:
        if gap > MAX_GAP_M:
            what = f"{track.name}: a jump of {gap / 1000:.1f} km at km {at / 1000:.1f}"
            raise CourseError(what, "that is no course but two", "split the file, or export the stage again")
    if parts > 1:
        track.notes.append(f"{parts} pieces joined in file order")
    track.notes += [f"a gap of {gap:.0f} m at km {at / 1000:.1f} is crossed in a straight line" for at, gap in gaps][
        :MAX_NOTES
    ]
    if len(gaps) > MAX_NOTES:
        track.notes.append(f"and {len(gaps) - MAX_NOTES} more gaps")


def _set_elevations(track: Track, raw: list[float | None]) -> None:
    """Elevations without holes, spikes and placeholders; a note for each kind of repair."""
    low, high = ELEVATION_RANGE_M
    known = [(s, e) for s, e in zip(track.s_m, raw, strict=True) if e is not None and low < e < high]
    if known and median(e for _, e in known) > 100.0:  # zeros are then a receiver's way to say "unknown"
        known = [(s, e) for s, e in known if e != 0.0]
    if not known or all(e == 0.0 for _, e in known):
        track.ele_m = [0.0] * len(raw)
        track.notes.append("no elevation in the file: planned as flat, so climbs will feel too fast")
        return
    holes = len(raw) - len(known)
    level = _without_spikes(known)
    if len(level) < len(known):
        track.notes.append(f"{len(known) - len(level)} elevation spikes removed")
    if holes:
        track.notes.append(f"{holes} of {len(raw)} points without elevation: filled in between neighbours")
    track.ele_m = [e for _, e in level] if len(level) == len(raw) else interpolate(level, track.s_m)


def _without_spikes(known: list[tuple[float, float]]) -> list[tuple[float, float]]:
    level = known[:1]
    for (s, e), (s_next, e_next) in pairwise(known[1:]):
        s_last, e_last = level[-1]
        up, down = e - e_last, e - e_next
        spike = up * down > 0 and abs(up) > max(SPIKE_M, s - s_last) and abs(down) > max(SPIKE_M, s_next - s)
        if not spike:
            level.append((s, e))
    return level + known[max(1, len(known) - 1) :]


def interpolate(known: Sequence[tuple[float, float]], at: Sequence[float]) -> list[float]:
    """Values at ascending places from ascending (place, value) pairs; level before the first and after the last."""
    values, i, last = [], 0, len(known) - 1
    for s in at:
        while i < last and known[i + 1][0] < s:
            i += 1
        (s0, v0), (s1, v1) = known[i], known[min(i + 1, last)]
        share = min(1.0, max(0.0, (s - s0) / (s1 - s0))) if s1 > s0 else 0.0
        values.append(v0 + (v1 - v0) * share)
    return values
