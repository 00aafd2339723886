"""What commands print: a document on stdout, everything else on stderr, progress only on a terminal."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from holdback.errors import HoldbackError

Json = Annotated[bool, Parameter(help="print one JSON document on stdout", negative="")]


class _State:
    json_document = False
    printed = False


def reset(*, json_document: bool) -> None:
    """Called once a command: whether stdout is to carry one JSON document and nothing else."""
    _State.json_document = json_document
    _State.printed = False


# Names come from files and over the air: what would move the cursor or colour the terminal is shown as a box.
_CONTROL = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class _Console(Console):
    """Prints texts as they are: no markup, no :smiles:, no control characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(highlight=False, soft_wrap=True, markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(text.translate(_CONTROL), **options)

    def on_broken_pipe(self) -> None:
        raise  # noqa: PLE0704 - called while BrokenPipeError is handled; main() knows what to do


def _stdout() -> Console:
    return _Console()


def _stderr() -> Console:
    return _Console(stderr=True)


def say(text: str | Text = "") -> None:
    """A line for a human; goes to stderr when stdout carries JSON."""
    (_stderr() if _State.json_document else _stdout()).print(text, markup=False)


def note(text: str) -> None:
    """A remark beside the result, always on stderr."""
    _stderr().print(text, markup=False, style="dim")


def ask(prompt: str) -> None:
    """The words before an answer, on stderr and without an end of line."""
    _stderr().print(prompt, end=" ", markup=False)


def draw(text: str) -> None:
    """A piece of a line that grows, on stderr, at once."""
    console = _stderr()
    console.print(text, end="", markup=False)
    console.file.flush()


def table(columns: list[str], rows: list[list[str]], *, title: str = "") -> None:
    """A table: drawn on a terminal, plain and aligned when piped. A column whose name is lower-case is numbers."""
    console = _stderr() if _State.json_document else _stdout()
    if console.is_terminal:
        console.print(_drawn(columns, rows, title))
        return
    if title:
        console.print(title, markup=False)
    for line in _aligned(columns, rows):
        console.print(line, markup=False)


def _is_number(column: str) -> bool:
    return column[:1].islower()


def _drawn(columns: list[str], rows: list[list[str]], title: str) -> Table:
    drawn = Table(title=title or None, title_justify="left")
    for column in columns:
        drawn.add_column(column, justify="right" if _is_number(column) else "left")
    for row in rows:
        drawn.add_row(*row)
    return drawn


def _aligned(columns: list[str], rows: list[list[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    for row in (columns, *rows):
        cells = (
            cell.rjust(width) if _is_number(name) else cell.ljust(width)
            for name, cell, width in zip(columns, row, widths, strict=True)
        )
        yield "  ".join(cells).rstrip()


def document(value: Any) -> None:
    """The one JSON document of a `--json` run."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    json.dump(value, sys.stdout, indent=2, ensure_ascii=not unicode, default=str)
    sys.stdout.write("\n")
    _State.printed = True


def flush() -> None:
    """Write what is waiting; OSError if it cannot be written."""
    if sys.stdout is not None:
        sys.stdout.flush()


def error(failure: HoldbackError) -> None:
    """What, why, what next: three short lines on stderr, or one document on stdout under `--json`."""
    if _State.json_document:
        if not _State.printed:  # else Ctrl-C came too late to stop anything
            document(failure.as_dict())
        return
    console = _stderr()
    console.print(f"error: {failure.what}", markup=False, style="red")
    if failure.why:
        console.print(f"  why:  {failure.why}", markup=False)
    if failure.next_step:
        console.print(f"  next: {failure.next_step}", markup=False)


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Any]:
    """A bar with rate and remaining time on a terminal, nothing elsewhere; yields `update(done)`."""
    console = _stderr()
    if not console.is_terminal:
        yield lambda done, total=None: None
        return
    bars = Progress(
        TextColumn(label), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
        console=console, transient=True,
    )  # fmt: skip
    with bars:
        task = bars.add_task(label, total=total)
        yield lambda done, total=None: bars.update(task, completed=done, total=total)


@contextmanager
def busy(label: str) -> Iterator[None]:
    """A turning sign while nothing can be counted, on a terminal alone."""
    console = _stderr()
    if not console.is_terminal:
        yield
        return
    with console.status(label):
        yield
