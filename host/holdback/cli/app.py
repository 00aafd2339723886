"""The `holdback` command: its nouns, and the one place where an error becomes words and an exit code."""

import asyncio
import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from holdback import __version__
from holdback.cli import output
from holdback.errors import ExitCode, HoldbackError

app = App(
    name="holdback",
    help="Plan a stage race, guard it on the wrist, learn from it. Start with: holdback demo",
    version=__version__,
)
# Import strings: a noun's module, and what it needs, loads when the noun is used.
app.command("holdback.cli.race:app", name="race")
app.command("holdback.cli.device:app", name="device")
app.command("holdback.cli.recording:app", name="recording")
app.command("holdback.cli.simulate:simulate", name="simulate")
app.command("holdback.cli.demo:demo", name="demo")


async def run_async(tokens: Sequence[str]) -> int:
    """Run one command inside a running event loop; returns the exit code. Tests and the demo come in here."""
    output.reset(json_document="--json" in tokens)
    try:
        result = await app.run_async(list(tokens), exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        output.error(HoldbackError(str(error), next_step="holdback --help"))
        return ExitCode.USAGE
    except HoldbackError as error:
        output.error(error)
        return error.exit_code
    return result if isinstance(result, int) else ExitCode.OK


def main() -> None:
    """Entry point of the console script."""
    try:
        code = asyncio.run(run_async(sys.argv[1:]))
    except KeyboardInterrupt:
        output.error(
            HoldbackError("interrupted", next_step="run the same command again: it goes on where this stopped")
        )
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has gone. Nothing more can be said; the interpreter must not try to flush either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.OK
    raise SystemExit(int(code))
