"""What every attack is given, and what it hands back."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

COLUMNS = ("attack", "inputs", "taken", "crashes", "hangs", "most memory", "time", "seed")
Report = Callable[[str], object]  # takes a line for whoever watches


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Scale:
    """How far an attack goes: so many inputs, or as many as fit into `seconds` of wall clock (0: no limit).

    `seed` and the number of an input make that input; `first` is the number to begin with. stopped(): whether to end
    now, with what was reached.
    """

    inputs: int = 1_000_000
    seconds: float = 0.0
    seed: int = 1
    first: int = 0
    stopped: Callable[[], bool] = _never


@dataclass
class Row:
    """What came of an attack. `inputs`: how many were made; `taken`: how many of them were not refused.

    `most_bytes`: of memory for one of them, 0 not measured.
    """

    attack: str
    seed: int
    inputs: int = 0
    taken: int = 0
    crashes: int = 0
    hangs: int = 0
    most_bytes: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)  # one line for each kind of failure: how to see it again
    skipped: str = ""  # why it did not run

    def count(self, tried: int, broken: list[str]) -> None:
        """So many more inputs, of which those were not held; the first few are told."""
        self.inputs += tried
        self.taken += tried - len(broken)
        self.crashes += len(broken)
        self.failures += broken[:8]

    @property
    def held(self) -> bool:
        """Nothing broke."""
        return not (self.crashes or self.hangs)

    def cells(self) -> tuple[str, ...]:
        """As COLUMNS."""
        memory = f"{self.most_bytes / 1024:.0f} kB" if self.most_bytes else "-"
        counts = (f"{self.inputs:,}", f"{self.taken:,}", f"{self.crashes:,}", f"{self.hangs:,}")
        return (self.attack, *counts, memory, f"{self.seconds:.0f} s", self.skipped or str(self.seed))


def table(rows: Iterable[Row]) -> str:
    """The rows in columns, the names to the left and the numbers to the right."""
    cells = [COLUMNS, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(len(COLUMNS))]
    lines = (
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))])
        for line in cells
    )
    return "\n".join(lines)
