"""A table as the evidence prints it: a title, columns, rows and what has to be said about it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

GAP = "  "
RESAMPLED = 400


@dataclass(frozen=True)
class Table:
    """One table. `rows` have a cell for each column, the first cell says what is measured; cells are text, as printed.

    `notes` are sentences: how it was made, n, seeds, what is assumed, what is simulated. `slug` names its picture
    (`docs/evidence/<slug>.svg`) and its place in docs/evidence.md; a table without one has neither. `chart` is that
    picture, an SVG document.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    slug: str = ""
    chart: str = field(default="", repr=False)

    def text(self) -> str:
        """The table for a terminal: the first column to the left, the others to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        parts = [self.title, *(_aligned(line, widths) for line in lines), *(f"* {note}" for note in self.notes)]
        return "\n".join(parts)

    def markdown(self) -> str:
        """The table for docs/evidence.md."""
        marks = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = [
            "| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in (self.columns, *self.rows)
        ]
        return "\n".join([lines[0], "|" + "|".join(marks) + "|", *lines[1:], "", *(f"- {note}" for note in self.notes)])


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    cells = [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
    return "  " + GAP.join(cells).rstrip()


def interval(values: Sequence[float], figure: Callable[[Sequence[float]], float]) -> tuple[float, float, float]:
    """(figure, low, high) of values one a runner: 95 % by resampling the runners; the same values give the same."""
    rng = random.Random("resampled")
    again = sorted(figure(rng.choices(values, k=len(values))) for _ in range(RESAMPLED))
    return figure(values), again[round(0.025 * RESAMPLED)], again[round(0.975 * RESAMPLED) - 1]
