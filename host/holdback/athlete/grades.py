"""What grades cost this runner: a table of 19 factors, drawn from the project's by own runs as far as they go.

Each stretch of 100 m says: time = base of its run * sum of f over its cells * e^(fade * hours). In logarithms this is
fitted by Gauss-Newton with robust weights. What is known beforehand counts as data: a runner's factor differs from the
table by about 15 %, neighbours by less, and the fade is that of the planner's durability. Runs of one person differ
among themselves more than stretches of one run do, so a run counts as 40 independent stretches at most [all assumed].
In the end each run is predicted from the others: as far as that is no better than the table, the table stays.

How somebody paces hills is not yet what they cost: most people work harder uphill. A plan wants the cost, so there
each stretch counts with the time that it would have taken at the run's median heart rate.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import fmean, median, stdev

from pacing.cost import flat_factor_pm

from holdback.athlete.linear import Matrix, cholesky, solve, spreads
from holdback.athlete.run import CELL_M, Run
from holdback.planning.athlete import BPM_PER_MS, Athlete

GRADES = [step / 20 for step in range(-9, 10)]
LEVEL = 9
TABLE = [flat_factor_pm(round(1000 * grade)) / 1000 for grade in GRADES]
STRETCH_CELLS = 10
SPLIT_STRETCHES = 5  # runs are predicted in splits of 500 m
NOISE = 0.15  # of the logarithm of a stretch's time; also how far a runner may be from the table
BEND = 0.067  # how far a knot may lie from the middle of its neighbours
STRETCHES_A_RUN = 40.0
LEVEL_EFFORT = 0.8  # at which durability becomes a fade
FADE = Athlete().durability * LEVEL_EFFORT**3  # of pace, share an hour
FADE_SPREAD = 0.005
ROUNDS = 5
SLOWEST_MS, FASTEST_MS = 0.25, 7.0
TRUSTS = (0.0, 0.25, 0.5, 0.75, 1.0)
EFFORT_BPM = BPM_PER_MS * Athlete().critical_speed_ms * LEVEL_EFFORT  # how heart rate rises with relative effort
FOLLOWS_S = (20.0, 80.0)  # heart rate then is about effort now: it lags by 57.6 s
STEEP = 4  # knots up to -25 %: from there on steeper is never cheaper
STEEPER_THAN = 0.03  # what counts as up and as down

State = list[float]  # 19 logarithms of factors, and the fade
Normal = tuple[Matrix, list[float]]  # precision and pull, in units of NOISE


@dataclass(frozen=True)
class GradeFit:
    """factors: 19, as pacing.cost's. plus_minus: one standard deviation of each, as a share. fade: of pace, an hour.

    trust: 0 the table's curve, 1 the runner's. up_km, down_km: how much of the runs is steeper than 3 %.
    """

    factors: tuple[float, ...]
    plus_minus: tuple[float, ...]
    fade: float
    trust: float
    runs: int
    up_km: float
    down_km: float


@dataclass
class _Stretch:
    shares: dict[int, float]  # weight of each knot, summed over the cells
    seconds: float
    hours: float


def fit_grades(runs: Sequence[Run], prior: Sequence[float] = TABLE, *, equal_hr: bool = False) -> GradeFit:
    """The runner's own factors and fade; without runs those of `prior` and the planner's.

    As the runner paces hills, or with `equal_hr` as they cost where heart rate is known.
    """
    start = [*(math.log(factor) for factor in prior), FADE]
    tables = [part for run in runs if (part := _stretches(run, equal_hr=equal_hr and run.has_hr))]
    state, said = start, []
    for _ in range(ROUNDS if tables else 0):
        said = [_said(stretches, state) for stretches in tables]
        state = _step(state, [_expected(state, start), *said])
    low = cholesky(_total([_expected(state, start), *said])[0])
    trust = _trust(tables, said, state, start)
    factors = _orderly(_between(start, state, trust))
    up, down = (sum(sign * g > STEEPER_THAN for run in runs for g in run.grade) * CELL_M / 1000 for sign in (1, -1))
    widths = tuple(NOISE * width for width in spreads(low)[:-1])
    return GradeFit(factors, widths, _between(start, state, trust)[-1], trust, len(tables), up, down)


def knots(grade: float) -> tuple[int, float]:
    """(lower knot, share of the one above it) of a grade, clamped at 45 %."""
    place = (max(-0.45, min(0.45, grade)) + 0.45) * 20
    low = min(int(place), 17)
    return low, place - low


def level_m(run: Run, factors: Sequence[float]) -> list[float]:
    """What each cell comes to on the level, m."""
    metres = []
    for grade in run.grade:
        low, part = knots(grade)
        metres.append(CELL_M * (factors[low] * (1 - part) + factors[low + 1] * part))
    return metres


def _stretches(run: Run, *, equal_hr: bool) -> list[_Stretch]:
    found, hours = [], 0.0
    efforts = _relative_efforts(run) if equal_hr else [1.0] * len(run.seconds)
    for start in range(0, len(run.seconds) - STRETCH_CELLS + 1, STRETCH_CELLS):
        seconds = sum(run.seconds[start : start + STRETCH_CELLS])
        hours += seconds / 3600
        if not STRETCH_CELLS * CELL_M / FASTEST_MS < seconds < STRETCH_CELLS * CELL_M / SLOWEST_MS:
            continue
        shares: dict[int, float] = {}
        for grade in run.grade[start : start + STRETCH_CELLS]:
            low, part = knots(grade)
            shares[low] = shares.get(low, 0.0) + 1 - part
            shares[low + 1] = shares.get(low + 1, 0.0) + part
        effort = sum(efforts[start : start + STRETCH_CELLS]) / STRETCH_CELLS
        found.append(_Stretch(shares, seconds * effort, hours))
    return found


def _relative_efforts(run: Run) -> list[float]:
    """Effort in each cell by the heart rate that follows it, 1 at the run's median."""
    marks, beats = [0.0, *accumulate(run.seconds)], [0, *accumulate(run.hr_bpm)]
    known = [0, *accumulate(1 if hr else 0 for hr in run.hr_bpm)]
    middle = median(hr for hr in run.hr_bpm if hr)
    efforts, low, high, last = [], 0, 0, len(run.seconds)
    for mark in marks[:-1]:
        while low < last and marks[low] < mark + FOLLOWS_S[0]:
            low += 1
        while high < last and marks[high] < mark + FOLLOWS_S[1]:
            high += 1
        count = known[high] - known[low]
        away = (beats[high] - beats[low]) / count - middle if count else 0.0
        efforts.append(math.exp(max(-0.5, min(0.5, away / EFFORT_BPM))))
    return efforts


