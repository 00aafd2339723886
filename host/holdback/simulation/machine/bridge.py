"""MicroPython's `bluetooth.BLE`, as a board's stand-in calls it, on a Bumble device.

Calls come in a firmware's turn and only start things; what follows goes back as events. Attribute values stay in the
firmware: a peer's read asks it. Connection handles count from 0, as NimBLE's do, where Bumble's count from 1.
"""

from __future__ import annotations

import asyncio
import errno
import struct
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from bumble import att, hci
from bumble.device import Connection

from holdback.simulation.machine import wire
from holdback.simulation.machine.bridge_client import GattClient
from holdback.simulation.machine.bridge_server import GattServer
from holdback.simulation.machine.wire import IRQ, CallError
from holdback.simulation.radio.controller import AirDevice

if TYPE_CHECKING:
    from holdback.simulation.machine.board import VirtualBoard

CENTRAL_CONNECT, CENTRAL_DISCONNECT = IRQ + 1, IRQ + 2
SCAN_RESULT, SCAN_DONE = IRQ + 5, IRQ + 6
PERIPHERAL_CONNECT, PERIPHERAL_DISCONNECT = IRQ + 7, IRQ + 8
NOTIFY, INDICATE = IRQ + 18, IRQ + 19
MTU_EXCHANGED = IRQ + 21
CONNECTION_UPDATE = IRQ + 27
NO_CONNECTION = 0xFFFF
# NimBLE's supervision timeout where the application names none.
SUPERVISION_MS = 2560


