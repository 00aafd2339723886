"""Armed: does another stage start here? Part of the wait for the start, like app.ready."""

import struct

from micropython import const
from pacing.geo import Frame, hypot_dm
from pacing.planformat import CRC_SIZE, HEADER, HEADER_SIZE, MAGIC, SECTION, SECTION_SIZE, TAG_DAY, TAG_HEADER, TAG_LINE

from app.store import FileBytes, size_of

START_DM = const(5000)  # who stands nearer than this to a start is there for it
_TODAY_S = const(43_200)  # a gun that is not further off is today's
_AGAIN_S = const(60)  # the runner may still be on the way to the start
_A_SECOND = const(10)  # numbers tried; at most one plan is opened
_LAST = const(99)

# How well a plan fits place and day.
_ELSEWHERE = const(0)
_ANOTHER_DAY = const(1)
_HERE = const(2)  # the plan or the clock knows no day
_TODAY = const(3)


class Which:
    """Which(store, stage).step(...) is the stage to arm in place of the armed `stage`, or 0.

    The armed one stays if it starts within 500 m, unless its gun is another day's and another that starts here has
    today's. Else the nearest takes its place, but for those of another day and those that have a recording. `looking`
    until all have been seen once; `crc` is that of the stage to arm.
    """

    def __init__(self, store, stage: int):
        self._store = store
        self._stage = stage
        self._wait_s = 0
        self.looking = True
        self.crc = 0
        self._begin()

    def _begin(self) -> None:
        self._next = 0  # number to try next; 0 stands for the armed stage
        self._armed_fit = self._best = self._best_fit = self._best_dm = 0

    def step(self, sample, utc_s: int) -> int:
        """Take one second with a good fix; the time in unix seconds, 0 unknown."""
        if self._wait_s:
            self._wait_s -= 1
            return 0
        for _ in range(_A_SECOND):
            stage = self._next or self._stage
            if stage > _LAST or self._armed_fit >= _HERE:
                return self._decide()
            self._next += 1
            if self._try(stage, sample, utc_s):
                break
        return 0

    def _try(self, stage: int, sample, utc_s: int) -> bool:
        """Look at a plan, if there is one to look at."""
        store = self._store
        mine = self._next == 1
        if not mine and (stage == self._stage or size_of(store.rec_path(stage)) >= 0):
            return False
        if size_of(store.plan_path(stage)) <= 0:
            return False
        try:
            place = _Place(store.plan_path(stage), sample)
        except (OSError, ValueError):
            return True  # a file that cannot be read must not keep the runner from the armed stage
        fit = place.fit(utc_s)
        if mine:
            self._armed_fit = fit
        elif fit > self._best_fit or (fit == self._best_fit and place.away_dm < self._best_dm):
            self._best, self._best_fit, self._best_dm, self.crc = stage, fit, place.away_dm, place.crc
        return True

    def _decide(self) -> int:
        """All have been seen."""
        needed = _TODAY if self._armed_fit else _HERE
        stage = self._best if self._armed_fit < _HERE and self._best_fit >= needed else 0
        self.looking = False
        self._wait_s = _AGAIN_S
        self._begin()
        return stage


class _Place:
    """Start and gun of the plan in a file, as the device has checked it: away_dm from the sample, gun_utc_s, crc."""

    def __init__(self, path: str, sample):
        data = FileBytes(path)
        try:
            self._read(data, sample)
        finally:
            data.close()

    def _read(self, data, sample) -> None:
        buf = bytearray(HEADER_SIZE)
        view = memoryview(buf)
        frame = None
        start = None
        self.gun_utc_s = 0
        at = len(MAGIC)
        end = data.size - CRC_SIZE
        while at < end:
            data.read(at, view[:SECTION_SIZE])
            tag, length = struct.unpack_from(SECTION, buf, 0)
            at += SECTION_SIZE
            if tag in (TAG_HEADER, TAG_LINE, TAG_DAY):
                data.read(at, view[: min(HEADER_SIZE, length)])
            if tag == TAG_HEADER:
                frame = Frame(*struct.unpack_from(HEADER, buf, 0)[4:7])
                frame.place(sample.lat_e6, sample.lon_e6)
            elif tag == TAG_LINE and length:
                start = struct.unpack_from("<ii", buf, 0)
            elif tag == TAG_DAY and length:
                self.gun_utc_s = struct.unpack_from("<I", buf, 0)[0]
            at += length
        self.away_dm = hypot_dm(frame.x_dm - start[0], frame.y_dm - start[1]) if frame and start else 1 << 29
        data.read(end, view[:CRC_SIZE])
        self.crc = struct.unpack_from("<I", buf, 0)[0]

    def fit(self, utc_s: int) -> int:
        if self.away_dm > START_DM:
            return _ELSEWHERE
        if not utc_s or not self.gun_utc_s:
            return _HERE
        return _TODAY if abs(self.gun_utc_s - utc_s) < _TODAY_S else _ANOTHER_DAY
