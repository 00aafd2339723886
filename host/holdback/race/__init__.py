"""A race is a folder of plain files: reading, checking, planning and starting one."""

from holdback.race.check import Findings, check_race, planned
from holdback.race.folder import Race, charging_in, load_race, units_in
from holdback.race.plan import plan_race
from holdback.race.problems import Problem, RaceError
from holdback.race.results import add_result, load_results
from holdback.race.schedule import Stage
from holdback.race.start import init_race

__all__ = [
    "Findings",
    "Problem",
    "Race",
    "RaceError",
    "Stage",
    "add_result",
    "charging_in",
    "check_race",
    "init_race",
    "load_race",
    "load_results",
    "plan_race",
    "planned",
    "units_in",
]
