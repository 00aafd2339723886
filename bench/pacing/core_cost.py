"""What a fix costs the core: bytecodes, bytes allocated, time, and what it takes of the heap; before and after."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.pacing import charts
from bench.pacing.tables import Table
from tests.core.interpreters import FIRMWARE, unix_port, wasm_port

SCRIPT = Path(__file__).parents[1] / "micropython" / "core_cost.py"
BEFORE = "HOLDBACK_BEFORE"  # a folder with another firmware/, to stand beside this one
INSIDE = "  of it: "
NAMES = {
    "parser": "NMEA parser (RMC and GGA)",
    "sampler": "sampler",
    "pacer": "pacer, all of it",
    "odometer": INSIDE + "odometer",
    "course": INSIDE + "course",
    "effort": INSIDE + "effort",
    "governor": INSIDE + "governor",
    "voice": INSIDE + "voice",
    "journal": "journal, snapshots included",
}

Figures = dict[str, tuple[float, float]]  # part: (bytes or bytecodes, microseconds) a fix


def tables(_data: Path | None) -> Iterator[Table]:
    """The cost of a fix by part, then the heap."""
    unix = unix_port()
    if unix.missing:
        yield Table("What a fix costs the core", ["", ""], [["not measured", unix.missing]])
        return
    before = os.environ.get(BEFORE)
    yield _fix(unix.command, before)
    yield _heap(unix.command, before)


def measured(command: Sequence[str], firmware: Path | str = FIRMWARE, names: Sequence[str] = ()) -> Figures:
    """The script's figures under an interpreter, a fix each, of the parts named or of all."""
    figures = {}
    for name, count, amount, us in map(str.split, _run(command, firmware, *names).splitlines()):
        figures[name] = (int(amount) / int(count), int(us) / int(count))
    return figures


def _run(command: Sequence[str], firmware: Path | str, *args: str) -> str:
    environment = os.environ | {"MICROPYPATH": f"{firmware}:.frozen", "PYTHONPATH": str(firmware)}
    ran = subprocess.run(
        [*command, str(SCRIPT), *args], env=environment, capture_output=True, text=True, check=False, timeout=600
    )
    if ran.returncode:
        raise RuntimeError(f"core_cost.py failed under {command[0]}: {ran.stderr.strip() or ran.stdout.strip()}")
    return ran.stdout


def _fix(unix: Sequence[str], before: str | None) -> Table:
    host, device, wasm = (sys.executable,), measured(unix), wasm_port()
    narrow = {} if wasm.missing else measured(wasm.command)
    sides = [("", measured(host), device)]
    if before:
        sides.insert(0, (" before", measured(host, before), measured(unix, before)))
    columns = ["part", "bytes a fix, 64-bit words", "32-bit words"]
    columns += [f"{title}{when}" for when, _, _ in sides for title in ("bytecodes a fix", "µs a fix")]
    rows = [[title, *_cells(name, device, narrow, sides)] for name, title in NAMES.items()]
    notes = [
        "Two minutes of warming up, then ten steady ones on a course, with heart rate, without a collection. A part "
        "holds what it calls.",
        "Bytes: net, by gc.mem_alloc on MicroPython's unix port and its 32-bit build. The journal's are snapshots of "
        "the core, in each fifth block.",
        *([wasm.missing] if wasm.missing else []),
        f"Bytecodes: CPython {sys.version_info.major}.{sys.version_info.minor}'s, one minute of it, because that port "
        "cannot count its own; near the device's, not the same.",
        "µs: on that port and this computer; a board is another matter, and nothing has run on one.",
    ]
    notes += [] if before else ["Before and after: BEFORE=folder sets another firmware/ beside this one."]
    return Table("What a fix costs the core", columns, rows, notes, "core", _picture(sides[-1][1], device))


def _cells(name: str, device: Figures, narrow: Figures, sides: Sequence[tuple[str, Figures, Figures]]) -> list[str]:
    cells = [f"{figures[name][0]:.1f}" if name in figures else "–" for figures in (device, narrow)]
    for _, host, unix in sides:
        cells += [f"{host[name][0]:.0f}", f"{unix[name][1]:.0f}"]
    return cells


def _picture(host: Figures, device: Figures) -> str:
    names = {title: name for name, title in NAMES.items()}

    def rows(figures: Figures, column: int) -> list[charts.Row]:
        values = {title: figures[name][column] for title, name in names.items()}
        return [charts.Row(title, [charts.Mark(0.0, 0.0, value)]) for title, value in values.items()]

    return charts.bars(
        "What a fix costs the core",
        [
            charts.Panel("bytecodes a fix (CPython's)", rows(host, 0)),
            charts.Panel("µs a fix (MicroPython on a computer)", rows(device, 1)),
        ],
    )


def _heap(unix: Sequence[str], before: str | None) -> Table:
    """Code as compiled from source, and the objects of a running stage."""
    sides = [("now", FIRMWARE)]
    if before:
        sides.insert(0, ("before", Path(before)))
    measured = [_heap_of(unix, firmware) for _, firmware in sides]
    rows = [[name, *(f"{side.get(name, 0) / 1000:.1f} kB" for side in measured)] for name in measured[-1]]
    rows.append(["sum", *(f"{sum(side.values()) / 1000:.1f} kB" for side in measured)])
    return Table(
        "What the core takes of the heap",
        ["", *(when for when, _ in sides)],
        rows,
        [
            "MicroPython's unix port, 64-bit words, code compiled from source; what several parts import counts with "
            "the first. The firmware is built beforehand, one phase of it in memory: see `make bench ARGS=heap`."
        ],
        "heap",
    )


def _heap_of(unix: Sequence[str], firmware: Path | str) -> dict[str, int]:
    titles = {"code:plan": "code: plan", "code:nmea": "code: NMEA parser", "code:journal": "code: journal",
              "code:pacer": "code: pacer", "objects": "objects of a running stage"}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        plan = str(Path(folder) / "plan.hbp")
        _run((sys.executable,), firmware, "write", plan)
        lines = [line.split() for line in _run(unix, firmware, "heap", plan).splitlines()]
    return {titles[name]: int(size) for _, name, size in lines}
