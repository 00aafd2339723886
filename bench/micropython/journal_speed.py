"""Runs under MicroPython: what a sample costs to write, and a journal of eight hours to resume from."""

# pyright: reportAttributeAccessIssue=false

import gc
import time

from pacing.journal import Journal
from pacing.journalreader import Reader
from pacing.sample import Sample

SECONDS = 8 * 3600


def main():
    """Write eight made-up hours into memory, then seek the last snapshot and read to the end."""
    data = bytearray()
    journal = Journal(data.extend, 1, 0, b"device", 0, lambda: b"\x55" * 140)
    sample = Sample()
    sample.flags = 7
    state = 1
    started = time.ticks_us()
    for i in range(SECONDS):
        state = (state * 8121 + 28411) % 134456
        sample.stage_ms = i * 1000
        sample.lat_e6 = 46000000 + i * 20 + state % 15
        sample.lon_e6 = 11000000 + i * 30 + state // 16 % 15
        sample.alt_dm = 15000 + i // 8 + state // 256 % 3
        sample.speed_cms = 250 + state // 1024 % 30
        sample.hr_bpm = 140 + i // 60 % 20
        journal.sample(sample, i * 25)
    journal.close()
    print("write_us", time.ticks_diff(time.ticks_us(), started) / SECONDS)

    def read(offset, buf):
        buf[:] = data[offset : offset + len(buf)]

    gc.collect()
    before = gc.mem_alloc()
    reader = Reader(read, len(data))
    started = time.ticks_us()
    reader.seek_last_snapshot()
    while reader.next():
        pass
    print("resume_ms", time.ticks_diff(time.ticks_us(), started) / 1000)
    gc.collect()
    print("reader_bytes", gc.mem_alloc() - before)


main()
