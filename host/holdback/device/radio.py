"""Who is in the air: scanning for Holdbacks, choosing one, and what a missing adapter is called."""

import asyncio
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakError
from smpclient.transport import SMP_SERVICE_UUID

from holdback.errors import NotFoundError, UsageError

PREFIX = "Holdback-"
SCAN_S = 5.0  # an idle device advertises each 300 ms; even if a busy scanner hears one in ten, this finds it
FIND_S = 10.0  # a device just brought out of a bag or a stage: twice the above before saying that there is none
SETTLE_S = 2.0  # once one is heard, a second one in the tent has six adverts' time to be heard too

# Three presses mean another thing while a stage runs: a low moment.
SILENT = (
    "armed it is silent: three presses open it for two minutes; while a stage runs, end that first (hold 3 s, press)"
)

_WAYS_OUT = {
    BleakBluetoothNotAvailableReason.POWERED_OFF: "switch Bluetooth on",
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: "allow this terminal to use Bluetooth in the system's settings",
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: "ask the administrator for the right to use Bluetooth",
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: "plug in an adapter that supports Bluetooth Low Energy",
}
_PLUG_IN = "plug in or switch on a Bluetooth adapter (on Linux the bluetooth service must run too)"


class SilentError(NotFoundError):
    """The adapter listens, and the device that is meant does not speak."""


class Sighting(msgspec.Struct, frozen=True):
    """A Holdback that advertises. id: the end of its name, as printed on it. rssi_dbm: signal, -30 near, -90 far."""

    id: str
    name: str
    address: str
    rssi_dbm: int


@asynccontextmanager
async def _scanning(heard: dict[str, Sighting], news: asyncio.Event) -> AsyncIterator[None]:
    def take(device: BLEDevice, advert: AdvertisementData) -> None:
        name = advert.local_name or device.name or ""
        if name.startswith(PREFIX):  # other MCUmgr devices use the same service
            new = device.address not in heard
            heard[device.address] = Sighting(name.removeprefix(PREFIX), name, device.address, advert.rssi)
            if new:
                news.set()

    scanner = BleakScanner(take, [str(SMP_SERVICE_UUID)])
    try:
        await scanner.start()
    except (BleakError, OSError, *bus_errors()) as error:
        raise no_adapter(error) from None
    try:
        yield
    finally:
        await scanner.stop()


def bus_errors() -> tuple[type[Exception], ...]:
    """What Bleak lets through from the Linux system bus; it is installed on Linux alone."""
    try:
        from dbus_fast.errors import DBusFastError
    except ImportError:
        return ()
    return (DBusFastError,)


def no_adapter(error: Exception) -> NotFoundError:
    """The words for a scan that could not even start."""
    if isinstance(error, BleakBluetoothNotAvailableError):
        return NotFoundError("no usable Bluetooth adapter", str(error.args[0]), _WAYS_OUT.get(error.reason, _PLUG_IN))
    what = "the system's Bluetooth service cannot be reached: " if isinstance(error, OSError) else ""
    return NotFoundError("no usable Bluetooth adapter", f"{what}{error}", _PLUG_IN)


async def scan(timeout_s: float = SCAN_S) -> list[Sighting]:
    """Listen for `timeout_s`; the Holdbacks heard, strongest first. NotFoundError without an adapter."""
    heard: dict[str, Sighting] = {}
    async with _scanning(heard, asyncio.Event()):
        await asyncio.sleep(timeout_s)
    return sorted(heard.values(), key=lambda sighting: (-sighting.rssi_dbm, sighting.address))


async def find(device: str = "", timeout_s: float = FIND_S) -> Sighting:
    """The one Holdback in the air, or the one whose id, name or address is `device` (case does not matter).

    Raises NotFoundError (none, or no adapter), UsageError (several, and `device` does not tell them apart).
    """
    heard: dict[str, Sighting] = {}
    news = asyncio.Event()
    async with _scanning(heard, news):
        try:
            async with asyncio.timeout(timeout_s):
                while not _matching(heard, device):
                    await news.wait()
                    news.clear()
        except TimeoutError:
            raise _nobody(device, heard) from None
        await asyncio.sleep(SETTLE_S)
    matches = _matching(heard, device)
    if len(matches) > 1:
        raise UsageError(
            f"{len(matches)} devices are in the air",
            _listed(matches),
            f"choose one: --device {shlex.quote(matches[0].id)}",
        )
    return matches[0]


def _matching(heard: dict[str, Sighting], device: str) -> list[Sighting]:
    wanted = device.casefold()
    everyone = sorted(heard.values(), key=lambda sighting: sighting.address)
    return [s for s in everyone if not wanted or wanted in (s.id.casefold(), s.name.casefold(), s.address.casefold())]


def _listed(sightings: list[Sighting]) -> str:
    return ", ".join(f"{sighting.name} ({sighting.address})" for sighting in sightings)


def _nobody(device: str, heard: dict[str, Sighting]) -> SilentError:
    next_step = f"bring it near; {SILENT}"
    if heard:
        everyone = sorted(heard.values(), key=lambda sighting: sighting.address)
        return SilentError(f"no device {device} in the air", f"heard: {_listed(everyone)}", next_step)
    what = f"no device {device} in the air" if device else "no Holdback in the air"
    return SilentError(what, f"nothing heard for {FIND_S:.0f} s", next_step)
