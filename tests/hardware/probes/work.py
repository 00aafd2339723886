"""What a second of a stage costs in time: the core on a made-up stage; and how fast the interpreter is at all."""

import gc
from time import ticks_diff, ticks_us

import machine
from core_cost import Core, epoch
from micropython import const
from probes.lead import ready_board

_WARM_S = const(10)
_LOOPS = const(20_000)


def run(**options):
    """`plan`: path of a plan; `stage_s`: seconds of the stage, after some to begin with. This is built as the firmware
    is, and only names in quotes stay what they are."""
    ready_board()
    stage_s = options["stage_s"]
    with open(options["plan"], "rb") as file:
        core = Core(file.read())
    gc.collect()
    longest_us = all_us = 0
    for number in range(_WARM_S + stage_s):
        buf = epoch(number)
        begun_us = ticks_us()
        core.second(buf, number)
        took_us = ticks_diff(ticks_us(), begun_us)
        if number >= _WARM_S:
            all_us += took_us
            longest_us = max(longest_us, took_us)
    return {
        "hz": machine.freq(),
        "second_us": all_us // stage_s,
        "longest_us": longest_us,
        "loop_us": _loop_us(),
        "loops": _LOOPS,
    }


def _loop_us():
    """A loop of which each turn is 14 bytecodes: estimates.py beside this folder counts on it."""
    total = 0
    begun_us = ticks_us()
    for i in range(_LOOPS):
        total += i & 255
    return ticks_diff(ticks_us(), begun_us)
