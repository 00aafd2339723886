"""`make bench-pacing`: every table of the evidence from one run, on any folder of recordings."""

import argparse
import importlib
import importlib.util
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from holdback.errors import ExitCode

from bench.pacing import page
from bench.pacing.tables import Table

MODULES = ("simulated", "detection", "prediction", "race", "core_cost")
EVIDENCE = Path(__file__).parents[2] / "docs"


def main() -> int:
    """Print the tables; with --write renew their pictures and their places in docs/evidence.md, too."""
    options = _parser().parse_args()
    data = options.data or _default_data()
    if data and not data.is_dir():
        print(
            f"{data} is no folder\n  Each runner's recordings lie in a folder of their own below it.", file=sys.stderr
        )
        return ExitCode.USAGE
    names = [name for name in MODULES if options.only in name]
    if not names:
        print(f"no part is called {options.only}\n  There are: {', '.join(MODULES)}.", file=sys.stderr)
        return ExitCode.USAGE
    print(f"recordings: {data or 'none, so that some tables are missing (DATA=folder, or HOLDBACK_DATA)'}")
    try:
        made = [table for name in names for table in _shown(name, data)]
    except KeyboardInterrupt:
        print("\nbroken off: the tables above are whole, and nothing is written", file=sys.stderr)
        return ExitCode.INTERRUPTED
    if options.write:
        page.write(made, EVIDENCE)
        print(f"\nwritten: {EVIDENCE / 'evidence.md'} and {sum(1 for table in made if table.chart)} pictures")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench-pacing")
    parser.add_argument("--data", type=Path, help="a folder of recordings, one folder a runner in it")
    parser.add_argument("--write", action="store_true", help="renew docs/evidence.md and its pictures from this run")
    parser.add_argument("only", nargs="?", default="", help="only the modules whose name contains this")
    return parser


def _default_data() -> Path | None:
    folder = os.environ.get("HOLDBACK_DATA")
    return Path(folder) / "runs_hr" if folder else None


def _shown(name: str, data: Path | None) -> Iterator[Table]:
    """The tables of one module, printed as they come."""
    started = time.perf_counter()
    if not importlib.util.find_spec(f"bench.pacing.{name}"):
        return
    module = importlib.import_module(f"bench.pacing.{name}")
    if not hasattr(module, "tables"):
        return
    print(f"\n== {name}: {(module.__doc__ or '').splitlines()[0]}")
    for table in module.tables(data):
        print(f"\n{table.text()}", flush=True)
        yield table
    print(f"\n({name}: {time.perf_counter() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    sys.exit(main())
