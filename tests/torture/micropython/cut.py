"""Starts a module of this folder where time stands still: its name, then what its `main` takes.

power FOLDER SCENARIO SEED COUNT   the folder has the plans `old` and `new`; so many cuts, 0 for all
days FOLDER DAYS SECONDS           it has the plans `day-01` and so on; seconds of each
"""

import asyncio  # noqa: F401 (while there is a time)
import sys

import faketime


def main(name, *words):
    """Time first: the firmware must see no other."""
    sys.modules["time"] = faketime.clock
    __import__(name).main(*[int(word) if word.isdigit() else word for word in words])


main(*sys.argv[1:])
