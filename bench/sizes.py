"""The firmware as a device gets it: bytes of .mpy by module and board. A module here joins a phase of the source's."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from holdback.board import board_names
from holdback.building.build import build


def rows(_peer: Path | None = None) -> list[tuple[str, str]]:
    """A line for each module, the largest first, and a column for each board, in the order of the first lines."""
    names = board_names()
    built = [_sizes(name) for name in names]
    modules = sorted(built[0], key=lambda module: -built[0][module])
    return [
        *((f"column {number}", name) for number, name in enumerate(names, 1)),
        *((module, _columns(sizes.get(module, 0) for sizes in built)) for module in modules),
        ("all", _columns(sum(sizes.values()) for sizes in built)),
    ]


def _sizes(board: str) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        return build(board, Path(folder))


def _columns(sizes: Iterable[int]) -> str:
    return "".join(f"{size:>7}" for size in sizes)