def _expected(state: State, start: State) -> Normal:
    """What is known beforehand."""
    size = len(start)
    away = [value - first for value, first in zip(state, start, strict=True)]
    diagonal = [1.0] * (size - 1) + [(NOISE / FADE_SPREAD) ** 2]
    diagonal[LEVEL] = 1e9  # the level costs 1, by definition
    precision = [[diagonal[i] if i == k else 0.0 for k in range(size)] for i in range(size)]
    pull = [-weight * value for weight, value in zip(diagonal, away, strict=True)]
    stiff = (NOISE / BEND) ** 2
    for middle in range(1, size - 2):
        bend = {middle - 1: 1.0, middle: -2.0, middle + 1: 1.0}
        curve = sum(weight * away[k] for k, weight in bend.items())
        for i, weight in bend.items():
            pull[i] -= stiff * weight * curve
            for k, other in bend.items():
                precision[i][k] += stiff * weight * other
    return precision, pull


def _said(stretches: list[_Stretch], state: State) -> Normal:
    """What one run says: its own base taken out, robustly, and no more than a run may say."""
    *logs, fade = state
    factors, size = [math.exp(value) for value in logs], len(state)
    rows, rests = [], []
    for stretch in stretches:
        cost = _cost(stretch, factors)
        rows.append([*((k, w * factors[k] / cost) for k, w in stretch.shares.items()), (size - 1, stretch.hours)])
        rests.append(math.log(stretch.seconds / cost) - fade * stretch.hours)
    weights = _weights(rests, [stretch.seconds for stretch in stretches])
    total = sum(weights)
    base = sum(weight * rest for weight, rest in zip(weights, rests, strict=True)) / total
    precision, pull, means = [[0.0] * size for _ in range(size)], [0.0] * size, [0.0] * size
    for row, weight, rest in zip(rows, weights, rests, strict=True):
        for i, value in row:
            means[i] += weight * value
            pull[i] += weight * value * (rest - base)
            for k, other in row:
                precision[i][k] += weight * value * other
    share = 1 / (1 + len(stretches) / STRETCHES_A_RUN)
    lean = [[share * (x - means[i] * means[k] / total) for k, x in enumerate(r)] for i, r in enumerate(precision)]
    return lean, [share * value for value in pull]


