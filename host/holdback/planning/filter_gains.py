"""The gains of the device's effort filter for one athlete: the steady state of a Kalman filter.

The model (pacing.effort runs it in integers): u effort as a fraction of critical speed, a random walk; m map and
terrain error and c the day's heart-rate offset, which decay; h the heart rate, a first-order lag behind a + b*u + c
(gain 24.2 bpm per m/s, time constant 57.6 s: Hunt et al. 2015). Measured are speed (u + m) and heart rate (h).
"""

import math
from dataclasses import dataclass

HR_GAIN_BPM_S_M = 24.2
HR_LAG_S = 57.6
MAP_DECAY_S = 600.0
DRIFT_DECAY_S = 21600.0
SPEED_Q = 18  # fraction bits of the gains on the speed residual, as pacing.planformat stores them
HR_Q = 22

Matrix = list[list[float]]


@dataclass(frozen=True)
class Noise:
    """How much each part of the model wanders: per second for effort, in the long run for map and day.

    The defaults were chosen on real runs (bench/pacing/detection.py): running is rougher, and the map and the day say less,
    than simulations assume.
    """

    effort: float = 0.002
    map_error: float = 0.005
    day_bpm: float = 10.0
    speed: float = 0.1
    hr_bpm: float = 12.0


def filter_gains(cs_ms: float, noise: Noise | None = None) -> Matrix:
    """Gains for the states u, m, c, h (rows) on the residuals of speed/CS and of heart rate in bpm (columns).

    `cs_ms`: critical speed in m/s, above 0.
    """
    noise = noise or Noise()
    keep_m, keep_c = math.exp(-1 / MAP_DECAY_S), math.exp(-1 / DRIFT_DECAY_S)
    step = [
        [1.0, 0.0, 0.0, 0.0],
        [0.0, keep_m, 0.0, 0.0],
        [0.0, 0.0, keep_c, 0.0],
        [HR_GAIN_BPM_S_M * cs_ms / HR_LAG_S, 0.0, 1 / HR_LAG_S, 1 - 1 / HR_LAG_S],
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


def integer_gains(gains: Matrix) -> tuple[int, ...]:
    """The eight integers of a plan, row by row: speed gains in Q18, heart-rate gains in Q22."""
    return tuple(round(value * 2**bits) for row in gains for value, bits in zip(row, (SPEED_Q, HR_Q), strict=True))


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
