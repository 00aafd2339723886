"""How often a stage is sampled, so that the stages to come have room, too. Loaded at its beginning only."""

import struct

from micropython import const
from pacing.planformat import HEADER, HEADER_SIZE, MAGIC, SECTION_SIZE
from pacing.saving import UNPLANNED_S

from app.store import FileBytes, size_of

_LAST = const(99)
_MOST_S = const(5)
_BLOCKS = const(5_000)  # bytes an hour of heads, keys and checksums, and of steps that are longer
_SAMPLES = const(21_000)  # and of samples each second: 26 kB in all, measured 16 to 19
_SPARE_BYTES = const(16_384)  # what is free at the end, for the last stage's end and the error log


def thinned(store, plan):
    """(seconds between two samples of `plan`'s stage, seconds of the stages after it).

    The first is 1, or 2 to 5 if what is left of the race would not fit else. Recordings that a host has go first.
    """
    after_s = 0
    for stage in range(plan.stage_no + 1, _LAST + 1):
        if size_of(store.plan_path(stage)) > 0 and size_of(store.rec_path(stage)) < 0:
            after_s += _planned_s(store.plan_path(stage)) or UNPLANNED_S
    minutes = (after_s + (plan.planned_s or UNPLANNED_S)) // 60
    every = 1
    while every < _MOST_S and not store.make_room(minutes * (_SAMPLES // every + _BLOCKS) // 60 + _SPARE_BYTES):
        every += 1
    return every, after_s


def _planned_s(path: str) -> int:
    """Of a plan that was checked when it came: its header is its first section."""
    data = FileBytes(path)
    buf = bytearray(HEADER_SIZE)
    try:
        data.read(len(MAGIC) + SECTION_SIZE, buf)
    finally:
        data.close()
    return struct.unpack(HEADER, buf)[-1]
