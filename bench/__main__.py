"""`make bench`: every module beside this one prints its rows; a module that cannot run here says why."""

import argparse
import importlib
import logging
import pkgutil
import sys
import time
from pathlib import Path

from holdback.errors import ExitCode

import bench


def modules(only: str) -> list[str]:
    """Names of the bench modules whose name contains `only`."""
    found = [module for module in pkgutil.iter_modules(bench.__path__) if not module.ispkg]  # bench.pacing has a way in
    names = sorted(module.name for module in found if module.name != "__main__")
    return [name for name in names if only in name]


def main() -> int:
    """Print the rows of every bench module, each under its own heading, with what it took. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "--peer", type=Path, help="a folder with a peer's NMEA parser (micropyGPS.py), measured beside ours"
    )
    parser.add_argument("only", nargs="?", default="", help="run only the modules whose name contains this")
    arguments = parser.parse_args()
    names = modules(arguments.only)
    if not names:
        parser.error(f"nothing is called {arguments.only}; there are: {', '.join(modules(''))}")
    logging.getLogger().addHandler(logging.NullHandler())  # else Bumble sets one up, and libraries talk into the rows
    try:
        for name in names:
            _show(name, arguments.peer)
    except KeyboardInterrupt:
        print("\nbroken off: the rows above are whole", file=sys.stderr)
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def _show(name: str, peer: Path | None) -> None:
    started = time.perf_counter()
    module = importlib.import_module(f"bench.{name}")
    print(f"\n{name}: {(module.__doc__ or '').splitlines()[0]}")
    for label, value in module.rows(peer):
        print(f"  {label:<58} {value}")
    print(f"  ({time.perf_counter() - started:.1f} s)")


if __name__ == "__main__":
    sys.exit(main())
