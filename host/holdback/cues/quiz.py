"""Which was that? A random cue is played; the runner names it; what gets mixed up is counted."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from holdback.cues.catalogue import CATALOGUE, Cue, named
from holdback.cues.picture import STEP_MS, time_line
from holdback.errors import NotFoundError

Sleep = Callable[[float], Awaitable[object]]


class Tally(msgspec.Struct):
    """Answers so far. mixed: how often each two were taken for one another, whichever way."""

    asked: int = 0
    right: int = 0
    mixed: Counter[tuple[str, str]] = msgspec.field(default_factory=Counter)

    def count(self, played: Cue, answered: Cue) -> bool:
        """Note an answer; whether it was right."""
        self.asked += 1
        if played == answered:
            self.right += 1
            return True
        one, other = sorted((played.title, answered.title))
        self.mixed[one, other] += 1
        return False

    @property
    def worst(self) -> tuple[str, str] | None:
        """The two titles that were mixed up most often; None if none were."""
        return self.mixed.most_common(1)[0][0] if self.mixed else None


def choose(rng: random.Random, mixed: Counter[tuple[str, str]], last: Cue | None = None) -> Cue:
    """The next cue to play: any but the last one; those that were mixed up come more often."""
    choices = [cue for cue in CATALOGUE if cue != last]
    weights = [1 + 2 * sum(count for pair, count in mixed.items() if cue.title in pair) for cue in choices]
    return rng.choices(choices, weights)[0]


def number(rng: random.Random, cue: Cue) -> int:
    """A number for a cue that carries one, small enough to count; else 0."""
    return rng.randint(1, min(cue.most, 5)) if cue.most else 0


def understood(answer: str) -> Cue | None:
    """The cue that an answer names: its place in the list from 1, its name, or the beginning of one name alone."""
    text = answer.strip()
    if text.isdecimal():
        return CATALOGUE[int(text) - 1] if 1 <= int(text) <= len(CATALOGUE) else None
    try:
        return named(text)
    except NotFoundError:
        begun = [cue for cue in CATALOGUE if text and cue.name.startswith(text.casefold())]
        return begun[0] if len(begun) == 1 else None


async def perform(score_ms: Sequence[int], show: Callable[[str], object], sleep: Sleep) -> None:
    """Draw a score as time goes by: `show` gets a character each STEP_MS."""
    for mark in time_line(score_ms):
        show(mark)
        await sleep(STEP_MS / 1000)
