"""Knowing the runner: what own recordings say of critical speed, heart, hills and durability, and how surely."""

from holdback.athlete.fitting import Knowledge, Measure, know
from holdback.athlete.gather import Gathered, gather
from holdback.athlete.run import Run

__all__ = ["Gathered", "Knowledge", "Measure", "Run", "gather", "know"]
