"""`make torture ARGS="[ATTACK ...] [--inputs N] [--seconds S] [--seed N] [--jobs N]"`: run attacks, print the counts.

Ctrl-C ends it with what was reached.
"""

import argparse
import signal
import sys
from threading import Event

from torture.attacks import ATTACKS
from torture.processes import run_all
from torture.rows import Scale, table


def main() -> int:
    """1 if anything broke."""
    options = _options()
    scale = Scale(options.inputs, options.seconds, options.seed, options.first)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    rows = run_all(options.attacks or list(ATTACKS), scale, options.jobs, stop)
    print(table(rows))
    if stop.is_set():
        print("broken off: the counts are what was reached")
    for failure in (failure for row in rows for failure in row.failures):
        print(f"\n{failure}")
    return 0 if all(row.held for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make torture ARGS=...", description="Attacks: " + ", ".join(ATTACKS))
    parser.add_argument("attacks", nargs="*", metavar="ATTACK", help="all of them if none is named")
    parser.add_argument("--inputs", type=int, default=Scale.inputs, help="of each attack (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=0.0, help="the most for an attack (default: no limit)")
    parser.add_argument("--seed", type=int, default=Scale.seed, help="default: %(default)s")
    parser.add_argument("--first", type=int, default=0, help="number of the first input, to see one again")
    parser.add_argument("--jobs", type=int, default=1, help="attacks at a time (default: %(default)s)")
    options = parser.parse_args()
    unknown = [name for name in options.attacks if name not in ATTACKS]
    if unknown:
        parser.error(f"no attack is called {unknown[0]}; there are: {', '.join(ATTACKS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
