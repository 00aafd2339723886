"""What a plan tells the device's guards beside the caps: meals by energy, limits of descents, what it knows already."""

from collections.abc import Mapping, Sequence
from typing import Any

from holdback.planning.athlete import Athlete
from holdback.planning.course import CELL_M, Course
from holdback.planning.days import TRAINED_DESCENT_M
from holdback.planning.demand import own_slopes
from holdback.planning.model import Day, Pace, Segment

PORTION_G = 25  # carbohydrate of one gel or half a bar: what an EAT asks for
EAT_RANGE_M = (500, 65_535)
SINK_OVER_PLAN = 1.15  # of the steepest sinking that is planned: as for speed on descents, an assumption
SINK_MOST_CMS = 1_000
FREE_SHARE: Mapping[str, float] = {"hold": 0.10, "survive": 0.10, "train": 0.15, "push": 0.20}  # assumptions
TRAINED_MORE = 1.5  # for legs that have gone down enough in the last 21 days; an assumption
FREE_MOST_DM = 65_535


def guards(
    athlete: Athlete, day: Day, pace: Pace, course: Course | None = None, segments: Sequence[Segment] = ()
) -> dict[str, Any]:
    """The writer's keys of the guards (docs/plan-format.md), for a stage with or without a course."""
    keys: dict[str, Any] = {"after_stage": day.after_stage}
    if day.cues.eat_g_h:
        every_s = eat_every_s(day.cues.eat_g_h)
        least, most = EAT_RANGE_M
        level_m = pace.equivalent_m / pace.load * every_s / pace.planned_s
        keys |= {"fuel": (day.cues.eat_g_h, every_s), "eat_every_m": max(least, min(most, round(level_m)))}
    if course and (sink_cms := sink_limit_cms(course, athlete, segments)):
        keys |= {"sink_cms": sink_cms, "ecc_budget_dm": free_descent_dm(athlete, day, course)}
    return keys


def eat_every_s(g_per_h: int) -> int:
    """Seconds from one portion to the next."""
    return round(PORTION_G * 3600 / g_per_h)


def sink_limit_cms(course: Course, athlete: Athlete, segments: Sequence[Segment]) -> int:
    """Vertical speed, cm/s, that a descent should not exceed; 0 where the course goes down nowhere.

    A segment's mean hides its steepest metres, so the plan's sinking is looked at in each cell.
    """
    steepest, slopes = 0.0, own_slopes(course, athlete)
    for part in segments:
        level_ms = part.speed_ms * part.factor / part.load
        for cell in range(round(part.start_m / CELL_M), round(part.end_m / CELL_M)):
            steepest = max(steepest, -course.grades[cell] / slopes[cell] * level_ms)
    return min(SINK_MOST_CMS, round(SINK_OVER_PLAN * steepest * 100))


def free_descent_dm(athlete: Athlete, day: Day, course: Course) -> int:
    """Descent above the limits, dm of altitude, that is free before the brake speaks: a share of the day's descent."""
    trained = (athlete.downhill_m_21d or 0.0) >= TRAINED_DESCENT_M
    share = FREE_SHARE[day.role] * (TRAINED_MORE if trained else 1.0)
    return min(FREE_MOST_DM, round(share * course.descent_m * 10))
