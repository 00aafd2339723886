"""The device's two lives, camp and trail. Each starts from an empty memory: to change it the device restarts.

In camp it is idle or finished and serves hosts (app.camp); on the trail it is armed or running (app.trail). What one
life has to tell the next goes through the RTC's memory, which survives a reset and not a power cut: without it the
state on flash decides alone.
"""

import gc
import sys

import machine
from micropython import const

IDLE = const(0)
ARMED = const(1)
RUNNING = const(2)
FINISHED = const(3)

# The first byte of a message to the next life; b"" is an ordinary start.
SAY = const(1)  # play a cue at once: its code and number (0: none)
GO = const(2)  # start the armed stage
HOME = const(3)  # a stage is finished; then what the status tells of it
WINDOW = const(4)  # open the door for a phone, with the stage still armed
NEXT = const(5)  # arm the next stage
BACK = const(6)  # go on with the stage that has ended
FAULTY = const(8)  # tasks of the last life failed again and again: this one goes on with what works
_FAILED = const(7)  # left by a life that could not even begin: how often in a row
SAFE = b"safe"  # main.py starts nothing

_TRIES = const(3)


def forget(*modules) -> None:
    """Give back the memory of modules whose work is done until the next start. They are imported in functions only."""
    for name in modules:
        package, _, own = name.partition(".")
        sys.modules.pop(name, None)
        if hasattr(sys.modules.get(package), own):
            delattr(sys.modules[package], own)
    gc.collect()


def message() -> bytes:
    """What the last life left; only once, so that a fault does not repeat it. Call `begun` when this one has begun.

    If three in a row have not, it is WINDOW, so that a host can see to it, whatever is armed; after six SAFE.
    """
    memory = machine.RTC()
    left = memory.memory()
    failed = left[1] if left and left[0] == _FAILED else 0
    memory.memory(bytes((_FAILED, failed + 1)))
    if not failed:
        return left
    if failed < _TRIES:
        return b""
    return bytes((WINDOW,)) if failed < 2 * _TRIES else SAFE


def begun() -> None:
    """This life is there."""
    machine.RTC().memory(b"")
