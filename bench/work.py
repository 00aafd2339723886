"""Bytecodes a second of a running stage against what an ESP32 does at 80 MHz: estimated, the sum is shown."""

import sys
from pathlib import Path

from bench.estimates import CPU_HZ, CYCLES_A_BYTECODE, GLUE, SECOND_MS
from bench.pacing.core_cost import NAMES, measured

PARTS = ("parser", "sampler", "pacer", "journal")  # together all of the core; each holds what it calls


def rows(_peer: Path | None = None) -> list[tuple[str, str]]:
    """The core's bytecodes are CPython's, counted as `make bench-pacing ARGS=cost` does; near MicroPython's."""
    found = measured((sys.executable,), names=PARTS)
    counts = [found[name][0] for name in PARTS]
    core = sum(counts)
    speed = CPU_HZ.value / CYCLES_A_BYTECODE.value
    work = core * GLUE.value
    return [
        *((NAMES[name], f"{count:.0f} bytecodes a second") for name, count in zip(PARTS, counts, strict=True)),
        ("the core", f"{core:.0f}"),
        (f"the firmware, {GLUE.value:g} times that (assumed)", f"{work:.0f}"),
        (
            "an ESP32 (estimated)",
            f"{CPU_HZ.value / 1e6:.0f} MHz / {CYCLES_A_BYTECODE.value:g} cycles = {speed:.0f} bytecodes a second",
        ),
        (
            f"work in a second (estimated; at most {SECOND_MS.value:g} ms)",
            f"{work:.0f} / {speed:.0f} = {work / speed * 1000:.0f} ms",
        ),
        ("cycles a bytecode at which that is reached", f"{SECOND_MS.value * CPU_HZ.value / 1000 / work:.0f}"),
    ]
