"""How hard each day of a race: the time of a stage, what it leaves behind, and the efforts that lose least in total.

T_d = [D_d / (y_d (1 - F_d) CS) * 0.6^-.09]^(1/.91), F_{d+1} = rho (F_d + kappa (T_d / 6) y_d^m + toll_d); T in hours, D
in km of effort-equivalent distance, CS in km/h, y = 1 all out for that stage, toll_d what its descents add. The
sustainable fraction of critical speed x(T) = (T / 0.6 h)^-.09 is extrapolated beyond a marathon, and kappa, rho, m are
assumptions of this project that recordings are to replace.
"""

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

ENDURANCE = 0.09
REFERENCE_H = 0.6
KAPPA = 0.25
RHO = 0.6
DAMAGE_POWER = 10
DESCENT_TOLL = 0.015  # a thousand metres down; an assumption of this project
TRAINED_TOLL = 0.6  # of that, with legs used to it: the repeated-bout effect (Khassetarash 2021)
TRAINED_DESCENT_M = 2000.0  # in the last 21 days; an assumption of this project
DAY_1 = (0.90, 0.95)  # without fitted damage an interior optimum is luck, so day 1 is held here
FREE = (0.80, 1.00)
STEP = 0.01
MAX_FATIGUE = 0.5
KNOWN_HOURS = 24.0  # longer stages have sleep and stomachs in them, of which the model knows nothing


class Wear(NamedTuple):
    """What a stage leaves in the legs, by the hours and by its descents, and what a night leaves of it."""

    kappa: float = KAPPA
    rho: float = RHO


ASSUMED = Wear()


def sustainable_fraction(hours: float) -> float:
    """x(T): the fraction of critical speed that can be held for `hours`, all out."""
    return (hours / REFERENCE_H) ** -ENDURANCE


def stage_hours(distance_km: float, effort: float, fatigue: float, critical_kmh: float) -> float:
    """T: hours for an effort-equivalent distance at `effort` (y) with `fatigue` (F) left over from the days before."""
    if not distance_km:
        return 0.0
    speed = effort * (1.0 - fatigue) * critical_kmh
    return (distance_km / speed * REFERENCE_H**-ENDURANCE) ** (1.0 / (1.0 - ENDURANCE))


def effort_of(distance_km: float, hours: float, fatigue: float, critical_kmh: float) -> float:
    """y: the effort that covers an effort-equivalent distance in `hours`; stage_hours, turned round."""
    return distance_km / hours / sustainable_fraction(hours) / ((1.0 - fatigue) * critical_kmh)


def descent_toll(descent_m: float, downhill_m_21d: float | None = None) -> float:
    """What the descents of a stage add to its damage; less for legs that have gone down enough in the last 21 days."""
    trained = downhill_m_21d is not None and downhill_m_21d >= TRAINED_DESCENT_M
    return DESCENT_TOLL * descent_m / 1000.0 * (TRAINED_TOLL if trained else 1.0)


def next_fatigue(fatigue: float, hours: float, effort: float, wear: Wear = ASSUMED, toll: float = 0.0) -> float:
    """F of the next morning; at most MAX_FATIGUE, beyond which the model says nothing."""
    return min(MAX_FATIGUE, wear.rho * (fatigue + wear.kappa * hours / 6.0 * effort**DAMAGE_POWER + toll))


def race_hours(
    distances_km: Sequence[float],
    efforts: Sequence[float],
    critical_kmh: float,
    fatigue: float = 0.0,
    *,
    wear: Wear = ASSUMED,
    tolls: Sequence[float] = (),
) -> tuple[list[float], list[float]]:
    """(hours, morning fatigue) of each stage, in order. `tolls`: what descents add, one a stage or none at all."""
    hours, mornings = [], []
    for distance, effort, toll in zip(distances_km, efforts, tolls or repeat(0.0), strict=False):
        mornings.append(fatigue)
        hours.append(stage_hours(distance, effort, fatigue, critical_kmh))
        fatigue = next_fatigue(fatigue, hours[-1], effort, wear, toll)
    return hours, mornings


def optimise(
    distances_km: Sequence[float],
    critical_kmh: float,
    ranges: Sequence[tuple[float, float]],
    fatigue: float = 0.0,
    *,
    wear: Wear = ASSUMED,
    tolls: Sequence[float] = (),
    step: float = STEP,
) -> list[float]:
    """The efforts (steps of 1 %) within `ranges`, one (least, greatest) a stage, with the least sum of hours.

    Descends one day at a time from all out until no day gains: the sum is smooth, and flat near its best. A day's
    effort changes its own and later days alone, so only these are reckoned again.
    """
    search = _Search(distances_km, critical_kmh, [high for _, high in ranges], (fatigue, wear, tolls))
    improved = True
    while improved:
        improved = False
        for day, (low, high) in enumerate(ranges):
            for direction in (-step, step):
                while low - 1e-9 <= (trial := round(search.efforts[day] + direction, 6)) <= high + 1e-9:
                    if not search.take(day, trial):
                        break
                    improved = True
            search.go_on(day)
    return search.efforts


class _Search:
    """The efforts so far; `take` tries another one on the day that `go_on` has reached."""

    def __init__(
        self,
        distances_km: Sequence[float],
        critical_kmh: float,
        efforts: list[float],
        legs: tuple[float, Wear, Sequence[float]],
    ) -> None:
        fatigue, self._wear, tolls = legs
        self.efforts = efforts
        self._distances = distances_km
        self._critical_kmh = critical_kmh
        self._tolls = tolls or [0.0] * len(distances_km)
        self._first = fatigue
        self._morning = fatigue  # of the day that is being tried
        self._rest = self._hours_from(0, efforts)  # hours of that day and all after it

    def _hours_from(self, day: int, efforts: Sequence[float]) -> float:
        hours, _ = race_hours(
            self._distances[day:], efforts[day:], self._critical_kmh, self._morning,
            wear=self._wear, tolls=self._tolls[day:],
        )  # fmt: skip
        return sum(hours)

    def take(self, day: int, effort: float) -> bool:
        """Keep `effort` for the day if the race is shorter with it."""
        trial = [*self.efforts[:day], effort, *self.efforts[day + 1 :]]
        rest = self._hours_from(day, trial)
        if rest >= self._rest - 1e-9:
            return False
        self.efforts, self._rest = trial, rest
        return True

    def go_on(self, day: int) -> None:
        """To the morning of the next day, and from the last to the first."""
        if day + 1 == len(self.efforts):
            self._morning = self._first
            self._rest = self._hours_from(0, self.efforts)
            return
        hours = stage_hours(self._distances[day], self.efforts[day], self._morning, self._critical_kmh)
        self._morning = next_fatigue(self._morning, hours, self.efforts[day], self._wear, self._tolls[day])
        self._rest -= hours


def cost_of_day_1(
    distances_km: Sequence[float],
    efforts: Sequence[float],
    critical_kmh: float,
    change: float,
    *,
    wear: Wear = ASSUMED,
    tolls: Sequence[float] = (),
) -> tuple[float, float]:
    """(seconds on day 1, seconds in all) that `change` of day 1's effort costs when the other efforts stay: +.1 wins on
    the day what the others lose many times over.
    """
    other = [efforts[0] * (1.0 + change), *efforts[1:]]
    planned, _ = race_hours(distances_km, efforts, critical_kmh, wear=wear, tolls=tolls)
    spent, _ = race_hours(distances_km, other, critical_kmh, wear=wear, tolls=tolls)
    return (spent[0] - planned[0]) * 3600.0, (sum(spent) - sum(planned)) * 3600.0
