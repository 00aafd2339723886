"""Heart-rate straps: who is in the air, which one is meant, and telling the device to hold that one alone."""

import asyncio
from collections import Counter

import msgspec
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakError
from smp.error import MGMT_ERR
from smpclient.transport.ble import SMPBLETransport

from holdback.device.link import DeviceRefusedError, TransportFactory
from holdback.device.messages import STRAP_NAME_BYTES, StrapRead, StrapReadResponse, StrapWrite
from holdback.device.proof import connect
from holdback.device.radio import bus_errors, no_adapter
from holdback.errors import NotFoundError, UsageError

HEART_RATE = "0000180d-0000-1000-8000-00805f9b34fb"
SCAN_S = 5.0  # straps advertise each 0.25 to 1 s
WEAR_IT = "wear it, wet the contacts, and end its link to a watch or phone: many straps serve one at a time"


class StrapSighting(msgspec.Struct, frozen=True):
    """A strap that advertises. name: "" if it says none. rssi_dbm: signal, -30 near, -90 far."""

    name: str
    address: str
    rssi_dbm: int


async def scan_straps(timeout_s: float = SCAN_S) -> list[StrapSighting]:
    """Listen with this computer's adapter; the straps heard, strongest first. NotFoundError without an adapter."""
    heard: dict[str, StrapSighting] = {}

    def take(device: BLEDevice, advert: AdvertisementData) -> None:
        name = advert.local_name or ""
        if not name and device.address in heard:
            name = heard[device.address].name  # not each advert carries the name
        heard[device.address] = StrapSighting(name, device.address, advert.rssi)

    scanner = BleakScanner(take, [HEART_RATE])
    try:
        await scanner.start()
    except (BleakError, OSError, *bus_errors()) as error:
        raise no_adapter(error) from None
    try:
        await asyncio.sleep(timeout_s)
    finally:
        await scanner.stop()
    return sorted(heard.values(), key=lambda strap: (-strap.rssi_dbm, strap.address))


def the_one(straps: list[StrapSighting], name: str) -> StrapSighting:
    """The strap in the air that is called `name` (case does not matter), if just one is.

    Raises UsageError (the name is too long for the device, or two straps share it), NotFoundError (none has it).
    """
    check_name(name)
    matches = [strap for strap in straps if strap.name.casefold() == name.casefold()]
    if len(matches) == 1:
        return matches[0]
    if matches:
        where = ", ".join(f"{strap.address} ({strap.rssi_dbm} dBm)" for strap in matches)
        next_step = "the device tells straps by name: take the other one far away, or rename yours in its maker's app"
        raise UsageError(f"{len(matches)} straps in the air are called {name}", where, next_step)
    others = ", ".join(strap.name for strap in straps if strap.name)
    raise NotFoundError(f"no strap {name} in the air", f"heard: {others or 'no strap'}", WEAR_IT)


def check_name(name: str) -> None:
    """UsageError if the device has no room for `name`."""
    size = len(name.encode())
    if size > STRAP_NAME_BYTES:
        what = f"{name}: too long for the device"
        raise UsageError(what, f"{size} bytes, {STRAP_NAME_BYTES} fit", "rename the strap in its maker's app")


def twins(straps: list[StrapSighting]) -> set[str]:
    """The names that more than one strap in the air has."""
    count = Counter(strap.name for strap in straps)
    return {name for name, times in count.items() if name and times > 1}


async def pin(address: str, name: str, *, transport: TransportFactory = SMPBLETransport) -> None:
    """Tell the device to hold the strap of that name and no other; "" lets it take any again."""
    check_name(name)
    async with connect(address, transport) as link:
        try:
            await link.ask(StrapWrite(name=name))
        except DeviceRefusedError as error:
            raise _explained(error) from None


async def pinned(address: str, *, transport: TransportFactory = SMPBLETransport) -> StrapReadResponse:
    """Which strap the device is to hold, and whether it does."""
    async with connect(address, transport) as link:
        try:
            return await link.ask(StrapRead())
        except DeviceRefusedError as error:
            raise _explained(error) from None


def _explained(error: DeviceRefusedError) -> DeviceRefusedError:
    too_old = error.code == MGMT_ERR.ENOTSUP
    next_step = "this firmware cannot pin a strap yet: update it" if too_old else "holdback device status"
    return DeviceRefusedError("the strap was not pinned", error.code, next_step)
