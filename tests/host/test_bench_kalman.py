"""The filter that ours is measured against: published gains and step responses."""

import pytest

from bench.pacing.kalman import TRUSTING, Filter, filter_gains

# For CS 3.7 m/s: u, m, c, h on the residuals of speed and of heart rate.
KNOWN_GAINS = [[0.00595, 0.00026], [0.00665, -0.0001], [-0.13425, 0.00352], [0.14615, 0.01772]]
CS_MS = 3.7


def test_known_gains():
    for row, expected in zip(filter_gains(CS_MS, TRUSTING), KNOWN_GAINS, strict=True):
        assert row == pytest.approx(expected, rel=0.01, abs=1e-5)


@pytest.mark.parametrize(
    ("seconds", "hr_bpm", "expected"),
    [(60, 152.09, 0.795), (600, 152.09, 0.797), (60, 144.93, 0.736), (600, 144.93, 0.744)],
)
def test_step_responses(seconds, hr_bpm, expected):
    one = Filter(filter_gains(CS_MS, TRUSTING), CS_MS, 144.93 - 0.72 * 24.2 * CS_MS, 0.72)
    efforts = [one.step(0.80, hr_bpm) for _ in range(seconds)]
    assert efforts[-1] == pytest.approx(expected, abs=0.001)
