"""One connection to one device: smpclient over Bleak, with its many ways to fail made three.

LinkLostError: the device went away; try again. DeviceRefusedError: it said no. IntegrityError: it talks nonsense.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from bleak.exc import BleakError
from cbor2 import CBORDecodeError
from smp.error import MGMT_ERR
from smp.exceptions import SMPException
from smp.file_management import FS_MGMT_ERR
from smp.header import GroupId
from smpclient import SMPClient
from smpclient.exceptions import SMPClientException
from smpclient.generics import error_v1, success
from smpclient.transport import SMPTransport, SMPTransportDisconnected
from smpclient.transport.ble import (
    SMPBLETransport,
    SMPBLETransportDeviceNotFound,
    SMPBLETransportNotSMPServer,
)

from holdback.errors import HoldbackError, IntegrityError, InterruptedTransferError

CONNECT_S = 15.0  # finding it again takes up to 3 s, connecting and reading the services 2 s; a weak signal: thrice
REQUEST_S = 10.0  # the device sizes an answer for 0.7 s; a dead link is told within its supervision timeout of <= 6 s
CHECKSUM_S = 40.0  # 250 kB of a ten-hour stage, read from flash at 60 kB/s (estimated): 4 s, and ten times that
DISCONNECT_S = 5.0  # the peer need not answer; what takes longer hangs, and the system ends the link when we exit
BUFFER_MIN, BUFFER_MAX = 64, 4096  # what a device may declare as its request buffer, in bytes

TransportFactory = Callable[[], SMPTransport]
for _name in ("smp", "smpclient"):  # errors come to us as exceptions, not on stderr
    logging.getLogger(_name).addHandler(logging.NullHandler())

# smpclient's time-out raises RuntimeError when no byte of an answer has come: it leaves a lock that it does not hold.
_SILENT = RuntimeError
_LOST = (SMPTransportDisconnected, SMPBLETransportDeviceNotFound, TimeoutError, BleakError, EOFError, OSError, _SILENT)
# What smp and cbor2 raise on an answer that is none: their own errors, and those of unpacking what is not there.
_NONSENSE = (SMPClientException, SMPException, CBORDecodeError, ValueError, TypeError, LookupError, AssertionError)
_AGAIN = "run the same command again: it goes on where this stopped"


class LinkLostError(InterruptedTransferError):
    """The device vanished or fell silent; what has been transferred is kept."""


class DeviceRefusedError(HoldbackError):
    """The device understood and said no; `code` is its return code."""

    def __init__(self, what: str, code: MGMT_ERR | FS_MGMT_ERR | int, next_step: str = "") -> None:
        reason = code.name if isinstance(code, (MGMT_ERR, FS_MGMT_ERR)) else "unknown"
        super().__init__(what, f"the device refused: {reason} ({int(code)})", next_step)
        self.code = code

    @property
    def not_there(self) -> bool:
        """Whether the file or entry asked for does not exist."""
        return self.code is MGMT_ERR.ENOENT or self.code is FS_MGMT_ERR.FILE_NOT_FOUND


class Link:
    """Requests to a connected device. Made by `connect`."""

    def __init__(self, client: SMPClient, transport: SMPTransport) -> None:
        self._client = client
        self._buffer = min(max(transport.max_unencoded_size, BUFFER_MIN), BUFFER_MAX)

    @property
    def request_bytes(self) -> int:
        """Longest request, header included, that the device takes."""
        return self._buffer

    async def ask(self, request: Any, timeout_s: float = REQUEST_S) -> Any:
        """The response of the request's own type. Raises LinkLostError, DeviceRefusedError, IntegrityError."""
        name = type(request).__name__
        try:
            response = await self._client.request(request, timeout_s)
        except _LOST as error:
            raise lost(error) from None
        except _NONSENSE as error:
            raise nonsense(f"{name} was answered by something else", str(error)) from None
        if success(response):
            return response
        _refuse(name, response)


def _refuse(name: str, response: Any) -> NoReturn:
    if error_v1(response):
        raise DeviceRefusedError(f"{name} failed", response.rc)
    code = response.err.rc
    if response.err.group == GroupId.FILE_MANAGEMENT:
        code = FS_MGMT_ERR(code)
    raise DeviceRefusedError(f"{name} failed", code)


def lost(error: Exception) -> LinkLostError:
    """The link is gone, in words."""
    why = "no answer came in time" if isinstance(error, (_SILENT, TimeoutError)) else str(error) or type(error).__name__
    return LinkLostError("the device vanished", why, _AGAIN)


def nonsense(what: str, why: str) -> IntegrityError:
    """The device said what no device of ours says."""
    first_line = why.strip().partition("\n")[0]
    return IntegrityError(f"the device makes no sense: {what}", first_line, "is it a Holdback? holdback device scan")


@asynccontextmanager
async def connect(address: str, transport: TransportFactory = SMPBLETransport) -> AsyncIterator[Link]:
    """Look for `address` in the air, connect, and hang up at the end, whatever happens. Nobody has proved anything yet:
    holdback.device.proof.

    Scanning first is what makes a second attempt work: a system that remembers the device connects to a memory.
    """
    way = transport()
    client = SMPClient(way, address)
    try:
        await client.connect(CONNECT_S)
    except SMPBLETransportNotSMPServer:
        raise nonsense("it has no SMP characteristic", address) from None
    except _LOST as error:
        await _hang_up(client)
        raise lost(error) from None
    except _NONSENSE as error:
        await _hang_up(client)
        raise nonsense("its parameters cannot be read", str(error)) from None
    try:
        yield Link(client, way)
    finally:
        await _hang_up(client)


async def _hang_up(client: SMPClient) -> None:
    """End the connection if there is one; a link that cannot be ended is as good as ended."""
    try:
        async with asyncio.timeout(DISCONNECT_S):
            await client.disconnect()
    except (*_LOST, AttributeError):  # smpclient has no client yet when the scan found nothing
        return
