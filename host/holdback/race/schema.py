"""The fields of race.toml, athlete.toml and results.toml. A field's description is its range, which errors print."""

import datetime
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, inspect, structs

from holdback.planning.conditions import NIGHT_LOSS

MAX_STAGES = 64
CLOCK = r"^([01]?\d|2[0-3]):[0-5]\d$"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CUTOFF = rf"^(({'|'.join(WEEKDAYS)}) )?([01]?\d|2[0-3]):[0-5]\d$"
DURATION = r"^\d{1,3}:[0-5]\d(:[0-5]\d)?$"

Clock = Annotated[str, Meta(pattern=CLOCK, description='a time of day in quotes, like "07:00"')]
CutoffClock = Annotated[
    str, Meta(pattern=CUTOFF, description='a time of day in quotes, like "11:30", or "Sun 16:30" beyond 24 hours')
]
Duration = Annotated[str, Meta(pattern=DURATION, description='hours, minutes, seconds in quotes, like "3:45:00"')]
Text = Annotated[str, Meta(min_length=1, max_length=80, description="a text in quotes, 1 to 80 characters")]
Role = Annotated[Literal["hold", "push", "survive", "train"], Meta(description='"hold", "push", "survive" or "train"')]
Ended = Annotated[
    Literal["finished", "shortened", "dnf"], Meta(description='"finished", "shortened" or "dnf"')
]  # fmt: skip
Terrain = Annotated[
    Literal["road", "track", "trail", "technical", "sand"],
    Meta(description='"road", "track", "trail", "technical" or "sand"'),
]
Strap = Annotated[str, Meta(min_length=1, max_length=24, description="the strap's name in quotes, 1 to 24 characters")]
Switch = Annotated[bool, Meta(description="true or false")]


def number(low: float, high: float, unit: str, *, whole: bool = False) -> Meta:
    """A range that explains itself."""
    kind = "a whole number" if whole else "a number"
    return Meta(ge=low, le=high, description=f"{kind} from {low:g} to {high:g} ({unit})")


class StationFile(Struct, forbid_unknown_fields=True):
    """`[[stages.stations]]`: an aid station."""

    km: Annotated[float, number(0, 300, "km along the course")]
    name: Text = "station"
    cutoff: CutoffClock | None = None
    stop_min: Annotated[float, number(0, 180, "minutes")] = 0.0


class GroundFile(Struct, forbid_unknown_fields=True):
    """`[[stages.ground]]`: a stretch where the ground is another than the stage's `terrain`."""

    from_km: Annotated[float, number(0, 300, "km along the course")]
    to_km: Annotated[float, number(0, 300, "km along the course")]
    terrain: Terrain


class HourFile(Struct, forbid_unknown_fields=True):
    """`[[stages.weather]]`: the forecast for an hour, in the shade."""

    hour: Annotated[float, number(0, 72, "local time; beyond 24 on the days after")]
    temp_c: Annotated[float, number(-40, 50, "°C in the shade")]
    humidity: Annotated[float, number(1, 100, "% relative humidity")] = 50.0


class StageFile(Struct, forbid_unknown_fields=True):
    """`[[stages]]`: one stage, in the order in which they are run."""

    gpx: Annotated[str, Meta(min_length=5, description='a file in quotes, like "stages/day-1.gpx"')] | None = None
    hours: Annotated[float, number(0.25, 24, "hours, for a stage without a course")] | None = None
    name: Text | None = None
    date: Annotated[datetime.date, Meta(description="a day, like 2026-09-04")] | None = None
    start: Clock | None = None
    role: Role | None = None
    effort: Annotated[float, number(0.5, 1, "1 = all out for this stage")] | None = None
    terrain: Terrain = "trail"
    ground: Annotated[list[GroundFile], Meta(max_length=32, description="at most 32 stretches")] = []
    weather: Annotated[list[HourFile], Meta(max_length=72, description="at most 72 hours")] = []
    neutral_until_km: Annotated[float, number(0, 50, "km")] = 0.0
    cutoff: CutoffClock | None = None
    cancelled: Switch = False
    stations: Annotated[list[StationFile], Meta(max_length=64, description="at most 64 stations")] = []


class RaceFile(Struct, forbid_unknown_fields=True):
    """race.toml."""

    date: Annotated[datetime.date, Meta(description="the day of the first stage, like 2026-09-04")]
    timezone: Annotated[str, Meta(min_length=1, description='a time zone in quotes, like "Europe/Vienna"')]
    start: Clock
    stages: Annotated[
        list[StageFile], Meta(min_length=1, max_length=MAX_STAGES, description=f"1 to {MAX_STAGES} [[stages]]")
    ]
    name: Text = "race"
    units: Annotated[Literal["km", "miles"], Meta(description='"km" or "miles"')] = "km"
    strap: Strap | None = None
    quiet: Switch = False
    charging: Switch = True
    ease_per_hour: Annotated[int, number(0, 12, "cues an hour", whole=True)] = 4
    ease_first_hour: Annotated[int, number(0, 12, "cues in the first hour of day 1", whole=True)] | None = None
    altitude_days: Annotated[float, number(0, 60, "days above 1500 m just before the race")] = 0.0
    night_loss: Annotated[float, number(0, 0.3, "share of speed lost in the dark")] = NIGHT_LOSS
    eat: Annotated[int, number(0, 90, "g of carbohydrate an hour; 0 or 30 to 90", whole=True)] = 45


