"""The host's Bluetooth adapter on the virtual air, shared by all of Bleak's scanners and clients."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason
from bumble import hci
from bumble.core import UUID

from holdback.simulation.radio.controller import AirDevice, ScanReport

if TYPE_CHECKING:
    from holdback.simulation.air import Air

# The receiver is always open while a scan runs: a computer has the power.
SCAN_INTERVAL_S = 0.06


class Adapter:
    """Switched on at its first use. Several scanners share its one radio."""

    def __init__(self, air: Air, *, present: bool) -> None:
        self.air = air
        self.present = present
        self.connecting = asyncio.Lock()
        self._device: AirDevice | None = None
        self._starting: asyncio.Task[None] | None = None
        self._scanners: list[ScanReport] = []

    async def device(self) -> AirDevice:
        """The adapter's device. Raises BleakBluetoothNotAvailableError without an adapter."""
        if not self.present:
            reason = BleakBluetoothNotAvailableReason.NO_BLUETOOTH
            raise BleakBluetoothNotAvailableError("No Bluetooth adapters found.", reason)
        if self._device is None:
            self._device = self.air.device(self.air.new_host_name())
            self._starting = asyncio.ensure_future(self._device.power_on())
        assert self._starting
        await asyncio.shield(self._starting)
        return self._device

    async def add_scanner(self, report: ScanReport) -> None:
        """Report each advert and scan response from now on."""
        radio = (await self.device()).radio
        self._scanners.append(report)
        if radio.scan is None:
            radio.start_scan(self._report, interval_s=SCAN_INTERVAL_S, window_s=SCAN_INTERVAL_S, active=True)

    def remove_scanner(self, report: ScanReport) -> None:
        if report in self._scanners:
            self._scanners.remove(report)
        if self._device and not self._scanners:
            self._device.radio.stop_scan()

    def close(self) -> None:
        """The host goes away; its peers notice after their supervision timeout."""
        if self._device:
            self._device.radio.stop_scan()
            self.air.link.remove_controller(self._device.radio)

    def _report(self, kind: int, address: hci.Address, data: bytes, rssi_dbm: int) -> None:
        for report in list(self._scanners):
            report(kind, address, data, rssi_dbm)


def uuid_text(own: UUID) -> str:
    """A UUID as Bleak writes it: 128 bits, lower case."""
    return str(uuid.UUID(bytes=own.to_bytes(force_128=True)[::-1]))
