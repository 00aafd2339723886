"""All that a runner's recordings say, each figure with its uncertainty and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log

from holdback.athlete.grades import TABLE, GradeFit, fit_grades
from holdback.athlete.heart import Line, blocks, fit_durability, fit_line, highest_bpm, is_maximum, threshold_bpm
from holdback.athlete.people import same_wearer, strangers
from holdback.athlete.run import Run
from holdback.athlete.speed import fit_speed

HISTORY_S = 21 * 86400.0
LEAST_MAX_BPM = 120  # athlete.toml takes no lower maximum
LEAST_HILLS_KM = 1.0  # up and down together: with less no curve of one's own
CRITICAL_SPEED_RANGE_MS = (1.5, 7.0)


@dataclass(frozen=True)
class Measure:
    """One figure of athlete.toml. plus_minus: one standard deviation, in its unit; 0 where it is a count."""

    field: str
    value: float | list[float]
    plus_minus: float
    basis: str


@dataclass
class Knowledge:
    """What could be measured, what had to be left out of it, and remarks; `runs` are those that it rests on."""

    measures: list[Measure] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def get(self, name: str) -> Measure | None:
        """The figure of a field, None where it was not measured."""
        return next((measure for measure in self.measures if measure.field == name), None)


def know(runs: Sequence[Run], *, until_s: float | None = None) -> Knowledge:
    """Everything these runs say of their runner; `until_s` (unix) is the day for the descents, else the newest run's.

    Raises TwoPeopleError where they are hardly of one runner.
    """
    same_wearer(runs)
    known = Knowledge(runs=_of_one_gait(runs))
    if len(known.runs) < len(runs):
        known.notes.append(f"{_of(len(runs) - len(known.runs), 'walk')} counted for descents alone: they are no runs")
    grades = fit_grades(known.runs, equal_hr=True)
    hills = grades.up_km + grades.down_km >= LEAST_HILLS_KM
    factors = grades.factors if hills else tuple(TABLE)
    parts = [(run, part) for run in known.runs if run.has_hr and (part := blocks(run, factors))]
    line = fit_line(parts)
    if line:
        parts, line = _without_strangers(parts, line, known)
    speed_ms = _take_speed(known, factors)
    if line or parts:
        _take_heart(known, parts, line, speed_ms)
    else:
        known.notes.append("no heart rate in these recordings: what depends on it stays assumed")
    if hills:
        _take_grades(known, grades)
    else:
        known.notes.append(f"{grades.up_km + grades.down_km:.1f} km of hills are too few for a curve of your own")
    _take_descent(known, runs, until_s)
    return known


def _of_one_gait(runs: Sequence[Run]) -> list[Run]:
    """The runs, or the walks where there is nothing else: on the same hill they cost differently."""
    return [run for run in runs if not run.walked] or list(runs)


def _without_strangers(
    parts: list[tuple[Run, list]], line: Line, known: Knowledge
) -> tuple[list[tuple[Run, list]], Line | None]:
    apart = strangers(line)
    for run, bpm in apart:
        side = "above" if bpm > 0 else "below"
        why = (
            f"heart_rate is {abs(bpm):.0f} bpm {side} your other runs at the same speed: another runner, or a bad strap"
        )
        known.left_out.append((run.path, f"{why}; left out of what is said of the heart"))
    odd = [run for run, _ in apart]
    parts = [(run, part) for run, part in parts if run not in odd]
    return parts, fit_line(parts)


def _take_speed(known: Knowledge, factors: Sequence[float]) -> float:
    """Note critical speed; what the rest goes by, m/s, also where it is not worth noting."""
    speed = fit_speed(known.runs, factors)
    if not speed:
        known.notes.append("critical speed: walks do not say it; write a [result], or record a run")
        return CRITICAL_SPEED_RANGE_MS[0]
    low, high = CRITICAL_SPEED_RANGE_MS
    if low <= speed.speed_ms <= high:
        value, spread = round(speed.speed_ms, 2), round(speed.plus_minus_ms, 2)
        known.measures.append(Measure("critical_speed_ms", value, spread, speed.basis))
    else:
        what = f"critical_speed_ms would be {speed.speed_ms:.2f}; believable: {low:g} to {high:g} m/s"
        known.notes.append(f"{what}: not written")
    return min(high, max(low, speed.speed_ms))


def _take_heart(known: Knowledge, parts: list[tuple[Run, list]], line: Line | None, speed_ms: float) -> None:
    runs = _of(len(parts), "run")
    top = highest_bpm([run for run, _ in parts])
    if top and not is_maximum(top, line, speed_ms):
        known.notes.append(f"hr_max_bpm: {top} is the highest here, but these runs were too easy to reach your maximum")
    elif top and top >= LEAST_MAX_BPM:
        basis = f"the highest that was held for 80 m in {runs}; yours may be higher"
        known.measures.append(Measure("hr_max_bpm", top, 5.0, basis))
    threshold = threshold_bpm(line, speed_ms, top)
    if threshold and known.get("critical_speed_ms"):
        also = ", and 0.90 of hr_max_bpm" if known.get("hr_max_bpm") else ""
        basis = f"heart rate at critical speed in {runs}{also}"
        known.measures.append(Measure("threshold_hr_bpm", round(threshold[0]), round(threshold[1], 1), basis))
    if line and known.get("critical_speed_ms"):
        basis = f"{line.slope:.0f} bpm for each m/s, over {_of(line.blocks, 'stretch', 'es')} of two minutes in {runs}"
        slope, spread = line.slope * speed_ms, line.plus_minus * speed_ms
        known.measures.append(Measure("hr_slope_bpm", round(slope, 1), round(spread, 1), basis))
    lasting = fit_durability(parts, speed_ms)
    if lasting:
        basis = f"heart rate over speed, late against early, in {_of(lasting[2], 'run')} of 1.5 hours or more"
        known.measures.append(Measure("durability", round(lasting[0], 3), round(lasting[1], 3), basis))


def _take_grades(known: Knowledge, grades: GradeFit) -> None:
    basis = f"{grades.up_km:.0f} km up, {grades.down_km:.0f} km down in {_of(grades.runs, 'run')}"
    away = max(abs(log(own / table)) for own, table in zip(grades.factors[4:15], TABLE[4:15], strict=True))
    if not grades.trust:
        known.notes.append("your hills: the project's table predicts your runs as well as a curve of your own")
        return
    spread = max(grades.plus_minus[6:13])
    basis += f"; up to {away:.0%} from the project's table within 25 %"
    known.measures.append(Measure("pace_factors", [round(f, 3) for f in grades.factors], round(spread, 3), basis))


def _take_descent(known: Knowledge, runs: Sequence[Run], until_s: float | None) -> None:
    end_s = max((run.end_s for run in runs), default=0.0) if until_s is None else until_s
    recent = [run for run in runs if end_s - HISTORY_S <= run.start_s <= end_s]
    metres = min(60000, round(sum(run.descent_m for run in recent)))
    days = "the newest run" if until_s is None else "that day"
    known.measures.append(Measure("downhill_m_21d", metres, 0.0, f"{_of(len(recent), 'run')} in the 21 days to {days}"))


def _of(count: int, what: str, ending: str = "s") -> str:
    return f"{count} {what}{'' if count == 1 else ending}"
