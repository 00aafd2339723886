"""The race in figures, before any effort is chosen: what each stage asks of the runner on its day."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from holdback.planning import days
from holdback.planning.conditions import HIGH_M, Conditions
from holdback.planning.course import CELL_M, Course
from holdback.planning.demand import Demand
from holdback.planning.model import Day, Station
from holdback.planning.segments import WARM_UP_S, WARM_UP_SHARE
from holdback.planning.stage import settle
from holdback.race.folder import Race
from holdback.race.schedule import Stage

# How far a role set by hand lets the optimiser go.
ROLE_RANGES = {"hold": days.DAY_1, "push": (0.95, 1.00), "survive": days.FREE, "train": (0.80, 0.90)}
# A stage with others to come stops short of all out: with critical speed known to 3 % and kappa to half of itself, the
# expected total is least 1 to 3 % below the effort that would be best if both were known (docs/models.md).
BETWEEN = (0.80, 0.97)
CUTOFF_SPARE_S = 300.0  # a plan that arrives with the cut-off misses it every other time
WARMING_S = WARM_UP_S * (1.0 - WARM_UP_SHARE) / 2


@dataclass(frozen=True)
class Outline:
    """A stage before its effort is chosen: `day` with everything but role, effort and fatigue; effort-equivalent km;
    what its descents add to the damage; the range of efforts.
    """

    stage: Stage
    course: Course | None
    day: Day
    distance_km: float
    toll: float
    efforts: tuple[float, float]
    cutoffs: tuple["Gate", ...] = ()


@dataclass(frozen=True)
class Gate:
    """A station with a cut-off: effort-equivalent km to it, and the hours that the runner has for them."""

    name: str
    distance_km: float
    hours: float


def outlines(race: Race, courses: Sequence[Course | None]) -> list[Outline]:
    """One a stage, cancelled ones with nothing to run."""
    high_from = _first_high(race, courses)
    found = []
    for stage, course in zip(race.stages, courses, strict=True):
        days_high = race.altitude_days + max(0, stage.start.date().toordinal() - high_from if high_from else 0)
        found.append(_outline(race, stage, course, days_high))
    return found


def _first_high(race: Race, courses: Sequence[Course | None]) -> int:
    """The day, as an ordinal, of the first stage at altitude; 0 for none. From then on the nights count, too."""
    for stage, course in zip(race.stages, courses, strict=True):
        if course and fmean(course.alt_m) > HIGH_M:
            return stage.start.date().toordinal()
    return 0


def _outline(race: Race, stage: Stage, course: Course | None, days_high: float) -> Outline:
    efforts = effort_range(stage, last=stage.no == _last(race))
    day = Day(
        stage_no=stage.no, stage_count=len(race.stages), name=stage.name, race=race.name, neutral_m=stage.neutral_m,
        technical=stage.technical, stations=_stations(stage, course), gun_utc_s=round(stage.start.timestamp()),
        cues=race.cues, conditions=Conditions(days_high, race.night_loss, stage.weather), effort=efforts[1],
    )  # fmt: skip
    if stage.cancelled or not course:
        return Outline(stage, None, day, _hours_km(race, stage), 0.0, efforts)
    needs, _ = settle(course, race.athlete, day)
    toll = days.descent_toll(course.descent_m, race.athlete.downhill_m_21d)
    return Outline(stage, course, day, needs.equivalent_m / 1000, toll, efforts, _gates(day, course, needs))


def _last(race: Race) -> int:
    """The last stage that is run."""
    return max((stage.no for stage in race.stages if not stage.cancelled), default=0)


def _hours_km(race: Race, stage: Stage) -> float:
    """Of a stage of hours what these hours would give all out; 0 where nothing is run."""
    if stage.cancelled or not stage.hours:
        return 0.0
    return stage.hours * days.sustainable_fraction(stage.hours) * race.athlete.critical_speed_ms * 3.6


def effort_range(stage: Stage, *, last: bool = False) -> tuple[float, float]:
    """(least, greatest) y that a stage may be given."""
    if stage.effort:
        return stage.effort, stage.effort
    if stage.role:
        return ROLE_RANGES[stage.role]
    if stage.hours:
        return ROLE_RANGES["train"]
    return days.DAY_1 if stage.no == 1 else days.FREE if last else BETWEEN


def _stations(stage: Stage, course: Course | None) -> tuple[Station, ...]:
    """None beyond the end of the course; the finish is one of them where it has a cut-off."""
    if not course:
        return ()
    return tuple(item._replace(at_m=min(item.at_m, course.length_m)) for item in stage.stations)


def _gates(day: Day, course: Course, needs: Demand) -> tuple[Gate, ...]:
    gates, stopped_s = [], WARMING_S if day.stage_no > 1 else 0.0
    for item in day.stations:
        if item.cutoff_s:
            cells = min(len(needs.costs), max(1, round(item.at_m / CELL_M)))
            hours = max(60.0, item.cutoff_s - CUTOFF_SPARE_S - stopped_s) / 3600
            gates.append(Gate(item.name, sum(needs.costs[:cells]) * CELL_M / 1000, hours))
        stopped_s += item.stop_s
    return tuple(gates)


def gates_needed(one: Outline, fatigue: float, critical_kmh: float) -> list[tuple[float, str]]:
    """(y, station) for each cut-off of a stage: the effort that keeps it."""
    return [
        (
            days.effort_of(one.distance_km, gate.hours * one.distance_km / gate.distance_km, fatigue, critical_kmh),
            gate.name,
        )
        for gate in one.cutoffs
    ]
