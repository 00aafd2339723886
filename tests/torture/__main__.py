"""`make torture ARGS="[ATTACK ...] [--inputs N] [--seconds S] [--seed N]"`: run attacks, print the counts."""

import argparse
import sys
import time

from torture.attacks import ATTACKS
from torture.rows import Row, Scale, table


def main() -> int:
    """1 if anything broke."""
    options = _options()
    scale = Scale(options.inputs, options.seconds, options.seed, options.first)
    rows: list[Row] = []
    for name in options.attacks or ATTACKS:
        rows.append(ATTACKS[name](scale, _report))
        _report(table(rows[-1:]).splitlines()[-1])
    print(table(rows))
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
    options = parser.parse_args()
    unknown = [name for name in options.attacks if name not in ATTACKS]
    if unknown:
        parser.error(f"no attack is called {unknown[0]}; there are: {', '.join(ATTACKS)}")
    return options


def _report(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
