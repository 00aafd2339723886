"""A recorded run, second by second, as the receiver and the strap would have seen it.

A watch that records smartly leaves seconds out; they are filled in on the straight line between its points. Where
the file is silent for longer, nothing is known and nothing is fed.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from holdback.recordings.activity import Activity, Point
from holdback.simulation.world.receiver import M_PER_DEG, Truth

MAX_HOLE_S = 60.0
"""Longer holes are pauses. Smart recording leaves up to 50 s between points of somebody running at 2-3 m/s (the 5 h
Toiflhuette GPX); from 66 s on, the ends of its holes are at walking distance of nothing: a rest."""


class Second(NamedTuple):
    """What there is at one second: unix time, the place (None: no fix) and the heart rate (None: strap silent)."""

    utc_s: float
    truth: Truth | None
    hr_bpm: int | None


def seconds(activity: Activity) -> Iterator[Second]:
    """1 Hz from the first point to the last; seconds inside pauses are missing."""
    stretch: list[Point] = []
    for point in activity.points:
        if stretch and point.time_s - stretch[-1].time_s > MAX_HOLE_S:
            yield from _second_by_second(stretch)
            stretch = []
        stretch.append(point)
    yield from _second_by_second(stretch)


def pauses(points: Sequence[Point]) -> list[tuple[float, float]]:
    """(from, to) in unix seconds of the stretches that the file says nothing about."""
    return [(a.time_s, b.time_s) for a, b in pairwise(points) if b.time_s - a.time_s > MAX_HOLE_S]


def step_m(before: Point, after: Point) -> float | None:
    """Metres between two points as the file itself counts them: its own distance, or the line between them."""
    if before.dist_m is not None and after.dist_m is not None and after.dist_m >= before.dist_m:
        return after.dist_m - before.dist_m
    if before.lat is None or after.lat is None:
        return None
    north, east = _offset_m(before, after)
    return math.hypot(north, east)


def _second_by_second(points: list[Point]) -> Iterator[Second]:
    """The grid starts on the first point, so that a 1 Hz file is fed as it is."""
    run_m = [0.0]
    for a, b in pairwise(points):
        run_m.append(run_m[-1] + (step_m(a, b) or 0.0))
    index, last_m = 0, None
    for second in range(int(points[-1].time_s - points[0].time_s) + 1):
        utc_s = points[0].time_s + second
        while index + 2 < len(points) and points[index + 1].time_s <= utc_s:
            index += 1
        before, after = points[index], points[min(index + 1, len(points) - 1)]
        span_s = after.time_s - before.time_s
        share = min(1.0, (utc_s - before.time_s) / span_s) if span_s else 0.0
        now_m = run_m[index] + share * (run_m[min(index + 1, len(points) - 1)] - run_m[index])
        # What a watch shows as speed is smoothed and does not add up; metres of the last second do.
        speed_ms = now_m - last_m if last_m is not None else points[0].speed_ms or 0.0
        last_m = now_m
        yield Second(utc_s, _between(before, after, share, speed_ms), (after if share == 1.0 else before).hr_bpm)


def _between(before: Point, after: Point, share: float, speed_ms: float) -> Truth | None:
    if share == 1.0:
        before = after
    if before.lat is None or before.lon is None or after.lat is None or after.lon is None:
        return None
    alt_m = before.alt_m
    if before.alt_m is not None and after.alt_m is not None:
        alt_m = before.alt_m + share * (after.alt_m - before.alt_m)
    lat_deg = before.lat + share * (after.lat - before.lat)
    lon_deg = before.lon + share * (after.lon - before.lon)
    north, east = _offset_m(before, after)
    return Truth(lat_deg, lon_deg, alt_m, speed_ms, math.degrees(math.atan2(east, north)) % 360)


def _offset_m(a: Point, b: Point) -> tuple[float, float]:
    assert a.lat is not None and a.lon is not None and b.lat is not None and b.lon is not None
    east = ((b.lon - a.lon + 180) % 360 - 180) * M_PER_DEG * math.cos(math.radians((a.lat + b.lat) / 2))
    return (b.lat - a.lat) * M_PER_DEG, east
