"""Files on the device: plans, recordings, a small state and the error log. docs/sync-protocol.md names them."""

import gc
import os
import struct
import sys
from binascii import crc32
from io import StringIO  # MicroPython's own: print_exception writes to it

from micropython import const

_STATE = "<BBBIBBHIBHHBB7s24s13s"  # version, then State's attributes in its order
_VERSION = const(6)
_LAST = const(99)
_LOG_BYTES = const(4096)  # of errors.log; the older half goes first


class State:
    """What outlives a reset beside plans and recordings: 74 bytes, written by temp file and rename."""

    def __init__(self):
        self.armed = 0  # stage, 0 none
        self.chosen = 0  # stage armed by two presses, wherever the runner is
        self.armed_crc = 0
        self.last = 0  # stage recorded last, 0 none
        self.running = 0  # stage whose end has not been kept yet, 0 none
        self.boots = 0  # resets survived in the stage begun last
        self.start_utc_s = 0  # unix seconds at its start, 0 unknown
        self.owed_after = 0  # the stage begun last, after which `owed` is owed; 0 none
        self.owed_before = self.owed = 0  # percent-minutes before and after it: pacing.ledger
        self.drain = 0  # tenths of a percent an hour, measured on the last stage that told it; 0 unknown
        self.uncharged = 0  # 1: there is no charging between the stages to come
        self.strap = b""  # address type and address of the strap of the last stage
        self.strap_name = b""  # UTF-8, the strap to hold and no other; b"" any
        self.held = 0  # bit n: a host has the recording of stage n, whole

    def pack(self) -> bytes:
        body = struct.pack(
            _STATE, _VERSION, self.armed, self.chosen, self.armed_crc, self.last, self.running, self.boots,
            self.start_utc_s, self.owed_after, self.owed_before, self.owed, self.drain, self.uncharged,
            self.strap, self.strap_name, self.held.to_bytes(13, "little"),
        )  # fmt: skip
        return body + struct.pack("<I", crc32(body))

    def unpack(self, data: bytes) -> None:
        """Take over packed state; anything damaged or foreign leaves the defaults."""
        size = struct.calcsize(_STATE)
        if len(data) != size + 4 or struct.unpack_from("<I", data, size)[0] != crc32(data[:size]):
            return
        if data[0] == _VERSION:
            (
                _, self.armed, self.chosen, self.armed_crc, self.last, self.running, self.boots, self.start_utc_s,
                self.owed_after, self.owed_before, self.owed, self.drain, self.uncharged, self.strap,
                self.strap_name, held,
            ) = struct.unpack(_STATE, data[:size])  # fmt: skip
            self.strap = self.strap if self.strap != bytes(7) else b""
            self.strap_name = self.strap_name.rstrip(b"\0")
            self.held = int.from_bytes(held, "little")


class Store:
    """All paths below `root`. Stage numbers are 1 to 99."""

    def __init__(self, root: str):
        self.root = root
        for folder in ("/plans", "/rec"):
            try:
                os.mkdir(root + folder)
            except OSError:
                pass  # it is there
        self.state = State()
        try:
            with open(root + "/state", "rb") as f:
                self.state.unpack(f.read())
        except OSError:
            pass  # the first boot

    def save(self) -> bool:
        """False, and the reason is logged, if the flash does not take it: a stage goes on all the same."""
        try:
            with open(self.root + "/state.new", "wb") as f:
                f.write(self.state.pack())
            os.rename(self.root + "/state.new", self.root + "/state")
        except OSError as error:
            self.log("state", error)
            return False
        return True

    def plan_path(self, stage: int) -> str:
        return "%s/plans/stage-%02d.hbp" % (self.root, stage)

    def rec_path(self, stage: int) -> str:
        return "%s/rec/stage-%02d.hbr" % (self.root, stage)

    def free_bytes(self) -> int:
        """0 if the file system is full, or not there."""
        try:
            stat = os.statvfs(self.root or "/")
        except OSError:
            return 0
        return stat[0] * stat[3] if stat[3] <= stat[2] else 0  # littlefs counts to below zero

    def set_aside(self, stage: int) -> None:
        """Never write over a recording: move it to the next free stage-NN.k, k = 1, 2 and so on."""
        path = self.rec_path(stage)
        if size_of(path) > 0:
            k = 1
            while size_of("%s/rec/stage-%02d.%d" % (self.root, stage, k)) >= 0:
                k += 1
            os.rename(path, "%s/rec/stage-%02d.%d" % (self.root, stage, k))

    def make_room(self, needed: int) -> bool:
        """True if so many bytes are free. While they are not, the oldest recording goes that a host has, and its plan.

        False if none is left to go.
        """
        state = self.state
        stage = 1
        while self.free_bytes() < needed:
            while not state.held >> stage & 1 or stage == state.armed:
                stage += 1
                if stage > _LAST:
                    return False
            state.held ^= 1 << stage
            self.save()
            for path in (self.plan_path(stage), self.rec_path(stage)):
                if size_of(path) >= 0:
                    os.remove(path)
        return True

    def log(self, where: str, error: Exception) -> None:
        """Append an exception to errors.log, keeping the newest of it."""
        gc.collect()  # it may be the lack of memory that is to be told
        text = StringIO()
        sys.print_exception(error, text)  # pyright: ignore[reportArgumentType]
        line = "%s: %s" % (where, text.getvalue())  # pyright: ignore[reportAttributeAccessIssue]
        print(line)
        path = self.root + "/errors.log"
        try:
            if size_of(path) > _LOG_BYTES:
                os.rename(path, path + ".old")
            with open(path, "a") as f:
                f.write(line)
        except (OSError, MemoryError):
            pass  # a full or broken flash must not stop the stage


def size_of(path: str) -> int:
    """Bytes in a file; -1 if there is no such file."""
    try:
        return os.stat(path)[6]
    except OSError:
        return -1


class FileBytes:
    """An open file as the `read(offset, buf)` that plans and recordings are read through."""

    def __init__(self, path: str):
        self._file = open(path, "rb")
        self.size = self._file.seek(0, 2)

    def read(self, offset: int, buf) -> None:
        self._file.seek(offset)
        if self._file.readinto(buf) != len(buf):
            raise OSError(5)  # EIO: shorter than it was

    def close(self) -> None:
        self._file.close()
