"""A plan as a day: when it passes each station, what margin is left there, where it walks, what was taken off and why.

Clock times are moving time plus the stops that the runner means to make; cut-offs run from the gun.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from holdback.planning import StagePlan, Station
from holdback.planning.days import Wear, cost_of_day_1, descent_toll, sustainable_fraction
from holdback.race.folder import Race
from holdback.race.schedule import FINISH, later

LEAST_STEP = 0.005
DAY_1_MORE = 0.10
AT_FINISH_M = 50.0  # a station this close to the end is the finish


@dataclass(frozen=True)
class Arrival:
    """A station, or the finish: planned seconds after the gun, the clock there, its cut-off and what is left of it."""

    name: str
    at_m: float
    after_s: float
    clock: datetime
    cutoff: datetime | None = None
    margin_s: float | None = None
    stop_s: int = 0


@dataclass(frozen=True)
class Hike:
    """A climb that the plan walks."""

    start_m: float
    end_m: float
    climb_m: float
    time_s: float


@dataclass(frozen=True)
class Deduction:
    """One step from all out to the plan: its name, its share of speed, and the level speed that is left, m/s."""

    what: str
    share: float
    speed_ms: float


def moving_s(plan: StagePlan, at_m: float) -> float:
    """Planned moving seconds from the start to a place on the course."""
    return sum((min(part.end_m, at_m) - part.start_m) / part.speed_ms for part in plan.segments if part.start_m < at_m)


def arrivals(plan: StagePlan, gun: datetime) -> list[Arrival]:
    """Every station in order along the course, the finish last, which is always there."""
    stations = list(plan.day.stations)
    if not stations or stations[-1].at_m < plan.length_m - AT_FINISH_M:
        stations.append(Station(plan.length_m, 0, FINISH))
    found, stopped_s = [], 0
    for station in stations:
        reached_s = (moving_s(plan, station.at_m) if plan.course else plan.planned_s) + stopped_s
        found.append(_arrival(station, gun, reached_s))
        stopped_s += station.stop_s
    return found


def _arrival(station: Station, gun: datetime, reached_s: float) -> Arrival:
    clock = later(gun, reached_s)
    if not station.cutoff_s:
        return Arrival(station.name, station.at_m, reached_s, clock, stop_s=station.stop_s)
    cutoff, margin_s = later(gun, station.cutoff_s), station.cutoff_s - reached_s
    return Arrival(station.name, station.at_m, reached_s, clock, cutoff, margin_s, station.stop_s)


def hikes(plan: StagePlan) -> list[Hike]:
    """The climbs that the plan walks: runs of hiked segments."""
    found: list[Hike] = []
    for part in plan.segments:
        if not part.hike:
            continue
        climb_m = part.grade * (part.end_m - part.start_m)
        if found and found[-1].end_m == part.start_m:
            last = found.pop()
            found.append(Hike(last.start_m, part.end_m, last.climb_m + climb_m, last.time_s + part.time_s))
        else:
            found.append(Hike(part.start_m, part.end_m, climb_m, part.time_s))
    return found


def all_out_ms(plan: StagePlan) -> float:
    """Level speed of a fresh runner who gives everything for the hours of this stage, on a road in the cool, by day."""
    return plan.pace.flat_ms / (plan.effort * (1.0 - plan.day.fatigue) * plan.day.ledger)


def deductions(plan: StagePlan) -> list[Deduction]:
    """What is taken off all out, one step after the other; steps below half a percent are left out.

    day: to save for the days to come. fatigue: of the days before, if run as planned. ledger: what the stages that were
    run have shown beyond that, the one step that may be a gain. Then terrain, altitude, heat and night.
    """
    conditions = {what: 1.0 / cost for what, cost in plan.pace.costs.items()}
    kept = {"day": plan.effort, "fatigue": 1.0 - plan.day.fatigue, "ledger": plan.day.ledger} | conditions
    speed, found = all_out_ms(plan), []
    for what, share in kept.items():
        speed *= share
        if abs(share - 1.0) >= LEAST_STEP:
            found.append(Deduction(what, share - 1.0, speed))
    return found


def all_out_share(plan: StagePlan) -> float:
    """What part of critical speed can be held for the hours of this stage."""
    return sustainable_fraction(plan.planned_s / 3600)


def day_1_price(race: Race, plans: Sequence[StagePlan], change: float = DAY_1_MORE) -> tuple[float, float] | None:
    """(seconds on day 1, seconds in all) that `change` of day 1's effort costs, an estimate by the model of days.

    None unless the plans begin with stage 1, on a course, and go on after it.
    """
    if len(plans) < 2 or plans[0].stage_no != 1 or not plans[0].course:
        return None
    athlete, by_number = race.athlete, {plan.stage_no: plan for plan in plans}
    days_of = [by_number.get(stage.no) for stage in race.stages]
    return cost_of_day_1(
        [plan.pace.equivalent_m / 1000 if plan else 0.0 for plan in days_of],
        [plan.effort if plan else 0.0 for plan in days_of],
        athlete.critical_speed_ms * 3.6,
        change,
        wear=Wear(athlete.kappa, athlete.rho),
        tolls=[
            descent_toll(plan.course.descent_m, athlete.downhill_m_21d) if plan and plan.course else 0.0
            for plan in days_of
        ],
    )
