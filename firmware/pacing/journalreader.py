"""The recording, read: block by block in the memory of one block, trusting nothing. `journal` is the other half."""

import struct
from binascii import crc32

from pacing.journal import (
    CHANNELS,
    HAS_META,
    HAS_RR,
    HAS_SNAPSHOT,
    HEAD,
    HEAD_BYTES,
    KEY,
    KEY_BYTES,
    MAGIC,
    MAX_BLOCK,
    MAX_RR,
    MAX_UNARY,
    META,
    META_BYTES,
    VERSION,
    Channels,
)
from pacing.sample import Sample

END = 0
SAMPLE = 1
EVENT = 2
SNAPSHOT = 3
DAMAGE = 4

MAX_TIME = (1 << 30) // 100  # in 100 ms: stage_ms stays a small int
MAX_VALUE = 180000000  # of any channel
WINDOW = 256  # bytes searched at a time for the next block behind damage


class Reader:
    """Steps through a recording with `next()`. read(offset, buf) fills `buf` from there; size: bytes in the file.

    Damaged stretches are skipped and reported; an empty or foreign file is one stretch of damage and `version` 0. A
    recording of a later version is a ValueError. The stage's data (stage_no, plan_crc, device_id, utc_s) come from the
    first intact block that has them; device_id is empty if none has.

    After `next()`: `sample` (reused) with `rr_count` and `rr_ms[]`, and `dist_dm`, the distance at the last key, which
    is at this very sample if `is_key`; `event_kind`, `event_value`, `event_ms`; `snapshot` (bytes); `damage_bytes`.
    At the end: `valid_end`, where a journal may go on, and `next_block`, its number.
    """

    def __init__(self, read, size: int):
        self._read = read
        self._size = size
        self._buf = bytearray(MAX_BLOCK)
        self._view = memoryview(self._buf)
        self._channels = Channels()
        self.sample = Sample()
        self.rr_ms = [0] * MAX_RR
        self.version = self.stage_no = self.plan_crc = self.utc_s = 0
        self.device_id = b""
        self.has_rr = False
        self.snapshot = b""
        self._find_meta()
        self.rewind()

    def rewind(self):
        """Go back to the start of the recording."""
        self.dist_dm = self.rr_count = self.event_kind = self.event_value = self.event_ms = self.damage_bytes = 0
        self.is_key = False
        self.valid_end = self.next_block = 0
        self._offset = 0  # of the next block
        self._items = self._snapshot_bytes = 0  # still to come from this block

    def next(self) -> int:
        """Go on to the next thing: END, SAMPLE, EVENT, SNAPSHOT or DAMAGE."""
        while True:
            if self._items:
                return self._item()
            if self._snapshot_bytes:
                return self._take_snapshot()
            skipped = self._next_block()
            if skipped:
                self.damage_bytes = skipped
                return DAMAGE
            if not self._length:
                return END

    def seek_last_snapshot(self, behind: bool = True) -> bool:
        """Go to just behind the last snapshot, or to the start if there is none; also finds `valid_end`.

        Not `behind`: to the start of its block, so that the last place before it is read, too.
        """
        self.rewind()
        found = -1
        while True:
            self._next_block()
            if not self._length:
                break
            if self._snapshot_bytes:
                found = self._offset if behind else self._offset - self._length
                self._take_snapshot()
        end, block = self.valid_end, self.next_block
        self.rewind()
        self._offset = max(found, 0)
        self.valid_end, self.next_block = end, block
        return found >= 0

    def _find_meta(self):
        self.rewind()
        while not self.device_id:
            self._next_block()
            if not self._length:
                return

    def _next_block(self):
        """Load the next intact block; number of damaged bytes before it. `_length` is 0 when there is none."""
        start = self._offset
        self._length = 0
        while not self._load(self._offset):
            self._offset = self._search(self._offset + 1)
            if self._offset >= self._size:
                self._offset = self._size
                self._items = self._snapshot_bytes = 0
                return self._size - start
        skipped = self._offset - start
        self._offset += self._length
        self.valid_end = self._offset
        return skipped

    def _search(self, offset):
        """Offset of the next magic at or after `offset`, or the file's size."""
        while offset + HEAD_BYTES <= self._size:
            n = min(WINDOW, self._size - offset)
            self._read(offset, self._view[:n])
            at = bytes(self._view[:n]).find(MAGIC)
            if at >= 0:
                return offset + at
            offset += n - 1
        return self._size

    def _load(self, offset):
        """Read and check the block at `offset`; False if there is none."""
        if offset + HEAD_BYTES > self._size:
            return False
        self._read(offset, self._view[:HEAD_BYTES])
        magic, length, number, contents, items = struct.unpack_from(HEAD, self._buf, 0)
        end = HEAD_BYTES + length
        least = HEAD_BYTES + KEY_BYTES + 4
        if contents & HAS_META:
            least += META_BYTES
        if contents & HAS_SNAPSHOT:
            least += 2
        if magic != MAGIC or not least <= end <= MAX_BLOCK or offset + end > self._size:
            return False
        self._read(offset + HEAD_BYTES, self._view[HEAD_BYTES:end])
        if crc32(self._view[: end - 4]) != struct.unpack_from(">I", self._buf, end - 4)[0]:
            return False
        self._length = end
        return self._begin(number, contents, items, end - 4)

    def _begin(self, number, contents, items, end):
        if contents >> 4 != VERSION:
            raise ValueError("recording of version %d" % (contents >> 4))
        self.version = contents >> 4
        self.has_rr = bool(contents & HAS_RR)
        self.next_block = number + 1
        self._items = items
        self._samples = 0
        self._absurd = False
        self._at = HEAD_BYTES + KEY_BYTES
        self._snapshot_bytes = 0
        if contents & HAS_SNAPSHOT:
            self._snapshot_bytes = struct.unpack_from("<H", self._buf, end - 2)[0]
            end -= 2 + self._snapshot_bytes
            self._snapshot_at = end
        if contents & HAS_META:
            end -= META_BYTES
            if end >= self._at and not self.device_id:
                self._stage(end)
        self._end = end
        if end < self._at:
            return False
        self._acc = self._held = 0
        return True

    def _stage(self, at):
        self.stage_no, self.plan_crc, self.utc_s, self.device_id = struct.unpack_from(META, self._buf, at)

    def _take_snapshot(self):
        self.snapshot = bytes(self._view[self._snapshot_at : self._snapshot_at + self._snapshot_bytes])
        self._snapshot_bytes = 0
        return SNAPSHOT

    def _item(self):
        self._items -= 1
        if self._bits(1):
            self.event_kind = self._bits(8)
            self.event_value = self._varint()
            self.event_ms = self._varint()
            kind = EVENT
        else:
            self._take_sample()
            kind = SAMPLE
        if self._at > self._end or self._absurd:
            self._items = self._snapshot_bytes = 0  # intact by its CRC, yet not ours: leave the block
            self.damage_bytes = self._length
            return DAMAGE
        return kind

    def _take_sample(self):
        channels = self._channels
        self.is_key = self._samples == 0
        if self.is_key:
            self._key()
        for i in range(CHANNELS):
            value = channels.expected(i) + self._rice(i)
            if not -MAX_VALUE <= value <= (MAX_VALUE if i else MAX_TIME):
                self._absurd = True
                return
            channels.update(i, value)
        self._samples += 1
        self._intervals()
        self._fill()

    def _key(self):
        key = struct.unpack_from(KEY, self._buf, HEAD_BYTES)
        self.dist_dm = key[1]
        last = self._channels.last
        last[0] = min(key[0], MAX_TIME) - 10
        for i in range(1, CHANNELS):
            last[i] = key[i + 1]
        self._channels.start()

    def _intervals(self):
        self.rr_count = 0
        if self.has_rr:
            self.rr_count = min(self._bits(4), MAX_RR)
            for i in range(self.rr_count):
                self.rr_ms[i] = 800 + self._rice(CHANNELS)

    def _fill(self):
        last = self._channels.last
        s = self.sample
        s.stage_ms = last[0] * 100
        s.lat_e6 = last[1]
        s.lon_e6 = last[2]
        s.alt_dm = last[3]
        s.speed_cms = last[4]
        s.hr_bpm = last[5]
        s.flags = last[6]
        place = -90000000 <= s.lat_e6 <= 90000000 and -180000000 <= s.lon_e6 <= 180000000
        self._absurd = not place or s.stage_ms < 0 or s.speed_cms < 0 or not 0 <= s.hr_bpm <= 255

    def _rice(self, i):
        k = self._channels.width(i)
        q = 0
        while q < MAX_UNARY and self._bits(1):
            q += 1
        coded = q << k | self._bits(k) if q < MAX_UNARY else self._bits(16) << 16 | self._bits(16)
        self._channels.learn(i, coded)
        return ~(coded >> 1) if coded & 1 else coded >> 1

    def _varint(self):
        coded = shift = 0
        byte = 128
        while byte & 128 and shift < 35:
            byte = self._bits(8)
            coded |= (byte & 127) << shift
            shift += 7
        return ~(coded >> 1) if coded & 1 else coded >> 1

    def _bits(self, count):
        """The next `count` (<= 16) bits; zeros behind the end, which `_item` notices."""
        while self._held < count:
            byte = self._buf[self._at] if self._at < self._end else 0
            self._at += 1
            self._acc = (self._acc << 8 | byte) & 0xFFFFFF
            self._held += 8
        self._held -= count
        return self._acc >> self._held & ((1 << count) - 1)
