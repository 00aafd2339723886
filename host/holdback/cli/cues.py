"""`holdback cues`: see, draw, play and learn what the device says."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from holdback.cli import asking, output
from holdback.cli.reach import Which, reach
from holdback.cues.catalogue import CATALOGUE, Cue, named, number_for
from holdback.errors import HoldbackError, UsageError

if TYPE_CHECKING:
    from holdback.device.motor import Play

app = App(name="cues", help="What the device says: see the cues, draw, play and learn them.")
MOST_ROUNDS = 100


@app.command
def show(name: str = "", *, json: output.Json = False) -> None:
    """Show the cues as time lines, with when each comes and what to do.

    Example: holdback cues show ease

    Parameters
    ----------
    name
        One cue; all of them if it is not given.
    """
    chosen = [named(name)] if name else list(CATALOGUE)
    if json:
        output.document({"cues": [_document(cue) for cue in chosen]})
        return
    for cue in chosen:
        _tell(cue)
    output.say("a block is a tenth of a second of vibration; printable: docs/cues.md, or holdback cues draw")


def _document(cue: Cue) -> dict[str, Any]:
    head = {"name": cue.name, "title": cue.title, "code": cue.code, "n": cue.n}
    return {**head, "score_ms": list(cue.score_ms()), "when": cue.when, "do": cue.do}


def _tell(cue: Cue) -> None:
    from holdback.cues.picture import seconds_line, time_line

    score = cue.score_ms()
    example = f"  (the number {cue.n})" if cue.n else ""
    output.say(f"{cue.title}{example}")
    output.say(f"  {time_line(score)}")
    output.note(f"  {seconds_line(sum(score))}")
    output.say(f"  when: {cue.when}")
    output.say(f"  do:   {cue.do}")
    output.say()


@app.command
def draw(folder: Path = Path("cues"), *, json: output.Json = False) -> None:
    """Write each cue as an SVG picture: black bars over seconds, all at one scale.

    Example: holdback cues draw pictures

    Parameters
    ----------
    folder
        Where to put the pictures; made if it is not there. Pictures of an earlier call are written over.
    """
    from holdback.cues.picture import drawings

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in drawings().items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        why = error.strerror or str(error)
        raise HoldbackError(f"{folder}: cannot be written", why, "choose another: holdback cues draw FOLDER") from None
    if json:
        output.document({"folder": str(folder), "files": sorted(drawings())})
    else:
        output.say(f"{len(drawings())} pictures in {folder}")


@app.command
async def play(name: str, *, n: int = 0, which: Which = Which()) -> None:  # noqa: B008 (cyclopts' way)
    """Play a cue on the device's motor.

    Example: holdback cues play check-me --n 2

    Parameters
    ----------
    name
        Which cue: see holdback cues show.
    n
        The number that CHECK ME (1 to 5) and READY (a stage) carry.
    """
    from holdback.device.motor import motor

    cue = named(name)
    number = number_for(cue, n)
    sighting = await reach(which)
    async with motor(sighting.address) as on_motor:
        await on_motor(cue.code, number)
    if which.json:
        output.document({"device": sighting.id, "cue": cue.name, "n": number})
    else:
        output.say(f"{sighting.name} plays {cue.title}: {cue.do}")


@app.command
async def quiz(
    *,
    rounds: int = 10,
    device: Annotated[str | None, Parameter(help="play on this device's motor too: id, name, address or any")] = None,
    picture: bool = True,
    seed: int | None = None,
) -> None:
    """Learn the cues: one is played, you say which it was. What you mix up comes more often.

    Example: holdback cues quiz --device any --no-picture

    Parameters
    ----------
    rounds
        How many cues.
    picture
        Draw the pulses as they come; --no-picture leaves them to the wrist (with --device).
    seed
        The same number asks the same cues.
    """
    if not 1 <= rounds <= MOST_ROUNDS:
        raise UsageError(f"--rounds {rounds}: no quiz", f"1 to {MOST_ROUNDS} are asked", "holdback cues quiz")
    if not picture and device is None:
        raise UsageError("nothing to see and nothing to feel", "--no-picture is for --device", "add --device any")
    async with _on_device(device) as on_motor:
        await _Quiz(random.Random(seed), picture, on_motor).run(rounds)


@asynccontextmanager
async def _on_device(device: str | None) -> "AsyncIterator[Play | None]":
    if device is None:
        yield None
        return
    from holdback.device.motor import motor

    sighting = await reach(Which("" if device == "any" else device))
    async with motor(sighting.address) as on_motor:
        yield on_motor


class _Quiz:
    """One quiz on the terminal."""

    def __init__(self, rng: random.Random, picture: bool, on_motor: "Play | None") -> None:
        from holdback.cues.quiz import Tally

        self._rng = rng
        self._picture = picture
        self._on_motor = on_motor
        self._tally = Tally()

    async def run(self, rounds: int) -> None:
        """Ask, until the rounds are over or the answers end."""
        from holdback.cues.quiz import choose

        for i, cue in enumerate(CATALOGUE, 1):
            output.say(f"  {i} {cue.title}")
        output.say("type a number or a name; Enter plays it again; q ends")
        cue = None
        try:
            while self._tally.asked < rounds:
                cue = choose(self._rng, self._tally.mixed, cue)
                if not await self._ask(cue):
                    break
        except asyncio.CancelledError:  # Ctrl-C ends a quiz, too
            output.draw("\n")
            self._tell()
            raise
        self._tell()

    async def _ask(self, cue: Cue) -> bool:
        """One cue, until it has been named; False if the answers have ended."""
        from holdback.cues.quiz import number, understood

        n = number(self._rng, cue)
        await self._perform(cue, n)
        while (answer := await asking.ask("which was that?")) is not None and answer.strip().casefold() != "q":
            named_cue = understood(answer)
            if named_cue is not None:
                right = self._tally.count(cue, named_cue)
                output.say(f"  {'yes' if right else f'no, that was {cue.title}'}: {cue.do}")
                return True
            if answer.strip():
                output.say("  that is no cue: a number from the list, or a name")
            else:
                await self._perform(cue, n)
        return False

    async def _perform(self, cue: Cue, n: int) -> None:
        from holdback.cues.quiz import perform

        if self._on_motor:
            await self._on_motor(cue.code, n)
        await perform(cue.score_ms(n), output.draw if self._picture else lambda _mark: None, asyncio.sleep)
        if self._picture:
            output.draw("\n")

    def _tell(self) -> None:
        tally = self._tally
        output.say(f"{tally.right} of {tally.asked} right")
        if tally.worst:
            one, other = tally.worst
            output.say(f"you mix up {one} and {other}; see both: holdback cues show")
