"""What figures about hardware rest on: assumed or estimated, none measured; `make hardware-test` settles them."""

from pathlib import Path
from typing import NamedTuple

from pacing.saving import LEFT_PERCENT, RADIO, RATE


class Estimate(NamedTuple):
    """A figure that nobody has measured on a board yet, and where it is from."""

    value: float
    unit: str
    source: str


CPU_HZ = Estimate(80e6, "Hz", "boards/common.py sets it")
CYCLES_A_BYTECODE = Estimate(100, "cycles", "assumed: an interpreter in C, run from flash through a cache")
GLUE = Estimate(2, "times the core's work", "assumed: tasks, clock, drivers and the file come to as much as the core")
SECOND_MS = Estimate(100, "ms of work in a second, at most", "the bound that the design sets itself")
ERASES = Estimate(100_000, "erases of a block", "typical data sheet of a serial NOR flash")
FLUSH_MS = Estimate(200, "ms, the longest flush of a block", "littlefs on an ESP32, reported as 80 to 200 ms")
BOOT_KB = Estimate(134, "kB of heap at boot, before the radio", "reported for an ESP32 without PSRAM")
LEFT_RATE = Estimate(LEFT_PERCENT[RATE], "% of the drain is left with fixes each 2 s", "estimated: pacing.saving")
LEFT_RADIO = Estimate(LEFT_PERCENT[RADIO], "% with the strap's radio spared, too", "estimated: pacing.saving")
CELL_V = Estimate(3.7, "V, mean of a lithium cell", "usual data sheet")

ALL = {name.lower(): value for name, value in globals().items() if isinstance(value, Estimate)}


def rows(_peer: Path | None = None) -> list[tuple[str, str]]:
    """Each with its source. Currents and batteries of boards are in boards/NAME/board.py."""
    return [(f"{name}: {found.source}", f"{found.value:g} {found.unit}") for name, found in ALL.items()]
