"""What a board's file of facts says: boards/NAME/board.py is read and never run, for it wants hardware."""

import ast
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdback.errors import HoldbackError, NotFoundError

_PLACES = (Path(__file__).parents[2] / "boards", Path(__file__).with_name("boards"))  # in a checkout; in a wheel
FOLDER = next((path for path in _PLACES if path.is_dir()), _PLACES[0])
KEPT_BACK = 10  # percent of a battery that no board gets out of it, assumed; boards/common.py has it, too


@dataclass(frozen=True)
class Board:
    """A board's name (its folder's) and {fact: value} of the facts that are plain values."""

    name: str
    facts: dict[str, Any]

    def fact(self, name: str) -> Any:
        """The value of a fact; HoldbackError where there is none."""
        if name not in self.facts:
            path = FOLDER / self.name / "board.py"
            raise HoldbackError(f"board {self.name} says no {name}", f"{path} has none", "add it: boards/README.md")
        return self.facts[name]

    @property
    def battery_hours(self) -> int:
        """Hours of recording that a charge lasts, estimated, as the device reckons them."""
        return self.fact("BATTERY_MAH") * (100 - KEPT_BACK) // (100 * self.fact("CURRENT_MA"))


def board_names() -> list[str]:
    """All boards that there are, by their folders' names."""
    return sorted(path.parent.name for path in FOLDER.glob("*/board.py"))


def find_board(name: str, command: str) -> Board:
    """The board of that name, however it is spelt. NotFoundError lists those that there are; `command`: NAME it so."""
    wanted = name.casefold().replace("-", "_")
    if wanted not in board_names():
        what = f"no board is called {name}" if name else "no board is named"
        raise NotFoundError(what, f"there are: {', '.join(board_names())}", command)
    return Board(wanted, _facts(FOLDER / wanted / "board.py"))


def _facts(path: Path) -> dict[str, Any]:
    found = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            with suppress(ValueError):  # it names rails of a driver: the build's affair
                found[ast.unparse(node.targets[0])] = ast.literal_eval(node.value)
    return found
