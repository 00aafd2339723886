"""A race folder: race.toml, athlete.toml, stages/, plans/, recordings/, reports/."""

from dataclasses import dataclass, field
from pathlib import Path

from holdback.errors import HoldbackError, NotFoundError, typed
from holdback.planning.athlete import Athlete
from holdback.planning.conditions import NIGHT_LOSS
from holdback.planning.model import CueBudget, StagePlan
from holdback.race.athlete import load_athlete
from holdback.race.problems import ATHLETE_FILE, RACE_FILE, Problem, RaceError, build, read_toml
from holdback.race.schedule import Stage, build_stages
from holdback.race.schema import RaceFile
from holdback.units import KM, Units, units_of
from holdback.writing import write_whole

FOLDERS = ("stages", "plans", "recordings", "reports")
MIN_EAT_G_H = 30  # less is no fuelling; ISSN (Tiller 2019) gives 30 to 50 g/h for ultras
STRAP_NAME_BYTES = 24  # the device's


@dataclass(frozen=True)
class Race:
    """A race folder that has been read and found good. `strap` is the name of the strap to pin, None for any;
    `charging` says whether the device can be charged between the stages."""

    folder: Path
    name: str
    units: str
    athlete: Athlete
    stages: list[Stage] = field(default_factory=list)
    cues: CueBudget = field(default_factory=CueBudget)
    strap: str | None = None
    altitude_days: float = 0.0  # above 1500 m, before the first stage
    night_loss: float = NIGHT_LOSS
    charging: bool = True

    def stage(self, number: int) -> Stage:
        """The stage with that number; NotFoundError if there is none."""
        for stage in self.stages:
            if stage.no == number:
                return stage
        what = f"{self.folder}: there is no stage {number}"
        raise NotFoundError(what, f"the race has {len(self.stages)}", typed("race", "check", self.folder))

    def plan_path(self, number: int) -> Path:
        """Where the plan of a stage is, or will be."""
        return self.folder / "plans" / f"stage-{number:02}.hbp"

    def write_plans(self, plans: list[StagePlan]) -> list[Path]:
        """Write each stage's plan, whole or not at all; plans of cancelled stages go, so that none is pushed."""
        (self.folder / "plans").mkdir(exist_ok=True)
        for plan in plans:
            write_whole(self.plan_path(plan.stage_no), plan.data)
        for stage in self.stages:
            if stage.cancelled:
                self.plan_path(stage.no).unlink(missing_ok=True)
        return [self.plan_path(plan.stage_no) for plan in plans]


def load_race(folder: Path | str) -> Race:
    """Read a race folder. Raises NotFoundError without race.toml, RaceError with everything that is wrong in it."""
    folder = Path(folder)
    if not (folder / RACE_FILE).is_file():
        if folder.is_file():
            raise NotFoundError(f"{folder}: not a folder", "a race is a folder with a race.toml", "name the folder")
        what = f"{folder / RACE_FILE}: no such file"
        raise NotFoundError(what, "this is no race folder yet", f"{typed('race', 'init', folder)} *.gpx")
    problems: list[Problem] = []
    athlete = load_athlete(folder / ATHLETE_FILE, problems)
    table = read_toml(folder / RACE_FILE, problems)
    written = build(RaceFile, table, RACE_FILE, problems) if table is not None else None
    stages = build_stages(folder, written, problems) if written else []
    cues = _cues(written, problems) if written else CueBudget()
    if problems or not athlete or not written:
        raise RaceError(problems, folder)
    return Race(
        folder, written.name, written.units, athlete, stages, cues, written.strap, written.altitude_days,
        written.night_loss, written.charging,
    )  # fmt: skip


def units_in(folder: Path) -> Units:
    """The units of a race folder; kilometres where it is none, or in disorder."""
    try:
        return units_of(load_race(folder).units)
    except HoldbackError:
        return KM


def charging_in(folder: Path) -> bool:
    """Whether there is charging between the stages of a race folder; where it is none, or in disorder, there is."""
    try:
        return load_race(folder).charging
    except HoldbackError:
        return True


def _cues(written: RaceFile, problems: list[Problem]) -> CueBudget:
    """What the device may say; quiet leaves the safety cues alone."""
    if 0 < written.eat < MIN_EAT_G_H:
        what = (
            f"{written.eat} will not do; needed: 0 for no reminders, or {MIN_EAT_G_H} to 90 (g of carbohydrate an hour)"
        )
        problems.append(Problem(RACE_FILE, "eat", what))
    if len((written.strap or "").encode()) > STRAP_NAME_BYTES:
        what = f"{written.strap} is longer than the {STRAP_NAME_BYTES} bytes that the device keeps"
        problems.append(Problem(RACE_FILE, "strap", what, "give the name as the strap sends it: holdback device strap"))
    if written.quiet:
        return CueBudget(0, 0, 0)
    return CueBudget(written.ease_per_hour, written.ease_first_hour, written.eat)
