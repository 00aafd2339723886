"""The shapes that planning works with: a day of a race, a segment with its cap, the pace, the finished stage plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pacing import planformat

from holdback.planning.athlete import HrBound
from holdback.planning.conditions import PLAIN, Conditions
from holdback.planning.cost import running_cost, walking_cost
from holdback.planning.course import CELL_M, Course

ROLES = ("hold", "push", "survive", "train")  # the device's numbers
NO_HEART_RATE = "no bound on heart rate: neither hr_max_bpm nor threshold_hr_bpm is known"


class Station(NamedTuple):
    """A place on the way: metres along the course, cut-off in seconds after the gun (0: none), name, planned stop.

    `dated` says that the runner named the cut-off's day and not its hour alone.
    """

    at_m: float
    cutoff_s: int = 0
    name: str = "station"
    stop_s: int = 0
    dated: bool = False


@dataclass(frozen=True)
class CueBudget:
    """How much the runner lets the device say.

    `per_h` cues of EASE and HIKE an hour, `first_h` in the first hour of stage 1 (None: half as many again), and
    `eat_g_h` of carbohydrate an hour to be reminded of (0: never). Safety cues are outside of it.
    """

    per_h: int = 4
    first_h: int | None = None
    eat_g_h: int = 0

    def in_first_hour(self, stage_no: int) -> int:
        """Cues in the first hour of a stage: day 1 starts with more, because there it goes wrong."""
        if stage_no > 1:
            return self.per_h
        return self.per_h * 3 // 2 if self.first_h is None else self.first_h


@dataclass(frozen=True)
class Day:
    """What a stage is within its race: `effort` is y (1 = all out for this stage), `fatigue` F of that morning.

    `intensity`, where given, is the planned effort u in fractions of critical speed, instead of the one from y and F.
    `gun_utc_s` is the gun in unix seconds, 0 where nothing is known of it. `relaxed` is what a cut-off has raised
    the effort by (1: nothing), which neither the bound on heart rate nor the descent limit follows. `ledger` is what
    the stages that were run make of the planned speed (1: as planned), `after_stage` the last of them. `notes`: of the
    race.
    """

    stage_no: int = 1
    stage_count: int = 1
    name: str = ""
    race: str = ""
    role: str = "hold"
    effort: float = 0.93
    fatigue: float = 0.0
    intensity: float | None = None
    neutral_m: float = 0.0
    technical: bool = False
    stations: Sequence[Station] = ()
    gun_utc_s: int = 0
    cues: CueBudget = CueBudget()
    conditions: Conditions = PLAIN
    relaxed: float = 1.0
    ledger: float = 1.0
    after_stage: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Segment:
    """A stretch with one cap: metres along the course, mean grade, mean cost, speed in m/s, planformat's flags.

    `effort` is the planned u, in fractions of critical speed. `cap_pm` is what the device compares with speed and
    slope alone, per mille of the critical speed in the plan's header: less where ground, air or heat cost more than the
    mean. `load` is what they cost here: mean cost over that of the slope alone.
    """

    start_m: float
    end_m: float
    grade: float
    factor: float
    speed_ms: float
    flags: int
    effort: float
    cap_pm: int
    load: float = 1.0

    @property
    def hike(self) -> bool:
        """Whether the plan walks here."""
        return bool(self.flags & planformat.HIKE)

    @property
    def time_s(self) -> float:
        """Seconds at the planned speed."""
        return (self.end_m - self.start_m) / self.speed_ms


@dataclass(frozen=True)
class Pace:
    """The planned effort and what follows: u in fractions of critical speed, m/s on a level road, descent limit.

    `costs`: what each condition multiplies the cost of the course by (terrain, altitude, heat, night), `load` all of
    them. `elsewhere`: the share of the effort that is planned where no limit holds a descent back. `warm_up_s`: what
    the gentle start of a later day takes. `equivalent_m`: metres on a level road that cost as much.
    """

    intensity: float
    flat_ms: float
    descent_ms: float
    planned_s: float
    hr: HrBound
    costs: Mapping[str, float] = field(default_factory=dict)
    load: float = 1.0
    elsewhere: float = 1.0
    warm_up_s: float = 0.0
    equivalent_m: float = 0.0


@dataclass(frozen=True)
class StagePlan:
    """A planned stage: figures for people, `data` for the device; `crc` is the name the device gives the plan."""

    day: Day
    pace: Pace
    data: bytes = field(repr=False)
    course: Course | None = field(repr=False, default=None)
    segments: list[Segment] = field(repr=False, default_factory=list)

    stage_no = property(lambda self: self.day.stage_no)
    name = property(lambda self: self.day.name)
    role = property(lambda self: self.day.role)
    effort = property(lambda self: self.day.effort)

    @property
    def planned_s(self) -> float:
        """Moving time, seconds."""
        return self.pace.planned_s

    @property
    def crc(self) -> int:
        """CRC-32 at the end of the file, over all before it."""
        return int.from_bytes(self.data[-4:], "little")

    @property
    def length_m(self) -> float:
        """Metres along the course; 0 without one."""
        return self.course.length_m if self.course else 0.0

    @property
    def climb_m(self) -> float:
        """Metres up."""
        return self.course.climb_m if self.course else 0.0

    @property
    def notes(self) -> list[str]:
        """What had to be repaired or assumed."""
        unknown = [] if self.pace.hr.cap_bpm else [NO_HEART_RATE]
        return [*(self.course.notes if self.course else []), *unknown, *self.day.notes]

    @property
    def energy_kj_kg(self) -> float:
        """Energy that the course costs, kJ for each kg of the runner and what he carries; 0 without a course.

        Minetti's polynomials, of walking where the plan walks, times the ground. They flatter descents.
        """
        if not self.course:
            return 0.0
        joules, cells = 0.0, zip(self.course.grades, self.course.terrains, strict=True)
        walked = [part for part in self.segments if part.hike]
        for cell, (grade, terrain) in enumerate(cells):
            while walked and walked[0].end_m <= cell * CELL_M:
                walked.pop(0)
            walks = walked and walked[0].start_m <= cell * CELL_M
            joules += (walking_cost(grade) if walks else running_cost(grade)) * terrain * CELL_M
        return joules / 1000.0
