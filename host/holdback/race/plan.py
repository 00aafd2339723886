"""All stages of a race: efforts by day, then each stage's plan."""

from holdback.gpx import GpxDocument, read_gpx
from holdback.planning import days
from holdback.planning.course import Course
from holdback.planning.model import Day, StagePlan, Station
from holdback.planning.stage import plan_hours, plan_stage
from holdback.race.folder import Race
from holdback.race.schedule import Stage

# How far a role set by hand lets the optimiser go; a stage without one is free, but for day 1.
ROLE_RANGES = {"hold": days.DAY_1, "push": (0.95, 1.00), "survive": days.FREE, "train": (0.80, 0.90)}
PUSH_FROM = 0.95


def plan_race(race: Race, after: int = 0, courses: list[Course | None] | None = None) -> list[StagePlan]:
    """Plans of the stages after number `after`, in order; cancelled ones are left out.

    Earlier stages count as run to plan. `courses`, one a stage, saves reading the files again.
    Raises GpxError, CourseError or NotFoundError, which name the stage's file.
    """
    courses = courses or [read_course(stage) for stage in race.stages]
    critical_kmh = race.athlete.critical_speed_ms * 3.6
    distances = [_distance_km(stage, course, critical_kmh) for stage, course in zip(race.stages, courses, strict=True)]
    ranges = [effort_range(stage) for stage in race.stages]
    efforts = days.optimise(distances, critical_kmh, ranges)
    _, mornings = days.race_hours(distances, efforts, critical_kmh)
    roles = [_role(stage, effort, len(race.stages)) for stage, effort in zip(race.stages, efforts, strict=True)]
    return [
        _plan(race, stage, course, (effort, fatigue, role))
        for stage, course, effort, fatigue, role in zip(race.stages, courses, efforts, mornings, roles, strict=True)
        if stage.no > after and not stage.cancelled
    ]


def read_course(stage: Stage) -> Course | None:
    """The course of a stage; None for a stage of hours, or a cancelled one."""
    if stage.gpx is None or stage.cancelled:
        return None
    return course_of(stage, read_gpx(stage.gpx))


def course_of(stage: Stage, document: GpxDocument) -> Course:
    """The course of a stage in a file that has been read. Raises CourseError."""
    course = Course(document.segments, terrain=stage.terrain, name=document.name)
    course.notes.extend(document.notes)
    return course


def effort_range(stage: Stage) -> tuple[float, float]:
    """(least, greatest) y that a stage may be given."""
    if stage.effort:
        return stage.effort, stage.effort
    by_itself = "train" if stage.hours else "hold" if stage.no == 1 else "survive"
    return ROLE_RANGES[stage.role or by_itself]


def _distance_km(stage: Stage, course: Course | None, critical_kmh: float) -> float:
    """Effort-equivalent km; of a stage of hours what these hours would give all out; 0 where nothing is run."""
    if stage.cancelled:
        return 0.0
    if course:
        return course.equivalent_m / 1000
    return stage.hours * days.sustainable_fraction(stage.hours) * critical_kmh if stage.hours else 0.0


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


def _plan(race: Race, stage: Stage, course: Course | None, given: tuple[float, float, str]) -> StagePlan:
    effort, fatigue, role = given
    day = Day(
        stage_no=stage.no, stage_count=len(race.stages), name=stage.name, race=race.name, role=role, effort=effort,
        fatigue=fatigue, neutral_m=stage.neutral_m, technical=stage.technical, stations=_stations(stage, course),
        gun_utc_s=round(stage.start.timestamp()), cues=race.cues,
    )  # fmt: skip
    return plan_stage(course, race.athlete, day) if course else plan_hours(stage.hours or 0.0, race.athlete, day)


def _stations(stage: Stage, course: Course | None) -> tuple[Station, ...]:
    """None beyond the end of the course; the finish is one of them where it has a cut-off."""
    if not course:
        return ()
    return tuple(item._replace(at_m=min(item.at_m, course.length_m)) for item in stage.stations)
