"""On MicroPython: the firmware's own assembler and command handlers, one hostile input a line, one word a line back.

A line is the frames of one input in hex, with spaces between them. Back comes "ok", "no" if everything was refused, or
"crash" and the exception. The heap is small, so that what takes too much memory is a crash, too.
"""

import gc
import sys
from binascii import unhexlify

from app.smp_groups import Groups
from app.smp_server import BUFFER_BYTES, Download, Refusal
from app.store import Store
from pacing import smp

try:
    from app.doors import Doors
except ImportError:  # firmware that lets everybody in
    Doors = None

PIECE = 244  # bytes of a write at the usual MTU


class Device:
    """What the handlers ask of device, camp and link; it agrees to everything, and trusts its host."""

    firmware = board = serial = "torture"
    connected = trusted = True

    def __init__(self, root):
        self.store = Store(root)
        self.clock = self.motor = self
        self.groups = Groups(self, self, Doors(self, self)) if Doors else Groups(self, self)

    def set(self, _unix_s):
        pass

    def play(self, _pattern):
        pass

    def leave(self, _message=b""):
        pass

    def plan_replaced(self, _stage):
        pass

    def activate(self, _stage, _crc):
        pass

    def hang_up(self):
        pass

    def status(self):
        return {"state": "idle", "stage": 0}


def answered(request, groups):
    """True if the request was answered, False if it was refused. As app.smp_server does it."""
    try:
        answer = groups.answer(request)
    except Refusal as refusal:
        smp.respond(request, {"rc": refusal.rc})
        return False
    if isinstance(answer, Download):
        smp.download_head(request, answer.off, min(2048, answer.size - answer.off), answer.size)
        with open(answer.path, "rb") as f:
            f.seek(answer.off)
    else:
        smp.respond(request, answer)
    return True


def take(frames, groups):
    """One connection that sends these frames and hangs up; whether any was answered."""
    request = smp.Assembler(BUFFER_BYTES - smp.HEADER_BYTES)
    some = False
    for frame in frames:
        for at in range(0, len(frame), PIECE):
            if request.feed(memoryview(frame)[at : at + PIECE]):
                some = answered(request, groups) or some
    groups.drop_upload()
    return some


def main(root):
    groups = Device(root).groups
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        try:
            print("ok" if take([unhexlify(part) for part in line.split()], groups) else "no")
        except Exception as error:
            print("crash", repr(error))
            sys.print_exception(error, sys.stderr)  # pyright: ignore[reportAttributeAccessIssue]
        gc.collect()


main(sys.argv[1])
