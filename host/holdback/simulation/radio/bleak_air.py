"""Bleak on the virtual air: BleakScanner and BleakClient (and so smpclient) run unmodified inside `air.bleak()`.

The backend behaves as BlueZ does where that matters: names and services from adverts and scan responses together,
services filtered before a device counts as seen, MTU 247 exchanged at the connection, a write without response that
waits while too much is queued, and `BleakBluetoothNotAvailableError` where there is no adapter.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from unittest import mock

import bleak
from bleak.backends import BleakBackend
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bumble import hci
from bumble.core import UUID, AdvertisingData

from holdback.simulation.radio.bleak_adapter import Adapter, uuid_text
from holdback.simulation.radio.bleak_client import AirClient

if TYPE_CHECKING:
    from holdback.simulation.air import Air


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
        try:
            yield
        finally:
            shared.close()


class AirScanner(BaseBleakScanner):
    """Active scanning, the receiver always open."""

    adapter: Adapter

    def __init__(self, detection_callback: Any, service_uuids: list[str] | None, scanning_mode: str, **_: Any) -> None:
        super().__init__(detection_callback, service_uuids)
        self._parts: dict[str, dict[bool, bytes]] = {}

    async def start(self) -> None:
        self.seen_devices = {}
        self._parts.clear()
        await self.adapter.add_scanner(self._on_advert)

    async def stop(self) -> None:
        self.adapter.remove_scanner(self._on_advert)

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
            services += [uuid_text(UUID.from_bytes(value[i : i + size])) for i in range(0, len(value), size)]
        elif kind in (kinds.COMPLETE_LOCAL_NAME, kinds.SHORTENED_LOCAL_NAME):
            name = value.decode(errors="replace")
        elif kind == kinds.MANUFACTURER_SPECIFIC_DATA:
            makers[int.from_bytes(value[:2], "little")] = value[2:]
        elif kind == kinds.SERVICE_DATA_16_BIT_UUID:
            service_data[uuid_text(UUID.from_bytes(value[:2]))] = value[2:]
    return AdvertisementData(name, makers, service_data, services, None, rssi_dbm, ())
