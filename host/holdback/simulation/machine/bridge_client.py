"""The GATT client half of a board's radio: discovery, reading and writing at a peer, as events."""

from __future__ import annotations

import asyncio
import errno
import struct
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from bumble import att
from bumble.core import TimeoutError as BumbleTimeout
from bumble.gatt import (
    GATT_CHARACTERISTIC_ATTRIBUTE_TYPE,
    GATT_PRIMARY_SERVICE_ATTRIBUTE_TYPE,
)

from holdback.simulation.machine.wire import IRQ, CallError

if TYPE_CHECKING:
    from holdback.simulation.machine.bridge import Bridge

SERVICE_RESULT, CHARACTERISTIC_RESULT, DESCRIPTOR_RESULT = IRQ + 9, IRQ + 11, IRQ + 13  # + 1: done
READ_RESULT, READ_DONE, WRITE_DONE = IRQ + 15, IRQ + 16, IRQ + 17
SERVICES, CHARACTERISTICS, DESCRIPTORS = range(3)
ATT_ERROR = 0x100  # what NimBLE adds to a peer's error code


class PeerError(Exception):
    """The peer refused, or the connection ended: `status` as the firmware sees it."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class GattClient:
    """One procedure after the other on each connection; results and the status come as events."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge

    def discover(self, handle: int, span: int, what: int, uuid: bytes) -> None:
        self.bridge.connection(handle)
        first, last = span >> 16 & 0xFFFF, span & 0xFFFF
        self.bridge.board.spawn(self._discover(handle, first, last, what, uuid))

    def read(self, handle: int, value_handle: int, _c: int, _data: bytes) -> None:
        self.bridge.connection(handle)
        self.bridge.board.spawn(self._read(handle, value_handle))

    def write(self, handle: int, value_handle: int, with_response: int, data: bytes) -> None:
        connection = self.bridge.connection(handle)
        data = data[: connection.att_mtu - 3]  # NimBLE cuts where Bumble would start a long write
        if with_response:
            self.bridge.board.spawn(self._write(handle, value_handle, data))
            return
        head = struct.pack("<BH", att.Opcode.ATT_WRITE_COMMAND, value_handle)
        connection.send_l2cap_pdu(att.ATT_CID, head + data)

    async def _request(self, handle: int, request: att.ATT_PDU) -> Any:
        """Send one ATT request; the response, or PeerError."""
        try:
            response = await self.bridge.connection(handle).gatt_client.send_request(request)
        except (CallError, BumbleTimeout, asyncio.CancelledError):  # Bumble cancels at a disconnection
            raise PeerError(errno.ENOTCONN) from None
        if isinstance(response, att.ATT_Error_Response):
            raise PeerError(ATT_ERROR + response.error_code)
        return response

    async def _read(self, handle: int, value_handle: int) -> None:
        post = self.bridge.board.post
        status = 0
        try:
            response = await self._request(handle, att.ATT_Read_Request(attribute_handle=value_handle))
            post(READ_RESULT, handle, value_handle, 0, response.attribute_value)
        except PeerError as error:
            status = error.status
        post(READ_DONE, handle, value_handle, status)

    async def _write(self, handle: int, value_handle: int, data: bytes) -> None:
        request = att.ATT_Write_Request(attribute_handle=value_handle, attribute_value=data)
        status = 0
        try:
            await self._request(handle, request)
        except PeerError as error:
            status = error.status
        self.bridge.board.post(WRITE_DONE, handle, value_handle, status)

    async def _discover(self, handle: int, first: int, last: int, what: int, uuid: bytes) -> None:
        post = self.bridge.board.post
        find = (self._services, self._characteristics, self._descriptors)[what]
        event = (SERVICE_RESULT, CHARACTERISTIC_RESULT, DESCRIPTOR_RESULT)[what]
        status = 0
        try:
            async for b, c, found in find(handle, first, last):
                if not uuid or found == uuid:
                    post(event, handle, b, c, found)
        except PeerError as error:
            if error.status != ATT_ERROR + att.ATT_ATTRIBUTE_NOT_FOUND_ERROR:  # else: the regular end
                status = error.status
        post(event + 1, handle, status)

    async def _services(self, handle: int, first: int, last: int) -> AsyncIterator[tuple[int, int, bytes]]:
        """(first handle, last handle, uuid) of each primary service."""
        while first <= last:
            response = await self._request(
                handle,
                att.ATT_Read_By_Group_Type_Request(
                    starting_handle=first,
                    ending_handle=last,
                    attribute_group_type=GATT_PRIMARY_SERVICE_ATTRIBUTE_TYPE,
                ),
            )
            for start, end, uuid in response.attributes:
                yield start, end, uuid
                first = end + 1

    async def _characteristics(self, handle: int, first: int, last: int) -> AsyncIterator[tuple[int, int, bytes]]:
        """(end handle << 16 | value handle, properties, uuid): each ends where the next one begins."""
        previous: tuple[int, int, bytes] | None = None  # value handle, properties, uuid
        try:
            while first <= last:
                response = await self._request(
                    handle,
                    att.ATT_Read_By_Type_Request(
                        starting_handle=first, ending_handle=last, attribute_type=GATT_CHARACTERISTIC_ATTRIBUTE_TYPE
                    ),
                )
                for declaration, value in response.attributes:
                    if previous:
                        yield _ended(previous, declaration - 1)
                    previous = (struct.unpack_from("<H", value, 1)[0], value[0], value[3:])
                    first = declaration + 1
        except PeerError as error:
            if error.status != ATT_ERROR + att.ATT_ATTRIBUTE_NOT_FOUND_ERROR:
                raise
        if previous:
            yield _ended(previous, last)

    async def _descriptors(self, handle: int, first: int, last: int) -> AsyncIterator[tuple[int, int, bytes]]:
        """(handle, 0, uuid) of each attribute in the range."""
        while first <= last:
            request = att.ATT_Find_Information_Request(starting_handle=first, ending_handle=last)
            response = await self._request(handle, request)
            for found, uuid in response.information:
                yield found, 0, uuid
                first = found + 1


def _ended(characteristic: tuple[int, int, bytes], end: int) -> tuple[int, int, bytes]:
    value_handle, properties, uuid = characteristic
    span = end << 16 | value_handle
    return (span - (1 << 32) if span & 0x80000000 else span), properties, uuid
