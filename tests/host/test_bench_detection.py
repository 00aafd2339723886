"""The detection tables' own machinery: what a made run says of detectors that are known."""

import math
from copy import deepcopy

import pytest

from bench.pacing import detection
from bench.pacing.detection import Told, better, cells
from bench.pacing.detectors import cusum, debt, ours, seconds_over, speed
from bench.pacing.real_runs import ON_PLAN, Run

SECONDS = 3600


def even(effort: float = ON_PLAN, hr_bpm: int = 0) -> Run:
    """An hour at one effort on the flat, at 3.7 m/s of critical speed; the line of heart rate is 80 + 89.54 u."""
    run = Run(0.0, SECONDS, cs_ms=3.7, hr_a_bpm=80.0)
    run.effort = [effort] * SECONDS
    run.speed_ms = [effort * 3.7] * SECONDS
    run.known = run.live = [True] * SECONDS
    run.lat = run.lon = [0.0] * SECONDS
    run.grade_pm = [0] * SECONDS
    run.hr_bpm = [hr_bpm] * SECONDS
    return run


def first_min(detect: detection.Detector, effort: float) -> float:
    """Minutes until an even runner at this effort is told."""
    return (next(iter(detect(even(effort), ON_PLAN))) + 1) / 60


def test_each_detector_needs_the_minutes_that_arithmetic_says() -> None:
    fifth = 1.2 * ON_PLAN
    assert first_min(seconds_over(speed, 300, 0.05), fifth) == 5
    assert first_min(debt(speed), fifth) == pytest.approx(100 / 17, abs=0.02)
    assert first_min(debt(speed, 50), fifth) == pytest.approx(50 / 17, abs=0.02)
    assert first_min(debt(speed, 0, 10), fifth) == pytest.approx(10, abs=0.02)
    assert first_min(cusum(speed, 24), fifth) == math.ceil(24 / ((1.2 - 1.04) * ON_PLAN / 0.025))
    assert first_min(ours(2), fifth) == pytest.approx(80 / 17, rel=0.02)
    assert first_min(ours(1), fifth) == pytest.approx(30 / 17, rel=0.03)


def test_who_is_told_once_is_told_again_at_five_times_as_much_and_debt_at_each_doubling() -> None:
    # The core counts in whole cm/s and per mille.
    told = list(ours(2)(even(1.2 * ON_PLAN), ON_PLAN))
    assert [round(second * 17 / 60) for second in told] == pytest.approx(
        [80, 580], rel=0.02
    )  # whole cm/s and per mille
    assert len(list(debt(speed)(even(1.2 * ON_PLAN), ON_PLAN))) == 4  # 100, 200, 400, 800 of 1020


def test_on_soft_ground_only_the_heart_tells() -> None:
    run = even(1.2 * ON_PLAN / 1.3, round(80 + 89.54 * 1.2 * ON_PLAN))
    assert not list(ours(1, strap=False)(run, ON_PLAN))
    assert list(ours(1)(run, ON_PLAN))


def test_a_change_leaves_the_run_itself_alone() -> None:
    run = even(hr_bpm=150)
    for change in detection.CHANGES:
        before = deepcopy(run)
        change(run)
        assert run == before
    assert detection.hot(run).hr_bpm[-1] == 159 and detection.tired(even()).hr_bpm[0] == 0


def test_figures_and_who_beats_whom() -> None:
    slow = [Told(1.0 + i, (10.0 + i, 8.0, math.inf)) for i in range(9)]
    quick = [Told(0.5 + i, (5.0 + i, 4.0, 3.0)) for i in range(9)]
    assert cells(slow) == ["5.00 / 5.00", "14.0 / 17.0", "8.0 / 8.0", "never / never"]
    judged = [{"ours": a, "theirs": b} for a, b in zip(quick, slow, strict=True)]
    assert better(judged, "ours", "theirs") > 0.9 and better(judged, "theirs", "ours") == 0
