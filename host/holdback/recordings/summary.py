"""What an activity comes to: distance, climb, times, heart rate. The same figures go into FIT and on the screen."""

from collections.abc import Iterable
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt

import msgspec

from holdback.recordings.activity import Point

GAP_S = 30.0  # no sample for longer than this: the recorder was off, its timer stood
MOVING_MS = 0.3  # below this a runner stands; the odometer of the device uses the same bound
CLIMB_STEP_M = 3.0  # a barometer's and a receiver's noise stays below this; a smaller one adds metres that are none
EARTH_M = 6371008.8  # mean radius, IUGG


class Summary(msgspec.Struct):
    """Totals of a list of points; None where the points do not say.

    timer_s leaves gaps of more than GAP_S out; moving_s also leaves standing out. Speeds in m/s, over timer_s.
    """

    start_s: float
    elapsed_s: float
    timer_s: float
    moving_s: float
    distance_m: float
    ascent_m: float | None
    descent_m: float | None
    hr_avg_bpm: float | None
    hr_max_bpm: int | None
    speed_avg_ms: float
    speed_max_ms: float | None


def summarise(points: list[Point]) -> Summary:
    """Totals of points in time order; at least one point."""
    distances = distances_m(points)
    elapsed = points[-1].time_s - points[0].time_s
    steps = (b.time_s - a.time_s for a, b in pairwise(points))
    timer = sum(dt for dt in steps if dt <= GAP_S)
    speeds = [point.speed_ms for point in points if point.speed_ms is not None]
    hearts = [point.hr_bpm for point in points if point.hr_bpm is not None]
    ascent, descent = climb_m(point.alt_m for point in points)
    return Summary(
        start_s=points[0].time_s,
        elapsed_s=elapsed,
        timer_s=timer,
        moving_s=_moving_s(points, distances),
        distance_m=distances[-1] - distances[0],
        ascent_m=ascent,
        descent_m=descent,
        hr_avg_bpm=sum(hearts) / len(hearts) if hearts else None,
        hr_max_bpm=max(hearts, default=None),
        speed_avg_ms=(distances[-1] - distances[0]) / timer if timer else 0.0,
        speed_max_ms=max(speeds, default=None),
    )


def _moving_s(points: list[Point], distances: list[float]) -> float:
    total = 0.0
    for i in range(1, len(points)):
        dt, speed = points[i].time_s - points[i - 1].time_s, points[i].speed_ms
        moved = distances[i] - distances[i - 1] if speed is None else speed * dt
        if dt <= GAP_S and moved >= MOVING_MS * dt:
            total += dt
    return total


def distances_m(points: list[Point]) -> list[float]:
    """The running distance at each point: the device's own count where it has one, else along the positions."""
    if any(point.dist_m is not None for point in points):
        return _carried([point.dist_m for point in points])
    total, last, distances = 0.0, None, []
    for point in points:
        if point.lat is not None:
            total += apart_m(last, point) if last else 0.0
            last = point
        distances.append(total)
    return distances


def _carried(counts: list[float | None]) -> list[float]:
    """Without holes, and never falling: a counter that restarts (a new leg, a reset) goes on from where it was."""
    last = next(count for count in counts if count is not None)
    total, result = last, []
    for count in counts:
        if count is not None:
            total += max(0.0, count - last)
            last = count
        result.append(total)
    return result


def apart_m(a: Point, b: Point) -> float:
    """Great-circle distance of two points that have positions (haversine)."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return 0.0
    half_lat, half_lon = radians(b.lat - a.lat) / 2, radians(b.lon - a.lon) / 2
    chord = sin(half_lat) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(half_lon) ** 2
    return 2 * EARTH_M * asin(sqrt(min(1.0, chord)))


def climb_m(altitudes: Iterable[float | None]) -> tuple[float | None, float | None]:
    """Ascent and descent in metres; turns of less than CLIMB_STEP_M are taken for noise. None without altitudes."""
    known = [altitude for altitude in altitudes if altitude is not None]
    if not known:
        return None, None
    legs = [b - a for a, b in pairwise(_turns(known))]
    return sum(leg for leg in legs if leg > 0), -sum(leg for leg in legs if leg < 0)


def _turns(altitudes: list[float]) -> list[float]:
    """The first altitude, the tops and bottoms that CLIMB_STEP_M sets apart, and the last extreme."""
    turns = [altitudes[0]]
    low = high = altitudes[0]
    rising = None
    for altitude in altitudes:
        low, high = min(low, altitude), max(high, altitude)
        if rising is not False and high - altitude >= CLIMB_STEP_M:
            turns.append(high)
            rising, low = False, altitude
        elif rising is not True and altitude - low >= CLIMB_STEP_M:
            turns.append(low)
            rising, high = True, altitude
    if rising is not None:
        turns.append(high if rising else low)
    return turns
