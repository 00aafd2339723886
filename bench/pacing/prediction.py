"""How well a runner's other recordings foretell a run: its 500 m splits, and its whole time."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from statistics import fmean

from holdback.athlete.gather import gather
from holdback.athlete.grades import GRADES, TABLE, GradeFit, fit_grades, knots, level_m
from holdback.athlete.heart import blocks, fit_line
from holdback.athlete.people import TwoPeopleError, same_wearer, strangers
from holdback.athlete.run import CELL_M, Run
from holdback.planning.cost import pace_factor, running_cost
from holdback.planning.days import sustainable_fraction

from bench.pacing.charts import Mark, Panel, Row, bars
from bench.pacing.tables import Table

SPLIT_CELLS = 50  # 500 m
LEAST_H = 1.0
ENOUGH_OTHERS = 3
AIM = 2 / 3
LENGTHS_APART = 0.5
METHODS = ("flat pace", "Minetti", "polynomial", "table", "own", "own from table")
OURS, THEIRS = METHODS.index("own"), METHODS.index("polynomial")


@dataclass(frozen=True)
class Cost:
    """What a method says. splits: cost of each cell of the run that is foretold. level: of any run, in one unit."""

    splits: list[float]
    level: Callable[[Run], float]


@dataclass(frozen=True)
class Foretold:
    """One run against its runner's others. splits, time: error of each method, a share. floor: see `_floor`."""

    runner: str
    others: int
    splits: list[float]
    time: list[float]
    floor: float


def polynomial(grade: float) -> float:
    """1 + .034 g + .0021 g^2, g in %, linear beyond -22 and +16: ultraPacer's published curve."""
    percent = 100 * grade
    near = max(-22.0, min(16.0, percent))
    return 1 + 0.034 * near + 0.0021 * near * near + (0.034 + 0.0042 * near) * (percent - near)


POLYNOMIAL = [polynomial(grade) for grade in GRADES]


def tables(data: Path | None) -> Iterator[Table]:
    """The splits and the times, one row a runner; nothing without recordings."""
    runners = list(_runners(data)) if data else []
    judged = [found for runner, runs in runners for found in _left_out_in_turn(runner, runs)]
    if judged:
        known = {found.runner for found in judged}
        yield _splits_table(
            judged, [doubt for runner, runs in runners if runner in known for doubt in _doubts(runner, runs)]
        )
        yield _time_table(judged)


def _runners(data: Path) -> Iterator[tuple[str, list[Run]]]:
    """Each folder in `data` is a runner, with all that is below it; files that lie in `data` itself are one more."""
    folders = sorted(path for path in data.iterdir() if path.is_dir())
    for name, paths in (
        *((folder.name, [folder]) for folder in folders),
        (data.name, [path for path in sorted(data.iterdir()) if path.is_file()]),
    ):
        yield name, gather(paths).runs


def _doubts(runner: str, runs: list[Run]) -> Iterator[str]:
    """What makes it doubtful that a folder's runs are of one runner."""
    try:
        same_wearer(runs)
        line = fit_line([(run, blocks(run, TABLE)) for run in runs if run.has_hr])
        for run, bpm in strangers(line) if line else ():
            name = Path(run.path).name
            yield f"{runner}: in {name} the heart beats {bpm:+.0f} bpm from the other runs at one speed. One runner?"
    except TwoPeopleError as error:
        yield f"{runner}: {Path(error.what).name}; {error.why}. One runner?"


def _left_out_in_turn(runner: str, runs: list[Run]) -> Iterator[Foretold]:
    """Every run of an hour or more, foretold from the runner's others on foot of its kind."""
    for run in runs:
        others = [other for other in runs if other is not run and other.walked == run.walked]
        if run.hours < LEAST_H or not others:
            continue
        costs = _costs(run, others)
        splits = [_split_error(run, cost.splits) for cost in costs]
        yield Foretold(runner, len(others), splits, [_time_error(run, others, c.level) for c in costs], _floor(run))


def _costs(run: Run, others: Sequence[Run]) -> list[Cost]:
    """The methods, in the order of METHODS; the last two have seen `others` and nothing else."""
    curves: list[Callable[[float], float]] = [lambda _: 1.0, running_cost, polynomial, pace_factor]
    return [_plain(run, curve) for curve in curves] + [
        _faded(run, fit_grades(others, POLYNOMIAL)),
        _faded(run, fit_grades(others)),
    ]


def _plain(run: Run, curve: Callable[[float], float]) -> Cost:
    return Cost([curve(grade) for grade in run.grade], lambda other: CELL_M * sum(map(curve, other.grade)))


def _faded(run: Run, fit: GradeFit) -> Cost:
    """Slower by `fade` with each hour in the splits. In whole times x(T) says as much."""
    cells = level_m(run, fit.factors)
    total, gone = sum(cells), accumulate(cells)
    slower = [cell * math.exp(fit.fade * run.hours * far / total) for cell, far in zip(cells, gone, strict=True)]
    return Cost(slower, lambda other: sum(level_m(other, fit.factors)))


