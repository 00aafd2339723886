"""Ground and forecast as the runner wrote them: taken over where they make sense, else a problem names the field."""

from datetime import datetime
from itertools import pairwise

from holdback.planning.conditions import wbgt_c
from holdback.planning.cost import TERRAINS
from holdback.planning.course import Ground
from holdback.race.problems import RACE_FILE, Problem
from holdback.race.schema import GroundFile, HourFile

HOTTEST_WBGT_C = 39.0  # more was never lived in: temperature or humidity is a slip


def ground_of(entries: list[GroundFile], at: str, problems: list[Problem]) -> tuple[Ground, ...]:
    """The stretches in the order along the course."""
    for number, entry in enumerate(entries, 1):
        if entry.to_km <= entry.from_km:
            what = f"{entry.to_km:g} is not beyond from_km = {entry.from_km:g}"
            problems.append(Problem(RACE_FILE, f"{at}.ground[{number}].to_km", what, "correct one of the two"))
    in_order = sorted(entries, key=lambda entry: entry.from_km)
    for before, after in pairwise(in_order):
        if after.from_km < before.to_km:
            what = f"km {after.from_km:g} to {after.to_km:g} overlaps km {before.from_km:g} to {before.to_km:g}"
            number = entries.index(after) + 1
            problems.append(Problem(RACE_FILE, f"{at}.ground[{number}].from_km", what, "one ground for each metre"))
    return tuple(
        Ground(entry.from_km * 1000, entry.to_km * 1000, TERRAINS[entry.terrain], entry.terrain == "technical")
        for entry in in_order
    )


def weather_of(
    entries: list[HourFile], gun: datetime, at: str, problems: list[Problem]
) -> tuple[tuple[float, float], ...]:
    """(seconds after the gun, WBGT in °C), ascending. Hours count from the midnight before the gun."""
    hours = [entry.hour for entry in entries]
    midnight_s = gun.replace(hour=0, minute=0).timestamp()
    for number, entry in enumerate(entries, 1):
        where = f"{at}.weather[{number}]"
        if entry.hour in hours[: number - 1]:
            problems.append(Problem(RACE_FILE, f"{where}.hour", f"hour {entry.hour:g} stands here twice", "remove one"))
        wbgt = wbgt_c(entry.temp_c, entry.humidity)
        if wbgt > HOTTEST_WBGT_C:
            what = f"{entry.humidity:g} % at {entry.temp_c:g} °C, a WBGT of {wbgt:.0f} °C, was never measured anywhere"
            next_step = "correct temp_c or humidity: hot afternoons are dry, 20 to 60 %"
            problems.append(Problem(RACE_FILE, f"{where}.humidity", what, next_step))
    return tuple(
        (midnight_s + entry.hour * 3600 - gun.timestamp(), wbgt_c(entry.temp_c, entry.humidity))
        for entry in sorted(entries, key=lambda entry: entry.hour)
    )
