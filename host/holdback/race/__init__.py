"""A race is a folder of plain files: reading, checking, planning and starting one."""

from holdback.race.check import Findings, check_race, planned
from holdback.race.folder import Race, Stage, load_race
from holdback.race.plan import plan_race
from holdback.race.problems import Problem, RaceError
from holdback.race.start import init_race

__all__ = [
    "Findings",
    "Problem",
    "Race",
    "RaceError",
    "Stage",
    "check_race",
    "init_race",
    "load_race",
    "plan_race",
    "planned",
]
