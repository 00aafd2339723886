"""The recording, written: the journal of a stage, from which a reset stage goes on and every decision can be replayed.

Append-only blocks, each decodable alone; docs/recording-format.md has the byte tables. Values are predicted from the
last ones and what is left is coded in as few bits as its channel has lately needed (adaptive Rice code: Rice & Plaunt
1971, the adaptation as in JPEG-LS). `journalreader` is the other half.

Order of work, each second and for each event: first let the core decide, then write. The snapshot in a block is taken
when the block closes, so it must already contain what the block holds.
"""

import struct
from array import array
from binascii import crc32

VERSION = 1
EV_START = 1  # 1 crossed the start line, 2 by hand
EV_PRESS = 2  # how many presses
EV_CUE = 3  # cue code | reason << 4; an output of the core
EV_END = 4  # 1 finish line, 2 by hand, 3 power or other, 4 still near the finish, 5 on wheels
EV_RESUME = 5  # number of boots in this stage
EV_UTC = 6  # unix seconds at this stage_ms
EV_BATTERY = 7  # percent
EV_LOSS = 8  # a sensor was lost or came back: diagnostic, an output of the core
EV_UNEND = 9  # an end taken back, 0
EV_LEDGER = 10  # per mille of the plan's caps that the stages before have left; at the start
CLOSING = (
    EV_START,
    EV_PRESS,
    EV_CUE,
    EV_END,
    EV_RESUME,
    EV_UNEND,
)  # events that must not be lost: they close their block

MAGIC = b"\xb5J"
HEAD = "<2sHHBB"  # magic, length of what follows, block number, version << 4 | contents, number of items
HEAD_BYTES = 8
KEY = "<IIiiiHBB"  # first sample: time in 100 ms, dist_dm, lat_e6, lon_e6, alt_dm, speed_cms, hr_bpm, flags
KEY_BYTES = 24
META = "<BxII8s"  # stage, plan CRC-32, UTC seconds at the start, device id
META_BYTES = 18
HAS_META = 1
HAS_SNAPSHOT = 2
HAS_RR = 4  # each sample is followed by its RR intervals

MAX_BLOCK = 768  # bytes: what writer and reader hold
MAX_SNAPSHOT = 280
MAX_SAMPLES = 64
MAX_BLOCK_MS = 60000  # a cut loses at most this
SNAPSHOT_AFTER = 300  # samples: each fifth block at 1 Hz
ITEMS_END = MAX_BLOCK - META_BYTES - MAX_SNAPSHOT - 6 - 90  # a sample takes up to 90 bytes with its RR intervals

CHANNELS = 7  # time (100 ms), lat, lon, alt, speed, hr, flags
STEADY = 3  # the first three go on as they went: their step is predicted, too
MAX_PAUSE = 600  # in 100 ms: what was the pace before a longer pause says nothing
FIRST_MEANS = b"\x00\x60\x60\x40\xc0\x00\x00\xff"  # of the coded values, x 8, as a block starts; RR the last
MAX_UNARY = 12  # so many ones announce 32 plain bits
MAX_RR = 8  # RR intervals a sample


class Channels:
    """What reader and writer both know about the channels: last values, last steps, and how many bits are due."""

    def __init__(self):
        self.last = array("i", [0] * CHANNELS)
        self._step = array("i", [0] * STEADY)  # from the value before the last
        self._pause = 10  # the time in which the steps of the place were made
        self._mean = array("i", [0] * (CHANNELS + 1))

    def start(self):
        """Forget the past, except `last`, which is then the block's key: every block is decodable alone."""
        for i in range(STEADY):
            self._step[i] = 0
        for i in range(CHANNELS + 1):
            self._mean[i] = FIRST_MEANS[i]
        self._step[0] = self._pause = 10  # one second

    def expected(self, i: int) -> int:
        """The value that channel `i` has next if it goes on as before."""
        if i >= STEADY:
            return self.last[i]
        if i == 0:
            return self.last[0] + self._step[0]
        return self.last[i] + self._step[i] * self._step[0] // self._pause

    def update(self, i: int, value: int):
        """`value` has come."""
        step = value - self.last[i]
        self.last[i] = value
        if i == 0:
            self._pause = self._step[0]
            paused = not 0 < step <= MAX_PAUSE
            self._step[0] = 10 if paused else step
            if paused:
                self._step[1] = self._step[2] = 0
        elif i < STEADY:
            self._step[i] = step if -32768 < step < 32768 else 0  # a leap is not a pace

    def width(self, i: int) -> int:
        """Number of low bits to write plainly for channel `i`."""
        mean = self._mean[i] >> 4
        k = 0
        while mean:
            mean >>= 1
            k += 1
        return k

    def learn(self, i: int, coded: int):
        """Channel `i` has needed `coded`."""
        mean = self._mean[i]
        self._mean[i] = mean + min(coded, 65535) - (mean >> 3)


