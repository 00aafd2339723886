"""Runs under MicroPython's unix port: what hours of a stage do to the flash, by littlefs on a device that counts.

flash_wear.py HOURS BLOCKS: prints `recording bytes`, `programmed bytes`, `programs`, `erases`, `worst` (erases of the
block with the most), `flushes`. The recording is written as app.stage does it: journal, file, a flush a closed block.
"""

# pyright: reportAttributeAccessIssue=false, reportMissingImports=false

import sys

import vfs
from app.recordingfile import RecordingFile
from app.store import Store, size_of
from pacing.journal import EV_CUE, EV_END, Journal
from pacing.sample import ALT_OK, FIX_BEST, Sample

BLOCK = 4096
CUE_S = 600  # between two events of a stage; each is flushed at once


class Counted:
    """A block device in memory, as MicroPython's ESP32 has its flash."""

    def __init__(self, blocks):
        self._data = bytearray(blocks * BLOCK)
        self._erased = [0] * blocks
        self.clear()

    def clear(self):
        self.programs = self.bytes = 0
        for i in range(len(self._erased)):
            self._erased[i] = 0

    def readblocks(self, block, buf, offset=0):
        at = block * BLOCK + offset
        buf[:] = memoryview(self._data)[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        at = block * BLOCK + offset
        self._data[at : at + len(buf)] = buf
        self.programs += 1
        self.bytes += len(buf)

    def ioctl(self, request, arg):
        if request == 4:
            return len(self._erased)
        if request == 5:
            return BLOCK
        if request == 6:
            self._erased[arg] += 1
            self._data[arg * BLOCK : (arg + 1) * BLOCK] = b"\xff" * BLOCK
        return 0

    def tell(self):
        print("programmed", self.bytes)
        print("programs", self.programs)
        print("erases", sum(self._erased))
        print("worst", max(self._erased))


def stage(store, hours):
    """A made-up stage with the roughness of a recorded one. How often it was flushed."""
    file = RecordingFile(store, 1, 0)
    journal = Journal(file.write, 1, 0, b"device", 0, lambda: b"\x55" * 140)
    store.save()
    sample = Sample()
    sample.flags = FIX_BEST | ALT_OK
    flushes, dice = 0, 1
    for second in range(hours * 3600):
        dice = (dice * 8121 + 28411) % 134456
        sample.stage_ms = second * 1000
        sample.lat_e6, sample.lon_e6 = 46000000 + second * 20 + dice % 9, 8000000 + second * 9 + dice // 16 % 9
        sample.alt_dm = 15000 + second // 8 + dice // 256 % 4
        sample.speed_cms, sample.hr_bpm = 250 + dice // 1024 % 24, 140 + second // 60 % 20
        closed = journal.sample(sample, second * 25)
        if second % CUE_S == 0:
            closed = journal.event(EV_CUE, 1, sample.stage_ms) or closed
        if closed:
            file.commit()
            flushes += 1
    journal.event(EV_END, 1, hours * 3600000)
    journal.close()
    file.commit()
    file.close()
    store.save()
    return flushes + 1


def main():
    device = Counted(int(sys.argv[2]))
    vfs.VfsLfs2.mkfs(device)
    vfs.mount(vfs.VfsLfs2(device), "/flash")
    store = Store("/flash")
    device.clear()
    print("flushes", stage(store, int(sys.argv[1])))
    print("recording", size_of(store.rec_path(1)))
    device.tell()


main()
