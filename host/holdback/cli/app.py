"""The `holdback` command: its nouns, and the one place where an error becomes words and an exit code."""

import asyncio
import io
import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError

from holdback import __version__
from holdback.cli import output
from holdback.errors import ExitCode, HoldbackError, InterruptedTransferError, UsageError

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
    output.reset(json_document=_wants_json(tokens))
    try:
        result = await app.run_async(list(tokens), exit_on_error=False, print_error=False, result_action="return_value")
        return result if isinstance(result, int) else ExitCode.OK
    except CycloptsError as error:
        failure = UsageError(str(error), next_step=" ".join(("holdback", *(error.command_chain or ()), "--help")))
    except HoldbackError as error:
        failure = error
    except BrokenPipeError:
        raise
    except OSError as error:
        failure = _refused(error)
    output.error(failure)
    return failure.exit_code


def _wants_json(tokens: Sequence[str]) -> bool:
    """Whether `--json` is among the tokens; asked here, because errors of usage come before the options are read."""
    options = (token.partition("=") for token in tokens)
    return any(name == "--json" and value.lower() not in ("false", "no", "0") for name, _, value in options)


def _refused(error: OSError) -> HoldbackError:
    """What the system refused where no command knows better words: names too long, folders without access."""
    place = f"{error.filename}: " if error.filename else ""
    return HoldbackError(f"{place}cannot be used", error.strerror or str(error), "choose another path, or its rights")


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # file names need not be text, and terminals need not be UTF-8
            stream.reconfigure(errors="backslashreplace")
    try:
        code = asyncio.run(run_async(sys.argv[1:]))
        output.flush()
    except KeyboardInterrupt:
        output.error(
            InterruptedTransferError(
                "interrupted", next_step="run the same command again: it goes on where this stopped"
            )
        )
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:  # the reader (`| head`) has gone; nothing more can be said
        code = ExitCode.OK
        _write_no_more()
    except OSError as error:  # stdout itself: a full disk
        output.reset(json_document=False)
        output.error(_refused(error))
        code = ExitCode.DOMAIN
        _write_no_more()
    raise SystemExit(int(code))


def _write_no_more() -> None:
    """The interpreter flushes stdout at its end; what is left goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
