"""The stages to come, planned anew from those that were run: bounded each night, lowered freely, raised with cause.

Every night is gone through from the first on, from the files alone: whoever replans twice gets the same plans.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from holdback.errors import HoldbackError
from holdback.planning import Athlete, Course, Day, StagePlan, days
from holdback.planning.days import Wear
from holdback.planning.refit import Refit, Run, refit
from holdback.race.check import planned
from holdback.race.folder import Race
from holdback.race.outline import Outline, outlines
from holdback.race.plan import build, choose, planned_days, read_course
from holdback.race.results import load_results
from holdback.race.schema import ResultsEntry
from holdback.race.spent import LEAST_M, LEAST_S, Spent, spent
from holdback.recordings.journal import read_recording

MOST_LOWER, MOST_HIGHER = 0.05, 0.03  # of the speed that was planned, in one night; assumptions
SAME = 0.005  # less is no change
FELT_SLACK = 0.015  # half a step of the rating


@dataclass(frozen=True)
class Night:
    """The evening after stage `after`: the runner as fitted, by stage what the planned speed is multiplied with, and
    what that would be without bounds. `was` is that of the night before.
    """

    after: int
    fitted: Refit
    ledgers: Mapping[int, float]
    wanted: Mapping[int, float]
    was: Mapping[int, float]


@dataclass(frozen=True)
class Replanned:
    """The plans of what is left, the last night, the runs that it rests on, and the days as first planned."""

    plans: list[StagePlan]
    night: Night
    runs: list[Run]
    days: list[Day]
    notes: list[str]


def last_run(folder: Path) -> int:
    """The last stage of which there is a result, or a recording that is no false start; 0 for none."""
    told = [entry.stage for entry in load_results(folder)]
    paths = sorted((folder / "recordings").glob("stage-??.hbr"), reverse=True)
    run = next((int(path.stem[-2:]) for path in paths if path.stem[-2:].isdigit() and _was_run(path)), 0)
    return max([*told, run])


def _was_run(path: Path) -> bool:
    try:
        samples = read_recording(path).samples
    except HoldbackError:
        return True  # something was run, though nothing of it can be read
    return bool(samples) and samples[-1].stage_ms >= LEAST_S * 1000 and samples[-1].dist_dm >= LEAST_M * 10


def replan(
    race: Race, after: int, courses: Sequence[Course | None] | None = None, recordings: Path | None = None
) -> Replanned:
    """Plan what comes after stage `after` with what the stages up to it have shown. Raises what planning raises.

    `recordings` is a folder of their own for a race that is only rehearsed; the runner's ratings do not count there.
    """
    lines = outlines(race, courses or [read_course(stage) for stage in race.stages])
    given = planned_days(race, lines)
    done = [pair for pair in zip(lines, given, strict=True) if pair[0].stage.no <= after]
    runs, notes = _runs(race, done, recordings)
    night = Night(0, refit([], race.athlete.critical_speed_ms * 3.6, _wear(race.athlete)), {}, {}, {})
    for number in range(1, len(runs) + 1):
        night = next_night(race.athlete, lines, given, runs[:number], night)
    known = [replace(day, ledger=night.ledgers.get(day.stage_no, 1.0), after_stage=after) for day in given]
    return Replanned(build(race, lines, known, after), night, runs, given, notes)


def current(folder: Path | str) -> tuple[Race, list[StagePlan]]:
    """The race and its plans as they stand: those of stages that were run as first planned, the others replanned."""
    race, plans = planned(folder)
    after = last_run(race.folder)
    if not after:
        return race, plans
    return race, [
        *(plan for plan in plans if plan.stage_no <= after),
        *replan(race, after, courses_of(race, plans)).plans,
    ]


def courses_of(race: Race, plans: Sequence[StagePlan]) -> list[Course | None]:
    """The courses that were read for these plans, one a stage."""
    read = {plan.stage_no: plan.course for plan in plans}
    return [read.get(stage.no) for stage in race.stages]


def _wear(athlete: Athlete) -> Wear:
    return Wear(athlete.kappa, athlete.rho)


def _runs(race: Race, done: Sequence[tuple[Outline, Day]], folder: Path | None) -> tuple[list[Run], list[str]]:
    """The stages as they were run; what is not known of one is taken from its plan, and said."""
    results = {} if folder else {entry.stage: entry for entry in load_results(race.folder)}
    runs, notes = [], []
    for one, day in done:
        result = results.get(one.stage.no)
        path = (folder or race.folder / "recordings") / f"stage-{one.stage.no:02}.hbr"
        km, taken = _taken(race, (one, day), result, path, notes)
        runs.append(Run(
            stage_no=one.stage.no,
            km=km,
            hours=taken.hours if taken else None,
            toll=one.toll * (taken.share if taken else 1.0),
            planned=day.effort * (taken.share**days.ENDURANCE if taken else 1.0),  # a part of it could be run harder
            unevenness=taken.factor if taken else 1.0,
            rating=result.rating if result else None,
        ))  # fmt: skip
        if not taken and not one.stage.cancelled and not (result and result.rating):
            notes.append(f"stage {one.stage.no}: nothing is known of it: it counts as run to plan")
    return runs, notes


def _taken(
    race: Race, stage: tuple[Outline, Day], result: ResultsEntry | None, path: Path, notes: list[str]
) -> tuple[float, Spent | None]:
    """(effort-equivalent km, what the recording of a stage shows); the planned km and None without one that counts.

    Whoever comes in at the planned time has run the planned effort, whatever the plan knows beyond the model of days:
    descents held back, the first minutes of a morning, legs that last longer than most. So km are those of the time.
    """
    one, day = stage
    if one.stage.cancelled or not one.course or not path.is_file():
        return one.distance_km, None
    try:
        recording = read_recording(path)
    except HoldbackError as error:
        notes.append(f"stage {one.stage.no}: {error.what}: it counts as run to plan")
        return one.distance_km, None
    [plan] = build(race, [one], [day])
    taken = spent(recording, plan, race.athlete, finished=result is not None and result.ended == "finished")
    if not taken:
        return one.distance_km, None
    hours = plan.planned_s / 3600
    speed = day.effort * (1.0 - day.fatigue) * days.sustainable_fraction(hours) * race.athlete.critical_speed_ms * 3.6
    return speed * hours * taken.share, taken


def next_night(
    athlete: Athlete, lines: Sequence[Outline], given: Sequence[Day], runs: Sequence[Run], before: Night
) -> Night:
    """The evening after the last of `runs`: bounded steps from the night before."""
    after = runs[-1].stage_no
    # Without a rating the runner is believed to have run what he was allowed on that day.
    known = [replace(run, planned=run.planned * before.ledgers.get(run.stage_no, 1.0)) for run in runs]
    fitted = refit(known, athlete.critical_speed_ms * 3.6, _wear(athlete))
    wanted = _wanted(athlete, lines, given, fitted, after)
    may_rise = _agrees(known[-1], before.fitted)
    ledgers = {}
    for number, share in wanted.items():
        was = before.ledgers.get(number, 1.0)
        most = was * (1.0 + MOST_HIGHER) if may_rise else was
        bounded = min(most, max(was * (1.0 - MOST_LOWER), share))
        ledgers[number] = bounded if abs(bounded / was - 1.0) >= SAME else was
    return Night(after, fitted, dict(before.ledgers) | ledgers, wanted, before.ledgers)


def _wanted(
    athlete: Athlete, lines: Sequence[Outline], given: Sequence[Day], fitted: Refit, after: int
) -> dict[int, float]:
    """By stage, the speed that is best for the fitted runner over the one that was planned before the race."""
    left = [number for number, one in enumerate(lines) if one.stage.no > after]
    runner = replace(athlete, critical_speed_ms=fitted.critical_kmh / 3.6, kappa=fitted.wear.kappa, rho=fitted.wear.rho)
    chosen = choose(runner, [lines[number] for number in left], fitted.fatigue)
    shares = {}
    for number, effort, fatigue in zip(left, chosen.efforts, chosen.mornings, strict=True):
        km, day = lines[number].distance_km, given[number]
        if km:
            planned = _speed(km, day.effort, day.fatigue, athlete.critical_speed_ms * 3.6)
            shares[day.stage_no] = _speed(km, effort, fatigue, fitted.critical_kmh) / planned
    return shares


def _speed(km: float, effort: float, fatigue: float, critical_kmh: float) -> float:
    return km / days.stage_hours(km, effort, fatigue, critical_kmh)


def _agrees(run: Run, runner: Refit) -> bool:
    """Whether a raise is backed: the stage felt no harder than it was meant to be, and was faster than that says."""
    if not run.rating or not run.hours or not run.km or run.expected > run.planned + FELT_SLACK:
        return False
    return days.effort_of(run.km, run.hours, runner.fatigue, runner.critical_kmh) > run.expected
