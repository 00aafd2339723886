"""How often a stage is sampled, so that the stages to come have room, too, and the battery lasts.

Loaded while it waits for its start, at its beginning, and with each 5 % of the battery.
"""

import struct

from micropython import const
from pacing.planformat import HEADER, HEADER_SIZE, MAGIC, SECTION_SIZE
from pacing.saving import level

from app.store import FileBytes, size_of

_LAST = const(99)
_MOST_S = const(5)
_UNPLANNED_S = const(36_000)  # a plan that does not say how long: ten hours
_BLOCKS = const(5_000)  # bytes an hour of heads, keys and checksums, and of steps that are longer
_SAMPLES = const(21_000)  # and of samples each second: 26 kB in all, measured 16 to 19
_SPARE_BYTES = const(16_384)  # what is free at the end, for the last stage's end and the error log


def lasting(device, plan, run_s: int = 0, more_s: int = 0) -> int:
    """pacing.saving's level for what is left of `plan`'s stage after `run_s`, and `more_s` after it, by the drain that
    was measured; where none was by the board's."""
    seconds = max((plan.planned_s or _UNPLANNED_S) - run_s, 0) + more_s
    return level(device.battery.percent(), device.store.state.drain or 1000 // device.battery_hours, seconds)


def thinned(device, plan, run_s: int):
    """(seconds between two samples of `plan`'s stage, level of pacing.saving). 1, or 2 to save; up to 5 if what is left
    of the race would not fit else.

    Recordings that a host has go first.
    """
    store = device.store
    left_s = 0
    for stage in range(plan.stage_no + 1, _LAST + 1):
        if size_of(store.plan_path(stage)) > 0 and size_of(store.rec_path(stage)) < 0:
            left_s += _planned_s(store.plan_path(stage)) or _UNPLANNED_S
    saving = lasting(device, plan, run_s, left_s if store.state.uncharged else 0)
    minutes = (left_s + max((plan.planned_s or _UNPLANNED_S) - run_s, 0)) // 60
    every = 2 if saving else 1
    while every < _MOST_S and not store.make_room(minutes * (_SAMPLES // every + _BLOCKS) // 60 + _SPARE_BYTES):
        every += 1
    return every, saving


def _planned_s(path: str) -> int:
    """Of a plan that was checked when it came: its header is its first section."""
    data = FileBytes(path)
    buf = bytearray(HEADER_SIZE)
    try:
        data.read(len(MAGIC) + SECTION_SIZE, buf)
    finally:
        data.close()
    return struct.unpack(HEADER, buf)[-1]
