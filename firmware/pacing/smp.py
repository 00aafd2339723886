"""SMP, the management protocol of MCUmgr, seen from the device: frames in, frames out. No radio, no files.

A frame is an 8-byte header and one CBOR map. Versions 1 and 2 differ in how a group reports its own errors; a response
has the version of its request.
"""

import struct

from pacing import cbor

READ = 0
WRITE = 2

GROUP_OS = 0
GROUP_FILES = 8
GROUP_HOLDBACK = 64

# Return codes of the protocol
EUNKNOWN = 1
ENOMEM = 2
EINVAL = 3
ETIMEOUT = 4
ENOENT = 5
EBADSTATE = 6
EMSGSIZE = 7
ENOTSUP = 8
ECORRUPT = 9
EBUSY = 10
EACCESSDENIED = 11

# Return codes of the file group, version 2
FS_INVALID_NAME = 2
FS_NOT_FOUND = 3
FS_OPEN_FAILED = 5
FS_READ_FAILED = 7
FS_WRITE_FAILED = 10
FS_OFFSET_NOT_VALID = 11
FS_OFFSET_LARGER_THAN_FILE = 12
FS_CHECKSUM_NOT_FOUND = 13
FS_FILE_EMPTY = 16

HEADER = ">BBHHBB"  # version << 3 | operation, flags, length of the body, group, sequence, command
HEADER_BYTES = 8


class Assembler:
    """Collects the pieces of one request; `max_body` bytes are allocated once. One request is under way at a time.

    When `feed` returns True the request stands in `op`, `version`, `group`, `seq`, `command` until the next `feed`, and
    `body()` decodes it. Call `reset` when the link is lost, or when the rest of a request does not come.
    """

    def __init__(self, max_body: int):
        self._buf = bytearray(HEADER_BYTES + max_body)
        self._view = memoryview(self._buf)
        self.op = self.version = self.group = self.seq = self.command = 0
        self.too_long = False  # answer EMSGSIZE: the body was longer than max_body and has been dropped
        self.reset()

    def reset(self):
        """Forget a request that has begun."""
        self._got = 0
        self._length = 0

    @property
    def busy(self) -> bool:
        """Part of a request has come."""
        return 0 < self._got < HEADER_BYTES + self._length or 0 < self._got < HEADER_BYTES

    def feed(self, data) -> bool:
        """Take one piece (bytes-like). True when a request is complete, even if it is `too_long`.

        A piece that holds more than the rest of its request spoils that request: both are dropped.
        """
        if not self.busy:
            self.reset()
        got = self._got
        end = got + len(data)
        room = min(end, len(self._buf)) - got
        if room > 0:
            self._view[got : got + room] = data[:room]
        self._got = end
        if end < HEADER_BYTES:
            return False
        if got < HEADER_BYTES:
            self._head()
        if end > HEADER_BYTES + self._length:
            self.reset()
            return False
        return end == HEADER_BYTES + self._length

    def _head(self):
        first, _, self._length, self.group, self.seq, self.command = struct.unpack_from(HEADER, self._buf, 0)
        self.op = first & 7
        self.version = first >> 3 & 3
        self.too_long = HEADER_BYTES + self._length > len(self._buf)

    def body(self) -> dict:
        """The request's map; ValueError if it is anything else."""
        if self.too_long:
            raise ValueError("longer than the buffer")
        value = cbor.decode(self._view[: HEADER_BYTES + self._length], HEADER_BYTES) if self._length else {}
        if not isinstance(value, dict):
            raise ValueError("not a map")
        return value


def respond(request: Assembler, body: dict) -> bytearray:
    """The frame that answers `request` with `body`.

    A success carries no "rc" unless its command has one: clients refuse fields that they do not know.
    """
    out = bytearray(HEADER_BYTES)
    cbor.encode(body, out)
    _header(request, out, len(out) - HEADER_BYTES)
    return out


def refuse(request: Assembler, rc: int, group_rc: int = 0) -> bytearray:
    """The frame that refuses `request`: with `group_rc`, the group's own code, if there is one and the client speaks
    version 2; else with the protocol's `rc`."""
    if group_rc and request.version:
        return respond(request, {"err": {"group": request.group, "rc": group_rc}})
    return respond(request, {"rc": rc})


def download_head(request: Assembler, off: int, count: int, size: int) -> bytearray:
    """The start of a download's answer; exactly `count` bytes of the file from `off` must follow, and nothing else.

    So an answer of 32 kB never stands in memory. `size` is the file's, sent where the protocol wants it: at offset 0.
    """
    out = bytearray(HEADER_BYTES)
    cbor.encode_head(out, 5, 2 if off else 3)
    cbor.encode("off", out)
    cbor.encode(off, out)
    if not off:
        cbor.encode("len", out)
        cbor.encode(size, out)
    cbor.encode("data", out)
    cbor.encode_head(out, 2, count)
    _header(request, out, len(out) - HEADER_BYTES + count)
    return out


def _header(request, out, length):
    first = request.version << 3 | request.op | 1
    struct.pack_into(HEADER, out, 0, first, 0, length, request.group, request.seq, request.command)
