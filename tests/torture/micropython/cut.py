"""Starts power.py where time stands still.

Arguments: folder with the plans `old` and `new`, a scenario, a seed, and how many cuts to try (0: all).
"""

import asyncio  # noqa: F401 (while there is a time)
import sys

import faketime


def main(folder, scenario, seed, count):
    """Time first: the firmware must see no other."""
    sys.modules["time"] = faketime.clock
    import power

    power.main(folder, scenario, int(seed), int(count))


main(*sys.argv[1:])
