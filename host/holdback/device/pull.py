"""Pulling a recording: resumed by offset after comparing what is here, verified as a whole, renamed last."""

import os
from binascii import crc32
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import msgspec
from smpclient.requests.file_management import FileDownload, FileHashChecksum
from smpclient.transport.ble import SMPBLETransport

from holdback.device.link import (
    CHECKSUM_S,
    DeviceRefusedError,
    Link,
    LinkLostError,
    TransportFactory,
    nonsense,
)
from holdback.device.messages import MOST_KEPT, HaveWrite, ListRead, StageOnDevice
from holdback.device.retry import persistently
from holdback.errors import HoldbackError, IntegrityError, NotFoundError

MAX_BYTES = 16 << 20  # the largest flash of any board; a longer recording is made up
LEAST_PIECE = 64  # bytes of an answer before the end of a file; ours send 2 kB and more
MOST_RESTARTS = 3  # of one pull, because the device's file is another than before
Progress = Callable[[int, int | None], object]  # bytes done, bytes in all


class Pulled(msgspec.Struct, frozen=True):
    """A recording that is here, whole and verified.

    resumed_at: bytes that an earlier attempt had left here. received: bytes sent over the air by this one.
    kept: an older file of this name with other contents, moved out of the way.
    """

    path: Path
    stage_no: int
    size: int
    crc: int
    resumed_at: int
    received: int
    kept: Path | None = None


async def pull(
    address: str,
    stage_no: int | None,
    dest: Path,
    progress: Progress = lambda done, total: None,
    *,
    kept: int = 0,
    transport: TransportFactory = SMPBLETransport,
) -> Pulled:
    """Bring the recording of `stage_no` (None: the latest) into the folder `dest` as stage-NN.hbr; with `kept` the
    earlier one of that number, as stage-NN.k.hbr.

    Raises InterruptedTransferError (the part that arrived is kept as stage-NN.hbr.part and the next call goes on from
    there), NotFoundError (no such recording), IntegrityError (what arrived is not what the device has; nothing of it
    is kept), DeviceRefusedError.
    """
    transfer = _Transfer(dest, stage_no, kept, progress)
    try:
        return await persistently(address, transfer.run, transfer.progressed, transport)
    except LinkLostError as error:
        what = f"{error.what}: {transfer.have} of {transfer.size} bytes are here" if transfer.size else error.what
        raise LinkLostError(what, error.why, error.next_step) from None


class _Transfer:
    """The state of one pull over its attempts; all that outlives it is the .part file."""

    def __init__(self, dest: Path, stage_no: int | None, kept: int, progress: Progress) -> None:
        self._dest = dest
        self._stage_no = stage_no
        self._kept = kept
        self._progress = progress
        self.size = self.have = self.received = 0
        self._resumed_at: int | None = None
        self._seen = self._restarts = 0

    def progressed(self) -> bool:
        won, self._seen = self.received > self._seen, self.received
        return won

    async def run(self, link: Link) -> Pulled:
        """One attempt, start to end."""
        self._stage_no, self.size, crc = await _identify(link, self._stage_no, self._kept)
        name = _name(self._stage_no, self._kept)
        path = self._dest / f"{name}.hbr"
        if _same(path, self.size, crc):
            await _tell(link, self._stage_no, self._kept, crc)
            return Pulled(path, self._stage_no, self.size, crc, self.size, 0)
        part = path.with_suffix(".hbr.part")
        with _writing(part):
            await self._fetch(link, name, part)
            _verify(part, self.size, crc)
            kept = put_in_place(part, path)
        await _tell(link, self._stage_no, self._kept, crc)
        return Pulled(path, self._stage_no, self.size, crc, self._resumed_at or 0, self.received, kept)

    async def _fetch(self, link: Link, name: str, part: Path) -> None:
        self._dest.mkdir(parents=True, exist_ok=True)
        before, self.have = self.have, await _usable(link, name, part, self.size)
        self._restarts += self.have < before
        if self._restarts > MOST_RESTARTS:
            raise nonsense("its file is another with every connection", f"begun {self._restarts + 1} times")
        if self._resumed_at is None:
            self._resumed_at = self.have
        with part.open("r+b" if self.have else "wb") as file:
            file.truncate(self.have)
            file.seek(self.have)
            while self.have < self.size:
                self._progress(self.have, self.size)
                data = await _piece(link, name, self.have, self.size)
                file.write(data)
                file.flush()
                self.have += len(data)
                self.received += len(data)
            os.fsync(file.fileno())
        self._progress(self.have, self.size)


async def set_aside(link: Link, stages: Iterable[StageOnDevice]) -> list[StageOnDevice]:
    """The earlier recordings of these stages. The device does not list them; it numbers them from 1 without a hole."""
    found = []
    for stage in stages:
        for kept in range(1, MOST_KEPT + 1):
            try:
                size, crc = await _checksum(link, _name(stage.id, kept))
            except NotFoundError:
                break
            found.append(StageOnDevice(id=stage.id, len=size, crc=crc, closed=True, kept=kept))
    return found


