"""How fast notifications come in at this computer's Bluetooth adapter, from a device that runs probes/notify.py."""

import asyncio

import msgspec
from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.exc import BleakError
from holdback.device.radio import bus_errors, no_adapter
from holdback.errors import NotFoundError

NAME = "Holdback-test"  # as in the probe, like these
TOLD, ASKED = (f"0000{short}-0000-1000-8000-00805f9b34fb" for short in ("7e58", "7e59"))
FIND_S = 30.0  # the probe is loaded over the cable meanwhile
QUIET_S = 3.0  # of silence: it has sent all


class Arrived(msgspec.Struct):
    """Bytes, and milliseconds from the first to the last."""

    size: int = 0
    ms: int = 0


async def adapter() -> None:
    """NotFoundError if there is none."""
    try:
        async with BleakScanner():
            pass
    except (BleakError, OSError, *bus_errors()) as error:
        raise no_adapter(error) from None


async def receive(find_s: float = FIND_S) -> Arrived:
    """Find the device, ask, and count. NotFoundError if it is not heard or lost before anything came."""
    found = await BleakScanner.find_device_by_name(NAME, timeout=find_s)
    if not found:
        raise NotFoundError(f"{NAME} is not heard", f"for {find_s:.0f} s", "bring it near the computer")
    try:
        async with BleakClient(found) as client:
            return await _count(client)
    except (BleakError, OSError, *bus_errors()) as error:
        raise NotFoundError("the connection failed", str(error), "bring it near the computer") from None


async def _count(client: BleakClient) -> Arrived:
    arrived = Arrived()
    clock = asyncio.get_running_loop().time
    news = asyncio.Event()
    begun_s = 0.0

    def take(_: BleakGATTCharacteristic, data: bytearray) -> None:
        nonlocal begun_s
        now_s = clock()
        begun_s = begun_s or now_s
        arrived.size += len(data)
        arrived.ms = round((now_s - begun_s) * 1000)
        news.set()

    await client.start_notify(TOLD, take)
    await client.write_gatt_char(ASKED, b"\1", response=True)
    while True:
        news.clear()
        try:
            await asyncio.wait_for(news.wait(), QUIET_S)
        except TimeoutError:
            return arrived
