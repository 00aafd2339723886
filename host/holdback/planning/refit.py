"""What the stages that were run say of their runner: critical speed, kappa and rho fitted anew, and today's fatigue.

Maximum a posteriori on the residuals of ln T (sigma .04), with priors CS ±3 %, ln kappa ±.5 and rho ±.1; the damage
power stays. Speed alone cannot tell a low effort from tired legs, so the effort of a stage is taken from its rating:
10 is all out, and each step below it 3 % less (an assumption of this project). Heart rate has no part in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from holdback.planning import days
from holdback.planning.days import Wear

SIGMA = 0.04
CRITICAL_SPEED_SD, LN_KAPPA_SD, RHO_SD = 0.03, 0.5, 0.1
RATING_STEP = 0.03
RATED_SD = 0.04  # of ln y, where there is a rating: a step and a bit
UNRATED_SD = 0.08  # where there is none: who was slow may have held back, or had no more
MOST_EFFORT = 1.15  # beyond this a critical speed is wrong, not a runner overspent
RHO_RANGE = (0.2, 0.9)
ROUNDS = 25
STEP = 1e-4

Figures = list[float]  # ln(CS / prior), ln(kappa / prior), rho - prior


@dataclass(frozen=True)
class Run:
    """A stage as it was run. km: effort-equivalent, of what was covered. hours: moving; None where only the plan says
    how long. toll: of its descents. planned: the effort y that it was planned with. unevenness: what an uneven effort
    counts more than its mean, as a factor on y, at least 1. rating: 1 to 10.
    """

    stage_no: int
    km: float
    hours: float | None
    toll: float
    planned: float
    unevenness: float = 1.0
    rating: int | None = None

    @property
    def expected(self) -> float:
        """The effort that it felt like; without a rating the planned one."""
        return felt_effort(self.rating) if self.rating else self.planned


@dataclass(frozen=True)
class Refit:
    """The fitted runner. `efforts`: what each stage took, y with its unevenness; `fatigue`: F of the next morning."""

    critical_kmh: float
    wear: Wear
    efforts: Sequence[float]
    fatigue: float


def felt_effort(rating: int) -> float:
    """y that a rating stands for."""
    return 1.0 - RATING_STEP * (10 - rating)


def refit(runs: Sequence[Run], critical_kmh: float, wear: Wear) -> Refit:
    """The most probable runner behind the runs in order; the prior one where they say nothing."""
    prior = Refit(critical_kmh, wear, (), 0.0)
    figures = [0.0, 0.0, 0.0]
    cost, damping = _cost(runs, prior, figures), 1e-3
    for _ in range(ROUNDS):
        trial = _bounded(_step(runs, prior, figures, damping), prior)
        trial_cost = _cost(runs, prior, trial)
        if trial_cost < cost - 1e-12:
            figures, cost, damping = trial, trial_cost, damping / 4
        else:
            damping *= 8
        if damping > 1e6:
            break
    return _lived(runs, _runner(prior, figures))[0]


def _runner(prior: Refit, figures: Figures) -> Refit:
    speed, kappa, rho = figures
    wear = Wear(prior.wear.kappa * math.exp(kappa), prior.wear.rho + rho)
    return replace(prior, critical_kmh=prior.critical_kmh * math.exp(speed), wear=wear)


def _bounded(figures: Figures, prior: Refit) -> Figures:
    low, high = RHO_RANGE
    speed, kappa, rho = figures
    rho = min(high, max(low, prior.wear.rho + rho)) - prior.wear.rho
    return [min(0.3, max(-0.3, speed)), min(2.0, max(-2.0, kappa)), rho]


def _lived(runs: Sequence[Run], runner: Refit) -> tuple[Refit, Figures]:
    """(the runner after the runs, the residuals of ln T in standard deviations)."""
    fatigue, efforts, residuals = 0.0, [], []
    for run in runs:
        hours, effort = run.hours, run.expected
        if run.km and hours:
            effort = days.effort_of(run.km, hours, fatigue, runner.critical_kmh)
            residuals.append(_residual(run, math.log(effort / run.expected) / (1.0 - days.ENDURANCE)))
        elif run.km:
            hours = days.stage_hours(run.km, effort, fatigue, runner.critical_kmh)
        efforts.append(min(MOST_EFFORT, effort * run.unevenness) if run.km else 0.0)
        fatigue = days.next_fatigue(fatigue, hours or 0.0, efforts[-1], runner.wear, run.toll)
    return replace(runner, efforts=tuple(efforts), fatigue=fatigue), residuals


def _residual(run: Run, ln_time: float) -> float:
    """`ln_time`: how much sooner the stage was over than its expected effort gives."""
    if run.rating:
        return ln_time / math.hypot(SIGMA, RATED_SD)
    return min(0.0, ln_time) / math.hypot(SIGMA, UNRATED_SD)  # sooner, and nobody says at what price: no news


def _residuals(runs: Sequence[Run], prior: Refit, figures: Figures) -> Figures:
    speed, kappa, rho = figures
    _, residuals = _lived(runs, _runner(prior, figures))
    return [*residuals, speed / CRITICAL_SPEED_SD, kappa / LN_KAPPA_SD, rho / RHO_SD]


def _cost(runs: Sequence[Run], prior: Refit, figures: Figures) -> float:
    return sum(value * value for value in _residuals(runs, prior, figures))


def _step(runs: Sequence[Run], prior: Refit, figures: Figures, damping: float) -> Figures:
    """Levenberg and Marquardt's next figures, with slopes by small differences."""
    base = _residuals(runs, prior, figures)
    slopes = []
    for number in range(3):
        moved = [value + STEP * (place == number) for place, value in enumerate(figures)]
        slopes.append([(b - a) / STEP for a, b in zip(base, _residuals(runs, prior, moved), strict=True)])
    matrix = [[math.fsum(a * b for a, b in zip(one, two, strict=True)) for two in slopes] for one in slopes]
    for number in range(3):
        matrix[number][number] *= 1.0 + damping
    wanted = [-math.fsum(a * b for a, b in zip(one, base, strict=True)) for one in slopes]
    return [value + change for value, change in zip(figures, _solved(matrix, wanted), strict=True)]


def _solved(matrix: list[Figures], wanted: Figures) -> Figures:
    """Cramer's rule for three unknowns; the priors keep the determinant from zero."""
    whole = _determinant(matrix)
    found = []
    for number in range(3):
        changed = [
            [wanted[row] if column == number else matrix[row][column] for column in range(3)] for row in range(3)
        ]
        found.append(_determinant(changed) / whole)
    return found


def _determinant(m: list[Figures]) -> float:
    return sum(
        m[0][i] * (m[1][(i + 1) % 3] * m[2][(i + 2) % 3] - m[1][(i + 2) % 3] * m[2][(i + 1) % 3]) for i in range(3)
    )