def _name(stage_no: int, kept: int) -> str:
    """What the device calls a recording."""
    return f"stage-{stage_no:02d}.{kept}" if kept else f"stage-{stage_no:02d}"


async def _identify(link: Link, stage_no: int | None, kept: int) -> tuple[int, int, int]:
    """Stage, length and CRC-32 of a recording on the device; without `stage_no`, of the latest."""
    if stage_no is not None:
        return stage_no, *await _checksum(link, _name(stage_no, kept))
    size, crc = await _checksum(link, "latest")
    return await _stage_with(link, size, crc), size, crc


async def _checksum(link: Link, name: str, length: int | None = None) -> tuple[int, int]:
    """Length and CRC-32 of a file on the device, or of its first `length` bytes."""
    try:
        answer = await link.ask(FileHashChecksum(name=name, type="crc32", len=length), CHECKSUM_S)
    except DeviceRefusedError as error:
        if error.not_there:
            what = "no recording on the device" if name == "latest" else f"no recording of {name} on the device"
            raise NotFoundError(what, next_step="see what is there: holdback device status") from None
        raise
    if not isinstance(answer.output, int) or not 0 <= answer.output < 1 << 32:
        raise nonsense("its checksum is none", repr(answer.output))
    if not 0 <= answer.len <= (MAX_BYTES if length is None else length):
        raise nonsense("the length of its recording cannot be", f"{answer.len} bytes")
    return answer.len, answer.output


async def _stage_with(link: Link, size: int, crc: int) -> int:
    """Which stage the latest recording is of: the one in the device's list with this length and checksum."""
    listed = await link.ask(ListRead(), CHECKSUM_S)
    for stage in listed.stages:
        if (stage.len, stage.crc) == (size, crc):
            return stage.id
    raise nonsense("its latest recording is not in its list", f"{size} bytes, CRC-32 {crc:08x}")


async def _usable(link: Link, name: str, part: Path, size: int) -> int:
    """How much of the part file can stay: all of it if the device's file begins with it, else nothing."""
    data = _contents(part)
    if not 0 < len(data) <= size:
        return 0
    length, crc = await _checksum(link, name, len(data))
    return len(data) if (length, crc) == (len(data), crc32(data)) else 0


async def _piece(link: Link, name: str, off: int, size: int) -> bytes:
    """What the device sends from `off`: at least a byte, and none beyond the end."""
    answer = await link.ask(FileDownload(off=off, name=name))
    if answer.off != off or not 0 < len(answer.data) <= size - off:
        raise nonsense(f"asked for byte {off} of {size}", f"{len(answer.data)} bytes from {answer.off} came")
    if len(answer.data) < min(LEAST_PIECE, size - off):
        raise nonsense(f"{len(answer.data)} bytes of {size} came", f"an answer has {LEAST_PIECE} or more")
    if answer.len not in (None, size):
        raise nonsense(f"its file of {size} bytes has become another", f"{answer.len} bytes")
    return answer.data


async def _tell(link: Link, stage_no: int, kept: int, crc: int) -> None:
    """Say that it is here, verified: the device may let it go when a later stage needs the room. Through the window
    the device takes no word, and earlier firmware does not know this one."""
    if not kept:
        with suppress(DeviceRefusedError, LinkLostError):
            await link.ask(HaveWrite(stage=stage_no, crc=crc), CHECKSUM_S)


def _verify(part: Path, size: int, crc: int) -> None:
    if _same(part, size, crc):
        return
    why = f"CRC-32 {crc32(_contents(part)):08x} here, {crc:08x} there"
    part.unlink()
    raise IntegrityError("what arrived is not what the device has", why, "pull it again; it is still on the device")


def _same(path: Path, size: int, crc: int) -> bool:
    data = _contents(path)
    return (len(data), crc32(data)) == (size, crc)


def _contents(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def put_in_place(part: Path, path: Path) -> Path | None:
    """Give the finished part its name. An older recording there is never written over: it is moved to stage-NN.1.hbr,
    or the next number that is free, which is returned."""
    kept = None
    if path.exists():
        kept = aside_of(path)
        path.rename(kept)
    part.replace(path)
    return kept


def aside_of(path: Path) -> Path:
    """The first name beside `path` that is free: stage-NN.1.hbr, stage-NN.2.hbr ..."""
    return next(name for i in count(1) if not (name := path.with_suffix(f".{i}.hbr")).exists())


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """A full disk or a forbidden folder, in words. Errors of the link are never OSError here."""
    try:
        yield
    except OSError as error:
        raise HoldbackError(
            f"{path}: cannot be written", error.strerror or str(error), "choose a folder: DEST"
        ) from None
