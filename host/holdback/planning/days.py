"""How hard each day of a race: the time of a stage, what it leaves behind, and the efforts that lose least in total.

T_d = [D_d / (y_d (1 - F_d) CS) * 0.6^-.09]^(1/.91), F_{d+1} = rho (F_d + kappa (T_d / 6) y_d^m); T in hours, D in km of
effort-equivalent distance, CS in km/h, y = 1 all out for that stage. The sustainable fraction of critical speed
x(T) = (T / 0.6 h)^-.09 is extrapolated beyond a marathon, and kappa, rho, m are assumptions of this project that
recordings are to replace.
"""

from collections.abc import Sequence

ENDURANCE = 0.09
REFERENCE_H = 0.6
KAPPA = 0.25
RHO = 0.6
DAMAGE_POWER = 10
DAY_1 = (0.90, 0.95)  # without fitted damage an interior optimum is luck, so day 1 is held here
FREE = (0.80, 1.00)
STEP = 0.01
MAX_FATIGUE = 0.5


def sustainable_fraction(hours: float) -> float:
    """x(T): the fraction of critical speed that can be held for `hours`, all out."""
    return (hours / REFERENCE_H) ** -ENDURANCE


def stage_hours(distance_km: float, effort: float, fatigue: float, critical_kmh: float) -> float:
    """T: hours for an effort-equivalent distance at `effort` (y) with `fatigue` (F) left over from the days before."""
    speed = effort * (1.0 - fatigue) * critical_kmh
    return (distance_km / speed * REFERENCE_H**-ENDURANCE) ** (1.0 / (1.0 - ENDURANCE))


def next_fatigue(fatigue: float, hours: float, effort: float) -> float:
    """F of the next morning; at most MAX_FATIGUE, beyond which the model says nothing."""
    return min(MAX_FATIGUE, RHO * (fatigue + KAPPA * hours / 6.0 * effort**DAMAGE_POWER))


def race_hours(
    distances_km: Sequence[float], efforts: Sequence[float], critical_kmh: float, fatigue: float = 0.0
) -> tuple[list[float], list[float]]:
    """(hours, morning fatigue) of each stage, in order."""
    hours, mornings = [], []
    for distance, effort in zip(distances_km, efforts, strict=True):
        mornings.append(fatigue)
        hours.append(stage_hours(distance, effort, fatigue, critical_kmh))
        fatigue = next_fatigue(fatigue, hours[-1], effort)
    return hours, mornings


def optimise(
    distances_km: Sequence[float],
    critical_kmh: float,
    ranges: Sequence[tuple[float, float]],
    fatigue: float = 0.0,
) -> list[float]:
    """The efforts (steps of 1 %) within `ranges`, one (least, greatest) a stage, with the least sum of hours.

    Descends one day at a time from all out until no day gains: the sum is smooth and flat near its best.
    """
    efforts = [high for _, high in ranges]
    best = sum(race_hours(distances_km, efforts, critical_kmh, fatigue)[0])
    improved = True
    while improved:
        improved = False
        for day, (low, high) in enumerate(ranges):
            for number in range(round((high - low) / STEP) + 1):
                trial = [*efforts[:day], round(high - number * STEP, 4), *efforts[day + 1 :]]
                total = sum(race_hours(distances_km, trial, critical_kmh, fatigue)[0])
                if total < best - 1e-9:
                    best, efforts, improved = total, trial, True
    return efforts
