"""Hostile inputs: valid ones with a few things wrong, now and then plain noise.

`rng` is a seeded random.Random in the long form and Hypothesis's own in the short one, which can shrink what it finds.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63, 2**64 - 1)
NOISE_BYTES = 40


@dataclass(frozen=True)
class Text:
    """How a text format is put together, so that what is changed stays well-formed.

    `value`: finds a value, in its only group. `whole`: finds what can be left out, doubled or put elsewhere. `values`:
    what a value may be replaced by, besides the values of other places.
    """

    value: re.Pattern[bytes]
    whole: re.Pattern[bytes]
    values: Sequence[bytes] = ()


def hostile(rng: Random, valid: Sequence[bytes], tokens: Sequence[bytes], most: int, text: Text | None = None) -> bytes:
    """One input of at most `most` bytes: a valid one that has been changed in 1 to 6 places, most often in one.
    One in 16 is noise.

    `tokens` are what the format is made of, to be put where they do not belong. Half of what has a `text` is changed
    in values and whole parts alone.
    """
    if rng.randrange(16) == 0:
        return _noise(rng, NOISE_BYTES * 3)
    data = bytearray(rng.choice(valid))
    tidily = text is not None and rng.randrange(2)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        if text is not None and tidily:
            _tidily(rng, data, text)
        else:
            rng.choice(CHANGES)(rng, data, valid, tokens)
    return bytes(data[:most])


def _tidily(rng: Random, data: bytearray, text: Text) -> None:
    """Another value, or a whole part less, doubled or elsewhere."""
    found = list((text.value if rng.randrange(3) else text.whole).finditer(data))
    if not found:
        return
    one, other = rng.choice(found), rng.choice(found)
    if one.re is text.value:
        start, end = one.span(1)
        known = text.values and rng.randrange(4)
        data[start:end] = rng.choice(text.values) if known else bytes(other[1])
    elif rng.randrange(2):
        data[one.start() : one.start()] = bytes(other[0]) * rng.choice((1, 2, 30))
    else:
        del data[one.start() : one.end()]


def _noise(rng: Random, most: int) -> bytes:
    return bytes([rng.randrange(256) for _ in range(rng.randrange(most))])


def _place(rng: Random, data: bytearray) -> int:
    return rng.randrange(len(data) + 1)


def _stretch(rng: Random, data: bytes | bytearray, most: int = 200) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randrange(1, most))


def _flip(rng: Random, data: bytearray, _valid: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def _set(rng: Random, data: bytearray, _valid: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)


def _number(rng: Random, data: bytearray, _valid: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    """An extreme where a binary number may stand."""
    size = rng.choice((1, 2, 4, 8))
    value = rng.choice(EXTREMES) % (1 << 8 * size)
    at = _place(rng, data)
    data[at : at + size] = value.to_bytes(size, rng.choice(("little", "big")))


def _cut(rng: Random, data: bytearray, _valid: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    start, end = _stretch(rng, data)
    del data[start:end]


def _end(rng: Random, data: bytearray, _valid: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    del data[_place(rng, data) :]


def _repeat(rng: Random, data: bytearray, _valid: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    start, end = _stretch(rng, data)
    data[start:start] = data[start:end] * rng.choice((1, 2, 3, 50))


def _move(rng: Random, data: bytearray, valid: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    """A stretch of a valid input, put elsewhere."""
    other = rng.choice(valid)
    start, end = _stretch(rng, other)
    at = _place(rng, data)
    data[at : at + rng.choice((0, end - start))] = other[start:end]


def _token(rng: Random, data: bytearray, _valid: Sequence[bytes], tokens: Sequence[bytes]) -> None:
    if tokens:
        token = rng.choice(tokens)
        at = _place(rng, data)
        data[at : at + rng.choice((0, len(token)))] = token


def _insert(rng: Random, data: bytearray, _valid: Sequence[bytes], _tokens: Sequence[bytes]) -> None:
    at = _place(rng, data)
    data[at:at] = _noise(rng, NOISE_BYTES)


Change = Callable[[Random, bytearray, Sequence[bytes], Sequence[bytes]], None]
CHANGES: tuple[Change, ...] = (_flip, _set, _number, _cut, _end, _repeat, _move, _token, _token, _insert)
