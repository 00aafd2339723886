"""What a gradient costs, as speed on the flat of the same effort.

The table is the geometric mean of Minetti et al. 2002 (J Appl Physiol 93:1039) and the equal-heart-rate curve of
recreational runners (Robb 2017) uphill, and that curve alone downhill; +-35-45 % is extrapolated. It is a pacing
curve: energy and fuel need Minetti's own polynomial.
"""

_STEP_PM = 50
_LIMIT_PM = 450
# Per mille of the level cost, from -45 % to +45 % in steps of 5 %.
FACTOR_PM = (
    2100, 1900, 1700, 1490, 1270, 1080, 940, 872, 902, 1000,
    1238, 1555, 1945, 2393, 2846, 3315, 3790, 4330, 4900,
)  # fmt: skip


def flat_factor_pm(grade_pm: int, table: "tuple[int, ...]" = FACTOR_PM) -> int:
    """f(grade) in per mille: grade-adjusted speed = speed * f. Linear between the table's points, clamped at 45 %.

    A `table` of an athlete's own has the same 19 grades.
    """
    grade_pm = max(-_LIMIT_PM, min(_LIMIT_PM, grade_pm)) + _LIMIT_PM
    index = grade_pm // _STEP_PM
    low = table[index]
    part = grade_pm - index * _STEP_PM
    if not part:
        return low
    return low + (table[index + 1] - low) * part // _STEP_PM


def walk_speed_cms(grade_pm: int) -> int:
    """The speed below which walking is cheaper than running: 2.0 - 0.043 per degree of slope, m/s, never below 0.7.

    The fall with incline is Brill & Kram 2021, the floor Ortiz et al. 2017 (0.7 m/s at 30 degrees).
    Degrees are taken as proportional to the grade, which costs at most 4 cm/s up to 45 %.
    """
    return max(70, 200 - max(0, grade_pm) * 240 // 1000)
