"""The solver of the effort filter's gains, against published gains and step responses."""

import math

import pytest
from holdback.planning.filter_gains import Noise, filter_gains, integer_gains
from pacing.planformat import DEFAULT_GAINS, MAX_GAIN

# A filter that trusts heart rate and blames the map more than ours, for CS 3.7 m/s: its gains are known.
KNOWN = Noise(effort=0.002, map_error=0.036, day_bpm=4.0, speed=0.2, hr_bpm=6.0)
KNOWN_GAINS = [[0.00595, 0.00026], [0.00665, -0.0001], [-0.13425, 0.00352], [0.14615, 0.01772]]
CS_MS = 3.7


def test_known_gains():
    for row, expected in zip(filter_gains(CS_MS, KNOWN), KNOWN_GAINS, strict=True):
        assert row == pytest.approx(expected, rel=0.01, abs=1e-5)


def step(gains, seconds, speed_share, hr_bpm):
    """Effort after so many seconds of constant readings, from a steady .72 of critical speed."""
    b = 24.2 * CS_MS
    a = 144.93 - 0.72 * b
    u, m, c, h = 0.72, 0.0, 0.0, 144.93
    for _ in range(seconds):
        h += (a + b * u + c - h) / 57.6
        m *= math.exp(-1 / 600)
        c *= math.exp(-1 / 21600)
        e0, e1 = speed_share - u - m, hr_bpm - h
        u, m, c, h = [state + k0 * e0 + k1 * e1 for state, (k0, k1) in zip((u, m, c, h), gains, strict=True)]
    return u


@pytest.mark.parametrize(
    ("seconds", "hr_bpm", "expected"),
    [(60, 152.09, 0.795), (600, 152.09, 0.797), (60, 144.93, 0.736), (600, 144.93, 0.744)],
)
def test_step_responses(seconds, hr_bpm, expected):
    assert step(filter_gains(CS_MS, KNOWN), seconds, 0.80, hr_bpm) == pytest.approx(expected, abs=0.001)


def test_defaults_of_a_plan_are_the_solution_for_a_middling_runner():
    assert integer_gains(filter_gains(CS_MS)) == DEFAULT_GAINS


@pytest.mark.parametrize("cs_ms", [1.0, 2.0, 5.0, 7.0])
def test_gains_of_any_runner_fit_a_plan(cs_ms):
    assert max(abs(gain) for gain in integer_gains(filter_gains(cs_ms))) <= MAX_GAIN
