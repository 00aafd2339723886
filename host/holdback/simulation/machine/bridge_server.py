"""The GATT server half of a board's radio: registering, peers' reads and writes, notifications."""

from __future__ import annotations

import ast
import errno
import struct
from typing import TYPE_CHECKING, Any

from bumble import att
from bumble.core import UUID
from bumble.gatt import GATT_DEVICE_NAME_CHARACTERISTIC, Characteristic, CharacteristicValue, Descriptor, Service

from holdback.simulation.machine import wire
from holdback.simulation.machine.wire import IRQ, CallError

if TYPE_CHECKING:
    from holdback.simulation.machine.bridge import Bridge

INDICATE_DONE = IRQ + 20
READABLE = 0x02
WRITEABLE = 0x04 | 0x08  # without response, with response
WRITE_NO_RESPONSE = 0x04
# NimBLE's buffers, as measured: about ten notifications, then ENOMEM until some have been sent.
MAX_IN_FLIGHT = 10
HANDLE_VALUE_NOTIFICATION = struct.Struct("<BH")


class GattServer:
    """Bumble's GATT server with the values kept by the firmware."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.device = bridge.device
        self.flags: dict[int, int] = {}  # value handle -> MicroPython flags
        self.own_attributes = len(self.device.gatt_server.attributes)  # GAP and GATT services

    def register(self, _a: int, _b: int, _c: int, data: bytes) -> tuple[int, bytes]:
        """Replace all services; the answer's data is the value handles in order."""
        server = self.device.gatt_server
        del server.attributes[self.own_attributes :]
        server.attributes_by_handle = {attribute.handle: attribute for attribute in server.attributes}
        self.flags.clear()
        handles: list[int] = []
        for uuid, characteristics in ast.literal_eval(data.decode()):
            added = [self._characteristic(*item) for item in characteristics]
            server.add_service(Service(_uuid(uuid), added))
            for characteristic, (_, flags, descriptors) in zip(added, characteristics, strict=True):
                self._note(characteristic, flags, handles)
                for descriptor, (_, descriptor_flags) in zip(characteristic.descriptors, descriptors, strict=False):
                    self._note(descriptor, descriptor_flags, handles)
        return 0, struct.pack(f"<{len(handles)}H", *handles)

    def set_name(self, _a: int, _b: int, _c: int, data: bytes) -> None:
        """The GAP device name, which a peer can read."""
        self.device.name = data.decode(errors="replace")
        for attribute in self.device.gatt_server.attributes[: self.own_attributes]:
            if isinstance(attribute, Characteristic) and attribute.uuid == GATT_DEVICE_NAME_CHARACTERISTIC:
                attribute.value = data

    def send(self, handle: int, value_handle: int, how: int, data: bytes) -> None:
        """Notify (0), indicate (1), or update whoever has subscribed (2)."""
        if how == 2:
            self._update_subscribers(value_handle, data)
            return
        connection = self.bridge.connection(handle)
        if how == 1:
            self.bridge.board.spawn(self._indicate(handle, value_handle, data))
            return
        if self.device.in_flight(connection.handle) >= MAX_IN_FLIGHT:
            raise CallError(errno.ENOMEM)
        self._notify(connection, value_handle, data)

    def write_command(self, handle: int, pdu: bytes) -> bool:
        """A peer's write without response; True if this server takes it."""
        value_handle = struct.unpack_from("<H", pdu, 1)[0]
        if value_handle not in self.flags:
            return False
        if self.flags[value_handle] & WRITEABLE:
            self.bridge.board.post(wire.WRITE, handle - 1, value_handle, 0, pdu[3:])
        return True

    # registering

    def _note(self, attribute: att.Attribute[Any], flags: int, handles: list[int]) -> None:
        self.flags[attribute.handle] = flags
        handles.append(attribute.handle)

    def _characteristic(self, uuid: bytes, flags: int, descriptors: list[tuple[bytes, int]]) -> Characteristic[Any]:
        made = [Descriptor(_uuid(own), _permissions(own_flags), b"") for own, own_flags in descriptors]
        properties = Characteristic.Properties(flags & 0xFF)
        characteristic = Characteristic(_uuid(uuid), properties, _permissions(flags), b"", made)
        for attribute in (characteristic, *made):
            attribute.value = self._value_of(attribute)
        return characteristic

    def _value_of(self, attribute: att.Attribute[Any]) -> Any:
        """The value as Bumble sees it: each read and write goes to the firmware."""

        def read(connection: Any) -> bytes:
            if not self.flags[attribute.handle] & READABLE:
                raise att.ATT_Error(att.ATT_READ_NOT_PERMITTED_ERROR, attribute.handle)
            error, value = self.bridge.board.read_value(connection.handle - 1, attribute.handle)
            if error:
                raise att.ATT_Error(att.ErrorCode(error), attribute.handle)
            return value

        def write(connection: Any, value: bytes) -> None:
            if not self.flags[attribute.handle] & WRITEABLE:
                raise att.ATT_Error(att.ATT_WRITE_NOT_PERMITTED_ERROR, attribute.handle)
            self.bridge.board.post(wire.WRITE, connection.handle - 1, attribute.handle, 0, bytes(value))

        return CharacteristicValue(read=read, write=write)

    # sending

    def _notify(self, connection: Any, value_handle: int, data: bytes) -> None:
        head = HANDLE_VALUE_NOTIFICATION.pack(att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION, value_handle)
        connection.send_l2cap_pdu(att.ATT_CID, head + data[: connection.att_mtu - 3])

    async def _indicate(self, handle: int, value_handle: int, data: bytes) -> None:
        server = self.device.gatt_server
        status = 0
        try:
            attribute = server.get_attribute(value_handle)
            await server.indicate_subscriber(self.bridge.connection(handle), attribute, data, force=True)  # type: ignore[arg-type]
        except (TimeoutError, KeyError, AssertionError):
            status = errno.ETIMEDOUT
        self.bridge.board.post(INDICATE_DONE, handle, value_handle, status)

    def _update_subscribers(self, value_handle: int, data: bytes) -> None:
        for connection, subscribed in list(self.device.gatt_server.subscribers.items()):
            cccd = subscribed.get(value_handle, b"\0")[0]
            if cccd & 1:
                self._notify(connection, value_handle, data)
            elif cccd & 2:
                handle = connection.handle - 1  # type: ignore[union-attr]
                self.bridge.board.spawn(self._indicate(handle, value_handle, data))


def _uuid(raw: bytes) -> UUID:
    return UUID.from_bytes(bytes(raw))


def _permissions(flags: int) -> att.Attribute.Permissions:
    permissions = att.Attribute.Permissions(0)
    if flags & READABLE:
        permissions |= att.Attribute.READABLE
    if flags & WRITEABLE:
        permissions |= att.Attribute.WRITEABLE
    return permissions
