"""What is known of a runner, figure by figure: measured, written by hand, or assumed."""

from dataclasses import dataclass
from pathlib import Path

from holdback.athlete.document import UNITS
from holdback.errors import NotFoundError, typed
from holdback.planning.athlete import THRESHOLD_OF_MAX, Athlete
from holdback.race.athlete import load_athlete, read_athlete
from holdback.race.problems import ATHLETE_FILE, Problem, RaceError
from holdback.race.schema import AthleteFile

ALL_UNITS = UNITS | {
    "descent_limit_ms": "m/s downhill",
    "heat_per_c": "share of time for each degree of WBGT above 15",
    "kappa": "what six hours all out take from the next morning",
    "rho": "what of that is left a day later",
}
UNKNOWN = {
    "threshold_hr_bpm": "not known: heart rate is recorded, but bounds nothing",
    "hr_max_bpm": "not known",
    "downhill_m_21d": "not known: no practice downhill is assumed",
    "descent_limit_ms": "1.15 x the planned speed on the flat",
    "pace_factors": "the project's table",
    "hr_slope_bpm": "24.2 bpm for each m/s (Hunt et al. 2015)",
}


@dataclass(frozen=True)
class Figure:
    """One row: known is "measured", "by hand", "from the result" or "assumed"; value None where there is none."""

    field: str
    value: float | list[float] | None
    plus_minus: float
    unit: str
    known: str
    basis: str


def overview(folder: Path) -> list[Figure]:
    """Every figure of the runner in `folder` (or its athlete.toml). Raises NotFoundError, RaceError."""
    path = folder if folder.suffix == ".toml" else folder / ATHLETE_FILE
    if not path.is_file():
        next_step = typed("athlete", "fit", "FILES", "--out", path)
        raise NotFoundError(f"{path}: no such file", "nothing is known of the runner yet", next_step)
    problems: list[Problem] = []
    written, athlete = read_athlete(path, problems), load_athlete(path, [])
    if not written or not athlete:
        problems = []
        load_athlete(path, problems)
        raise RaceError(problems, path.parent)
    return [_figure(name, written, athlete) for name in ALL_UNITS]


def _figure(name: str, written: AthleteFile, athlete: Athlete) -> Figure:
    value, entry, unit = getattr(written, name), (written.fit or {}).get(name), ALL_UNITS[name]
    if value is not None and entry and entry.value == value:
        return Figure(name, value, entry.plus_minus, unit, "measured", entry.basis)
    if value is not None:
        return Figure(name, value, 0.0, unit, "by hand", "you wrote it")
    if name == "critical_speed_ms":
        return Figure(name, round(athlete.critical_speed_ms, 2), 0.0, unit, "from the result", _result(written))
    if name == "threshold_hr_bpm" and athlete.threshold_hr_bpm:
        basis = f"{THRESHOLD_OF_MAX:.2f} x hr_max_bpm"
        return Figure(name, athlete.threshold_hr_bpm, 0.0, unit, "assumed", basis)
    stands_in = getattr(athlete, name) if name not in UNKNOWN else None
    return Figure(name, stands_in, 0.0, unit, "assumed", UNKNOWN.get(name, "the project's default"))


def _result(written: AthleteFile) -> str:
    result = written.result
    return f"{result.distance_km:g} km in {result.time}" if result else ""
