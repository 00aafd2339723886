"""Heart rate from recordings: maximum, its line against grade-adjusted speed, threshold, and what hours do to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median

from holdback.athlete.grades import LEVEL_EFFORT, level_m
from holdback.athlete.run import Run
from holdback.planning.athlete import BPM_PER_MS, HR_LAG_S, THRESHOLD_OF_MAX, Athlete

HELD_CELLS = 8  # a beat counts towards the maximum when it was held for 80 m
SECOND_WITHIN_BPM = 25  # another run has to come so near to the highest, else it was the strap
PLAUSIBLE_BPM = (30, 230)
WARM_UP_S = 300.0
BLOCK_S = 120.0
PAUSE_S = 60.0
SLOPE_SPREAD = 8.3  # bpm per m/s among people, Hunt et al. 2015
SLOPE_NOISE_BPM = 6.0
BLOCKS_A_RUN = 20.0  # a run says as much as so many independent blocks at most
DAY_SPREAD_BPM = 5.0  # of heart rate at one speed from day to day
MAX_SPREAD_BPM = 8.0  # of 0.90 of the highest that was seen, which may not be the highest there is
OF_MAX = 0.97  # a threshold is below that; where the line says more, the highest seen is not the maximum
LONG_H = 1.5
LATE_SPREAD = 0.06  # of one run's loss an hour
DURABILITY_SPREAD = 0.03


@dataclass(frozen=True)
class Block:
    """Two minutes of running: speed as the heart has followed it, m/s; heart rate; hours since the start."""

    speed_ms: float
    hr_bpm: float
    hours: float


@dataclass(frozen=True)
class Line:
    """Heart rate = the run's own level + slope * speed. slope: bpm per m/s. levels: (run, mean speed, mean bpm)."""

    slope: float
    plus_minus: float
    blocks: int
    levels: list[tuple[Run, float, float]]

    def at(self, speed_ms: float) -> list[float]:
        """Each run's heart rate at a speed, bpm."""
        return [hr + self.slope * (speed_ms - mean) for _, mean, hr in self.levels]


def highest_bpm(runs: Sequence[Run]) -> int | None:
    """The highest heart rate that was held, and that another run comes near to; None without any."""
    tops = sorted((top for run in runs if (top := _held(run.hr_bpm))), reverse=True)
    for top, second in pairwise(tops):
        if top - second <= SECOND_WITHIN_BPM:
            return top
    return tops[-1] if tops else None


def _held(hr_bpm: list[int]) -> int:
    low, high = PLAUSIBLE_BPM
    return max(
        (least for i in range(len(hr_bpm) - HELD_CELLS) if low < (least := min(hr_bpm[i : i + HELD_CELLS])) < high),
        default=0,
    )


def blocks(run: Run, factors: Sequence[float]) -> list[Block]:
    """A run in blocks of two minutes on the move, after its first five minutes."""
    found, followed, clock, part = [], 0.0, 0.0, []
    for metres, seconds, clock_s, hr in zip(level_m(run, factors), run.seconds, run.clock_s, run.hr_bpm, strict=True):
        clock += clock_s
        if clock_s > PAUSE_S:
            part = []
        if not seconds:
            continue
        keep = math.exp(-seconds / HR_LAG_S)
        followed = keep * followed + (1 - keep) * min(8.0, metres / seconds)
        if clock > WARM_UP_S and PLAUSIBLE_BPM[0] < hr < PLAUSIBLE_BPM[1]:
            part.append((seconds, followed, hr))
        if sum(item[0] for item in part) >= BLOCK_S:
            weight = sum(item[0] for item in part)
            speed, beat = (sum(item[0] * item[k] for item in part) / weight for k in (1, 2))
            found.append(Block(speed, beat, clock / 3600))
            part = []
    return found


def fit_line(parts: Sequence[tuple[Run, list[Block]]]) -> Line | None:
    """One slope for all runs, each with its own level and drift; what people have at large counts as data."""
    parts = [(run, part) for run, part in parts if len(part) >= 5]
    if not parts:
        return None
    precision, pull = 1 / SLOPE_SPREAD**2, BPM_PER_MS / SLOPE_SPREAD**2
    for _, part in parts:
        square, product = _without_drift(part)
        share = 1 / (1 + len(part) / BLOCKS_A_RUN) / SLOPE_NOISE_BPM**2
        precision, pull = precision + share * square, pull + share * product
    slope = max(5.0, pull / precision)
    levels = [(run, median(b.speed_ms for b in part), median(b.hr_bpm for b in part)) for run, part in parts]
    return Line(slope, math.sqrt(1 / precision), sum(len(part) for _, part in parts), levels)


