"""Runs on MicroPython and CPython: what each part of the core costs for a fix, over ten steady minutes on a course.

MicroPython: bytes allocated and microseconds; CPython: bytecodes, as MicroPython's unix port cannot count its own.
A part's figure holds all that it calls. Prints `part count bytes_or_opcodes microseconds`, then `heap name bytes`.
"""

# pyright: reportAttributeAccessIssue=false

import gc
import sys
import time

ON_DEVICE = sys.implementation.name == "micropython"
WARM_S, STEADY_S = 120, 600 if ON_DEVICE else 60  # tracing is slow, and a minute tells as much
PARTS = (
    ("parser", "nmea", "Nmea", "feed"),
    ("sampler", "sample", "Sampler", "take"),
    ("odometer", "sample", "Odometer", "step"),
    ("course", "course", "Course", "step"),
    ("effort", "effort", "Effort", "step"),
    ("governor", "governor", "Governor", "step"),
    ("voice", "voice", "Voice", "step"),
    ("pacer", "pacer", "Pacer", "step"),
    ("journal", "journal", "Journal", "sample"),
)


class Meter:
    """Counts while it is on."""

    def __init__(self):
        self.count = self.bytes = self.us = self.opcodes = 0
        self.on = False
        self._bytes = self._us = 0

    def begin(self):
        """Just before the part."""
        if not self.on:
            return
        if ON_DEVICE:
            self._bytes = gc.mem_alloc()
            self._us = time.ticks_us()
        else:
            sys.settrace(self.trace)

    def end(self):
        """Just after it."""
        if not self.on:
            return
        if ON_DEVICE:
            self.us += time.ticks_diff(time.ticks_us(), self._us)
            self.bytes += gc.mem_alloc() - self._bytes
        else:
            sys.settrace(None)
        self.count += 1

    def trace(self, frame, event, _arg):
        """CPython's tracer."""
        frame.f_trace_opcodes = True
        if event == "opcode":
            self.opcodes += 1
        return self.trace


def watched(owner, name, meter):
    """Put the meter around a method; gives the method back, to be restored."""
    inner = getattr(owner, name)

    def outer(self, *args):
        meter.begin()
        result = inner(self, *args)
        meter.end()
        return result

    setattr(owner, name, outer)
    return inner


def epoch(second: int) -> bytes:
    """RMC and GGA of a runner who goes north at 3 m/s."""
    at = f"{8 + second // 3600:02}{second // 60 % 60:02}{second % 60:02}.00"
    place = f"4600.{second * 162:05},N,01000.00000,E"
    out = bytearray()
    for text in (
        f"GNRMC,{at},A,{place},5.832,0.00,091226,,,A,V",
        f"GNGGA,{at},{place},1,08,1.01,500.0,M,48.0,M,,",
    ):
        xor = 0
        for c in text.encode():
            xor ^= c
        out.extend(f"${text}*{xor:02X}\r\n".encode())
    return bytes(out)


def plan_data() -> bytes:
    """Ten kilometres north with a bend in each 50 m, a rolling profile and five caps."""
    from pacing.planwriter import encode

    points = [(46000000 + i * 450, 10000000 + i % 3 * 12, i * 500) for i in range(201)]
    profile = (200, [5000 + 20 * abs(i % 40 - 20) for i in range(501)])
    caps = [(i * 20000, 800, 300, 0) for i in range(1, 6)]
    return encode({"stage_no": 1, "cs_cms": 370, "hr_a_dbpm": 805, "hr_b_dbpm": 895, "hr_cap_bpm": 160,
                   "points": points, "profile": profile, "caps": caps})  # fmt: skip


class Core:
    """The core of one stage, as the firmware strings it together."""

    def __init__(self, data):
        from pacing.journal import Journal
        from pacing.nmea import Nmea
        from pacing.pacer import Pacer
        from pacing.plan import Plan
        from pacing.sample import Sample, Sampler

        def read(offset, buf):
            buf[:] = data[offset : offset + len(buf)]

        self.nmea = Nmea()
        self.sampler = Sampler()
        self.sample = Sample()
        self.pacer = Pacer(Plan(read, len(data)))
        self.journal = Journal(lambda block: None, 1, 0, b"device", 0, self.pacer.save)

    def second(self, buf, number):
        """One fix."""
        self.nmea.feed(buf, len(buf))
        self.sampler.take(self.sample, self.nmea, 150 + number % 7, number * 1000)
        self.pacer.step(self.sample)
        self.journal.sample(self.sample, self.pacer.dist_dm)


def run(data, epochs, meter):
    """Warm up, then meter ten minutes without a collection."""
    core = Core(data)
    for number in range(WARM_S):
        core.second(epochs[number], number)
    gc.collect()
    gc.disable()
    meter.on = True
    for number in range(WARM_S, WARM_S + STEADY_S):
        core.second(epochs[number], number)
    meter.on = False
    gc.enable()


def heap(data):
    """What code and objects of the core take, by what is imported or made in turn."""
    for name in ("plan", "nmea", "journal", "pacer"):
        gc.collect()
        before = gc.mem_alloc()
        __import__("pacing." + name)
        gc.collect()
        print("heap", "code:" + name, gc.mem_alloc() - before)
    gc.collect()
    before = gc.mem_alloc()
    core = Core(data)
    gc.collect()
    print("heap", "objects", gc.mem_alloc() - before)
    return core


def main():
    """Each part in a run of its own, so that no meter measures another: those named, or all.

    `write FILE`: only write the plan. `heap FILE`: only measure the heap, with a plan that another process wrote.
    """
    names = sys.argv[1:]
    if names and names[0] == "write":
        with open(names[1], "wb") as file:
            file.write(plan_data())
        return
    if names and names[0] == "heap":
        with open(names[1], "rb") as file:
            heap(file.read())
        return
    data = plan_data()
    epochs = [epoch(number) for number in range(WARM_S + STEADY_S)]
    for label, module, kind, name in PARTS:
        if names and label not in names:
            continue
        owner = getattr(__import__("pacing." + module, None, None, (kind,)), kind)
        meter = Meter()
        inner = watched(owner, name, meter)
        run(data, epochs, meter)
        setattr(owner, name, inner)
        print(label, meter.count, meter.bytes if ON_DEVICE else meter.opcodes, meter.us)


if __name__ == "__main__":
    main()
