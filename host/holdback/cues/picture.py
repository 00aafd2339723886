"""Scores as pictures: a line of blocks for a terminal, and an SVG that prints in black."""

from collections.abc import Iterator, Sequence

from holdback.cues.catalogue import CATALOGUE, Cue

STEP_MS = 100  # a column of a terminal
_HALF_MS = STEP_MS // 2
_COLUMN = {(False, False): "·", (True, False): "▌", (False, True): "▐", (True, True): "█"}

_PX_PER_S = 72.0  # every picture has the same scale: lengths can be compared on paper
_LEFT, _RIGHT, _BAR_TOP, _BAR_HEIGHT = 10.0, 24.0, 10.0, 34.0
_AXIS_Y = _BAR_TOP + _BAR_HEIGHT
_HEIGHT = 74.0


def pulses(score_ms: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(start, length) of each pulse, ms."""
    at = 0
    for i, length in enumerate(score_ms):
        if i % 2 == 0:
            yield at, length
        at += length


def time_line(score_ms: Sequence[int]) -> str:
    """A column for each STEP_MS: a block where the motor runs, half a block where it runs half of it, else a dot."""
    halves = [False] * (-(-sum(score_ms) // STEP_MS) * 2)
    for start, length in pulses(score_ms):
        first, last = start // _HALF_MS, (start + length) // _HALF_MS
        halves[first:last] = [True] * (last - first)
    return "".join(_COLUMN[pair] for pair in zip(halves[::2], halves[1::2], strict=True))


def seconds_line(total_ms: int) -> str:
    """The axis under `time_line`: each second's number where it begins."""
    return "".join(str(second).ljust(1000 // STEP_MS) for second in range(total_ms // 1000 + 1)).rstrip()


def svg(cue: Cue) -> str:
    """A picture of the cue's score: a black bar for each pulse over an axis in seconds."""
    score = cue.score_ms()
    seconds = -(-sum(score) // 1000)
    width = _LEFT + seconds * _PX_PER_S + _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{_HEIGHT:g}" '
        f'viewBox="0 0 {width:g} {_HEIGHT:g}" font-family="sans-serif" font-size="13" role="img" '
        f'aria-label="{_spoken(cue)}">',
        f'<rect width="{width:g}" height="{_HEIGHT:g}" fill="#fff"/>',
        *(_bar(start, length) for start, length in pulses(score)),
        f'<path d="M{_LEFT:g} {_AXIS_Y:g}H{_x(seconds * 1000):g}" stroke="#000"/>',
        *(_tick(second) for second in range(seconds + 1)),
        f'<text x="{_x(seconds * 1000) + 9:g}" y="{_AXIS_Y + 20:g}">s</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _x(ms: float) -> float:
    return round(_LEFT + ms * _PX_PER_S / 1000, 2)


def _bar(start: int, length: int) -> str:
    width = round(length * _PX_PER_S / 1000, 2)
    return f'<rect x="{_x(start):g}" y="{_BAR_TOP:g}" width="{width:g}" height="{_BAR_HEIGHT:g}"/>'


def _tick(second: int) -> str:
    x = _x(second * 1000)
    return (
        f'<path d="M{x:g} {_AXIS_Y:g}v5" stroke="#000"/>'
        f'<text x="{x:g}" y="{_AXIS_Y + 20:g}" text-anchor="middle">{second}</text>'
    )


def _spoken(cue: Cue) -> str:
    """The score in words, for those who do not see the picture."""
    words = ("on", "off")
    return f"{cue.title}: " + ", ".join(f"{words[i % 2]} {ms} ms" for i, ms in enumerate(cue.score_ms()))


def drawings() -> dict[str, str]:
    """{file name: SVG} of all cues."""
    return {f"{cue.name}.svg": svg(cue) for cue in CATALOGUE}
