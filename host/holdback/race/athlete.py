"""athlete.toml, read into the planner's Athlete."""

from pathlib import Path

from holdback.errors import typed
from holdback.planning.athlete import THRESHOLD_OF_MAX, Athlete, critical_speed
from holdback.race.problems import ATHLETE_FILE, RACE_FILE, Problem, build, read_toml
from holdback.race.schema import AthleteFile

CRITICAL_SPEED_RANGE_MS = (1.5, 7.0)  # a walker's, and more than the world's best
LEVEL = 9  # the place of the level among the 19 pace factors
AS_WRITTEN = (
    "descent_limit_ms", "hr_max_bpm", "hr_slope_bpm", "durability", "heat_per_c", "downhill_m_21d", "kappa", "rho",
)  # fmt: skip


def load_athlete(path: Path, problems: list[Problem]) -> Athlete | None:
    """The runner in the file at `path`; None with what is wrong in it added to `problems`."""
    before = len(problems)
    written = read_athlete(path, problems)
    if not written:
        return None
    speed = written.critical_speed_ms or speed_of_result(written, problems)
    threshold = written.threshold_hr_bpm or (written.hr_max_bpm and THRESHOLD_OF_MAX * written.hr_max_bpm)
    if written.hr_max_bpm and threshold and threshold > written.hr_max_bpm:
        problems.append(Problem(ATHLETE_FILE, "threshold_hr_bpm", f"{threshold:g} is above hr_max_bpm"))
    if written.pace_factors and written.pace_factors[LEVEL] != 1:
        what = f"the tenth is {written.pace_factors[LEVEL]:g}; needed: 1, for it stands for the level"
        problems.append(Problem(ATHLETE_FILE, "pace_factors", what))
    if len(problems) > before:
        return None
    return Athlete(speed, threshold, pace_factors=_factors(written), **_as_written(written))


def read_athlete(path: Path, problems: list[Problem]) -> AthleteFile | None:
    """What stands in the file at `path`, field by field; None with what is wrong added to `problems`."""
    if not path.is_file():
        what = "no such file; needed: a [result] with distance_km and time"
        next_step = f"write it beside {RACE_FILE}, or: {typed('athlete', 'fit', 'FILES', '--out', path)}"
        problems.append(Problem(ATHLETE_FILE, "", what, next_step))
        return None
    table = read_toml(path, problems)
    return build(AthleteFile, table, ATHLETE_FILE, problems) if table is not None else None


def _factors(written: AthleteFile) -> tuple[float, ...] | None:
    return tuple(written.pace_factors) if written.pace_factors else None


def _as_written(written: AthleteFile) -> dict[str, float]:
    """The fields that the planner takes as they stand; for the others its own defaults hold."""
    values = {name: getattr(written, name) for name in AS_WRITTEN}
    return {name: value for name, value in values.items() if value is not None}


def speed_of_result(written: AthleteFile, problems: list[Problem]) -> float:
    """Critical speed, m/s, by the written result; 0 with a problem where there is none."""
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
