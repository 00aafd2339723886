"""`make hardware-test`: what is estimated of a board, measured on yours. docs/hardware-test.md says more."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import msgspec
from holdback.board import Board, find_board
from holdback.device import usb
from holdback.device.images import image_of
from holdback.device.peace import peace
from holdback.errors import ExitCode, HoldbackError

from hardware import report, run
from hardware.asking import Owner
from hardware.session import GoneError, Result, Session, clean, folder_for

EXPLAINED = """\
make hardware-test PORT=/dev/ttyUSB0 BOARD=t_beam

measures on your board what the documentation only estimates, in about ten minutes, and writes a report that you can
attach to an issue. Flash it first: make flash BOARD=... No stage may be open on it. Recordings, plans, state and key
are not touched; at the end it starts its firmware again. docs/hardware-test.md says more.

No PORT was given: name the port that the device is plugged in at (mpremote connect list shows them), or PORT=auto."""
SIMULATED = "virtual"


class Made(msgspec.Struct):
    """A report in the making. ended: why it is not whole."""

    board: Board
    firmware: str = ""
    results: list[Result] = []
    ended: str = ""

    def take(self, result: Result, tell: Callable[[str], object]) -> None:
        """Keep a result, and tell it."""
        self.results.append(result)
        for line in report.findings(result):
            tell(f"  {line}")


def main(words: Sequence[str] | None = None, ask: Callable[[str], str] = input) -> int:
    """The command. Returns its exit code: holdback.errors.ExitCode."""
    wanted = _parser().parse_args(words)
    if not wanted.port:
        print(EXPLAINED)
        return ExitCode.USAGE
    if not wanted.out.is_dir():
        print(
            f"{wanted.out} is no folder\n  the report would go there\n  make it, or name another: --out",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    owner = Owner(None if wanted.no_questions else ask, lambda line: print(line, flush=True))
    wishes = run.Wishes(wanted.fix, wanted.hold, wanted.meter)
    try:
        made = measure(wanted.port, wanted.board, owner, wishes, other_board=wanted.other_board)
    except HoldbackError as error:
        print(f"{error.what}\n  {error.why}\n  {error.next_step}", file=sys.stderr)
        return error.exit_code
    if not made.results:
        print(f"nothing was measured: {made.ended}")
        return ExitCode.INTERRUPTED
    text = report.page(made.board, made.board.name == SIMULATED, made.firmware, made.results, made.ended)
    print(f"\nthe report is {report.write(text, wanted.out, made.board.name, date.today())}")
    return ExitCode.INTERRUPTED if made.ended else ExitCode.OK


def measure(port: str, board: str, owner: Owner, wishes: run.Wishes, *, other_board: bool = False) -> Made:
    """Run every probe. Raises HoldbackError only if none could be; what ends it early stands in the result."""
    made = Made(find_board(board, "make hardware-test PORT=... BOARD=NAME"))
    session = Session(usb.steady(port))
    try:
        with (
            peace(session.port, image_of(made.board.name), owner.tell, other_board=other_board) as found,
            folder_for(made.board.name) as session.folder,
        ):
            made.firmware = clean(found.settled_version[:40])
            for result in run.at_the_prompt(session, owner, wishes):
                made.take(result, owner.tell)
        made.take(run.current(owner, wishes), owner.tell)
    except KeyboardInterrupt:
        made.ended = "interrupted by hand"
        owner.tell("interrupted: the device starts its firmware again")
    except HoldbackError as error:
        if not made.results and not isinstance(error, GoneError):
            raise
        made.ended = session.why(error)
        owner.tell("switch the device off and on: it starts its firmware (by itself after ten minutes at its prompt)")
    return made


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make hardware-test", description=EXPLAINED.partition("\n\nNo PORT")[0])
    parser.add_argument("--port", default="", help="the device's, or auto")
    parser.add_argument("--board", default="", help="a folder of boards/")
    parser.add_argument("--no-questions", action="store_true", help="ask nothing: what only an owner knows stays open")
    parser.add_argument("--fix", type=_seconds, default=run.Wishes().fix_s, help="wait so long for a first fix; 0: not")
    parser.add_argument("--hold", type=_seconds, default=run.Wishes().hold_s, help="listen so long to the strap")
    parser.add_argument("--meter", action="store_true", help="a meter for the current is there: ask for readings")
    parser.add_argument("--out", type=Path, default=Path(), help="the folder for the report, this one by default")
    parser.add_argument("--other-board", action="store_true", help="though its firmware was built for another board")
    return parser


def _seconds(word: str) -> int:
    if not word.isascii() or not word.isdigit() or int(word) > run.MOST_S:
        raise argparse.ArgumentTypeError(f"seconds from 0 to {run.MOST_S}")
    return int(word)


if __name__ == "__main__":
    sys.exit(main())
