"""`holdback athlete fit | show`: what recordings say of the runner, and what is only assumed."""

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from holdback.cli import output
from holdback.errors import HoldbackError, UsageError, typed

if TYPE_CHECKING:
    from holdback.athlete import Gathered, Knowledge
    from holdback.athlete.document import Change
    from holdback.athlete.overview import Figure

app = App(name="athlete", help="Measure the runner from recordings; say what is measured and what is assumed.")

Json = Annotated[bool, Parameter(help="print one JSON document", negative="")]
DAY_S = 86400


@app.command
def fit(
    *files: Path,
    out: Annotated[Path, Parameter(name=("--out", "-o"))] = Path("athlete.toml"),
    date: str = "",
    json: Json = False,
) -> None:
    """Measure a runner from recordings, and write what they say into athlete.toml.

    What you wrote there by hand stays as it is. One bad file among many is named and left out.

    Example: holdback athlete fit ~/runs --out alps/athlete.toml

    Parameters
    ----------
    files
        Recordings of one runner (FIT, GPX, TCX, .hbr), or folders of them.
    out
        The athlete.toml to write, or its race folder.
    date
        The day on which descents count back from, like 2026-09-04; the newest run's where it is not given.
    """
    from holdback.athlete import gather, know
    from holdback.athlete.document import merge, write

    if not files:
        raise UsageError("no recordings given", next_step=typed("athlete", "fit", "FOLDER", "--out", out))
    until_s, out = _end_of(date), _target(out)
    with output.busy("reading recordings"):
        found = gather(files)
        known = know(_usable(found, files), until_s=until_s)
        text, changes = merge(out, known.measures)
    write(out, text)
    if json:
        output.document(_document(out, found, known, changes))
    else:
        _tell(out, found, known, changes)


@app.command
def show(race: Path = Path(), *, json: Json = False) -> None:
    """Say of each figure whether it is measured or assumed, how sure it is, and what it rests on.

    Example: holdback athlete show alps

    Parameters
    ----------
    race
        The race folder, or an athlete.toml.
    """
    from holdback.athlete.overview import overview

    figures = overview(race)
    if json:
        output.document({"athlete": [vars(figure) for figure in figures]})
        return
    rows = [[f.field, _value(f), f"{f.plus_minus:g}" if f.plus_minus else "", f.known, f.basis] for f in figures]
    output.table(["Figure", "value", "±", "Known", "Rests on"], rows)
    factors = next((f.value for f in figures if f.field == "pace_factors"), None)
    if isinstance(factors, list):
        output.table(["grade", "cost", "project's"], _grades(factors), title="Your hills (level = 1)")


def _end_of(date: str) -> float | None:
    """Unix seconds at the end of that day."""
    if not date:
        return None
    try:
        day = datetime.date.fromisoformat(date)
    except ValueError:
        raise UsageError(f"--date {date}: no such day", next_step="write it like 2026-09-04") from None
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp() + DAY_S


def _target(out: Path) -> Path:
    out = out / "athlete.toml" if out.is_dir() else out
    if not out.parent.is_dir():
        raise HoldbackError(f"{out.parent}: no such folder", next_step="make it, or choose another --out")
    return out


def _usable(found: "Gathered", files: Sequence[Path]) -> list[Any]:
    """The runs; HoldbackError names the first file that gave none."""
    if found.runs:
        return found.runs
    if not found.left_out:
        named = ", ".join(str(file) for file in files[:3])
        raise HoldbackError(f"{named}: no recordings here", "nothing was changed", "give FIT, GPX, TCX or .hbr files")
    (file, why), rest = found.left_out[0], len(found.left_out) - 1
    more = f"; {rest} more had nothing either" if rest else ""
    next_step = "give recorded runs; until then one [result] in athlete.toml is enough"
    raise HoldbackError(f"{file}: {why}{more}", "nothing was changed", next_step)


def _tell(out: Path, found: "Gathered", known: "Knowledge", changes: "list[Change]") -> None:
    for file, why in (*found.left_out, *known.left_out):
        output.note(f"left out: {file}: {why}")
    hours = sum(run.hours for run in found.runs)
    output.say(f"{len(found.runs)} run{'' if len(found.runs) == 1 else 's'}, {hours:.1f} h on the move")
    for change in changes:
        output.say(f"  {_changed(change)}")
    basis = {measure.field: measure for measure in known.measures}
    for change in changes:
        measure = basis[change.field]
        sure = f" ± {measure.plus_minus:g}" if measure.plus_minus else ""
        output.note(f"  {change.field}{sure}: {measure.basis}")
    for note in known.notes:
        output.note(f"  note: {note}")
    output.say(f"{out} written; next: {typed('athlete', 'show', out)}")


def _changed(change: "Change") -> str:
    """One figure in words; a table of factors by its name alone."""
    before, after = (text if len(text) < 20 else "19 numbers" for text in (change.before, change.after))
    return {
        "new": f"{change.field}: {after} (new)",
        "renewed": f"{change.field}: {after} (was {before})",
        "same": f"{change.field}: {after} (as before)",
        "kept": f"{change.field}: {before} stays, you wrote it; the recordings say {after}",
    }[change.kind]


def _document(out: Path, found: "Gathered", known: "Knowledge", changes: "list[Change]") -> dict[str, Any]:
    left_out = [{"file": file, "why": why} for file, why in (*found.left_out, *known.left_out)]
    return {
        "out": str(out),
        "runs": len(found.runs),
        "hours": round(sum(run.hours for run in found.runs), 2),
        "measures": [vars(measure) for measure in known.measures],
        "changes": [vars(change) for change in changes],
        "left_out": left_out,
        "notes": known.notes,
    }


def _value(figure: "Figure") -> str:
    if isinstance(figure.value, list):
        return "below"
    return "-" if figure.value is None else f"{figure.value:g}"


def _grades(factors: list[float]) -> list[list[str]]:
    from holdback.athlete.grades import GRADES, TABLE

    return [
        [f"{grade:+.0%}", f"{own:.2f}", f"{table:.2f}"]
        for grade, own, table in zip(GRADES, factors, TABLE, strict=True)
    ]
