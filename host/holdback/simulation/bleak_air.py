"""Bleak on the virtual air: BleakScanner and BleakClient (and so smpclient) run unmodified inside `air.bleak()`.

The backend behaves as BlueZ does where that matters: names and services from adverts and scan responses together,
services filtered before a device counts as seen, MTU 247 exchanged at the connection, a write without response that
waits while too much is queued, and `BleakBluetoothNotAvailableError` where there is no adapter.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from unittest import mock

import bleak
from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends import BleakBackend
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDeviceNotFoundError,
    BleakError,
)
from bumble import att, hci
from bumble.core import UUID, AdvertisingData
from bumble.device import Connection
from bumble.gatt_client import CharacteristicProxy

from holdback.simulation.controller import AirDevice

if TYPE_CHECKING:
    from holdback.simulation.air import Air

# What BlueZ and macOS offer and ESP32 accepts: one link-layer packet of 251 bytes holds it.
MTU = 247
# BlueZ's default supervision timeout for a connection that it makes.
SUPERVISION_MS = 4200
# A write without response waits while so many PDUs are queued, as a kernel's socket does.
WRITE_QUEUE = 12
SCAN_INTERVAL_S = 0.06


class Adapter:
    """The host's Bluetooth adapter on one air: switched on at its first use."""

    def __init__(self, air: Air, *, present: bool) -> None:
        self.air = air
        self.present = present
        self._device: AirDevice | None = None
        self._starting: asyncio.Task[None] | None = None
        self.connecting = asyncio.Lock()

    async def device(self) -> AirDevice:
        """The adapter's device. Raises BleakBluetoothNotAvailableError without an adapter."""
        if not self.present:
            reason = BleakBluetoothNotAvailableReason.NO_BLUETOOTH
            raise BleakBluetoothNotAvailableError("No Bluetooth adapters found.", reason)
        if self._device is None:
            self._device = self.air.device("host adapter")
            self._starting = asyncio.ensure_future(self._device.power_on())
        assert self._starting
        await asyncio.shield(self._starting)
        return self._device


@contextlib.contextmanager
def patched_bleak(air: Air, *, adapter: bool) -> Iterator[None]:
    """Let Bleak find this backend where it looks for the platform's."""
    shared = Adapter(air, present=adapter)

    class Scanner(AirScanner):
        adapter = shared

    class Client(AirClient):
        adapter = shared

    with (
        mock.patch.object(bleak, "get_platform_scanner_backend_type", lambda: (Scanner, BleakBackend.BLUEZ_DBUS)),
        mock.patch.object(bleak, "get_platform_client_backend_type", lambda: (Client, BleakBackend.BLUEZ_DBUS)),
    ):
        yield


