"""One stage: from a course, a runner and the day's effort to caps, times and the bytes that go to the device."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pacing import planformat
from pacing.cost import walk_speed_cms

from holdback.gpx import GpxPoint
from holdback.planning import days
from holdback.planning.athlete import Athlete, hr_bound
from holdback.planning.caps import merge
from holdback.planning.course import CELL_M, Course
from holdback.planning.encoding import encode
from holdback.planning.model import Day, Pace, Segment, StagePlan

DESCENT_GRADE = -0.08  # from here on speed misleads and the quadriceps pay
HIKE_GRADE = 0.06
DESCENT_OVER_FLAT = 1.15  # the default descent limit, as a multiple of the planned speed on the flat; an assumption


def plan_course(
    points: Sequence[GpxPoint] | Sequence[Sequence[GpxPoint]],
    athlete: Athlete | None = None,
    *,
    terrain: float = 1.0,
    **day: Any,
) -> StagePlan:
    """Plan any track, with no race folder; `day` takes the fields of Day. Raises CourseError."""
    course = Course(points, terrain=terrain, name=day.get("name") or "course")
    return plan_stage(course, athlete or Athlete(), Day(**day))


def plan_stage(course: Course, athlete: Athlete, day: Day) -> StagePlan:
    """Plan one stage on a course."""
    critical_kmh = athlete.critical_speed_ms * 3.6
    hours = days.stage_hours(course.equivalent_m / 1000, day.effort, day.fatigue, critical_kmh)
    intensity = day.intensity or _intensity(day, hours)
    flat_ms = intensity * athlete.critical_speed_ms
    descent_ms = athlete.descent_limit_ms or DESCENT_OVER_FLAT * flat_ms
    segments = cut(course, day, flat_ms, descent_ms)
    planned_s = sum(segment.time_s for segment in segments)
    bound = hr_bound(athlete, intensity, planned_s / 3600, first_day=day.stage_no == 1)
    pace = Pace(intensity, flat_ms, descent_ms, planned_s, bound)
    return StagePlan(day, pace, encode(athlete, day, pace, course, segments), course, segments)


def plan_hours(hours: float, athlete: Athlete, day: Day) -> StagePlan:
    """Plan a stage that has a duration and no course: the device then guards effort and heart rate alone."""
    intensity = day.intensity or _intensity(day, hours)
    flat_ms = intensity * athlete.critical_speed_ms
    bound = hr_bound(athlete, intensity, hours, first_day=day.stage_no == 1)
    pace = Pace(intensity, flat_ms, athlete.descent_limit_ms or DESCENT_OVER_FLAT * flat_ms, hours * 3600, bound)
    return StagePlan(day, pace, encode(athlete, day, pace))


def _intensity(day: Day, hours: float) -> float:
    return day.effort * (1.0 - day.fatigue) * days.sustainable_fraction(hours)


def cut(course: Course, day: Day, flat_ms: float, descent_ms: float) -> list[Segment]:
    """The course in segments of like cost, with the speed that the planned effort gives there."""
    neutral = round(min(day.neutral_m, course.length_m) / CELL_M)
    ends = merge(course.factors, (neutral,))
    segments = []
    for first, last in pairwise([0, *ends]):
        start, end = first * CELL_M, min(last * CELL_M, course.length_m)
        grade = (course.alt_m[last] - course.alt_m[first]) / ((last - first) * CELL_M)
        factor = sum(course.factors[first:last]) / (last - first)
        speed = min(flat_ms / factor, descent_ms)
        flags = _flags(grade, speed, day.technical) | (planformat.NEUTRAL if last <= neutral else 0)
        segments.append(Segment(start, end, grade, factor, speed, flags))
    return segments


def _flags(grade: float, speed_ms: float, technical: bool) -> int:
    if grade <= DESCENT_GRADE:
        return planformat.DESCENT | (planformat.TECHNICAL if technical else 0)
    if grade >= HIKE_GRADE and speed_ms * 100 < walk_speed_cms(round(grade * 1000)):
        return planformat.HIKE
    return 0
