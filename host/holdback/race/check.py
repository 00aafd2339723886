"""Everything that can be said about a race folder before it is run: what is wrong, what is worth knowing, the plans."""

from dataclasses import dataclass, field
from pathlib import Path

from holdback.errors import HoldbackError
from holdback.planning import Course, StagePlan
from holdback.race.folder import Race, load_race
from holdback.race.plan import plan_race, read_course
from holdback.race.problems import RACE_FILE, Problem, RaceError
from holdback.race.schedule import Stage


@dataclass
class Findings:
    """What a check found. `race` and `plans` are there when nothing is wrong."""

    folder: Path
    race: Race | None = None
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    plans: list[StagePlan] = field(default_factory=list)


def check_race(folder: Path | str) -> Findings:
    """Read and plan a race folder; problems are collected, not raised. Raises NotFoundError without race.toml."""
    found = Findings(Path(folder))
    try:
        race = load_race(folder)
    except RaceError as error:
        found.problems = error.problems
        return found
    courses = [_course(stage, found.problems) for stage in race.stages]
    if not found.problems:
        found.race = race
        found.plans = plan_race(race, courses=courses)
        for plan in found.plans:
            found.notes += [f"stage {plan.stage_no} {plan.name}: {note}" for note in _notes(race, plan)]
    return found


def planned(folder: Path | str) -> tuple[Race, list[StagePlan]]:
    """The race and its plans; RaceError when anything is wrong."""
    found = check_race(folder)
    if not found.race:
        raise RaceError(found.problems, folder)
    return found.race, found.plans


def _course(stage: Stage, problems: list[Problem]) -> Course | None:
    try:
        course = read_course(stage)
    except HoldbackError as error:
        what = f"{error.what} ({error.why})" if error.why else error.what
        problems.append(Problem(RACE_FILE, f"stages[{stage.no}].gpx", what, error.next_step))
        return None
    for number, (at_m, _, name, _) in enumerate(stage.stations, 1):
        if course and at_m > course.length_m:
            what = f"{name} at km {at_m / 1000:g} is beyond the finish at km {course.length_m / 1000:.1f}"
            problems.append(Problem(RACE_FILE, f"stages[{stage.no}].stations[{number}].km", what))
    return course


def _notes(race: Race, plan: StagePlan) -> list[str]:
    late = [
        f"{name}: the plan arrives {_minutes(arrival - cutoff)} after the cut-off"
        for at_m, cutoff, name, _ in plan.day.stations
        if cutoff and (arrival := arrival_s(plan, at_m)) > cutoff
    ]
    return plan.notes + late


def arrival_s(plan: StagePlan, at_m: float) -> float:
    """Planned moving seconds from the start to a place."""
    return sum(
        (min(part.end_m, at_m) - part.start_m) / part.speed_ms for part in plan.segments if part.start_m < at_m
    )  # fmt: skip


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min"