def _cost(stretch: _Stretch, factors: Sequence[float]) -> float:
    return sum(weight * factors[k] for k, weight in stretch.shares.items())


def _weights(rests: list[float], seconds: list[float]) -> list[float]:
    """By the time that a stretch takes, less where it is far off: Huber's."""
    middle = sorted(rests)[len(rests) // 2]
    mean_s = sum(seconds) / len(seconds)
    return [s / mean_s * min(1.0, NOISE / max(abs(r - middle), 1e-9)) for r, s in zip(rests, seconds, strict=True)]


def _total(parts: Iterable[Normal]) -> Normal:
    precisions, pulls = zip(*parts, strict=True)
    rows = [[math.fsum(cells) for cells in zip(*lines, strict=True)] for lines in zip(*precisions, strict=True)]
    return rows, [math.fsum(values) for values in zip(*pulls, strict=True)]


def _step(state: State, parts: list[Normal]) -> State:
    precision, pull = _total(parts)
    change = solve(cholesky(precision), pull)
    return [value + more for value, more in zip(state, change, strict=True)]


def _between(start: State, state: State, trust: float) -> State:
    return [first + trust * (value - first) for first, value in zip(start, state, strict=True)]


def _trust(tables: list[list[_Stretch]], said: list[Normal], state: State, start: State) -> float:
    """How far to go from the table: the least way on which runs are foretold from the others as well as anywhere.

    As well: within one standard error of the best (Breiman et al. 1984). All the way where there is a single run.
    """
    if len(tables) < 2:
        return 1.0
    misses: list[list[float]] = []
    whole, pull = _total([_expected(state, start), *said])
    for stretches, (own, own_pull) in zip(tables, said, strict=True):
        others = [[a - b for a, b in zip(row, less, strict=True)] for row, less in zip(whole, own, strict=True)]
        without = _step(state, [(others, [a - b for a, b in zip(pull, own_pull, strict=True)])])
        misses.append([_miss(stretches, _between(start, without, trust)) for trust in TRUSTS])
    best = min(range(len(TRUSTS)), key=lambda i: sum(miss[i] for miss in misses))
    for i in range(best):
        worse = [miss[i] - miss[best] for miss in misses]
        if fmean(worse) <= stdev(worse) / math.sqrt(len(worse)):
            return TRUSTS[i]
    return TRUSTS[best]


def _miss(stretches: list[_Stretch], state: State) -> float:
    """Mean absolute error of splits of 500 m as a share of their mean, the run's whole time given."""
    *logs, fade = state
    factors = [math.exp(value) for value in logs]
    cost = [_cost(stretch, factors) * math.exp(fade * stretch.hours) for stretch in stretches]
    expected, real = _splits(cost), _splits([stretch.seconds for stretch in stretches])
    scale = sum(real) / sum(expected)
    return sum(abs(a - scale * b) for a, b in zip(real, expected, strict=True)) / sum(real)


def _splits(values: list[float]) -> list[float]:
    sums = [0.0, *accumulate(values)]
    ends = [*range(0, len(values), SPLIT_STRETCHES), len(values)]
    return [sums[b] - sums[a] for a, b in pairwise(ends) if b > a]


def _orderly(state: State) -> tuple[float, ...]:
    """The factors: 1 on the level; never cheaper where it is steeper, uphill and on descents beyond 25 %."""
    factors = [math.exp(value - state[LEVEL]) for value in state[:-1]]
    for k in range(LEVEL + 1, len(factors)):
        factors[k] = max(factors[k], factors[k - 1])
    for k in range(STEEP - 1, -1, -1):
        factors[k] = max(factors[k], factors[k + 1])
    return tuple(factors)