def _without_drift(part: list[Block]) -> tuple[float, float]:
    """Sums of squares and products of speed and heart rate, both without mean and trend; outliers count less."""
    speeds, beats = (_flat(part, [getattr(b, name) for b in part]) for name in ("speed_ms", "hr_bpm"))
    rests = [beat - BPM_PER_MS * speed for speed, beat in zip(speeds, beats, strict=True)]
    wide = 1.5 * (median(map(abs, rests)) / 0.6745 + 1e-9)
    weights = [min(1.0, wide / max(abs(rest), 1e-9)) for rest in rests]
    square = sum(w * speed * speed for w, speed in zip(weights, speeds, strict=True))
    return square, sum(w * speed * beat for w, speed, beat in zip(weights, speeds, beats, strict=True))


def _flat(part: list[Block], values: list[float]) -> list[float]:
    hours, mean = fmean(b.hours for b in part), fmean(values)
    width = sum((b.hours - hours) ** 2 for b in part) or 1.0
    trend = sum((b.hours - hours) * value for b, value in zip(part, values, strict=True)) / width
    return [value - mean - trend * (b.hours - hours) for b, value in zip(part, values, strict=True)]


def threshold_bpm(line: Line | None, critical_ms: float, top_bpm: int | None) -> tuple[float, float] | None:
    """(heart rate at critical speed, one standard deviation): by the line, and by 0.90 of a maximum."""
    said = [_by_line(line, critical_ms)] if line else []
    if top_bpm and is_maximum(top_bpm, line, critical_ms):
        said.append((THRESHOLD_OF_MAX * top_bpm, MAX_SPREAD_BPM))
    if not said:
        return None
    precision = sum(1 / spread**2 for _, spread in said)
    return sum(value / spread**2 for value, spread in said) / precision, 1 / math.sqrt(precision)


def is_maximum(top_bpm: int, line: Line | None, critical_ms: float) -> bool:
    """Whether the highest that was seen can be the maximum: all runs may have been easy."""
    return not line or _by_line(line, critical_ms)[0] < OF_MAX * top_bpm


def _by_line(line: Line, critical_ms: float) -> tuple[float, float]:
    """Heart rate at critical speed, runs near to it first, and how sure that is."""
    away = [critical_ms - mean for _, mean, _ in line.levels]
    weights = [1 / (1 + step * step) for step in away]
    middle = sum(w * hr for w, hr in zip(weights, line.at(critical_ms), strict=True)) / sum(weights)
    reach = sum(w * step for w, step in zip(weights, away, strict=True)) / sum(weights)
    return middle, math.hypot(line.plus_minus * reach, DAY_SPREAD_BPM / math.sqrt(len(away)))


def fit_durability(parts: Sequence[tuple[Run, list[Block]]], critical_ms: float) -> tuple[float, float, int] | None:
    """(share of critical speed lost in an hour at it, one standard deviation, long runs it rests on), None without any.

    By decoupling: heart rate over speed, the later half against the earlier (Smyth et al. 2022), for the effort's cube
    between the middles of the two halves. The planner's figure counts as data.
    """
    lost = [loss for _, part in parts if part and part[-1].hours >= LONG_H and (loss := _lost(part, critical_ms))]
    if not lost:
        return None
    precision = 1 / DURABILITY_SPREAD**2 + len(lost) / LATE_SPREAD**2
    pull = Athlete().durability / DURABILITY_SPREAD**2 + sum(lost) / LATE_SPREAD**2
    return min(0.25, max(0.0, pull / precision)), 1 / math.sqrt(precision), len(lost)


def _lost(part: list[Block], critical_ms: float) -> float | None:
    half = len(part) // 2
    if half < 5:
        return None
    early, late = part[:half], part[half:]
    coupling = [median(b.hr_bpm / max(0.3, b.speed_ms) for b in side) for side in (early, late)]
    hours = fmean(b.hours for b in late) - fmean(b.hours for b in early)
    effort = min(1.0, max(LEVEL_EFFORT / 2, fmean(b.speed_ms for b in part) / critical_ms))
    return max(-0.1, min(0.3, math.log(coupling[1] / coupling[0]) / (effort**3 * hours)))
