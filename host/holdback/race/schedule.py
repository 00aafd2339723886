"""When each stage is run and what stands along it: race.toml's stages with their defaults filled in, in real time."""

import difflib
import math
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from holdback.planning.cost import TERRAINS
from holdback.planning.course import Ground
from holdback.planning.model import Station
from holdback.race.conditions import ground_of, weather_of
from holdback.race.problems import RACE_FILE, Problem
from holdback.race.schema import WEEKDAYS, RaceFile, StageFile, StationFile

FINISH = "finish"

YEARS = range(2000, 2100)  # a device counts its seconds from 2000, and receivers write years with two digits


@dataclass(frozen=True)
class Stage:
    """A stage as the runner wrote it, with defaults filled in. Either `gpx` or `hours` is there.

    `stations` come in order along the course; one at math.inf is the finish, where that has a cut-off.
    """

    no: int
    name: str
    gpx: Path | None
    hours: float | None
    start: datetime  # the gun, with the race's zone
    role: str | None = None
    effort: float | None = None
    terrain: float = 1.0
    technical: bool = False
    neutral_m: float = 0.0
    cancelled: bool = False
    stations: tuple[Station, ...] = ()
    ground: tuple[Ground, ...] = ()  # where it is another than `terrain`
    weather: tuple[tuple[float, float], ...] = ()  # (seconds after the gun, WBGT in °C)


def later(gun: datetime, seconds: float) -> datetime:
    """What the clock at the race shows so many seconds after the gun, through a change of the clocks too."""
    return datetime.fromtimestamp(gun.timestamp() + seconds, gun.tzinfo)


def build_stages(folder: Path, written: RaceFile, problems: list[Problem]) -> list[Stage]:
    """The stages in the order of the file, each a day after the one before where it has no date of its own."""
    zone = _zone(written.timezone, problems)
    day = written.date
    stages = []
    for number, entry in enumerate(written.stages, 1):
        day = entry.date or (day + timedelta(days=1) if number > 1 else day)
        if day.year not in YEARS:
            problems.append(_out_of_years(number, entry, day))
            break
        gun = _gun(day, entry.start or written.start, zone)
        if stages and gun <= stages[-1].start:
            problems.append(_out_of_order(stages[-1], number, gun))
        stages.append(_stage(folder, number, entry, gun, problems))
    return stages


def _out_of_years(number: int, entry: StageFile, day: date) -> Problem:
    at = f"stages[{number}].date" if entry.date else "date"
    what = f"stage {number} would be run on {day}; needed: a day from {YEARS[0]} to {YEARS[-1]}"
    return Problem(RACE_FILE, at, what, "correct the year")


def _out_of_order(before: Stage, number: int, gun: datetime) -> Problem:
    what = f"{gun:%Y-%m-%d %H:%M} is not after stage {before.no} ({before.start:%Y-%m-%d %H:%M})"
    next_step = "put the [[stages]] in the order in which they are run, or correct the date"
    why = "what one day leaves in the legs is planned into the next, so the order decides every pace"
    return Problem(RACE_FILE, f"stages[{number}].date", what, next_step, why)


def _zone(name: str, problems: list[Problem]) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        close = difflib.get_close_matches(name, known, n=1)
        hint = f'did you mean "{close[0]}"?' if close else 'needed: a name like "Europe/Vienna"'
        if not known:
            hint = "this computer has no list of time zones: pip install tzdata"
        problems.append(Problem(RACE_FILE, "timezone", f'"{name}" is not known; {hint}'))
    return None


def _gun(day: date, clock: str, zone: zoneinfo.ZoneInfo | None) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone or UTC)


def _stage(folder: Path, number: int, entry: StageFile, gun: datetime, problems: list[Problem]) -> Stage:
    path = folder / entry.gpx if entry.gpx else None
    _check_source(entry, path, f"stages[{number}]", problems)
    return Stage(
        no=number,
        name=entry.name or (path.stem if path else f"stage {number}"),
        gpx=path,
        hours=entry.hours,
        start=gun,
        role=entry.role,
        effort=entry.effort,
        terrain=TERRAINS[entry.terrain],
        technical=entry.terrain == "technical",
        neutral_m=entry.neutral_until_km * 1000,
        cancelled=entry.cancelled,
        stations=_stations(entry, gun),
        ground=ground_of(entry.ground, f"stages[{number}]", problems),
        weather=weather_of(entry.weather, gun, f"stages[{number}]", problems),
    )


def _stations(entry: StageFile, gun: datetime) -> tuple[Station, ...]:
    """In the order along the course, in which cut-offs follow each other, over midnight too."""
    stations, last_s = [], 0
    finish = [StationFile(math.inf, FINISH, entry.cutoff)] if entry.cutoff else []
    for item in sorted([*entry.stations, *finish], key=lambda item: item.km):
        cutoff_s = after_gun(item.cutoff, gun, last_s)
        dated = " " in (item.cutoff or "")
        stations.append(Station(item.km * 1000, cutoff_s, item.name, round(item.stop_min * 60), dated))
        last_s = max(last_s, cutoff_s)
    return tuple(stations)


def _is_file(path: Path) -> bool:
    """Whether there is a file that may be looked at: not so with a name too long, or in a folder without access."""
    try:
        return path.is_file()
    except OSError:
        return False


def _check_source(entry: StageFile, path: Path | None, at: str, problems: list[Problem]) -> None:
    """A stage has a course or hours, and what needs a course is not asked of hours."""
    if (path is None) == (entry.hours is None):
        both = "gpx and hours exclude each other" if path else "missing; needed: a file under stages/, or hours"
        problems.append(Problem(RACE_FILE, f"{at}.gpx", both))
    elif path and not _is_file(path) and not entry.cancelled:
        next_step = f"copy it to {path}, or correct gpx in {RACE_FILE}"
        problems.append(Problem(RACE_FILE, f"{at}.gpx", f"{entry.gpx}: no such file", next_step))
    for field in ("stations", "neutral_until_km", "cutoff", "ground"):
        if entry.hours and not path and getattr(entry, field):
            what = "a stage of hours has no course to put it on"
            problems.append(
                Problem(RACE_FILE, f"{at}.{field}", what, f"remove {field}, or give a gpx instead of hours")
            )


def after_gun(clock: str | None, gun: datetime, not_before_s: int = 0) -> int:
    """Seconds from the gun to the first time that the clock shows this, not before so many; 0 without a cut-off.

    `clock` is "11:30" or, where the stage goes on for more than a day, "Sun 16:30".
    """
    if not clock:
        return 0
    day, _, time = clock.rpartition(" ")
    hour, minute = map(int, time.split(":"))
    moment = gun.replace(hour=hour, minute=minute)
    while (seconds := round(moment.timestamp() - gun.timestamp())) < max(1, not_before_s) or (
        day and moment.weekday() != WEEKDAYS.index(day)
    ):
        moment += timedelta(days=1)
    return seconds
