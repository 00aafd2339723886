"""A GATT client for Bleak on the virtual air, over Bumble's."""

from __future__ import annotations

import asyncio
from typing import Any

from bleak.assigned_numbers import CharacteristicPropertyName
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError
from bumble import att, hci
from bumble.device import Connection
from bumble.gatt_client import CharacteristicProxy

from holdback.simulation.radio.bleak_adapter import Adapter, uuid_text
from holdback.simulation.radio.controller import AirDevice

# What BlueZ and macOS offer and ESP32 accepts: one link-layer packet of 251 bytes holds it.
MTU = 247
# BlueZ's default supervision timeout for a connection that it makes.
SUPERVISION_MS = 4200
# A write without response waits while so many PDUs are queued, as a kernel's socket does.
WRITE_QUEUE = 12


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
        raise BleakError("the virtual air does not pair")

    async def unpair(self) -> None:
        raise BleakError("the virtual air does not pair")

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
            service = BleakGATTService(None, found.handle, uuid_text(found.uuid))
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
            None, proxy.handle, uuid_text(proxy.uuid), properties, lambda: connection.att_mtu - 3, service
        )
        self.services.add_characteristic(characteristic)
        for descriptor in await proxy.discover_descriptors():
            own = BleakGATTDescriptor(None, descriptor.handle, uuid_text(descriptor.type), characteristic)
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
