"""From the motor's on and off back to the cue that it was: the runner's skin.

Obedience goes through here and not through the log: a cue that the motor plays wrongly is a cue that nobody obeys.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from pacing import cues

SILENCE_MS = 2200  # longer than any pause inside a cue (1500): what was felt is complete
TOLERANCE_MS = 60  # a pulse or pause that is further off than this is another rhythm
BUZZ = cues.NONE  # one short pulse says "heard": a start or an end, and no cue
BUZZ_SCORE = (200,)
CHECKS = range(1, 6)
STAGES = range(1, 16)


@dataclass(frozen=True)
class FeltCue:
    """A rhythm that was recognised: when its first pulse came, which cue (`cues.EASE`... or BUZZ), its number."""

    at_ms: int
    code: int
    n: int


def scores() -> dict[tuple[int, int], tuple[int, ...]]:
    """(code, n) -> on, off, on ... in ms, for each cue that the device can play, and for the buzz."""
    plain = (cues.EASE, cues.EASE_HARD, cues.CLEAR, cues.HIKE, cues.EAT, cues.LOOK, cues.CUTOFF)
    wanted = [(code, 0) for code in plain]
    wanted += [(cues.CHECK, n) for n in CHECKS] + [(cues.READY, n) for n in STAGES]
    found: dict[tuple[int, int], tuple[int, ...]] = {key: tuple(cues.pattern(*key)) for key in wanted}
    return found | {(BUZZ, 0): BUZZ_SCORE}


@dataclass
class Felt:
    """Give `pwm` to the board's `on_pwm`, call `settle` once a second; `on_cue` gets what was recognised."""

    motor_pin: int
    on_cue: Callable[[FeltCue], None]
    unknown: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    _edges: list[int] = field(default_factory=list)
    _scores: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=scores)

    def pwm(self, t_ms: int, pin: int, duty_u16: int) -> None:
        """The motor's drive changed."""
        running = len(self._edges) % 2 == 1
        if pin == self.motor_pin and (duty_u16 > 0) != running:
            self._edges.append(t_ms)

    def settle(self, now_ms: int) -> None:
        """Recognise what was felt once the motor has been quiet for a while."""
        edges = self._edges
        if not edges or len(edges) % 2 or now_ms - edges[-1] < SILENCE_MS:
            return
        self._edges = []
        rhythm = tuple(b - a for a, b in pairwise(edges))
        for (code, n), score in self._scores.items():
            if _same(rhythm, score):
                self.on_cue(FeltCue(edges[0], code, n))
                return
        if len(rhythm) > 2 and _same(rhythm[-1:], BUZZ_SCORE):  # the stage ended just after a cue
            self._edges = edges[:-2]
            self.settle(now_ms)
            self._edges = edges[-2:]
            self.settle(now_ms)
            return
        self.unknown.append((edges[0], rhythm))


def _same(rhythm: tuple[int, ...], score: tuple[int, ...]) -> bool:
    return len(rhythm) == len(score) and all(abs(a - b) <= TOLERANCE_MS for a, b in zip(rhythm, score, strict=True))
