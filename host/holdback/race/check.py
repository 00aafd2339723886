"""Everything that can be said about a race folder before it is run: what is good, what is wrong, what looks odd."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

from pacing.prompts import MARGIN_S  # below this the device speaks of a cut-off

from holdback.errors import HoldbackError
from holdback.gpx import read_gpx
from holdback.planning import Course, StagePlan
from holdback.race import oddities
from holdback.race.folder import Race, load_race
from holdback.race.forecast import forecasts_beside, odd_conditions
from holdback.race.oddities import StageFiles
from holdback.race.plan import course_of, plan_race
from holdback.race.problems import RACE_FILE, Problem, RaceError
from holdback.race.results import RESULTS_FILE, load_results
from holdback.race.schedule import Stage
from holdback.race.timetable import arrivals
from holdback.race.zones import odd_zone

BEYOND = 1.03  # organisers' kilometres and a file's differ by a few per cent


@dataclass
class Findings:
    """What a check found. `race` and `plans` are there when nothing is wrong.

    `good` is reassurance, `odd` looks like a slip but does not stop planning, `notes` are worth knowing.
    """

    folder: Path
    race: Race | None = None
    good: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    plans: list[StagePlan] = field(default_factory=list)


def check_race(folder: Path | str, today: date | None = None) -> Findings:
    """Read and plan a race folder; problems are collected, not raised. Raises NotFoundError without race.toml."""
    found = Findings(Path(folder))
    try:
        race = load_race(folder)
    except RaceError as error:
        found.problems = error.problems
        return found
    found.problems += _results_problems(race)
    files = [_read(stage, found.problems) for stage in race.stages]
    elsewhere = list(oddities.far_zone(race, files))
    found.problems += elsewhere
    found.odd += [] if elsewhere else odd_zone(race, files)
    found.odd += [*oddities.odd_files(race, files), *oddities.odd_hours(race, today or date.today())]
    found.good += _good(race, files)
    if not found.problems:
        _plan(race, [file.course for file in files], found)
    return found


def planned(folder: Path | str) -> tuple[Race, list[StagePlan]]:
    """The race and its plans; RaceError when anything is wrong."""
    found = check_race(folder)
    if not found.race:
        raise RaceError(found.problems, folder)
    return found.race, found.plans


def _plan(race: Race, courses: list[Course | None], found: Findings) -> None:
    plans = plan_race(race, courses=courses)
    found.problems += [
        *oddities.overlaps(race, plans), *oddities.bad_cutoffs(race, plans), *forecasts_beside(race, plans),
    ]  # fmt: skip
    if found.problems:
        return
    found.race, found.plans = race, plans
    for plan in plans:
        name = f"stage {plan.stage_no} {plan.name}"
        found.odd += [f"{name}: {text}" for text in (*_late(race, plan), *odd_conditions(race, plan))]
        found.notes += [f"{name}: {text}" for text in (*(plan.course.notes if plan.course else []), *plan.day.notes)]
    found.notes += _missing(race, plans)


def _results_problems(race: Race) -> list[Problem]:
    try:
        results = load_results(race.folder)
    except RaceError as error:
        return error.problems
    numbers = [stage.no for stage in race.stages]
    what = f"there is no such stage; {RACE_FILE} has {len(numbers)}"
    return [
        Problem(RESULTS_FILE, f"results[{i}].stage", what)
        for i, entry in enumerate(results, 1)
        if entry.stage not in numbers
    ]


def _read(stage: Stage, problems: list[Problem]) -> StageFiles:
    if stage.gpx is None or stage.cancelled:
        return StageFiles(None)
    try:
        document = read_gpx(stage.gpx)
        course = course_of(stage, document)
    except HoldbackError as error:
        what = f"{error.what} ({error.why})" if error.why else error.what
        problems.append(Problem(RACE_FILE, f"stages[{stage.no}].gpx", what, error.next_step))
        return StageFiles(None)
    problems += _beyond(stage, course)
    return StageFiles.of(course, document)


def _beyond(stage: Stage, course: Course) -> Iterator[Problem]:
    """Places that the course does not reach."""
    places = [
        (f"stations[{number}].km", item.name, item.at_m)
        for number, item in enumerate(stage.stations, 1)
        if math.isfinite(item.at_m)
    ]
    places += [("ground", f"{part.factor:g} times the cost", part.end_m) for part in stage.ground]
    places.append(("neutral_until_km", "the neutral part", stage.neutral_m))
    for where, name, at_m in places:
        if at_m > course.length_m * BEYOND:
            what = f"{name} at km {at_m / 1000:g} is beyond the finish at km {course.length_m / 1000:.1f}"
            yield Problem(RACE_FILE, f"stages[{stage.no}].{where}", what, "kilometres count from this stage's start")


def _good(race: Race, files: Sequence[StageFiles]) -> Iterator[str]:
    speed = race.athlete.critical_speed_ms
    yield f"critical speed {speed:.2f} m/s: what you can hold, all out, for little more than half an hour"
    if race.athlete.threshold_hr_bpm:
        yield f"heart rate is bounded: {race.athlete.threshold_hr_bpm:.0f} bpm at that speed"
    first, last = race.stages[0].start, race.stages[-1].start
    count = "one stage" if len(race.stages) == 1 else f"{len(race.stages)} stages"
    yield f"{count}, {first:%a %d %b %Y %H:%M} to {last:%a %d %b %H:%M}, {first.tzinfo}"
    courses = [file for file in files if file.course]
    gaps = [oddities.gap_m(one, two) for one, two in pairwise(courses)]
    if gaps and max(gaps) < oddities.JOINED_M:
        yield "each stage starts where the one before ended"


def _late(race: Race, plan: StagePlan) -> Iterator[str]:
    """Cut-offs that the plan misses, or all but."""
    for stop in arrivals(plan, race.stage(plan.stage_no).start):
        if stop.margin_s is not None and stop.margin_s < 0:
            late = f"{stop.name}: the plan arrives {_words(-stop.margin_s)} after the cut-off"
            late += "; the device may relax by 5 % at most" + (", and all out is planned" if plan.effort >= 1 else "")
            yield f"{late}; is the time right, and the result recent?"
        elif stop.margin_s is not None and stop.margin_s < MARGIN_S:
            yield f"{stop.name}: only {stop.margin_s / 60:.0f} min before the cut-off; one long stop and it is gone"


def _missing(race: Race, plans: Sequence[StagePlan]) -> Iterator[str]:
    """What is not written, and what that costs."""
    if not race.athlete.threshold_hr_bpm:
        yield "no bound on heart rate: write hr_max_bpm in athlete.toml, and heat or a bad day will be noticed"
    elif not race.strap:
        yield "no strap is named: write strap in race.toml, and no other runner's is taken in the start pen"
    if all(not plan.day.stations for plan in plans) and any(plan.course for plan in plans):
        yield "no stations and no cut-offs are written: with them you get clock times, and a warning when it gets tight"


def _words(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
