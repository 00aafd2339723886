"""On MicroPython: the firmware's own assembler and command handlers, one hostile input a line, one word a line back.

A line is "owner" or "stranger", and the frames of one input in hex, with spaces between them. Back comes "ok", "no" if
everything was refused, or "crash" and the exception. The heap is small: what takes too much memory is a crash, too.
"""

import gc
import sys
from binascii import unhexlify

from app.doors import Doors
from app.smp_groups import Groups
from app.smp_server import BUFFER_BYTES, Download, Refusal
from app.store import Store
from pacing import smp

PIECE = 244  # bytes of a write at the usual MTU


class Device:
    """What the handlers ask of device, camp and link; it agrees to everything."""

    firmware = board = serial = "torture"
    connected = True
    trusted = False

    def __init__(self, root):
        self.store = Store(root)
        self.clock = self.motor = self
        self.groups = Groups(self, self, Doors(self, self))

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
    """One connection that sends these frames and hangs up; whether any of them was answered."""
    request = smp.Assembler(BUFFER_BYTES - smp.HEADER_BYTES)
    some = False
    for frame in frames:
        for at in range(0, len(frame), PIECE):
            if request.feed(memoryview(frame)[at : at + PIECE]):
                some = answered(request, groups) or some
    groups.drop_upload()
    return some


def main(root):
    device = Device(root)
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        who, *frames = line.split()
        device.trusted = who == "owner"
        try:
            print("ok" if take([unhexlify(frame) for frame in frames], device.groups) else "no")
        except Exception as error:
            print("crash", repr(error))
            sys.print_exception(error, sys.stderr)  # pyright: ignore[reportAttributeAccessIssue]
        gc.collect()


main(sys.argv[1])
