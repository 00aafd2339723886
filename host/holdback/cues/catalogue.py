"""Every cue's name, when it comes and what to do; its score is `pacing.cues.pattern`, the device's own."""

import msgspec
from pacing import cues

from holdback.errors import NotFoundError, UsageError

SEE_ALL = "see them all: holdback cues show"
CHECK_WORDS = {1: "strap", 2: "GPS", 3: "battery", 4: "plan or storage", 5: "three hours are over: decide"}
MOST_STAGES = 99


class Cue(msgspec.Struct, frozen=True):
    """A cue. name: as typed and as in file names. n: the number that a picture of it shows; 0 if it carries none."""

    code: int
    name: str
    title: str
    when: str
    do: str
    n: int = 0

    def score_ms(self, n: int = 0) -> tuple[int, ...]:
        """On, off, on ... in milliseconds; `n` 0 is the number of the picture."""
        return tuple(cues.pattern(self.code, n or self.n))

    @property
    def most(self) -> int:
        """The greatest number that the cue can carry; 0 if it carries none."""
        return {cues.CHECK: len(CHECK_WORDS), cues.READY: MOST_STAGES}.get(self.code, 0)


CATALOGUE = (
    Cue(
        cues.EASE, "ease", "EASE",
        "You have been above the stage's cap for minutes. Once more after 90 s if nothing changed.",
        "Slow down, or walk.",
    ),
    Cue(
        cues.EASE_HARD, "ease-hard", "EASE, hard",
        "Your heart rate has been over its bound for a minute.",
        "Walk until it falls.",
    ),
    Cue(
        cues.CLEAR, "clear", "CLEAR",
        "You eased off; or you pressed, and all is well.",
        "Carry on.",
    ),
    Cue(
        cues.HIKE, "hike", "HIKE",
        "A climb begins in about 60 m that the plan walks. Once a climb, and not if you walk already.",
        "Walk it.",
    ),
    Cue(
        cues.EAT, "eat", "EAT",
        "Energy is due.",
        "Eat. Drink to thirst.",
    ),
    Cue(
        cues.LOOK, "look", "LOOK",
        "More than 40 m off the course for half a minute. Once more after 3 minutes, then never.",
        "Look at the route. If the course was moved: one press, and it believes you.",
    ),
    Cue(
        cues.CUTOFF, "cut-off", "CUT-OFF",
        "Less than 15 minutes in hand at the next cut-off. Once a station.",
        "Choose: move on, or let it go.",
    ),
    Cue(
        cues.CHECK, "check-me", "CHECK ME",
        "Something was lost. The pulses at the end count what: 1 strap, 2 GPS, 3 battery, 4 plan or storage; "
        "5 means that the three hours of a low moment are over.",
        "See to it if you can. A press says it again.",
        n=2,
    ),
    Cue(
        cues.READY, "ready", "READY",
        "Before the start, unasked: position, plan, space, battery and strap are good. It counts the stage, "
        "a long pulse for five, then one long pulse.",
        "Go to the line. Without it, CHECK ME comes after 3 minutes and counts what is missing.",
        n=2,
    ),
)  # fmt: skip
BY_CODE = {cue.code: cue for cue in CATALOGUE}


def named(name: str) -> Cue:
    """The cue called `name`; case, spaces and hyphens do not matter. NotFoundError lists the names."""
    wanted = _plain(name)
    for cue in CATALOGUE:
        if wanted in (_plain(cue.name), _plain(cue.title)):
            return cue
    raise NotFoundError(f"no cue is called {name}", f"there are: {', '.join(c.name for c in CATALOGUE)}", SEE_ALL)


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def number_for(cue: Cue, n: int) -> int:
    """The number to play `cue` with: `n`, or that of its picture for 0. UsageError if it does not carry that one."""
    if n and not 1 <= n <= cue.most:
        why = f"it carries a number from 1 to {cue.most}" if cue.most else "it carries no number"
        raise UsageError(f"{cue.title} with the number {n}: there is no such cue", why, SEE_ALL)
    return n or cue.n
