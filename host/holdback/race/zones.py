"""A time zone that is wrong by an hour or two: what the clocks around the course show, and what its file says."""

import re
import zoneinfo
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from holdback.planning.track import distance_m
from holdback.race.folder import Race
from holdback.race.oddities import StageFiles
from holdback.race.schedule import Stage

# A border may lie between the course and a zone's city. Only where several cities show the same hour, one of them not
# far away, is another hour asked about: that is so in most of Europe, and never where a whole country has one city.
AROUND_M, NEAR_M, LEAST = 600_000.0, 300_000.0, 5
NAMED = 3
MOST_H = 3  # a file's hour that is further from the gun is another story
PUNCTUAL_S = 120
PLACE = re.compile(r"([+-]\d\d)(\d\d)(?:\d\d)?([+-]\d{3})(\d\d)(?:\d\d)?")  # ISO 6709, as zone.tab has it


def odd_zone(race: Race, files: Sequence[StageFiles]) -> Iterator[str]:
    """What speaks against the time zone: at most one sentence of each kind, for the first stage that has a course."""
    for stage, file in zip(race.stages, files, strict=True):
        if file.course:
            yield from _other_clocks(stage, file.course.position_at(0))
            yield from _other_hour(stage, file)
            return


def _other_clocks(stage: Stage, place: tuple[float, float]) -> Iterator[str]:
    around = sorted((away, name) for name, at in _cities().items() if (away := distance_m(place, at)) < AROUND_M)
    if len(around) < LEAST or around[0][0] > NEAR_M:
        return
    hours = {_offset_h(stage.start, zoneinfo.ZoneInfo(name)) for _, name in around}
    written_h = _offset_h(stage.start, stage.start.tzinfo)
    if len(hours) == 1 and written_h not in hours:
        [there_h] = hours
        names = ", ".join(name for _, name in around[:NAMED])
        there = f"the clocks nearest to stage {stage.no} ({names}) show UTC{there_h:+g} on that day"
        harm = f"the gun and every cut-off would be {abs(there_h - written_h):g} h off"
        yield f"{there}, {stage.start.tzinfo} has UTC{written_h:+g}: is timezone right? Else {harm}"


def _offset_h(moment: datetime, zone: object) -> float:
    """Hours that a zone's clock is ahead of UTC about then."""
    assert isinstance(zone, zoneinfo.ZoneInfo)
    offset = moment.astimezone(zone).utcoffset()
    return offset.total_seconds() / 3600 if offset else 0.0


def _other_hour(stage: Stage, file: StageFiles) -> Iterator[str]:
    """A file with times of the very day of the stage, whole hours from the gun, was planned for another clock."""
    late_s = (file.first_s or 0.0) - stage.start.timestamp()
    hours = round(late_s / 3600)
    if file.first_s and 1 <= abs(hours) <= MOST_H and abs(late_s - hours * 3600) <= PUNCTUAL_S:
        begins = datetime.fromtimestamp(file.first_s, stage.start.tzinfo)
        gpx = stage.gpx.name if stage.gpx else stage.name
        yield (
            f"stage {stage.no}: the times of {gpx} begin at {begins:%H:%M} in {stage.start.tzinfo}, the gun is at "
            f"{stage.start:%H:%M}: are start and timezone right?"
        )


@cache
def _cities() -> dict[str, tuple[float, float]]:
    """Latitude and longitude of each zone's city, from the system's or the package's zone.tab; empty without one."""
    rows = (line.split("\t") for line in _table().splitlines() if line and not line.startswith("#"))
    return {row[2]: _place(row[1]) for row in rows if len(row) > 2 and PLACE.fullmatch(row[1])}


def _table() -> str:
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / "zone.tab"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    try:
        from importlib.resources import files

        return (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError):
        return ""


def _place(text: str) -> tuple[float, float]:
    match = PLACE.fullmatch(text)
    assert match
    lat_deg, lat_min, lon_deg, lon_min = match.groups()
    return _degrees(lat_deg, lat_min), _degrees(lon_deg, lon_min)


def _degrees(whole: str, minutes: str) -> float:
    """Signed degrees; -00 is south or west, too."""
    sign = -1 if whole.startswith("-") else 1
    return sign * (abs(int(whole)) + int(minutes) / 60)
