"""What each cell of a course costs its runner on its day: slope, ground, thin air, heat and darkness, told apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from holdback.planning.athlete import Athlete
from holdback.planning.conditions import altitude_factor, is_dark
from holdback.planning.cost import pace_factor
from holdback.planning.course import CELL_M, Course
from holdback.planning.model import Day

SLOT_S = 900.0  # heat and light are looked up so often
SLOTS = 4 * 24 * 12  # twelve days: longer than any plan can be
LOW_M = 300.0  # below this the air is thick enough


@dataclass(frozen=True)
class Demand:
    """Costs relative to a level road in the cool, by the sea and in daylight.

    `slopes` (of the grade alone) and `costs` (of everything) have one value a cell of 20 m. `shares`: mean factor of
    each condition, terrain first; each is what it adds to the ones before it. `equivalent_m`: metres on that road.
    """

    slopes: Sequence[float]
    costs: Sequence[float]
    equivalent_m: float
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def load(self) -> float:
        """Mean cost over that of the slopes alone."""
        return sum(self.costs) / sum(self.slopes)


def own_slopes(course: Course, athlete: Athlete) -> Sequence[float]:
    """The pace factor of each cell by the runner's own table, or by everybody's."""
    factors = athlete.pace_factors
    return [pace_factor(grade, factors) for grade in course.grades] if factors else course.slopes


def lasting(course: Course, athlete: Athlete, day: Day) -> Demand:
    """What the course costs at any hour: slope, ground and altitude."""
    slopes = own_slopes(course, athlete)
    ground = [slope * terrain for slope, terrain in zip(slopes, course.terrains, strict=True)]
    costs = ground
    if max(course.alt_m) > LOW_M:
        days = day.conditions.altitude_days
        costs = [cost * altitude_factor(alt, days) for cost, alt in zip(ground, course.alt_m, strict=False)]
    shares = {"terrain": sum(ground) / sum(slopes), "altitude": sum(costs) / sum(ground)}
    return Demand(slopes, costs, _metres(costs, course.length_m), shares)


def on_the_day(needs: Demand, course: Course, athlete: Athlete, day: Day, flat_ms: float) -> Demand:
    """What `lasting` has, and the heat and darkness of the hours at which the planned level speed reaches each cell."""
    slots = _slots(needs, course, athlete, day, flat_ms)
    if not slots:
        return needs
    costs, warm = _march(course, needs.costs, slots, flat_ms, day)
    cool = sum(needs.costs)
    shares = needs.shares | {"heat": warm / cool, "night": sum(costs) / warm}
    return Demand(needs.slopes, costs, _metres(costs, course.length_m), shares)


def _metres(costs: Sequence[float], length_m: float) -> float:
    """The last cell may be shorter than the others."""
    return sum(costs[:-1]) * CELL_M + costs[-1] * (length_m - (len(costs) - 1) * CELL_M)


def _slots(needs: Demand, course: Course, athlete: Athlete, day: Day, flat_ms: float) -> list[tuple[float, float]]:
    """(heat, darkness) as factors, for each quarter of an hour from the gun; none where both are 1 all the time."""
    longest_s = 2 * needs.equivalent_m / flat_ms + sum(item.stop_s for item in day.stations)
    count = min(SLOTS, 2 + int(longest_s / SLOT_S))
    moments = [slot * SLOT_S for slot in range(count)]
    heat = day.conditions.heat_factors(moments, athlete.heat_per_c)
    night = [1.0] * count
    if day.gun_utc_s and day.conditions.night_loss:
        place = course.position_at(course.length_m / 2)
        dark = 1.0 / (1.0 - day.conditions.night_loss)
        night = [dark if is_dark(day.gun_utc_s + moment, *place) else 1.0 for moment in moments]
    slots = list(zip(heat, night, strict=True))
    return slots if any(slot != (1.0, 1.0) for slot in slots) else []


def _march(
    course: Course, costs: Sequence[float], slots: Sequence[tuple[float, float]], flat_ms: float, day: Day
) -> tuple[list[float], float]:
    """(costs with heat and darkness, their sum with heat alone) for somebody who sets off at the gun and keeps his
    effort, and stands at the stations as long as he means to.
    """
    stops = sorted((item.at_m, item.stop_s) for item in day.stations if item.stop_s and item.at_m < course.length_m)
    stops.append((course.length_m + CELL_M, 0))
    all_of_it, warm, elapsed_s, last = [], 0.0, 0.0, len(slots) - 1
    for cell, cost in enumerate(costs):
        while stops[0][0] < cell * CELL_M:
            elapsed_s += stops.pop(0)[1]
        heat, night = slots[min(last, int(elapsed_s / SLOT_S))]
        warm += cost * heat
        all_of_it.append(cost * heat * night)
        elapsed_s += CELL_M * all_of_it[-1] / flat_ms
    return all_of_it, warm
