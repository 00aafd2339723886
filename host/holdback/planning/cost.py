"""What a gradient costs: energy (Minetti) for fuel, and the pacing factor for speeds.

The pacing factor interpolates the device's own table (`pacing.cost`), so that a plan and the wrist agree.
"""

from collections.abc import Sequence

from pacing.cost import flat_factor_pm

MAX_GRADE = 0.45  # the polynomials were measured up to here
_RUN = (155.4, -30.4, -43.3, 46.3, 19.5, 3.6)
_WALK = (280.5, -58.7, -76.8, 51.9, 19.6, 2.5)

_STEP = 0.05
_FACTORS = [flat_factor_pm(grade_pm) / 1000 for grade_pm in range(-450, 451, 50)]

# Terrain, as effort relative to a road. An assumption of this project, to be fitted per athlete from recordings.
TERRAINS = {"road": 1.00, "track": 1.03, "trail": 1.08, "technical": 1.20, "sand": 1.40}


def _polynomial(coefficients: tuple[float, ...], grade: float) -> float:
    grade = max(-MAX_GRADE, min(MAX_GRADE, grade))
    value = 0.0
    for coefficient in coefficients:
        value = value * grade + coefficient
    return value


def running_cost(grade: float) -> float:
    """Energy cost of running, J/kg/m, at a grade (rise over run). Minetti et al. 2002, J Appl Physiol 93:1039."""
    return _polynomial(_RUN, grade)


def walking_cost(grade: float) -> float:
    """Energy cost of walking, J/kg/m, at a grade (rise over run). Minetti et al. 2002, J Appl Physiol 93:1039.

    The lesser of the two polynomials is always walking, so which gait is cheaper is not decided by comparing them.
    """
    return _polynomial(_WALK, grade)


def pace_factor(grade: float, factors: Sequence[float] | None = None) -> float:
    """f(grade): speed on the flat of equal effort = speed * f. Linear between the table's points, clamped at 45 %.

    `factors`: a runner's own table, 19 values from -45 to +45 % in steps of 5 %.
    """
    table = factors or _FACTORS
    place = (max(-MAX_GRADE, min(MAX_GRADE, grade)) + MAX_GRADE) / _STEP
    low = min(int(place), len(table) - 2)
    return table[low] + (table[low + 1] - table[low]) * (place - low)
