"""On MicroPython: day after day of a race on one file system, with the firmware's own stage, thinning and journal.

Started by cut.py. For each day a line "day N every S bytes B cues C free F lost L replay R" comes back. Samples come as
fast as they are taken: no radio, no receiver, no waiting.
"""

import gc

import chip
import faketime
import vfs
from app.stage import Stage
from app.store import FileBytes, size_of
from onflash import LAT, LON, ROOT, Device, Runner, plan_in, read_file, write_file
from pacing.ending import BY_HAND
from pacing.journalreader import DAMAGE, END, EVENT, Reader
from pacing.replay import replay

FLASH_BLOCKS = 512  # 2 MB
CUE = 3


class Chip(chip.Chip):
    """Without a memory of what was done: it is millions."""

    def _do(self, at, data):
        chip.done(self.image, at, data)


class Wanderer(Runner):
    """Effort, heart, height and the receiver's error wander, as a real day's do; the longest of them stand still."""

    def __init__(self, seed):
        super().__init__()
        self._x = seed
        self._bpm = 140
        self._error = 0
        self.fast_cms = 280

    def _chance(self, spread):
        """-spread to spread."""
        self._x = (self._x * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self._x >> 8) % (2 * spread + 1) - spread

    def move(self, second):
        """A second passes."""
        if second % 60 == 0:
            self.fast_cms = max(120, min(380, self.fast_cms + self._chance(60)))
        rests = second % 7200 > 7000
        self.speed_cms = max(0, 0 if rests else self.fast_cms + self._chance(25))
        self.dm += (self.speed_cms + 5) // 10
        self._error = self._error * 9 // 10 + self._chance(4)
        self.lat_e6 = LAT + self.dm * 1000000 // 1113200 + self._error + self._chance(1)
        self.lon_e6 = LON + self._error + self._chance(2)
        self.alt_dm = 5000 + self._error + self._chance(3)
        self._bpm = max(95, min(158, self._bpm + self._chance(1)))
        self.utc_ms_of_day = (self.utc_ms_of_day + 1000) % 86400000

    def hr_bpm(self):
        """Of the strap."""
        return self._bpm


def lived(device, number, seconds):
    """A stage from start to end: seconds between two samples, and whether the recording was lost."""
    stage = Stage(device, Wanderer(number), plan_in(device.store.plan_path(number)))
    runner = stage._strap
    device.store.state.armed = number
    stage.start(BY_HAND)
    every_s = stage.every_s
    for second in range(seconds):
        faketime.clock.now_ms += 1000
        runner.move(second)
        if second % every_s == 0:
            stage.sample(runner)
    lost = stage._file.lost
    stage.finish(BY_HAND)
    return every_s, lost


def cues_agree(store, number):
    """(cues in the recording, whether nothing is damaged and they are a replay's)."""
    data = FileBytes(store.rec_path(number))
    reader = Reader(data.read, data.size)
    recorded, damaged, kind = [], 0, reader.next()
    while kind != END:
        if kind == DAMAGE:
            damaged += reader.damage_bytes
        elif kind == EVENT and reader.event_kind == CUE:
            recorded.append((reader.event_ms, reader.event_value & 15, reader.event_value >> 4))
        kind = reader.next()
    reader.rewind()
    same = list(replay(plan_in(store.plan_path(number)), reader)) == recorded
    data.close()
    return len(recorded), same and not damaged


def main(folder, days, seconds):
    """The race."""
    image = bytearray(chip.ERASED * FLASH_BLOCKS)
    flash = Chip(image)
    vfs.VfsLfs2.mkfs(flash)
    vfs.mount(vfs.VfsLfs2(flash), ROOT)
    store = Device().store
    for number in range(1, days + 1):
        write_file(store.plan_path(number), read_file(f"{folder}/day-{number:02d}"))
    for number in range(1, days + 1):
        device = Device()  # as after a restart
        every_s, lost = lived(device, number, seconds)
        cues, same = cues_agree(store, number)
        print(
            "day", number, "every", every_s, "bytes", size_of(store.rec_path(number)), "cues", cues,
            "free", store.free_bytes(), "lost", int(lost), "replay", int(same),
        )  # fmt: skip
        gc.collect()
