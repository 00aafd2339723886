"""What one does with a device: see who is there, push plans, pull recordings, ask how it is.

Everything takes an address from `scan` or `find` and waits in the caller's event loop alone: no threads, no clock but
the loop's, so that the same code runs in virtual time.
"""

import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import msgspec
from smpclient.requests.file_management import FileHashChecksum, FileUpload
from smpclient.requests.os_management import DateTimeWrite
from smpclient.transport.ble import SMPBLETransport

from holdback.device import logs
from holdback.device.link import CHECKSUM_S, DeviceRefusedError, Link, LinkLostError, TransportFactory, nonsense
from holdback.device.messages import ActivateWrite, ListRead, ListResponse, StageOnDevice, StatusRead, StatusResponse
from holdback.device.plans import PlanFile
from holdback.device.proof import connect
from holdback.device.pull import Progress, Pulled, pull, set_aside
from holdback.device.radio import SILENT, Sighting, SilentError, find, scan
from holdback.device.retry import persistently
from holdback.errors import IntegrityError

__all__ = [
    "SILENT",
    "Progress",
    "Pulled",
    "Pushed",
    "Sighting",
    "SilentError",
    "Status",
    "find",
    "pull",
    "push",
    "scan",
    "status",
]

# The time of day that push sets the device's clock to. A simulated world has its own.
utc_now: ContextVar[Callable[[], float]] = ContextVar("utc_now", default=time.time)

_ASK_ARMED = "press its button three times (one buzz answers), and within two minutes: holdback device status"
_DATA_HEAD = 3  # bytes that CBOR spends on the length of a piece


class Pushed(msgspec.Struct, frozen=True):
    """What push did: the stages whose plans are on the device now, those sent by this call, the armed one, bytes."""

    stages: list[int]
    sent: list[int]
    armed: int
    bytes_sent: int


class Status(msgspec.Struct, frozen=True):
    """The live state, what the device holds, the earlier recordings that it keeps of these stages, and the newest fault
    that it has written down ("" none)."""

    live: StatusResponse
    held: ListResponse
    aside: list[StageOnDevice]
    fault: str


async def status(address: str, *, transport: TransportFactory = SMPBLETransport) -> Status:
    """Ask how it is. Raises LinkLostError, DeviceRefusedError, IntegrityError."""
    async with connect(address, transport) as link:
        live, held = await link.ask(StatusRead()), await link.ask(ListRead(), CHECKSUM_S)
        return Status(live, held, await set_aside(link, held.stages), logs.newest(await logs.read(link)))


async def push(
    address: str,
    plans: Sequence[PlanFile],
    progress: Progress = lambda done, total: None,
    *,
    charging: bool = True,
    transport: TransportFactory = SMPBLETransport,
) -> Pushed:
    """Set the clock, send the plans that the device does not have yet, and arm the first of them. `charging`: there is
    some between the stages; without it the device saves for all that are to come.

    Raises InterruptedTransferError (plans that arrived stay; the next call sends the others), IntegrityError (a plan
    did not arrive as it was sent), DeviceRefusedError (no space, or a stage is running).
    """
    job = _Push(plans, progress, charging)
    try:
        return await persistently(address, job.run, job.progressed, transport)
    except LinkLostError as error:
        if not job.arming:
            raise
        why = "all plans are there; it is likely to be armed, and an armed device is silent"
        raise LinkLostError(
            f"the device did not confirm that it arms stage {plans[0].stage_no}", why, _ASK_ARMED
        ) from error


class _Push:
    """The state of one push over its attempts."""

    def __init__(self, plans: Sequence[PlanFile], progress: Progress, charging: bool) -> None:
        self._plans = plans
        self._charging = charging
        self._progress = progress
        self._total = sum(len(plan.data) for plan in plans)
        self.arming = False  # the last word has been sent at least once
        self._sent: list[int] = []
        self._bytes = self._done = self._seen = 0

    def progressed(self) -> bool:
        """A whole plan more than last time; an upload that is cut starts again."""
        won, self._seen = len(self._sent) > self._seen, len(self._sent)
        return won

    async def run(self, link: Link) -> Pushed:
        """One attempt: what the device has already is not sent again."""
        now = datetime.fromtimestamp(utc_now.get()(), UTC)
        await link.ask(DateTimeWrite(datetime=now.isoformat(timespec="seconds")))
        held = await link.ask(ListRead(), CHECKSUM_S)
        there = {(plan.id, plan.crc) for plan in held.plans}
        self._done = 0
        for plan in self._plans:
            if (plan.stage_no, plan.crc) not in there:
                await self._upload(link, plan)
                if plan.stage_no not in self._sent:  # else it would be progress each time
                    self._sent.append(plan.stage_no)
            self._done += len(plan.data)
            self._progress(self._done, self._total)
        first = self._plans[0]
        self.arming = True
        charging = None if self._charging else False
        await _explained(link, first, ActivateWrite(stage=first.stage_no, crc=first.crc, charging=charging))
        return Pushed([plan.stage_no for plan in self._plans], self._sent, first.stage_no, self._bytes)

    async def _upload(self, link: Link, plan: PlanFile) -> None:
        off = 0
        while off < len(plan.data):
            request = _piece(plan, off, link.request_bytes)
            answer = await _explained(link, plan, request)
            if answer.off != off + len(request.data):
                raise nonsense(f"sent {plan.name} up to byte {off + len(request.data)}", f"it has {answer.off}")
            off = answer.off
            self._bytes += len(request.data)
            self._progress(self._done + off, self._total)
        await _verify(link, plan)


def _piece(plan: PlanFile, off: int, room: int) -> FileUpload:
    """The longest request from `off` that fits into `room` bytes; the first one tells the file's length."""
    length = len(plan.data) if off == 0 else None
    empty = FileUpload(off=off, data=b"", name=plan.name, len=length)
    space = room - len(bytes(empty)) - _DATA_HEAD
    return FileUpload(off=off, data=plan.data[off : off + max(space, 1)], name=plan.name, len=length)


async def _explained(link: Link, plan: PlanFile, request: Any, timeout_s: float = CHECKSUM_S) -> Any:
    """As link.ask, but a refusal names the plan. The last piece is answered when the device has checked it all."""
    try:
        return await link.ask(request, timeout_s)
    except DeviceRefusedError as error:
        next_step = "end the stage that runs, or free some space: holdback device status"
        raise DeviceRefusedError(f"{plan.source or plan.name}: not taken", error.code, next_step) from None


async def _verify(link: Link, plan: PlanFile) -> None:
    """Compare the checksum of all but the plan's own four bytes: over those too, a CRC-32 is the same for any plan."""
    body = len(plan.data) - 4
    answer = await link.ask(FileHashChecksum(name=plan.name, type="crc32", len=body), CHECKSUM_S)
    if (answer.len, answer.output) != (body, plan.crc):
        raise IntegrityError(
            f"{plan.source or plan.name}: arrived damaged",
            f"CRC-32 {answer.output!r} of {answer.len} bytes there, {plan.crc} of {body} here",
            "push it again",
        )