def _split_error(run: Run, cost: list[float]) -> float:
    """Mean absolute error of the splits' times as a share of their mean; the run's whole time is given."""
    real, expected = _splits(run.seconds), _splits(cost)
    scale = sum(real) / sum(expected)
    return sum(abs(a - scale * b) for a, b in zip(real, expected, strict=True)) / sum(real)


def _splits(cells: list[float]) -> list[float]:
    return [sum(cells[i : i + SPLIT_CELLS]) for i in range(0, len(cells) - SPLIT_CELLS + 1, SPLIT_CELLS)]


def _time_error(run: Run, others: Sequence[Run], level: Callable[[Run], float]) -> float:
    """Error of the time on the move as a share of it, from the others' speeds over x of their hours.

    Runs of another length say less: by e for each factor of e^.5.
    """
    length = level(run)
    weights = [math.exp(-abs(math.log(level(other) / length)) / LENGTHS_APART) for other in others]
    speeds = [level(other) / other.hours / sustainable_fraction(other.hours) for other in others]
    log_speed = sum(w * math.log(speed) for w, speed in zip(weights, speeds, strict=True)) / sum(weights)
    hours = run.hours
    for _ in range(30):  # x changes little with the hours, so that this settles
        hours = length / math.exp(log_speed) / sustainable_fraction(hours)
    return abs(hours / run.hours - 1)


def _floor(run: Run) -> float:
    """The error that stays when each grade has the pace that it had in this very run: no curve of grade does better."""
    sums, metres = [0.0] * len(GRADES), [1e-9] * len(GRADES)
    for grade, seconds in zip(run.grade, run.seconds, strict=True):
        low, part = knots(grade)
        sums[low + (part >= 0.5)] += seconds
        metres[low + (part >= 0.5)] += CELL_M
    paces = [total / length for total, length in zip(sums, metres, strict=True)]
    return _split_error(run, [paces[low + (part >= 0.5)] for low, part in map(knots, run.grade)])


def _by_runner(judged: list[Foretold]) -> dict[str, list[Foretold]]:
    runners: dict[str, list[Foretold]] = {}
    for found in judged:
        runners.setdefault(found.runner, []).append(found)
    return runners


def _splits_table(judged: list[Foretold], doubts: Sequence[str]) -> Table:
    rows, drawn = [], []
    for runner, found in _groups(judged):
        errors = [fmean(one.splits[i] for one in found) for i in range(len(METHODS))]
        ratio, floor = errors[OURS] / errors[THEIRS], fmean(one.floor for one in found)
        rows.append([runner, str(len(found)), *map(_percent, errors), f"{ratio:.2f}", _percent(floor)])
        drawn.append(Row(runner, [Mark(ratio, min(1, ratio), max(1, ratio))], strong=runner.startswith("all")))
    columns = ["runner, other runs", "runs", *METHODS, "own / polynomial", "floor"]
    notes = [
        "Mean absolute error of the times of 500 m splits on the move, a share of their mean; the run's whole time is "
        "given. Measured on every run on foot of an hour or more with places and altitude; copies of a run count once.",
        "own: fitted to the runner's other runs alone, from the polynomial as far as they say otherwise, a fade by the "
        "hour included. own from table: the same from the project's table.",
        f"Aim: {AIM:.2f} of the polynomial's error with {ENOUGH_OTHERS} other runs or more, and never above 1.",
        "floor: each grade has the pace that it had in this very run. What stays is no matter of grade: surges, rests "
        "on foot, ground, tiring, error of places and altitude. No curve from other runs can be expected below it.",
        *doubts,
    ]
    picture = bars("Error of foretold splits, own curve against the polynomial", [Panel("own / polynomial", drawn)])
    return Table("Splits foretold from other runs", columns, rows, notes, "prediction", picture)


def _groups(judged: list[Foretold]) -> Iterator[tuple[str, list[Foretold]]]:
    """Each runner, and all of them by how many other runs they have."""
    for runner, found in _by_runner(judged).items():
        yield f"{runner}, {found[0].others}", found
    for words, chosen in (
        (f"all with {ENOUGH_OTHERS} or more", [one for one in judged if one.others >= ENOUGH_OTHERS]),
        ("all with fewer", [one for one in judged if one.others < ENOUGH_OTHERS]),
        ("all", judged),
    ):
        if chosen:
            yield words, chosen


def _time_table(judged: list[Foretold]) -> Table:
    rows = [
        [name, str(len(found)), *(_percent(fmean(one.time[i] for one in found)) for i in range(len(METHODS)))]
        for name, found in _groups(judged)
    ]
    notes = [
        "Mean absolute error of the time on the move, a share of it. All methods alike: the mean of the other runs' "
        "speeds, each over the fraction x(T) of critical speed that its hours allow, runs of like length first.",
        "Most of it is how hard the runner meant to run that day, which no recording says beforehand.",
    ]
    columns = ["runner, other runs", "runs", *METHODS]
    return Table("Times of whole runs foretold from other runs", columns, rows, notes, "prediction-time")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
