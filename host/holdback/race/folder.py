"""A race folder: race.toml, athlete.toml, stages/, plans/, recordings/, reports/."""

import difflib
import zoneinfo
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from holdback.errors import NotFoundError
from holdback.planning.athlete import THRESHOLD_OF_MAX, Athlete, critical_speed
from holdback.planning.cost import TERRAINS
from holdback.planning.model import StagePlan
from holdback.race.problems import Problem, RaceError, build, read_toml
from holdback.race.schema import AthleteFile, RaceFile, StageFile

RACE_FILE = "race.toml"
ATHLETE_FILE = "athlete.toml"
FOLDERS = ("stages", "plans", "recordings", "reports")
CRITICAL_SPEED_RANGE_MS = (1.5, 7.0)  # a walker's, and more than the world's best


@dataclass(frozen=True)
class Stage:
    """A stage as the runner wrote it, with defaults filled in. Either `gpx` or `hours` is there.

    `stations` are (metres along the course, cut-off in seconds after the gun or 0, name).
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
    stations: tuple[tuple[float, int, str], ...] = ()


@dataclass(frozen=True)
class Race:
    """A race folder that has been read and found good."""

    folder: Path
    name: str
    units: str
    athlete: Athlete
    stages: list[Stage] = field(default_factory=list)

    def stage(self, number: int) -> Stage:
        """The stage with that number; NotFoundError if there is none."""
        for stage in self.stages:
            if stage.no == number:
                return stage
        what = f"{self.folder}: there is no stage {number}"
        raise NotFoundError(what, f"the race has {len(self.stages)}", f"holdback race check {self.folder}")

    def plan_path(self, number: int) -> Path:
        """Where the plan of a stage is, or will be."""
        return self.folder / "plans" / f"stage-{number:02}.hbp"

    def write_plans(self, plans: list[StagePlan]) -> list[Path]:
        """Write each stage's plan, whole or not at all; plans of cancelled stages go, so that none is pushed."""
        (self.folder / "plans").mkdir(exist_ok=True)
        for plan in plans:
            path = self.plan_path(plan.stage_no)
            half = path.with_suffix(".tmp")
            half.write_bytes(plan.data)
            half.replace(path)
        for stage in self.stages:
            if stage.cancelled:
                self.plan_path(stage.no).unlink(missing_ok=True)
        return [self.plan_path(plan.stage_no) for plan in plans]


def load_race(folder: Path | str) -> Race:
    """Read a race folder. Raises NotFoundError without race.toml, RaceError with everything that is wrong in it."""
    folder = Path(folder)
    if not (folder / RACE_FILE).is_file():
        what = f"{folder / RACE_FILE}: no such file"
        raise NotFoundError(what, "this is no race folder yet", f"holdback race init {folder} *.gpx")
    problems: list[Problem] = []
    athlete = _athlete(folder / ATHLETE_FILE, problems)
    table = read_toml(folder / RACE_FILE, problems)
    written = build(RaceFile, table, RACE_FILE, problems) if table is not None else None
    stages = _stages(folder, written, problems) if written else []
    if problems or not athlete or not written:
        raise RaceError(problems, folder)
    return Race(folder, written.name, written.units, athlete, stages)


def _athlete(path: Path, problems: list[Problem]) -> Athlete | None:
    before = len(problems)
    if not path.is_file():
        what = "no such file; needed: a [result] with distance_km and time"
        problems.append(Problem(ATHLETE_FILE, "", what, f"write it beside {RACE_FILE}"))
        return None
    table = read_toml(path, problems)
    written = build(AthleteFile, table, ATHLETE_FILE, problems) if table is not None else None
    if not written:
        return None
    speed = written.critical_speed_ms or _speed_of_result(written, problems)
    threshold = written.threshold_hr_bpm or (written.hr_max_bpm and THRESHOLD_OF_MAX * written.hr_max_bpm)
    if written.hr_max_bpm and threshold and threshold > written.hr_max_bpm:
        problems.append(Problem(ATHLETE_FILE, "threshold_hr_bpm", f"{threshold:g} is above hr_max_bpm"))
    return Athlete(speed, threshold, written.descent_limit_ms) if len(problems) == before else None


def _speed_of_result(written: AthleteFile, problems: list[Problem]) -> float:
    if not written.result:
        what = "missing; needed: a [result] with distance_km and time, or critical_speed_ms"
        problems.append(Problem(ATHLETE_FILE, "result", what))
        return 0.0
    low, high = CRITICAL_SPEED_RANGE_MS
    seconds = duration_s(written.result.time)
    speed = critical_speed(written.result.distance_km * 1000, seconds, written.result.climb_m) if seconds else 0.0
    if not low <= speed <= high:
        what = f"{written.result.distance_km:g} km in {written.result.time} gives a critical speed of {speed:.2f} m/s"
        problems.append(Problem(ATHLETE_FILE, "result", f"{what}; believable: {low:g} to {high:g} m/s"))
    return speed


def duration_s(text: str) -> int:
    """Seconds of "h:mm" or "h:mm:ss"."""
    hours, minutes, *seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)


def _stages(folder: Path, written: RaceFile, problems: list[Problem]) -> list[Stage]:
    zone = _zone(written.timezone, problems)
    day = written.date
    stages = []
    for number, entry in enumerate(written.stages, 1):
        day = entry.date or (day + timedelta(days=1) if number > 1 else day)
        gun = _gun(day, entry.start or written.start, zone)
        if stages and gun <= stages[-1].start:
            problems.append(
                Problem(RACE_FILE, f"stages[{number}].date", f"{gun:%Y-%m-%d %H:%M} is not after stage {number - 1}")
            )
        stages.append(_stage(folder, number, entry, gun, problems))
    return stages


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
    at = f"stages[{number}]"
    if (path is None) == (entry.hours is None):
        both = "gpx and hours exclude each other" if path else "missing; needed: a file under stages/, or hours"
        problems.append(Problem(RACE_FILE, f"{at}.gpx", both))
    elif path and not path.is_file() and not entry.cancelled:
        next_step = f"copy it to {path}, or correct gpx in {RACE_FILE}"
        problems.append(Problem(RACE_FILE, f"{at}.gpx", f"{entry.gpx}: no such file", next_step))
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
        stations=tuple((item.km * 1000, _after_gun(item.cutoff, gun), item.name) for item in entry.stations),
    )


def _after_gun(clock: str | None, gun: datetime) -> int:
    """Seconds from the gun to the next time the clock shows this; 0 without a cut-off."""
    if not clock:
        return 0
    hour, minute = map(int, clock.split(":"))
    return ((hour * 60 + minute) - (gun.hour * 60 + gun.minute)) % 1440 * 60
