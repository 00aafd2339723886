"""The text of a new race.toml and athlete.toml: what must be written stands open, the rest is a comment."""

import json
import re
from collections.abc import Mapping, Sequence

Fields = Mapping[str, str | float]

RACE = """\
# A race for Holdback. Fill in the first three, then: holdback race check .
# A line that starts with # is switched off and shows the default; take the # away to use it.
date = {date}        # the day of the first stage, like 2026-09-04
timezone = {timezone}    # like "Europe/Vienna"
start = {start}       # the gun, local time, like "07:00"; a stage may have its own

name = {name}
# units = "km"          # or "miles": in tables and on the cards
# strap = "HRM 12345"   # the name of your heart-rate strap, so that nobody else's is taken; default: any
# eat = 45              # g of carbohydrate an hour to be reminded of, 30 to 90; 0: no reminders
# ease_per_hour = 4     # at most so many "slow down" and "walk" cues an hour, 0 to 12
# ease_first_hour = 6   # the same for the first hour of day 1, where it goes wrong
# altitude_days = 0     # days above 1500 m just before the race; the race's own are counted
# night_loss = 0.06     # share of speed lost in the dark, 0 to 0.3
# quiet = false         # true: only safety cues (off course, cut-off, check me)
# charging = true       # false: the device cannot be charged between the stages, and saves from the first one on
"""

STAGE = """
[[stages]]            # {number}
name = {name}
gpx = {gpx}
# start = "07:00"     # the gun, where it is not the one above
# date = 2026-09-05   # where it is not the day after the stage before
# cutoff = "18:00"    # the finish closes, local time; "Sun 16:30" beyond 24 hours
# stations = [{{ km = 12.5, name = "hut", cutoff = "11:30", stop_min = 0 }}]   # stop_min: minutes you mean to stay
# terrain = "trail"   # road, track, trail, technical or sand
# ground = [{{ from_km = 1.0, to_km = 2.5, terrain = "road" }}]   # stretches that are not of this terrain
# weather = [{{ hour = 8, temp_c = 12, humidity = 50 }}]   # the forecast, an entry an hour, in °C and %
# role = "hold"       # hold, push, survive or train; chosen by the plan where it is not written
# effort = 0.93       # 0.5 to 1, 1 = all out for this stage; chosen by the plan where it is not written
# neutral_until_km = 0.0   # kilometres behind a lead car: no cues, nothing charged
# cancelled = false   # true: not run, not planned
"""

NO_STAGES = """
# One [[stages]] for each day, in order:
# [[stages]]
# gpx = "stages/day-1.gpx"   # or hours = 6.5, for a training day without a course
# effort = 0.8               # 0.5 to 1, 1 = all out for these hours
"""

ATHLETE = """\
# One recent [result] is enough. With recordings of your runs the rest is measured: holdback athlete fit FOLDER --out .
# A line that starts with # is switched off and shows the default; take the # away to use it.
# critical_speed_ms = 3.5    # m/s on a level road, if you know it: then [result] is not needed
{hr_max}                     # the highest you have seen; without it heart rate is recorded, but bounds nothing
# threshold_hr_bpm = 170     # what you hold for about an hour, all out; default 0.90 x hr_max_bpm
# descent_limit_ms = 3.5     # never faster downhill than this; default 1.15 x the planned speed on the flat
# hr_slope_bpm = 85          # bpm that effort adds from standing to critical speed; default 24.2 x critical_speed_ms
# durability = 0.055         # share of critical speed that an hour at it costs, 0 to 0.25
# heat_per_c = 0.008         # share of time for each degree of WBGT above 15, 0 to 0.03
# downhill_m_21d = 1500      # metres of descent in the last 21 days, if you know them; default: no practice is assumed
# kappa = 0.25               # what six hours all out take from the next morning's critical speed, 0 to 1
# rho = 0.6                  # what of a morning's fatigue is left a day later, 0 to 0.95

# One recent race, run as hard as it went: it gives your critical speed.
[result]
distance_km = {distance_km}   # like 42.2
time = {time}          # hours, minutes, seconds, like "3:45:00"
# climb_m = 0         # metres of climb in that race
"""


def race_text(stages: Sequence[tuple[str, str]], fields: Fields) -> str:
    """race.toml with one [[stages]] for each (file, name); what `fields` does not have stays open."""
    day = str(fields.get("date", ""))
    head = RACE.format(
        date=day if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else quoted(day),
        timezone=quoted(fields.get("timezone", "")),
        start=quoted(fields.get("start", "")),
        name=quoted(fields.get("name", "race")),
    )
    parts = [STAGE.format(number=i, name=quoted(name), gpx=quoted(gpx)) for i, (gpx, name) in enumerate(stages, 1)]
    return head + ("".join(parts) or NO_STAGES)


def athlete_text(fields: Fields) -> str:
    """athlete.toml; the result and the maximum heart rate where `fields` has them."""
    hr_max = fields.get("hr_max_bpm")
    return ATHLETE.format(
        hr_max=f"hr_max_bpm = {hr_max:g}" if isinstance(hr_max, (int, float)) else "# hr_max_bpm = 188",
        distance_km=fields.get("distance_km") or '""',
        time=quoted(fields.get("time", "")),
    )


def quoted(text: object) -> str:
    """A TOML string: JSON's escapes are TOML's, and what cannot be printed is left out."""
    return json.dumps("".join(c for c in str(text) if c.isprintable()), ensure_ascii=False)
