"""The report: one page that can be attached to an issue. It tells of the board and of nobody."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from holdback.board import Board

from hardware.comparing import outcome
from hardware.estimates import estimates
from hardware.facts import FACTS
from hardware.session import Result


def page(board: Board, simulated: bool, firmware: str, results: Sequence[Result], ended: str = "") -> str:
    """The report as Markdown. `firmware`: its version, "" unknown; `ended`: why it is not whole, "" if it is."""
    where = "simulated: made on the virtual board, nothing here is of hardware" if simulated else "measured"
    lines = [f"# Hardware test of {board.name} ({where})", "", f"Firmware {firmware or 'unknown'}."]
    if ended:
        lines += ["", f"**Not whole: {ended}.** What had been tried until then:"]
    lines += ["", *_comparison(board, simulated, {result.probe: result for result in results})]
    lines += ["", "## What was found"]
    for result in results:
        lines += ["", f"**{result.probe}**", "", *(f"- {line}" for line in findings(result))]
    return "\n".join(lines) + "\n"


def _comparison(board: Board, simulated: bool, results: Mapping[str, Result]) -> list[str]:
    lines = ["| what | estimated | measured | says |", "|---|---|---|---|"]
    for estimate in estimates(board):
        measured, says = outcome(estimate, results)
        if simulated and measured != "–":
            says = "simulated, so nothing"
        lines.append(f"| {estimate.what} | {estimate.figure} ({estimate.page}) | {measured} | {says} |")
    return lines


def findings(result: Result) -> list[str]:
    """A probe's facts by what they are called, and why there are no more."""
    named = {name: title for name, title in FACTS[result.probe].items() if name in result.facts}
    lines = [f"{title}: {result.facts[name]} {unit}".rstrip() for name, (title, unit) in named.items()]
    return lines + [f"{what}: {why}" for what, why in (("failed", result.failed), ("skipped", result.skipped)) if why]


def write(text: str, folder: Path, board: str, day: date) -> Path:
    """Keep the report under a name that no other has."""
    path = folder / f"holdback-hardware-{board}-{day}.md"
    count = 1
    while path.exists():
        count += 1
        path = folder / f"holdback-hardware-{board}-{day}-{count}.md"
    path.write_text(text, encoding="utf-8")
    return path
