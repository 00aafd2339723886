"""All stages of a race: efforts by day, then each stage's plan."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from holdback.gpx import GpxDocument, read_gpx
from holdback.planning import days
from holdback.planning.athlete import Athlete
from holdback.planning.course import Course
from holdback.planning.model import Day, StagePlan
from holdback.planning.stage import plan_hours, plan_stage
from holdback.race.folder import Race
from holdback.race.outline import Outline, gates_needed, outlines
from holdback.race.schedule import Stage

PUSH_FROM = 0.95
ALL_OUT = 1.0
WITHIN_REACH = 1.03  # critical speed is not known better: what needs more than that is not urged towards
ROUNDS = 4  # a raised effort tires, which may ask for another one on a later day


@dataclass(frozen=True)
class Efforts:
    """What each day is given: effort, fatigue of its morning, and by the day's number where a cut-off raises it (from,
    station) and which cut-offs are out of reach.
    """

    efforts: list[float]
    mornings: list[float]
    raised: dict[int, tuple[float, str]]
    lost: dict[int, list[str]]


def plan_race(race: Race, after: int = 0, courses: Sequence[Course | None] | None = None) -> list[StagePlan]:
    """Plans of the stages after number `after`, in order; cancelled ones are left out.

    Earlier stages count as run to plan. `courses`, one a stage, saves reading the files again.
    Raises GpxError, CourseError or NotFoundError, which name the stage's file.
    """
    lines = outlines(race, courses or [read_course(stage) for stage in race.stages])
    return build(race, lines, planned_days(race, lines), after)


def build(race: Race, lines: Sequence[Outline], given: Sequence[Day], after: int = 0) -> list[StagePlan]:
    """The plans of the stages after number `after` that are run, each on the day that it is given."""
    pairs = zip(lines, given, strict=True)
    return [_plan(race, one, day) for one, day in pairs if one.stage.no > after and not one.stage.cancelled]


def read_course(stage: Stage) -> Course | None:
    """The course of a stage; None for a stage of hours, or a cancelled one."""
    if stage.gpx is None or stage.cancelled:
        return None
    return course_of(stage, read_gpx(stage.gpx))


def course_of(stage: Stage, document: GpxDocument) -> Course:
    """The course of a stage in a file that has been read. Raises CourseError."""
    course = Course(document.segments, terrain=stage.terrain, ground=stage.ground, name=document.name)
    course.notes.extend(document.notes)
    return course


def choose(athlete: Athlete, lines: Sequence[Outline], fatigue: float = 0.0) -> Efforts:
    """The efforts that lose least in total and keep the cut-offs, up to all out where one needs that and is in reach.

    `fatigue` is that of the first morning. An effort that was written by hand stays.
    """
    distances, tolls = [one.distance_km for one in lines], [one.toll for one in lines]
    wear, critical_kmh = days.Wear(athlete.kappa, athlete.rho), athlete.critical_speed_ms * 3.6
    ranges = [one.efforts for one in lines]
    free = days.optimise(distances, critical_kmh, ranges, fatigue, wear=wear, tolls=tolls)
    chosen = _with_cutoffs(lines, free, (fatigue, wear, critical_kmh))
    raised = chosen.raised
    for _ in range(ROUNDS):
        if not chosen.raised:
            break
        ranges = [(one, one) if number in raised else span
                  for number, (one, span) in enumerate(zip(chosen.efforts, ranges, strict=True))]  # fmt: skip
        best = days.optimise(distances, critical_kmh, ranges, fatigue, wear=wear, tolls=tolls)
        chosen = _with_cutoffs(lines, best, (fatigue, wear, critical_kmh))
        raised |= chosen.raised
    return replace(chosen, raised={number: (free[number], name) for number, (_, name) in raised.items()})


def _with_cutoffs(lines: Sequence[Outline], efforts: Sequence[float], legs: tuple[float, days.Wear, float]) -> Efforts:
    """Day by day, the efforts and what their cut-offs raise them to, with what that takes out of the legs."""
    fatigue, wear, critical_kmh = legs
    found = Efforts([], [], {}, {})
    for number, (one, planned) in enumerate(zip(lines, efforts, strict=True)):
        needs = gates_needed(one, fatigue, critical_kmh)
        found.lost[number] = [name for effort, name in needs if effort > WITHIN_REACH]
        needed, station = max((need for need in needs if need[0] <= WITHIN_REACH), default=(0.0, ""))
        effort = min(ALL_OUT, math.ceil(needed * 100 - 1e-6) / 100)
        if one.stage.effort or effort < planned + 1e-9:
            effort = planned
        else:
            found.raised[number] = (planned, station)
        found.efforts.append(effort)
        found.mornings.append(fatigue)
        hours = days.stage_hours(one.distance_km, effort, fatigue, critical_kmh)
        fatigue = days.next_fatigue(fatigue, hours, effort, wear, one.toll)
    return found


def planned_days(race: Race, lines: Sequence[Outline]) -> list[Day]:
    """The days of the whole race as they are planned before it."""
    chosen = choose(race.athlete, lines)
    return [_day(race, one, chosen, number) for number, one in enumerate(lines)]


def _day(race: Race, one: Outline, chosen: Efforts, number: int) -> Day:
    effort = chosen.efforts[number]
    day = replace(
        one.day, effort=effort, fatigue=chosen.mornings[number], role=_role(one.stage, effort, len(race.stages))
    )
    notes = [
        f"{name}: its cut-off cannot be kept, even all out: nothing is raised for it" for name in chosen.lost[number]
    ]
    if number not in chosen.raised:
        return replace(day, notes=tuple(notes))
    before, station = chosen.raised[number]
    notes.append(f"effort raised from {before:.2f} to {effort:.2f}: {station} needs it before its cut-off")
    return replace(day, relaxed=effort / before, notes=tuple(notes))


def _role(stage: Stage, effort: float, count: int) -> str:
    """Day 1 holds, the last day survives, between them a day that may go near its all-out pushes; hours are training.

    Hours have no finish to reach sooner, so nothing is won by going near all out.
    """
    if stage.hours and not stage.role:
        return "train"
    if stage.role or stage.no == 1:
        return stage.role or "hold"
    if stage.no == count:
        return "survive"
    return "push" if effort >= PUSH_FROM else "hold"


def _plan(race: Race, one: Outline, day: Day) -> StagePlan:
    if one.course:
        return plan_stage(one.course, race.athlete, day)
    return plan_hours(one.stage.hours or 0.0, race.athlete, day)
