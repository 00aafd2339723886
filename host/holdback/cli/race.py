"""`holdback race init | check | plan`: a race is a folder of plain files."""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from holdback.cli import output
from holdback.errors import ExitCode
from holdback.planning import StagePlan
from holdback.planning.days import sustainable_fraction
from holdback.race import Findings, Race, check_race, init_race, planned

app = App(name="race", help="Start, check and plan a race folder.")

KM_PER_MILE = 1.609344
FT_PER_M = 3.28084
Json = Annotated[bool, Parameter(help="print one JSON document on stdout")]


@app.command
def init(
    folder: Path,
    *gpx: Path,
    name: str = "",
    date: str = "",
    timezone: str = "",
    start: str = "",
    distance_km: float | None = None,
    time: str = "",
    hr_max_bpm: float | None = None,
    json: Json = False,
) -> None:
    """Make a race folder from GPX files, one a stage.

    Files are ordered by their day where each has its own, else by name. Nothing that exists is overwritten.

    Example: holdback race init alps day1.gpx day2.gpx day3.gpx --date 2026-09-04

    Parameters
    ----------
    folder
        The new race folder.
    gpx
        The stages' courses.
    name
        The race's name; the folder's where it is not given.
    date
        The day of the first stage, like 2026-09-04.
    timezone
        Like Europe/Vienna.
    start
        The gun, local time, like 07:00.
    distance_km
        Distance of one recent race, km.
    time
        Your time in it, like 3:45:00.
    hr_max_bpm
        Your highest heart rate, bpm.
    """
    given: dict[str, Any] = {
        "name": name, "date": date, "timezone": timezone, "start": start, "distance_km": distance_km, "time": time,
        "hr_max_bpm": hr_max_bpm,
    }  # fmt: skip
    made = init_race(folder, gpx, **{key: value for key, value in given.items() if value})
    _tell_started(made, len(gpx), as_json=json)


def _tell_started(made: Path, stages: int, *, as_json: bool) -> None:
    to_fill_in = [str(problem) for problem in check_race(made).problems]
    if as_json:
        output.document({"folder": str(made), "stages": stages, "to_fill_in": to_fill_in})
        return
    output.say(f"{made}: a race of {_count(stages, 'stage')}")
    for line in to_fill_in:
        output.say(f"  still open: {line}")
    output.say(f"next: {f'fill these in, then: holdback race check {made}' if to_fill_in else _next_plan(made)}")


@app.command
def check(folder: Path = Path(), *, json: Json = False) -> int:
    """Say what is wrong with a race folder, what is worth knowing, and what to do next.

    Exit code 1 when something must be put right.

    Example: holdback race check alps

    Parameters
    ----------
    folder
        The race folder.
    """
    found = check_race(folder)
    if json:
        output.document(_findings(found))
    else:
        _tell(found)
    return ExitCode.DOMAIN if found.problems else ExitCode.OK