class Bridge:
    """One board's radio. `call` answers its BLE calls; `board.post` carries events back."""

    def __init__(self, board: VirtualBoard, device: AirDevice) -> None:
        self.board = board
        self.device = device
        self.active = False
        self.scan_end: asyncio.TimerHandle | None = None
        self.connect_end: asyncio.TimerHandle | None = None
        self.server = GattServer(self)
        self.client = GattClient(self)
        device.host.att_tap = self._on_att  # type: ignore[attr-defined]
        device.on(device.EVENT_CONNECTION, self._on_connection)
        self.calls = {
            wire.BLE_ACTIVE: self._set_active,
            wire.BLE_ADVERTISE: self._advertise,
            wire.BLE_SCAN: self._scan,
            wire.BLE_CONNECT: self._connect,
            wire.BLE_DISCONNECT: self._disconnect,
            wire.BLE_REGISTER: self.server.register,
            wire.BLE_NOTIFY: self.server.send,
            wire.BLE_DISCOVER: self.client.discover,
            wire.BLE_READ: self.client.read,
            wire.BLE_WRITE: self.client.write,
            wire.BLE_MTU: self._mtu,
            wire.BLE_NAME: self.server.set_name,
        }

    def call(self, kind: int, a: int, b: int, c: int, data: bytes) -> tuple[int, bytes]:
        """One BLE call: (result, data) or CallError."""
        result = self.calls[kind](a, b, c, data)
        return result if isinstance(result, tuple) else (int(result or 0), b"")

    def connection(self, handle: int) -> Connection:
        """Bumble's connection for a handle as the firmware counts them."""
        if (connection := self.device.connections.get(handle + 1)) is None:
            raise CallError(errno.ENOTCONN)
        return connection

    def close(self) -> None:
        """The board has no power any more: silence, which peers notice after their supervision timeout."""
        self._stop_timers()
        self.device.radio.stop_scan()
        self.device.radio.give_up()
        self.device.radio.le_legacy_advertiser.stop()
        self.device.radio.air_link.remove_controller(self.device.radio)

    # calls

    def _set_active(self, on: int, _b: int, _c: int, _data: bytes) -> tuple[int, bytes]:
        radio = self.device.radio
        self.active = bool(on)
        if not on:
            self._stop_timers()
            radio.stop_scan()
            radio.give_up()
            radio.le_legacy_advertiser.stop()
            for connection in list(self.device.connections.values()):
                self.board.spawn(connection.disconnect())
        return 0, bytes(radio.random_address)[::-1]

    def _advertise(self, interval_us: int, flags: int, _c: int, data: bytes) -> None:
        advertiser = self.device.radio.le_legacy_advertiser
        advertiser.stop()
        if interval_us < 0:
            return
        size = data[0]
        if flags & 2:
            advertiser.advertising_data = data[1 : 1 + size]
        if flags & 4:
            advertiser.scan_response_data = data[1 + size :]
        connectable, scannable_only, silent = 0, 2, 3
        advertiser.advertising_type = (
            connectable if flags & 1 else scannable_only if advertiser.scan_response_data else silent
        )
        advertiser.own_address_type = hci.OwnAddressType.RANDOM
        advertiser.advertising_interval_min = max(32, interval_us // 625)
        # Bumble's device asks its own advertiser at which address it was reached.
        reached_at = SimpleNamespace(own_address_type=hci.OwnAddressType.RANDOM, auto_restart=False)
        self.device.legacy_advertiser = cast(Any, reached_at)
        advertiser.start()

    def _scan(self, duration_ms: int, interval_us: int, window: int, _data: bytes) -> None:
        radio = self.device.radio
        if duration_ms < 0:
            if radio.scan:
                self._scan_done()
            return
        if radio.pending_le_connection:
            raise CallError(errno.EBUSY)
        if radio.scan:
            raise CallError(errno.EALREADY)
        interval_s, window_s = interval_us * 1e-6, (window >> 1) * 1e-6
        radio.start_scan(self._on_advert, interval_s=interval_s, window_s=window_s, active=bool(window & 1))
        if duration_ms:
            self.scan_end = self.board.air.loop.call_later(duration_ms * 1e-3, self._scan_done)

    def _scan_done(self) -> None:
        if self.scan_end:
            self.scan_end.cancel()
            self.scan_end = None
        self.device.radio.stop_scan()
        self.board.post(SCAN_DONE)

    def _on_advert(self, kind: int, address: hci.Address, data: bytes, rssi_dbm: int) -> None:
        own = bytes(address)[::-1]
        self.board.post(SCAN_RESULT, rssi_dbm, kind, _address_type(address), own + data)

    def _connect(self, address_type: int, ms: int, interval_us: int, data: bytes) -> None:
        radio = self.device.radio
        if address_type < 0:
            if radio.pending_le_connection:
                self._connect_failed()
            return
        if radio.scan:
            raise CallError(errno.EBUSY)  # a scan has to be stopped first
        if radio.pending_le_connection:
            raise CallError(errno.EALREADY)
        self.device.connect_own_address_type = hci.OwnAddressType.RANDOM
        peer = hci.Address(data[::-1], hci.AddressType(address_type))
        radio.initiate(peer, interval_ms=interval_us / 1000, timeout_ms=SUPERVISION_MS)
        self.connect_end = self.board.air.loop.call_later(ms * 1e-3, self._connect_failed)

    def _connect_failed(self) -> None:
        self._stop_connecting()
        if self.device.radio.give_up():
            self.board.post(PERIPHERAL_DISCONNECT, NO_CONNECTION, 0xFF, 0, bytes(6))

    def _disconnect(self, handle: int, _b: int, _c: int, _data: bytes) -> int:
        if handle + 1 not in self.device.connections:
            return 0
        self.board.spawn(self.device.connections[handle + 1].disconnect())
        return 1

    def _mtu(self, handle: int, mtu: int, _c: int, _data: bytes) -> None:
        if handle < 0:
            self.device.gatt_server.max_mtu = mtu
            return
        client = self.connection(handle).gatt_client
        if client.mtu_exchange_done:
            raise CallError(errno.EALREADY)
        self.board.spawn(client.request_mtu(self.device.gatt_server.max_mtu))

    # events

    def _on_connection(self, connection: Connection) -> None:
        central = connection.role == hci.Role.CENTRAL
        if central:
            self._stop_connecting()
        if not self.active:
            self.board.spawn(connection.disconnect())
            return
        handle = connection.handle - 1
        address = connection.peer_address

        def on_disconnection(_reason: int) -> None:
            event = PERIPHERAL_DISCONNECT if central else CENTRAL_DISCONNECT
            self.board.post(event, handle, _address_type(address), 0, bytes(address)[::-1])

        connection.on(
            connection.EVENT_CONNECTION_ATT_MTU_UPDATE,
            lambda: self.board.post(MTU_EXCHANGED, handle, connection.att_mtu),
        )
        connection.on(connection.EVENT_DISCONNECTION, on_disconnection)
        connection.on(connection.EVENT_CONNECTION_PARAMETERS_UPDATE, lambda: self._on_parameters(connection))
        event = PERIPHERAL_CONNECT if central else CENTRAL_CONNECT
        self.board.post(event, handle, _address_type(address), 0, bytes(address)[::-1])

    def _on_parameters(self, connection: Connection) -> None:
        parameters = connection.parameters
        units = round(parameters.connection_interval / 1.25)
        self.board.post(CONNECTION_UPDATE, connection.handle - 1, units, round(parameters.supervision_timeout / 10))

    def _on_att(self, handle: int, pdu: bytes) -> bool:
        """Short cuts for the PDUs that stream: notifications and indications to us, write commands."""
        if pdu[0] == att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION:
            self.board.post(NOTIFY, handle - 1, struct.unpack_from("<H", pdu, 1)[0], 0, pdu[3:])
        elif pdu[0] == att.Opcode.ATT_HANDLE_VALUE_INDICATION:
            self.board.post(INDICATE, handle - 1, struct.unpack_from("<H", pdu, 1)[0], 0, pdu[3:])
            self.device.host.send_l2cap_pdu(handle, att.ATT_CID, bytes([att.Opcode.ATT_HANDLE_VALUE_CONFIRMATION]))
        elif pdu[0] == att.Opcode.ATT_WRITE_COMMAND:
            return self.server.write_command(handle, pdu)
        else:
            return False
        return True

    def _stop_connecting(self) -> None:
        if self.connect_end:
            self.connect_end.cancel()
            self.connect_end = None

    def _stop_timers(self) -> None:
        self._stop_connecting()
        if self.scan_end:
            self.scan_end.cancel()
            self.scan_end = None


def _address_type(address: hci.Address) -> int:
    return int(address.address_type) & 1
