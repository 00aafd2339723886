"""One stage: from a course, a runner and the day's effort to caps, times and the bytes that go to the device."""

from collections.abc import Sequence
from typing import Any

from holdback.gpx import GpxPoint
from holdback.planning import days
from holdback.planning.athlete import Athlete, hr_bound
from holdback.planning.course import Course
from holdback.planning.demand import Demand, lasting, on_the_day
from holdback.planning.encoding import encode
from holdback.planning.model import Day, Pace, StagePlan
from holdback.planning.redistribution import most_share
from holdback.planning.segments import cut, paced, warmed_up

DESCENT_OVER_FLAT = 1.15  # the default descent limit, as a multiple of the planned speed on the flat; an assumption
DURABILITY = 0.055  # of critical speed lost for each hour of effort^3: what x(T) has in it already
MOST_LOST = 0.25
ROUNDS = 3  # heat and darkness depend on when a place is reached: settles to a few seconds


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
    needs, intensity = settle(course, athlete, day)
    flat_ms = intensity * athlete.critical_speed_ms
    descent_ms = athlete.descent_limit_ms or DESCENT_OVER_FLAT * flat_ms / day.relaxed
    hours = needs.equivalent_m / flat_ms / 3600
    limits = (descent_ms, most_share(intensity, lost(athlete.durability, intensity, hours)))
    segments, elsewhere = paced(cut(course, needs, day), needs, limits, (intensity, flat_ms))
    unhurried_s = sum(segment.time_s for segment in segments)
    if day.stage_no > 1:
        segments = warmed_up(segments)
    planned_s = sum(segment.time_s for segment in segments)
    bound = hr_bound(athlete, intensity / day.relaxed * elsewhere, planned_s / 3600, first_day=day.stage_no == 1)
    pace = Pace(
        intensity, flat_ms, descent_ms, planned_s, bound, needs.shares, needs.load, elsewhere, planned_s - unhurried_s,
        needs.equivalent_m,
    )  # fmt: skip
    return StagePlan(day, pace, encode(athlete, day, pace, course, segments), course, segments)


def settle(course: Course, athlete: Athlete, day: Day) -> tuple[Demand, float]:
    """(what the course costs on its day, the planned effort u): who comes later meets other heat and light."""
    always = needs = lasting(course, athlete, day)
    for _ in range(ROUNDS):
        flat_ms = planned_intensity(needs.equivalent_m, athlete, day) * athlete.critical_speed_ms
        needs = on_the_day(always, course, athlete, day, flat_ms)
        if needs is always:
            break
    return needs, planned_intensity(needs.equivalent_m, athlete, day)


def planned_intensity(equivalent_m: float, athlete: Athlete, day: Day) -> float:
    """u of a course that costs so many level metres."""
    if day.intensity:
        return day.intensity
    critical_kmh = athlete.critical_speed_ms * 3.6
    hours = days.stage_hours(equivalent_m / 1000, day.effort, day.fatigue, critical_kmh)
    return _intensity(athlete, day, hours)


def plan_hours(hours: float, athlete: Athlete, day: Day) -> StagePlan:
    """Plan a stage that has a duration and no course: the device then guards effort and heart rate alone."""
    intensity = day.intensity or _intensity(athlete, day, hours)
    heat = day.conditions.heat_factors([hour * 900.0 for hour in range(int(hours * 4) + 1)], athlete.heat_per_c)
    load = sum(heat) / len(heat)
    flat_ms = intensity * athlete.critical_speed_ms
    bound = hr_bound(athlete, intensity, hours, first_day=day.stage_no == 1)
    descent_ms = athlete.descent_limit_ms or DESCENT_OVER_FLAT * flat_ms
    metres = flat_ms * hours * 3600
    pace = Pace(intensity, flat_ms, descent_ms, hours * 3600, bound, {"heat": load}, load, equivalent_m=metres)
    return StagePlan(day, pace, encode(athlete, day, pace))


def _intensity(athlete: Athlete, day: Day, hours: float) -> float:
    """y (1 - F) x(T), for legs that last as long as most, then what own durability and the ledger make of it."""
    usual = day.effort * (1.0 - day.fatigue) * days.sustainable_fraction(hours)
    own, most = (lost(durability, usual, hours) for durability in (athlete.durability, DURABILITY))
    return usual * (1.0 - own / 2) / (1.0 - most / 2) * day.ledger


def lost(durability: float, intensity: float, hours: float) -> float:
    """The share of critical speed that is gone after so many hours of effort u: durability * u^3 an hour.

    A fit to Clark 2018-19, Jones 2021-23 and Zanini 2025; u = .9 for 2 h costs .0802.
    """
    return min(MOST_LOST, durability * intensity**3 * hours)
