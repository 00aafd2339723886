"""The course of a stage in segments, each with its cap: effort, speed, descent limit, where to walk, warm-up."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pacing import planformat
from pacing.cost import walk_speed_cms

from holdback.planning.caps import merge
from holdback.planning.course import CELL_M, Course
from holdback.planning.demand import Demand
from holdback.planning.model import Day, Segment
from holdback.planning.redistribution import Stretch, share_elsewhere, speed_on

DESCENT_GRADE = -0.08  # from here on speed misleads and the quadriceps pay
HIKE_GRADE = 0.06
WARM_UP_S = (
    1200.0  # on days after the first the device allows .90 of a cap at the gun, the whole of it 20 minutes later
)
WARM_UP_SHARE = 0.90
CAP_RANGE_PM = (planformat.MIN_CAP_PM, planformat.MAX_CAP_PM)


def cut(course: Course, demand: Demand, day: Day) -> list[Segment]:
    """The course in segments of like cost, without speeds and caps as yet."""
    neutral = round(min(day.neutral_m, course.length_m) / CELL_M)
    borders = [round(place / CELL_M) for part in course.ground for place in (part.start_m, part.end_m)]
    ends = merge(demand.costs, (neutral, *borders))
    segments = []
    for first, last in pairwise([0, *ends]):
        start, end = first * CELL_M, min(last * CELL_M, course.length_m)
        grade = (course.alt_m[last] - course.alt_m[first]) / ((last - first) * CELL_M)
        factor = sum(demand.costs[first:last]) / (last - first)
        flags = planformat.NEUTRAL if last <= neutral else 0
        if grade <= DESCENT_GRADE:
            flags |= planformat.DESCENT | (planformat.TECHNICAL if _technical(course, day, start) else 0)
        segments.append(Segment(start, end, grade, factor, 0.0, flags, 0.0, 0))
    return segments


def _technical(course: Course, day: Day, at_m: float) -> bool:
    for part in course.ground:
        if part.start_m - CELL_M / 2 <= at_m < part.end_m - CELL_M / 2:
            return part.technical
    return day.technical


def stretches(segments: Sequence[Segment], descent_ms: float) -> list[Stretch]:
    """For sharing out the effort; the limit is one on descents."""
    return [
        Stretch(part.end_m - part.start_m, part.factor, descent_ms if part.grade < 0 else None) for part in segments
    ]


def paced(segments: Sequence[Segment], demand: Demand, limits: tuple[float, float], paces: tuple[float, float]):
    """(segments with speeds and caps, share of the effort elsewhere).

    `limits`: m/s on descents and the greatest share elsewhere; `paces`: effort in fractions of critical speed and the
    speed that it is on a level road.
    """
    descent_ms, most = limits
    intensity, flat_ms = paces
    parts = stretches(segments, descent_ms)
    elsewhere = share_elsewhere(parts, flat_ms, most)
    found = []
    for segment, part in zip(segments, parts, strict=True):
        held = part.limit_ms is not None and part.limit_ms < flat_ms / part.factor
        effort = intensity * (1.0 if held else elsewhere)
        speed = speed_on(part, flat_ms * (1.0 if held else elsewhere))
        found.append(_with_cap(replace(segment, effort=effort, speed_ms=speed), demand))
    return found, elsewhere


def _with_cap(segment: Segment, demand: Demand) -> Segment:
    first, last = round(segment.start_m / CELL_M), max(1, -int(-segment.end_m // CELL_M))
    load = sum(demand.costs[first:last]) / sum(demand.slopes[first:last])
    low, high = CAP_RANGE_PM
    cap_pm = max(low, min(high, round(segment.effort * 1000 * demand.load / load)))
    flags = segment.flags
    if segment.grade >= HIKE_GRADE and segment.speed_ms * 100 < walk_speed_cms(round(segment.grade * 1000)):
        flags |= planformat.HIKE
    return replace(segment, cap_pm=cap_pm, flags=flags, load=load)


def warmed_up(segments: Sequence[Segment]) -> list[Segment]:
    """With the speeds of a morning after a stage: slower for 20 minutes, in which the caps rise to the whole."""
    found, elapsed_s = [], 0.0
    for part in segments:
        if elapsed_s < WARM_UP_S:
            metres = part.end_m - part.start_m
            part = replace(part, speed_ms=metres / _warming_s(metres, part.speed_ms, elapsed_s))  # noqa: PLW2901
        found.append(part)
        elapsed_s += part.time_s
    return found


def _warming_s(metres: float, speed_ms: float, from_s: float) -> float:
    """Seconds for `metres` of a plan at `speed_ms`, begun `from_s` after the gun, while the share rises linearly."""
    rise = (1.0 - WARM_UP_SHARE) / WARM_UP_S
    share = WARM_UP_SHARE + rise * from_s
    left_s = WARM_UP_S - from_s
    by_then_m = speed_ms * (share * left_s + rise * left_s**2 / 2)
    if by_then_m <= metres:
        return left_s + (metres - by_then_m) / speed_ms
    return (-share + (share**2 + 2 * rise * metres / speed_ms) ** 0.5) / rise
