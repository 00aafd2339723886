"""Whether a forecast and a stage's hours belong together, and what in a plan is beyond what is known."""

from collections.abc import Iterator, Sequence

from holdback.planning import StagePlan
from holdback.planning.days import KNOWN_HOURS
from holdback.race.folder import Race
from holdback.race.problems import RACE_FILE, Problem
from holdback.race.schedule import later

DANGER_WBGT_C = 32.0  # from here on races are stopped
NEAR_S = 3 * 3600.0  # a forecast so far before or after a moment says something of it


def forecasts_beside(race: Race, plans: Sequence[StagePlan]) -> Iterator[Problem]:
    """Forecasts of which no hour is near the stage."""
    for plan in plans:
        gun, weather = race.stage(plan.stage_no).start, plan.day.conditions.weather
        if weather and (weather[-1][0] < -NEAR_S or weather[0][0] > _end_s(plan) + NEAR_S):
            first, last = (later(gun, moment[0]) for moment in (weather[0], weather[-1]))
            told = f"{first:%a %H:%M}" if first == last else f"{first:%a %H:%M} to {last:%a %H:%M}"
            what = f"the forecast is for {told}, the stage runs {gun:%a %H:%M} to {later(gun, _end_s(plan)):%a %H:%M}"
            why = "the heat of another part of the day would be planned"
            next_step = "hours count from the midnight before the gun: 26 is two in the next morning"
            yield Problem(RACE_FILE, f"stages[{plan.stage_no}].weather[1].hour", what, next_step, why)


def odd_conditions(race: Race, plan: StagePlan) -> Iterator[str]:
    """What is planned and not known well: forecasts that end early, dangerous heat, more hours than the model has."""
    weather, gun = plan.day.conditions.weather, race.stage(plan.stage_no).start
    if weather and weather[-1][0] < _end_s(plan) - NEAR_S:
        last = later(gun, weather[-1][0])
        yield f"the forecast ends at {last:%H:%M}, hours before the stage: its last hour is taken for all that follow"
    if weather and max(wbgt for _, wbgt in weather) > DANGER_WBGT_C:
        hottest = max(wbgt for _, wbgt in weather)
        yield f"a WBGT of {hottest:.0f} °C in the forecast: races are stopped from {DANGER_WBGT_C:.0f} on"
    if plan.planned_s > KNOWN_HOURS * 3600:
        hours = plan.planned_s / 3600
        yield (
            f"planned at {hours:.0f} h, but beyond {KNOWN_HOURS:.0f} h the model knows nothing of sleep and stomachs: "
            "trust the caps, not the times"
        )


def _end_s(plan: StagePlan) -> float:
    return plan.planned_s + sum(item.stop_s for item in plan.day.stations)
