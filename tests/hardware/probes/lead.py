"""On the device: runs one probe and prints what it found as one line, which begins with a word of its own."""

import json
from time import ticks_diff, ticks_ms

import machine
from micropython import const

LEASE_MS = const(600_000)  # longer than any probe and most questions


def tell(name, options, run=None, module=""):
    """Run `run`, or that of `module` or probes.NAME, with `options`. It returns {fact: number or text}.

    A computer that is not heard of again, its cable out, leaves the device at its prompt: a timer restarts it then.
    """
    machine.Timer(3).init(mode=machine.Timer.ONE_SHOT, period=LEASE_MS, callback=lambda _: machine.reset())
    begun_ms = ticks_ms()
    try:
        if run is None:
            run = __import__(module or "probes." + name, None, None, ("run",)).run
        facts = run(**options)
    except Exception as error:  # whatever it is: it is told, and the next probe is tried
        facts = {"failed": "%s: %s" % (type(error).__name__, error)}
    took_ms = ticks_diff(ticks_ms(), begun_ms)
    print("\nHOLDBACK", json.dumps({"probe": name, "took_ms": took_ms, "facts": facts}))


def ready_board():
    """The board, prepared: rails up, 80 MHz."""
    from boards.common import Board

    board = Board()
    board.prepare()
    return board


def faults(board):
    """What its chips did not answer, as text."""
    return ", ".join(["%s: %s" % fault for fault in board.faults]) or "none"
