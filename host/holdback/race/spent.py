"""What a recorded stage took: how much of its course was covered, in what moving time, and how unevenly.

Speed and slope alone decide it. Heart rate may only add: a heart well above the line of the speed counts as the effort
that it stands for, a low one is never taken for strength.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from pacing.course import Course
from pacing.journal import EV_END
from pacing.sample import STANDING_CMS

from holdback.planning.athlete import DRIFT_BPM_H, DRIFT_MAX_BPM, Athlete
from holdback.planning.days import DAMAGE_POWER
from holdback.planning.model import StagePlan
from holdback.recordings.journal import Recording
from holdback.recordings.plans import open_plan

BLOCK_S = 1800.0  # shorter means of effort vary by themselves
UNEVEN = 1.05  # a block so far above the mean is no unevenness yet
HR_MARGIN_BPM = 5.0
LONGEST_STEP_S = 10.0  # a longer gap counts as moving only if the runner came on in it
LEAST_M, LEAST_S = 1000.0, 600.0  # less is a false start
WENT_ON = 60  # samples after an end that was taken back


@dataclass(frozen=True)
class Spent:
    """share: of the course's cost that was covered. hours: moving. unevenness: at least 1, as a factor on the mean.

    by_heart: how much more the heart says than the speed, as a factor, at least 1.
    """

    share: float
    hours: float
    unevenness: float
    by_heart: float

    @property
    def factor(self) -> float:
        """What the day counts more than its mean effort."""
        return self.unevenness * self.by_heart


class _Block:
    """Half an hour of moving."""

    def __init__(self) -> None:
        self.seconds = self.km = self.hr_s = self.hr = 0.0

    def add(self, seconds: float, km: float, hr_bpm: int) -> None:
        self.seconds += seconds
        self.km += km
        if hr_bpm:
            self.hr_s += seconds
            self.hr += hr_bpm * seconds

    def join(self, other: "_Block") -> None:
        self.seconds, self.km = self.seconds + other.seconds, self.km + other.km
        self.hr_s, self.hr = self.hr_s + other.hr_s, self.hr + other.hr


def spent(recording: Recording, plan: StagePlan, athlete: Athlete, *, finished: bool = False) -> Spent | None:
    """What the recording of a stage with a course took; None for a false start, or where the course was never found.

    `finished` says that the runner came to the end, whatever the receiver saw of it.
    """
    blocks, reached_m = _blocks(recording, plan)
    seconds = sum(block.seconds for block in blocks)
    covered = sum(block.km for block in blocks)
    if reached_m < LEAST_M or seconds < LEAST_S or covered <= 0.0:
        return None
    whole = plan.pace.equivalent_m / 1000
    share = 1.0 if finished else min(1.0, covered / whole)
    means = [block.km / block.seconds for block in blocks if block.seconds]
    weights = [block.seconds for block in blocks if block.seconds]
    by_heart = _by_heart(blocks, share * whole / covered, athlete)
    return Spent(share, seconds / 3600, _unevenness(means, weights), by_heart)


def _blocks(recording: Recording, plan: StagePlan) -> tuple[list[_Block], float]:
    """(half hours of moving, the furthest metre)."""
    course, equivalent = Course(open_plan(plan.data)), _Equivalent(plan)
    blocks, last_ms, gap_s, last_km, reached_m = [_Block()], 0, 0.0, 0.0, 0.0
    for sample in recording.samples[: _end_index(recording)]:
        course.step(sample)
        seconds, last_ms = (sample.stage_ms - last_ms) / 1000, sample.stage_ms
        ahead_m = course.progress_dm / 10 - reached_m
        if seconds > LONGEST_STEP_S:
            gap_s, seconds = gap_s + seconds, 0.0
        if ahead_m <= 0 and sample.has_place and sample.speed_cms < STANDING_CMS:
            continue
        if ahead_m > 0:
            reached_m += ahead_m
            seconds += gap_s if ahead_m * 100 >= gap_s * STANDING_CMS else 0.0
            gap_s = 0.0
        km = equivalent.at(reached_m)
        blocks[-1].add(seconds, km - last_km, sample.hr_bpm)
        last_km = km
        if blocks[-1].seconds >= BLOCK_S:
            blocks.append(_Block())
    if len(blocks) > 1 and blocks[-1].seconds < BLOCK_S / 2:
        blocks[-2].join(blocks.pop())
    return blocks, reached_m


def _end_index(recording: Recording) -> int:
    """Samples before the end that holds."""
    ends = [event.index for event in recording.events if event.kind == EV_END]
    return ends[-1] if ends and len(recording.samples) - ends[-1] < WENT_ON else len(recording.samples)


class _Equivalent:
    """Effort-equivalent km from the start to a place."""

    def __init__(self, plan: StagePlan) -> None:
        self._segments = plan.segments
        self._ends = [part.end_m for part in plan.segments]
        costs = [(part.end_m - part.start_m) * part.factor for part in plan.segments]
        self._sums = list(accumulate(costs, initial=0.0))

    def at(self, at_m: float) -> float:
        number = min(bisect_right(self._ends, at_m), len(self._ends) - 1)
        part = self._segments[number]
        return (self._sums[number] + (min(at_m, part.end_m) - part.start_m) * part.factor) / 1000


def _unevenness(means: Sequence[float], weights: Sequence[float]) -> float:
    """The effort that would do as much damage, over the mean: damage grows with the tenth power."""
    mean = sum(value * weight for value, weight in zip(means, weights, strict=True)) / sum(weights)
    over = [(1.0 + max(0.0, value / mean - UNEVEN)) ** DAMAGE_POWER for value in means]
    return (sum(value * weight for value, weight in zip(over, weights, strict=True)) / sum(weights)) ** (
        1 / DAMAGE_POWER
    )


def _by_heart(blocks: Sequence[_Block], scale: float, athlete: Athlete) -> float:
    """What the heart says more than the speed, over the stage, beyond drift and margin; 1 where it says less."""
    if not athlete.threshold_hr_bpm:
        return 1.0
    by_speed = by_heart = hours = 0.0
    for block in blocks:
        hours += block.seconds / 3600
        if block.hr_s < block.seconds / 2 or not block.km:
            continue
        effort = block.km * scale / block.seconds * 1000 / athlete.critical_speed_ms
        allowed = HR_MARGIN_BPM + min(DRIFT_MAX_BPM, DRIFT_BPM_H * hours)
        felt = (block.hr / block.hr_s - allowed - athlete.hr_at_zero_bpm) / athlete.hr_per_effort_bpm
        by_speed += effort * block.seconds
        by_heart += max(effort, felt) * block.seconds
    return by_heart / by_speed if by_speed else 1.0
