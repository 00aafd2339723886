"""Energy of a stage and hours of a charge by board: estimated, from the current and battery in boards/NAME/board.py."""

from pathlib import Path

from holdback.board import KEPT_BACK, Board, board_names, find_board

from bench.estimates import CELL_V

HOURS = 8


def rows(_peer: Path | None = None) -> list[tuple[str, str]]:
    """The sum of each board."""
    return [(name, _sum(find_board(name, "make bench"))) for name in board_names()]


def _sum(board: Board) -> str:
    ma, mah = board.fact("CURRENT_MA"), board.fact("BATTERY_MAH")
    stage = f"{HOURS} h x {ma} mA x {CELL_V.value:g} V = {HOURS * ma * CELL_V.value / 1000:.1f} Wh"
    return f"{stage}; {mah} mAh less {KEPT_BACK} % / {ma} mA = {board.battery_hours} h"
