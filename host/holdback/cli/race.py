"""`holdback race init | check | plan | replan | card`: a race is a folder of plain files."""

from pathlib import Path
from typing import Any

from cyclopts import App
from rich.text import Text

from holdback.board import find_board
from holdback.cli import output
from holdback.errors import ExitCode, HoldbackError, typed
from holdback.race import Findings, check_race, init_race, planned
from holdback.race.board import lasting
from holdback.race.replan import courses_of, current, last_run
from holdback.race.replan import replan as replan_race
from holdback.race.start import gpx_files
from holdback.reports import night
from holdback.reports.card import write_cards
from holdback.reports.plan_document import as_dict, race_dict
from holdback.reports.plan_table import plan_lines
from holdback.units import duration

app = App(name="race", help="Start, check and plan a race folder; draw its cards.")


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
    json: output.Json = False,
) -> None:
    """Make a race folder from GPX files, one a stage.

    Files are ordered by their day where each has its own, else by name. Nothing that exists is overwritten.

    Example: holdback race init alps day1.gpx day2.gpx day3.gpx --date 2026-09-04

    Parameters
    ----------
    folder
        The new race folder.
    gpx
        The stages' courses: files, or a folder of them.
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
    _tell_started(made, len(gpx_files(gpx)), as_json=json)


def _tell_started(made: Path, stages: int, *, as_json: bool) -> None:
    to_fill_in = [str(problem) for problem in check_race(made).problems]
    if as_json:
        output.document({"folder": str(made), "stages": stages, "to_fill_in": to_fill_in})
        return
    output.say(f"{made}: a race of {_count(stages, 'stage') if stages else 'no stages yet: write them in race.toml'}")
    for line in to_fill_in:
        output.say(f"  still open: {line}")
    output.say(
        f"next: {'fill these in, then: ' if to_fill_in else ''}{typed('race', 'check' if to_fill_in else 'plan', made)}"
    )


@app.command
def check(folder: Path = Path(), *, board: str = "", json: output.Json = False) -> int:
    """Say what is good, what is wrong, what looks odd, and what to do next.

    Exit code 1 when something must be put right.

    Example: holdback race check alps --board esp32_devkit

    Parameters
    ----------
    folder
        The race folder.
    board
        Also say whether this board's battery and flash last for the whole race: a folder of boards/.
    """
    on_board = find_board(board, "holdback race check --board NAME") if board else None
    found = check_race(folder)
    if on_board and found.race:
        know, odd = lasting(on_board, found.race, found.plans)
        found.notes += know
        found.odd += odd
    if json:
        output.document(_findings(found))
    else:
        _tell(found)
    return ExitCode.DOMAIN if found.problems else ExitCode.OK


@app.command
def plan(folder: Path = Path(), *, json: output.Json = False) -> None:
    """Plan every stage, write plans/stage-NN.hbp and show the plan table.

    Example: holdback race plan alps

    Parameters
    ----------
    folder
        The race folder.
    """
    race, plans = current(folder)
    paths = race.write_plans(plans)
    if json:
        stages = [as_dict(race, plan) | {"plan": str(path)} for plan, path in zip(plans, paths, strict=True)]
        output.document({"race": race.name, "units": race.units, "stages": stages} | race_dict(race, plans))
        return
    for line in plan_lines(race, plans):
        output.say(line)
    for plan in plans:
        for note in plan.notes:
            output.note(f"stage {plan.stage_no}: {note}")
    next_step = f"{typed('race', 'card', race.folder)}, then {typed('device', 'push', race.folder)}"
    output.say(f"{_count(len(paths), 'plan')} in {race.folder / 'plans'}; next: {next_step}")


@app.command
def replan(folder: Path = Path(), *, after: int | None = None, json: output.Json = False) -> None:
    """Plan the stages that are left anew, with what the recorded ones and your ratings have shown.

    Caps change by 5 % a night at most, and rise only if a rating agrees. `sync` does this every evening.

    Example: holdback race replan alps --after 1

    Parameters
    ----------
    folder
        The race folder.
    after
        The last stage that counts as run; the last one with a recording or a result if it is not given.
    """
    race, plans = planned(folder)
    number = last_run(race.folder) if after is None else after
    if not number:
        what = "no stage has been run yet"
        raise HoldbackError(what, "there is neither a recording nor a result", typed("race", "plan", folder))
    race.stage(number)  # says which stages there are
    with output.busy("reading the recordings"):
        done = replan_race(race, number, courses_of(race, plans))
    paths = race.write_plans(done.plans)
    if json:
        output.document(night.as_dict(race, done) | {"plans": [str(path) for path in paths]})
        return
    for note in done.notes:
        output.note(note)
    for sentence in night.sentences(race, done):
        output.say(sentence)
    output.say(
        f"next: {typed('device', 'push', race.folder)}" if done.plans else "that was the last stage: nothing is left"
    )


@app.command
def card(folder: Path = Path(), *, stage: int | None = None, json: output.Json = False) -> None:
    """Draw a pocket card for each stage: one A6 page, black on white, to print at home.

    Example: holdback race card alps --stage 2

    Parameters
    ----------
    folder
        The race folder.
    stage
        Only this stage.
    """
    race, plans = current(folder)
    if stage is not None:
        race.stage(stage)  # says which stages there are
        plans = [plan for plan in plans if plan.stage_no == stage]
    if not plans:
        raise HoldbackError(f"stage {stage} is cancelled", "nothing is planned for it", "choose another stage")
    paths = write_cards(race, plans)
    if json:
        output.document({"race": race.name, "cards": [str(path) for path in paths]})
        return
    for path in paths:
        output.say(str(path))
    output.say("next: open it in a browser and print it at 100 %, one A6 page a stage")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _findings(found: Findings) -> dict[str, Any]:
    return {
        "folder": str(found.folder),
        "ok": not found.problems,
        "good": found.good,
        "problems": [vars(problem) for problem in found.problems],
        "odd": found.odd,
        "notes": found.notes,
        "stages": [as_dict(found.race, plan) for plan in found.plans] if found.race else [],
    }


def _tell(found: Findings) -> None:
    for text in found.good:
        _say("good", "green", text)
    for problem in found.problems:
        _say("put right", "red", str(problem))
        for more in filter(None, (problem.why, problem.next_step)):
            _say("", "", more)
    for text in found.odd:
        _say("odd", "yellow", text)
    for text in found.notes:
        _say("know", "cyan", text)
    if found.race:
        total = duration(sum(plan.planned_s for plan in found.plans))
        output.say(f"{found.race.name}: {_count(len(found.plans), 'stage')} to run, about {total} of moving in all")
        output.say(f"next: {typed('race', 'plan', found.folder)}")
    else:
        output.say(f"{len(found.problems)} to put right, then: {typed('race', 'check', found.folder)}")


def _say(label: str, style: str, text: str) -> None:
    head = f"{label}: " if label else " " * len("put right: ")
    output.say(Text.assemble((head, style), text))