class ResultFile(Struct, forbid_unknown_fields=True):
    """`[result]`: one recent race, run as hard as it went."""

    distance_km: Annotated[float, number(1, 300, "km")]
    time: Duration
    climb_m: Annotated[float, number(0, 20000, "m of climb")] = 0.0


class FittedFile(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An entry of `[fit]`: the value that the recordings gave, how sure it is, and what it rests on."""

    value: float | list[float]
    plus_minus: float = 0.0
    basis: str = ""


GRADES = 19  # of pace_factors, as in pacing.cost: -45 to +45 % in steps of 5 %
Factor = Annotated[float, Meta(ge=0.3, le=8.0)]


class AthleteFile(Struct, forbid_unknown_fields=True):
    """athlete.toml. `[fit]` is the program's own: what of the rest it wrote, so that it knows that from your hand."""

    result: Annotated[ResultFile, Meta(description="a [result] with distance_km and time")] | None = None
    critical_speed_ms: Annotated[float, number(1.5, 7, "m/s")] | None = None
    hr_max_bpm: Annotated[float, number(120, 230, "bpm")] | None = None
    threshold_hr_bpm: Annotated[float, number(90, 220, "bpm")] | None = None
    descent_limit_ms: Annotated[float, number(1, 8, "m/s")] | None = None
    hr_slope_bpm: Annotated[float, number(10, 300, "bpm from standing to critical speed")] | None = None
    pace_factors: (
        Annotated[
            list[Factor],
            Meta(
                min_length=GRADES,
                max_length=GRADES,
                description="19 numbers from 0.3 to 8, for grades of -45 to +45 % in steps of 5 %",
            ),
        ]
        | None
    ) = None
    durability: Annotated[float, number(0, 0.25, "share of critical speed lost in an hour at it")] | None = None
    heat_per_c: Annotated[float, number(0, 0.03, "share of time for each degree")] | None = None
    downhill_m_21d: Annotated[float, number(0, 60000, "m of descent in 21 days")] | None = None
    kappa: Annotated[float, number(0, 1, "what six hours all out take from the next morning")] | None = None
    rho: Annotated[float, number(0, 0.95, "what of that is left a day later")] | None = None
    fit: Annotated[dict[str, FittedFile], Meta(description="as holdback athlete fit wrote it")] | None = None


class ResultsEntry(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`[[results]]`: how a stage ended, and how hard it felt."""

    stage: Annotated[int, number(1, MAX_STAGES, "a stage of the race", whole=True)]
    ended: Ended
    rating: Annotated[int, number(1, 10, "1 = a stroll, 10 = all that was there", whole=True)] | None = None


class ResultsFile(Struct, forbid_unknown_fields=True):
    """results.toml: what `holdback sync` asked in the evening."""

    results: Annotated[list[ResultsEntry], Meta(max_length=MAX_STAGES, description="[[results]], one a stage")] = []


@cache
def fields_of(kind: type[Struct]) -> dict[str, structs.FieldInfo]:
    """The fields of a table by their names."""
    return {field.name: field for field in structs.fields(kind)}


def description(field: structs.FieldInfo) -> str:
    """What a field's value must be, in words."""
    return next((text for info in _layers(field.type) if (text := _text(info))), "")


def nested(field: structs.FieldInfo) -> tuple[type[Struct] | None, inspect.ListType | None]:
    """(struct, list) of a field that is a table, or a list of tables; (None, None) for any other."""
    items = None
    for info in _layers(field.type):
        if isinstance(info, inspect.ListType):
            items = info
        elif isinstance(info, inspect.StructType):
            return info.cls, items
    return None, None


def _text(info: inspect.Type) -> str:
    return (info.extra_json_schema or {}).get("description", "") if isinstance(info, inspect.Metadata) else ""


@cache
def _layers(kind: Any) -> tuple[inspect.Type, ...]:
    """A field's type and what it wraps, outside in: `... | None`, metadata, a list's items."""
    return tuple(_unwrapped(inspect.type_info(kind)))


def _unwrapped(info: inspect.Type | None) -> Iterator[inspect.Type]:
    while info is not None:
        yield info
        if isinstance(info, inspect.UnionType):
            info = next((kind for kind in info.types if not isinstance(kind, inspect.NoneType)), None)
        elif isinstance(info, inspect.Metadata):
            info = info.type
        elif isinstance(info, inspect.ListType):
            info = info.item_type
        else:
            info = None