class AirScanner(BaseBleakScanner):
    """Active scanning, the receiver always open. Several scanners may run: each is fed by the one radio."""

    adapter: Adapter

    def __init__(self, detection_callback: Any, service_uuids: list[str] | None, scanning_mode: str, **_: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self._parts: dict[str, dict[bool, bytes]] = {}
        self._device: AirDevice | None = None

    async def start(self) -> None:
        self.seen_devices = {}
        self._parts.clear()
        self._device = await self.adapter.device()
        radio = self._device.radio
        radio.start_scan(self._on_advert, interval_s=SCAN_INTERVAL_S, window_s=SCAN_INTERVAL_S, active=True)

    async def stop(self) -> None:
        if self._device:
            self._device.radio.stop_scan()

    def _on_advert(self, kind: int, address: hci.Address, data: bytes, rssi_dbm: int) -> None:
        text = address.to_string(False)
        parts = self._parts.setdefault(text, {})
        parts[kind == 4] = data
        found = _advertisement(parts.get(False, b"") + parts.get(True, b""), rssi_dbm)
        if not self.is_allowed_uuid(found.service_uuids):
            return
        device = self.create_or_update_device(text, text, found.local_name, address, found)
        self.call_detection_callbacks(device, found)


def _advertisement(raw: bytes, rssi_dbm: int) -> AdvertisementData:
    """Bleak's view of advertising data and scan response together."""
    kinds = AdvertisingData.Type
    name, services, makers, service_data = None, [], {}, {}
    for kind, value in AdvertisingData.from_bytes(raw).ad_structures:
        size = {2: 2, 3: 2, 4: 4, 5: 4, 6: 16, 7: 16}.get(kind)
        if size:
            services += [_text(UUID.from_bytes(value[i : i + size])) for i in range(0, len(value), size)]
        elif kind in (kinds.COMPLETE_LOCAL_NAME, kinds.SHORTENED_LOCAL_NAME):
            name = value.decode(errors="replace")
        elif kind == kinds.MANUFACTURER_SPECIFIC_DATA:
            makers[int.from_bytes(value[:2], "little")] = value[2:]
        elif kind == kinds.SERVICE_DATA_16_BIT_UUID:
            service_data[_text(UUID.from_bytes(value[:2]))] = value[2:]
    return AdvertisementData(name, makers, service_data, services, None, rssi_dbm, ())


def _text(own: UUID) -> str:
    """A UUID as Bleak writes it: 128 bits, lower case."""
    return str(uuid.UUID(bytes=own.to_bytes(force_128=True)[::-1]))


class AirClient(BaseBleakClient):
    """A GATT client over Bumble's. Not named after BlueZ's, so callers ask each characteristic for its write size."""

    adapter: Adapter

    def __init__(self, address_or_ble_device: BLEDevice | str, services: Any = None, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._connection: Connection | None = None
        self._proxies: dict[int, CharacteristicProxy[bytes]] = {}
        self._wanted = services

    @property
    def name(self) -> str:
        return self.address

    @property
    def mtu_size(self) -> int:
        return self._connection.att_mtu if self._connection else att.ATT_DEFAULT_MTU

    @property
    def is_connected(self) -> bool:
        return self._connection is not None

    async def connect(self, pair: bool = False, **_: Any) -> None:
        """Wait for an advert of the device, connect, exchange the MTU, discover. BleakDeviceNotFoundError in time."""
        device = await self.adapter.device()
        async with self.adapter.connecting:
            self._connection = await self._wait_for_connection(device)
        self._connection.on(Connection.EVENT_DISCONNECTION, self._on_disconnection)
        try:
            await self._live(self._connection.gatt_client.request_mtu(MTU))
            await self._live(self._discover())
        except BaseException:
            await self.disconnect()
            raise

    async def _wait_for_connection(self, device: AirDevice) -> Connection:
        peer = hci.Address(self.address, hci.AddressType.RANDOM_DEVICE)
        arrived: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()

        def on_connection(connection: Connection) -> None:
            if connection.peer_address == peer and not arrived.done():
                arrived.set_result(connection)

        device.on(device.EVENT_CONNECTION, on_connection)
        device.connect_own_address_type = hci.OwnAddressType.RANDOM
        device.radio.initiate(peer, timeout_ms=SUPERVISION_MS)
        try:
            return await asyncio.wait_for(arrived, self._timeout)
        except TimeoutError:
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found.") from None
        finally:
            device.radio.give_up()
            device.remove_listener(device.EVENT_CONNECTION, on_connection)

    async def disconnect(self) -> None:
        if connection := self._connection:
            gone = asyncio.Event()
            connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: gone.set())
            await connection.disconnect()
            await gone.wait()

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        if self._disconnected_callback:
            self._disconnected_callback()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("the virtual air does not pair")

    async def unpair(self) -> None:
        raise NotImplementedError("the virtual air does not pair")

    async def _live(self, operation: Any) -> Any:
        """Run one GATT operation; a disconnection ends it with BleakError."""
        if self._connection is None:
            operation.close()
            raise BleakError("Not connected")
        connection = self._connection
        try:
            return await operation
        except att.ATT_Error as error:
            raise BleakError(f"the device refuses: {error}") from error
        except asyncio.CancelledError:
            if connection is not self._connection:  # Bumble cancels what waits for an answer at a disconnection
                raise BleakError("disconnected") from None
            raise

    async def _discover(self) -> None:
        assert self._connection
        client = self._connection.gatt_client
        self.services = BleakGATTServiceCollection()
        for found in await client.discover_services():
            service = BleakGATTService(None, found.handle, _text(found.uuid))
            if self._wanted and service.uuid not in self._wanted:
                continue
            self.services.add_service(service)
            for proxy in await client.discover_characteristics([], found):
                await self._add_characteristic(service, proxy)

    async def _add_characteristic(self, service: BleakGATTService, proxy: CharacteristicProxy[bytes]) -> None:
        assert self._connection and self.services
        self._proxies[proxy.handle] = proxy
        properties: list[CharacteristicPropertyName] = [
            name for bit, name in _PROPERTIES.items() if proxy.properties & bit
        ]
        connection = self._connection
        characteristic = BleakGATTCharacteristic(
            None, proxy.handle, _text(proxy.uuid), properties, lambda: connection.att_mtu - 3, service
        )
        self.services.add_characteristic(characteristic)
        for descriptor in await proxy.discover_descriptors():
            own = BleakGATTDescriptor(None, descriptor.handle, _text(descriptor.type), characteristic)
            self.services.add_descriptor(own)

    async def read_gatt_char(self, characteristic: BleakGATTCharacteristic, **_: Any) -> bytearray:
        return await self._read(characteristic.handle)

    async def read_gatt_descriptor(self, descriptor: BleakGATTDescriptor, **_: Any) -> bytearray:
        return await self._read(descriptor.handle)

    async def _read(self, handle: int) -> bytearray:
        assert self._connection
        return bytearray(await self._live(self._connection.gatt_client.read_value(handle)))

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: Any, response: bool) -> None:
        await self._write(characteristic.handle, bytes(data), response)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: Any) -> None:
        await self._write(descriptor.handle, bytes(data), True)

    async def _write(self, handle: int, data: bytes, response: bool) -> None:
        device = await self.adapter.device()
        while self._connection and device.in_flight(self._connection.handle) >= WRITE_QUEUE:  # noqa: ASYNC110  # the link has no event for it
            await asyncio.sleep(device.radio.air_link.interval_ms / 1000)
        if self._connection is None:
            raise BleakError("Not connected")
        await self._live(self._connection.gatt_client.write_value(handle, data, with_response=response))

    async def start_notify(self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **_: Any) -> None:
        proxy = self._proxies[characteristic.handle]
        await self._live(proxy.subscribe(lambda value: callback(bytearray(value))))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        await self._live(self._proxies[characteristic.handle].unsubscribe())


_PROPERTIES: dict[int, CharacteristicPropertyName] = {
    0x01: "broadcast",
    0x02: "read",
    0x04: "write-without-response",
    0x08: "write",
    0x10: "notify",
    0x20: "indicate",
}
