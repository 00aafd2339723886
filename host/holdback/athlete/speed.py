"""Critical speed from recordings: the slope of distance over time where there are hard efforts, else a lower bound."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from holdback.athlete.grades import level_m
from holdback.athlete.run import CELL_M, Run
from holdback.planning.days import sustainable_fraction

BESTS_M = (400, 800, 1000, 1500, 2000, 3000, 5000)  # on the level, or what comes to it
FEWEST_BESTS = 4
STEEPEST = 0.15  # a best over steeper ground says more about the ground
FASTEST_MS = 7.5  # of a cell: more is the receiver's
RESERVE_M = (0.0, 450.0)  # D', the way that is left above critical speed: believable
LEAST_SPREAD = 0.02
WHOLE_RUN_SPREAD = 0.06  # of x(T), which is assumed beyond the marathon


@dataclass(frozen=True)
class SpeedFit:
    """speed_ms on the level. bound: no effort was known to be all out, so it is at least this."""

    speed_ms: float
    plus_minus_ms: float
    basis: str
    bound: bool


def fit_speed(runs: Sequence[Run], factors: Sequence[float]) -> SpeedFit | None:
    """Critical speed by the best efforts, or by the best whole run where that says more; None without runs.

    Slope of distance over time: Smyth & Muniz-Pumares 2020 took it from recreational runners' bests. Whole runs: level
    speed over the fraction x(T) of critical speed that can be held for their hours. Who ran easily was faster than it
    shows, so the greater of the two holds.
    """
    runs = [run for run in runs if not run.walked]
    whole = max((_whole(run, factors) for run in runs), key=lambda fit: fit.speed_ms, default=None)
    slope = _slope(runs, factors)
    return slope if slope and (not whole or slope.speed_ms >= whole.speed_ms) else whole


def level_speed_ms(run: Run, factors: Sequence[float]) -> float:
    """Mean grade-adjusted speed on the move."""
    return sum(level_m(run, factors)) / (run.hours * 3600)


def _whole(run: Run, factors: Sequence[float]) -> SpeedFit:
    speed = level_speed_ms(run, factors) / sustainable_fraction(run.hours)
    minutes = round(run.hours * 60)
    basis = f"a run of {run.metres / 1000:.1f} km in {minutes // 60}:{minutes % 60:02} as if all out: at least this"
    return SpeedFit(speed, WHOLE_RUN_SPREAD * speed, basis, True)


def _slope(runs: Sequence[Run], factors: Sequence[float]) -> SpeedFit | None:
    bests = {}
    for run in runs:
        for metres, seconds in _bests(run, factors):
            bests[metres] = min(seconds, bests.get(metres, math.inf))
    if len(bests) < FEWEST_BESTS or max(bests) < 2000:
        return None
    count, times = len(bests), list(bests.values())
    mean_s, mean_m = sum(times) / count, sum(bests) / count
    width = sum((t - mean_s) ** 2 for t in times)
    slope = sum((t - mean_s) * (m - mean_m) for m, t in bests.items()) / width
    reserve = mean_m - slope * mean_s
    if not RESERVE_M[0] <= reserve <= RESERVE_M[1]:
        return None
    rest = sum((m - reserve - slope * t) ** 2 for m, t in bests.items()) / (count - 2)
    spread = math.hypot(math.sqrt(rest / width), LEAST_SPREAD * slope)
    return SpeedFit(slope, spread, f"bests of {min(bests)} to {max(bests)} m in {_count(runs)}", False)


def _bests(run: Run, factors: Sequence[float]) -> list[tuple[int, float]]:
    """(metres, least seconds by the clock) over ground that is not steep."""
    far = [0.0, *accumulate(level_m(run, factors))]
    clock = [0.0, *accumulate(run.clock_s)]
    spoilt = [abs(g) > STEEPEST or s * FASTEST_MS < CELL_M for g, s in zip(run.grade, run.seconds, strict=True)]
    bad = [0, *accumulate(spoilt)]
    found = []
    for metres in BESTS_M:
        best, end = math.inf, 0
        for start in range(len(far)):
            while end < len(far) and far[end] - far[start] < metres:
                end += 1
            if end == len(far):
                break
            if bad[end] == bad[start]:
                best = min(best, (clock[end] - clock[start]) * metres / (far[end] - far[start]))
        if best < math.inf:
            found.append((metres, best))
    return found


def _count(runs: Sequence[Run]) -> str:
    return "1 run" if len(runs) == 1 else f"{len(runs)} runs"
