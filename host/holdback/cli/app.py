"""The `holdback` command: its nouns, and the one place where an error becomes words and an exit code."""

import asyncio
import difflib
import inspect
import io
import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, MissingArgumentError, UnusedCliTokensError

from holdback import __version__
from holdback.cli import output
from holdback.errors import ExitCode, HoldbackError, InterruptedTransferError, UsageError

app = App(
    name="holdback",
    help="Plan a stage race, guard it on the wrist, learn from it.",
    version=__version__,
    suppress_keyboard_interrupt=False,  # main() has the words for it
)
# Import strings: a noun's module, and what it needs, loads when the noun is used. So the help of each stands here.
for noun, words in (
    ("race", "Start, check and plan a race folder."),
    ("athlete", "Measure the runner from recordings; say what is measured and what is assumed."),
    ("device", "Find the device, push plans to it, pull recordings from it, pin a heart-rate strap."),
    ("recording", "Look at a recording (.hbr, FIT, GPX, TCX), or export it."),
    ("cues", "What the device says: see the cues, draw, play and learn them."),
):
    app.command(f"holdback.cli.{noun}:app", name=noun, help=words)
for noun, words in (
    (
        "sync",
        "The evening: pull, verdict, rating, tomorrow's plan.\n\nMay be run twice, and interrupted anywhere: it goes "
        "on where it stopped. The race folder remembers its device.\n\nExample: holdback sync alps",
    ),
    ("simulate", "A race or a run with a simulated device.\n\nExample: holdback simulate --replay run.fit"),
    ("demo", "The whole loop on made-up stages. No hardware is needed.\n\nExample: holdback demo --runner half"),
):
    app.command(f"holdback.cli.{noun}:{noun}", name=noun, help=words)
app.register_install_completion_command(help="Complete commands and options in this shell: bash, zsh, fish.")

FIRST = """\
Holdback keeps a stage racer from spending day 3 on day 1.

  see it run       holdback demo
  your own run     holdback simulate --replay run.fit
  learn the cues   holdback cues quiz

  before the race  holdback race init alps stage*.gpx    then fill in what it says is open
                   holdback athlete fit runs --out alps    measures you, where there are recordings
                   holdback race plan alps
                   holdback device key provision    once, on a USB cable: it lets this computer in
                   holdback device push alps
  each evening     holdback sync alps

All commands: holdback --help. Typing less: holdback --install-completion"""


@app.default
def first() -> None:
    """What to do first."""
    output.say(FIRST)


async def run_async(tokens: Sequence[str]) -> int:
    """Run one command inside a running event loop; returns the exit code. Tests and the demo come in here."""
    output.reset(json_document=_wants_json(tokens))
    try:
        result = await app.run_async(list(tokens), exit_on_error=False, print_error=False, result_action="return_value")
        return result if isinstance(result, int) else ExitCode.OK
    except CycloptsError as error:
        failure = _in_words(error)
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


def _in_words(error: CycloptsError) -> UsageError:
    """What is wrong with a command line, and whose help to read."""
    command = " ".join(("holdback", *(error.command_chain or ())))
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        unknown = error.unused_tokens[0]
        known = [name for name in app if not name.startswith("-")]
        close = difflib.get_close_matches(unknown, known, n=1) if command == "holdback" else []
        why = f"did you mean holdback {close[0]}?" if close else ""
        return UsageError(f"{command}: nothing is called {unknown} here", why, f"{command} --help")
    if isinstance(error, MissingArgumentError) and error.argument and error.argument.field_info.is_positional:
        return UsageError(
            f"{command}: {error.argument.name.strip('-').upper()} is missing", next_step=f"{command} --help"
        )
    return UsageError(str(error), next_step=f"{command} --help")


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # file names need not be text, and terminals need not be UTF-8
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:])
        output.flush()
    except KeyboardInterrupt:
        output.error(
            InterruptedTransferError(
                "interrupted", next_step="run the same command again: a transfer goes on where it stopped"
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


def _run(tokens: Sequence[str]) -> int:
    """Commands that compute run without an event loop: it would hear Ctrl-C only when they have ended."""
    if _waits(tokens):
        return asyncio.run(run_async(tokens))
    command = run_async(tokens)
    try:
        command.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("a command that is not async has waited")


def _waits(tokens: Sequence[str]) -> bool:
    """Whether the command is async; what cannot be parsed ends in words at once."""
    try:
        command, *_ = app.parse_args(list(tokens), exit_on_error=False, print_error=False)
    except CycloptsError:
        return False
    return inspect.iscoroutinefunction(command)


def _write_no_more() -> None:
    """The interpreter flushes stdout at its end; what is left goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
