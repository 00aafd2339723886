"""Small firmware for the tests of the virtual air, written where it is tested."""

import textwrap
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from holdback.simulation import Air, Flash, VirtualBoard, run


def firmware(folder: Path, source: str, name: str = "script.py") -> Path:
    """A MicroPython script as a file."""
    path = folder / name
    path.write_text(textwrap.dedent(source))
    return path


def log_of(
    folder: Path,
    source: str,
    act: Callable[[Air, VirtualBoard], Awaitable[Any]] | None = None,
    *,
    flash: Flash | None = None,
    **air_options: Any,
) -> list[str]:
    """What a board prints that runs `source` while `act(air, board)` happens (or in its first ten seconds)."""

    async def main(air: Air) -> list[str]:
        board = air.board(script=firmware(folder, source), flash=flash)
        await board.start()
        await (act(air, board) if act else air.sleep(10_000))
        return board.log

    return run(main, **air_options)