@app.command
def plan(folder: Path = Path(), *, json: Json = False) -> None:
    """Plan every stage, write plans/stage-NN.hbp and show the plan table.

    Example: holdback race plan alps

    Parameters
    ----------
    folder
        The race folder.
    """
    race, plans = planned(folder)
    paths = race.write_plans(plans)
    if json:
        stages = [as_dict(race, plan) | {"plan": str(path)} for plan, path in zip(plans, paths, strict=True)]
        output.document({"race": race.name, "stages": stages, "total_s": round(sum(plan.planned_s for plan in plans))})
        return
    show(race, plans)
    for plan in plans:
        for note in plan.notes:
            output.note(f"stage {plan.stage_no}: {note}")
    output.say(f"{_count(len(paths), 'plan')} in {race.folder / 'plans'}; next: holdback device push {race.folder}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _next_plan(folder: Path) -> str:
    return f"holdback race plan {folder}"


def _findings(found: Findings) -> dict[str, Any]:
    return {
        "folder": str(found.folder),
        "ok": not found.problems,
        "problems": [vars(problem) for problem in found.problems],
        "notes": found.notes,
        "stages": [as_dict(found.race, plan) for plan in found.plans] if found.race else [],
    }


def _tell(found: Findings) -> None:
    for problem in found.problems:
        output.say(f"put right: {problem}")
        if problem.next_step:
            output.say(f"           {problem.next_step}")
    for note in found.notes:
        output.say(f"know: {note}")
    if found.race:
        total = clock(sum(plan.planned_s for plan in found.plans))
        output.say(f"{found.race.name}: {_count(len(found.plans), 'stage')} to run, about {total} of moving in all")
        output.say(f"next: {_next_plan(found.folder)}")
    else:
        output.say(f"{len(found.problems)} to put right, then: holdback race check {found.folder}")


def show(race: Race, plans: list[StagePlan]) -> None:
    """The plan table in the race's units, narrow enough for a small terminal; names and deductions stand below it."""
    miles = race.units == "miles"
    columns = ["Stage", "Role", "mi" if miles else "km", "up ft" if miles else "up m", "moving", "flat", "hr max",
               "hikes", "cap"]  # fmt: skip
    rows = [_row(plan, KM_PER_MILE if miles else 1.0, FT_PER_M if miles else 1.0) for plan in plans]
    output.table(columns, rows, title=race.name)
    for plan in plans:
        taken = ", ".join(f"{what} {share:+.0%}" for what, share in deductions(plan).items())
        output.say(f"{plan.stage_no} {plan.name}: all out{', ' if taken else ''}{taken}")
    total = clock(sum(plan.planned_s for plan in plans))
    per = "mile" if miles else "km"
    output.say(f"moving time in all {total} (estimated); flat: pace per {per} on a level road; cap: of critical speed")


def _row(plan: StagePlan, unit_km: float, unit_m: float) -> list[str]:
    pace_s = round(unit_km * 1000 / plan.pace.flat_ms)
    return [
        str(plan.stage_no),
        plan.role,
        f"{plan.length_m / 1000 / unit_km:.1f}",
        f"{plan.climb_m * unit_m:.0f}",
        clock(plan.planned_s),
        f"{pace_s // 60}:{pace_s % 60:02}",
        hr_words(plan),
        str(hikes(plan)),
        f"{plan.pace.intensity:.0%}",
    ]


def hr_words(plan: StagePlan) -> str:
    """The heart-rate bound at the start and, where it rises, at its end."""
    bound = plan.pace.hr
    if not bound.cap_bpm:
        return "-"
    rise = min(bound.drift_max_bpm, bound.drift_bpm_h * plan.planned_s / 3600)
    return f"{bound.cap_bpm}" + (f"-{bound.cap_bpm + rise:.0f}" if rise >= 1 else "")


def hikes(plan: StagePlan) -> int:
    """Climbs that the plan walks: runs of hiked segments."""
    flags = [False, *(segment.hike for segment in plan.segments)]
    return sum(now and not before for before, now in pairwise(flags))


def deductions(plan: StagePlan) -> dict[str, float]:
    """What is taken off the all-out speed of a fresh runner on a road, each as a share."""
    terrain = plan.course.terrain if plan.course else 1.0
    shares = {"day": plan.effort - 1.0, "fatigue": -plan.day.fatigue, "terrain": 1.0 / terrain - 1.0}
    return {what: share for what, share in shares.items() if share <= -0.005}


def clock(seconds: float) -> str:
    """h:mm."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def as_dict(race: Race, plan: StagePlan) -> dict[str, Any]:
    """A stage's plan for `--json`: SI units, shares as fractions."""
    return {
        "stage": plan.stage_no,
        "name": plan.name,
        "role": plan.role,
        "start": race.stage(plan.stage_no).start.isoformat(),
        "length_m": round(plan.length_m),
        "climb_m": round(plan.climb_m),
        "planned_s": round(plan.planned_s),
        "flat_speed_ms": round(plan.pace.flat_ms, 3),
        "intensity": round(plan.pace.intensity, 4),
        "all_out_intensity": round(sustainable_fraction(plan.planned_s / 3600), 4),
        "effort": plan.effort,
        "fatigue": round(plan.day.fatigue, 4),
        "hr_cap_bpm": plan.pace.hr.cap_bpm or None,
        "hr_drift_max_bpm": round(plan.pace.hr.drift_max_bpm, 1),
        "descent_limit_ms": round(plan.pace.descent_ms, 2),
        "segments": len(plan.segments),
        "hikes": hikes(plan),
        "deductions": {what: round(share, 4) for what, share in deductions(plan).items()},
        "bytes": len(plan.data),
        "crc": f"{plan.crc:08x}",
        "notes": plan.notes,
    }