class Journal:
    """Writes one stage. `write(buf)` appends a whole block; the caller flushes when a method returns True.

    snapshot() -> bytes: the core's state, at most 280 bytes, asked for at each fifth full block. device_id: up to 8
    bytes. A recording goes on with `Journal.resume`.
    """

    def __init__(  # noqa: PLR0917 - what a recording is of, in the order of its bytes
        self,
        write,
        stage_no: int,
        plan_crc: int,
        device_id: bytes,
        utc_s: int,
        snapshot,
        *,
        block: int = 0,
        rr: bool = False,
    ):
        self._write = write
        self._snapshot = snapshot
        self._meta = struct.pack(META, stage_no, plan_crc, utc_s, device_id)
        self._contents = HAS_RR if rr else 0
        self._buf = bytearray(MAX_BLOCK)
        self._view = memoryview(self._buf)
        self._values = array("i", [0] * CHANNELS)
        self._channels = Channels()
        self.block = block  # number of the open block
        self._since = 0  # samples since the last snapshot
        self._open()
        if block == 0:
            self._finish()

    @classmethod
    def resume(cls, write, reader, snapshot):
        """Go on with a recording that `reader` has read to its end; write() must append at `reader.valid_end`."""
        return cls(
            write,
            reader.stage_no,
            reader.plan_crc,
            reader.device_id,
            reader.utc_s,
            snapshot,
            block=max(reader.next_block, 1),
            rr=reader.has_rr,
        )

    def sample(self, s, dist_dm: int, rr=None) -> bool:
        """Write a sample; `dist_dm` is kept once a block. True when a block was closed: flush now.

        `rr` is a `HeartRate` whose RR intervals belong to this sample; only if the recording declares them.
        """
        v = self._values
        v[0] = s.stage_ms // 100
        v[1] = s.lat_e6
        v[2] = s.lon_e6
        v[3] = s.alt_dm
        v[4] = s.speed_cms
        v[5] = s.hr_bpm
        v[6] = s.flags
        if self._samples == 0:
            self._key(dist_dm)
        self._bits(0, 1)
        channels = self._channels
        for i in range(CHANNELS):
            self._rice(i, v[i] - channels.expected(i))
            channels.update(i, v[i])
        if self._contents & HAS_RR:
            self._intervals(rr, min(rr.rr_count, MAX_RR) if rr is not None else 0)
        self._samples += 1
        self._since += 1
        self._items += 1
        full = self._samples >= MAX_SAMPLES or v[0] * 100 - self._first_ms >= MAX_BLOCK_MS or self._at > ITEMS_END
        return self.close() if full or self._items >= 255 else False

    def event(self, kind: int, value: int, stage_ms: int) -> bool:
        """Write an event; True when that closed the block: flush now. kind: 1-255; value and stage_ms: 32 bits."""
        self._bits(1, 1)
        self._bits(kind, 8)
        self._varint(value)
        self._varint(stage_ms)
        self._items += 1
        full = kind in CLOSING or self._items >= 255 or self._at > ITEMS_END
        return self.close() if full else False

    def close(self) -> bool:
        """Close and write the open block; False if there is nothing in it."""
        if self._items == 0:
            return False
        self._finish()
        return True

    def _open(self):
        self._at = HEAD_BYTES + KEY_BYTES
        self._items = self._samples = 0
        self._acc = self._held = 0  # bits that do not fill a byte yet, and how many
        self._first_ms = 0
        struct.pack_into(KEY, self._buf, HEAD_BYTES, 0, 0, 0, 0, 0, 0, 0, 0)

    def _key(self, dist_dm):
        v = self._values
        struct.pack_into(KEY, self._buf, HEAD_BYTES, v[0], dist_dm, v[1], v[2], v[3], v[4], v[5], v[6])
        self._first_ms = v[0] * 100
        last = self._channels.last
        for i in range(CHANNELS):
            last[i] = v[i]
        last[0] = v[0] - 10
        self._channels.start()

    def _finish(self):
        buf = self._buf
        if self._held:
            self._bits(0, 8 - self._held)
        contents = VERSION << 4 | self._contents | self._tail()
        n = self._at
        struct.pack_into(HEAD, buf, 0, MAGIC, n + 4 - HEAD_BYTES, self.block & 0xFFFF, contents, self._items)
        # Big-endian: after little-endian CRCs of its blocks, a CRC-32 of the file would not depend on what they say.
        struct.pack_into(">I", buf, n, crc32(self._view[:n]))
        self._write(self._view[: n + 4])
        self.block += 1
        self._open()

    def _tail(self):
        """Append what the first block, and every one with a snapshot, has besides its items."""
        due = self._since >= SNAPSHOT_AFTER
        if self.block and not due:
            return 0
        self._append(self._meta)
        if not due:
            return HAS_META
        self._since = 0
        state = self._snapshot()
        if len(state) > MAX_SNAPSHOT:
            raise ValueError("snapshot of %d bytes" % len(state))
        self._append(state)
        self._append(struct.pack("<H", len(state)))
        return HAS_META | HAS_SNAPSHOT

    def _append(self, data):
        self._buf[self._at : self._at + len(data)] = data
        self._at += len(data)

    def _intervals(self, rr, count):
        self._bits(count, 4)
        for i in range(count):
            self._rice(CHANNELS, rr.rr_ms(i) - 800)

    def _rice(self, i, residual):
        coded = residual << 1 if residual >= 0 else ~(residual << 1)
        k = self._channels.width(i)
        q = coded >> k
        if q < MAX_UNARY:
            self._bits(((1 << q) - 1) << 1, q + 1)
            self._bits(coded & ((1 << k) - 1), k)
        else:
            self._bits((1 << MAX_UNARY) - 1, MAX_UNARY)
            self._bits(coded >> 16 & 0xFFFF, 16)
            self._bits(coded & 0xFFFF, 16)
        self._channels.learn(i, coded)

    def _varint(self, value):
        coded = value << 1 if value >= 0 else ~(value << 1)
        while coded > 127:
            self._bits(coded & 127 | 128, 8)
            coded >>= 7
        self._bits(coded, 8)

    def _bits(self, value, count):
        """Append `count` (<= 16) bits of `value`, the highest first."""
        acc = self._acc << count | value
        held = self._held + count
        while held >= 8:
            held -= 8
            self._buf[self._at] = acc >> held
            self._at += 1
            acc &= (1 << held) - 1
        self._acc = acc
        self._held = held
