"""The shapes that planning works with: a day of a race, a segment with its cap, the pace, the finished stage plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pacing import planformat

from holdback.planning.athlete import HrBound
from holdback.planning.course import Course

ROLES = ("hold", "push", "survive", "train")  # the device's numbers
NO_HEART_RATE = "no bound on heart rate: neither hr_max_bpm nor threshold_hr_bpm is known"


@dataclass(frozen=True)
class Day:
    """What a stage is within its race: `effort` is y (1 = all out for this stage), `fatigue` F of that morning.

    `intensity`, where given, is the planned effort u in fractions of critical speed, instead of the one from y and F.
    `stations` are (metres along the course, cut-off in seconds after the gun or 0, name).
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
    stations: Sequence[tuple[float, int, str]] = ()


@dataclass(frozen=True)
class Segment:
    """A stretch with one cap: metres along the course, mean grade, mean cost, speed in m/s, planformat's flags."""

    start_m: float
    end_m: float
    grade: float
    factor: float
    speed_ms: float
    flags: int

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
    """The planned effort and what follows: u in fractions of critical speed, m/s on a level road, descent limit."""

    intensity: float
    flat_ms: float
    descent_ms: float
    planned_s: float
    hr: HrBound


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
        return (self.course.notes if self.course else []) + unknown
