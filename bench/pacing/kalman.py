"""Effort from speed and heart rate together, by a Kalman filter with constant gains: what the device's own way is
measured against.

u effort as a fraction of critical speed, a random walk; m map and terrain error and c the day's heart-rate offset,
which decay; h the heart rate, a first-order lag behind a + b*u + c (gain 24.2 bpm per m/s, time constant 57.6 s: Hunt
et al. 2015). Measured are speed (u + m) and heart rate (h).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from holdback.planning.athlete import BPM_PER_MS, HR_LAG_S

MAP_DECAY_S = 600.0
DRIFT_DECAY_S = 21600.0

Matrix = list[list[float]]


@dataclass(frozen=True)
class Noise:
    """How much each part of the model wanders: per second for effort, in the long run for map and day."""

    effort: float
    map_error: float
    day_bpm: float
    speed: float
    hr_bpm: float


TRUSTING = Noise(effort=0.002, map_error=0.036, day_bpm=4.0, speed=0.2, hr_bpm=6.0)  # heart rate, and a poor map
RETUNED = Noise(effort=0.002, map_error=0.005, day_bpm=10.0, speed=0.1, hr_bpm=12.0)  # on real runs


def filter_gains(cs_ms: float, noise: Noise) -> Matrix:
    """Gains for the states u, m, c, h (rows) on the residuals of speed/CS and of heart rate in bpm (columns).

    `cs_ms`: critical speed in m/s, above 0.
    """
    keep_m, keep_c = math.exp(-1 / MAP_DECAY_S), math.exp(-1 / DRIFT_DECAY_S)
    step = [
        [1.0, 0.0, 0.0, 0.0],
        [0.0, keep_m, 0.0, 0.0],
        [0.0, 0.0, keep_c, 0.0],
        [BPM_PER_MS * cs_ms / HR_LAG_S, 0.0, 1 / HR_LAG_S, 1 - 1 / HR_LAG_S],
    ]
    process = [noise.effort**2, noise.map_error**2 * (1 - keep_m**2), noise.day_bpm**2 * (1 - keep_c**2), 0.0]
    precision = [1 / noise.speed**2, 1 / noise.hr_bpm**2]
    sight = [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    spread = _steady_spread(step, process, sight, precision)
    # K = P H' (H P H' + R)^-1
    across = _product(spread, _transposed(sight))
    total = _product(sight, across)
    total[0][0] += noise.speed**2
    total[1][1] += noise.hr_bpm**2
    return _product(across, _inverse(total))


class Filter:
    """Filter(gains, cs_ms, hr_a_bpm, effort).step(speed share, bpm or 0): effort, a fraction of critical speed."""

    def __init__(self, gains: Matrix, cs_ms: float, hr_a_bpm: float, effort: float):
        self._gains = gains
        self._a, self._b = hr_a_bpm, BPM_PER_MS * cs_ms
        self._u, self._m, self._c = effort, 0.0, 0.0
        self._h = self._a + self._b * effort

    def step(self, speed: float, hr_bpm: float) -> float:
        """Take a second."""
        self._h += (self._a + self._b * self._u + self._c - self._h) / HR_LAG_S
        self._m *= 1 - 1 / MAP_DECAY_S
        self._c *= 1 - 1 / DRIFT_DECAY_S
        e0 = speed - self._u - self._m
        e1 = hr_bpm - self._h if hr_bpm else 0.0
        state: Sequence[float] = (self._u, self._m, self._c, self._h)
        moved = [x + k0 * e0 + k1 * e1 for x, (k0, k1) in zip(state, self._gains, strict=True)]
        self._u, self._m, self._c, self._h = moved
        return self._u


def _steady_spread(step: Matrix, process: list[float], sight: Matrix, precision: list[float]) -> Matrix:
    """Covariance before each measurement, in the long run.

    By doubling: round k holds the covariance after 2^k steps, so 20 rounds are 12 days of seconds.
    """
    forward = _transposed(step)
    weighted = [[value * precision[row] for value in sight[row]] for row in range(2)]
    known = _product(_transposed(sight), weighted)
    spread = [[process[i] if i == j else 0.0 for j in range(4)] for i in range(4)]
    for _ in range(20):
        mixed = _product(known, spread)
        for i in range(4):
            mixed[i][i] += 1
        shared = _inverse(mixed)
        back = _product(forward, shared)
        onward = _product(_product(_transposed(forward), spread), _product(shared, forward))
        known = _sum(known, _product(_product(back, known), _transposed(forward)))
        spread = _sum(spread, onward)
        forward = _product(back, forward)
    return spread


def _product(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a]


def _sum(a: Matrix, b: Matrix) -> Matrix:
    return [[x + y for x, y in zip(row, other, strict=True)] for row, other in zip(a, b, strict=True)]


def _transposed(a: Matrix) -> Matrix:
    return [list(column) for column in zip(*a, strict=True)]


def _inverse(a: Matrix) -> Matrix:
    """Gauss-Jordan with pivoting; the matrices here are never singular."""
    size = len(a)
    rows = [list(row) + [float(i == j) for j in range(size)] for i, row in enumerate(a)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(size):
            if k != i:
                rows[k] = [x - rows[k][i] * y for x, y in zip(rows[k], rows[i], strict=True)]
    return [row[size:] for row in rows]
