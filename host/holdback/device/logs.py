"""The device's error log: what went wrong there, the newest 4 to 8 kB of it. Its names are the built firmware's:
holdback.device.traces."""

from smpclient.requests.file_management import FileDownload
from smpclient.transport.ble import SMPBLETransport

from holdback.device import cable, usb
from holdback.device.link import DeviceRefusedError, Link, TransportFactory, nonsense
from holdback.device.proof import connect

MOST_BYTES = 64 << 10  # a longer one is made up
MOST_LINE = 200
_SHOW = """\
import machine
from binascii import hexlify
print(hexlify(machine.unique_id()).decode())
for path in ("/errors.log.old", "/errors.log"):
    try:
        with open(path) as f:
            for line in f:
                print(line, end="")
    except (OSError, ValueError):
        pass
"""


async def by_air(address: str, *, transport: TransportFactory = SMPBLETransport) -> str:
    """Read it over Bluetooth; "" if there is none. Raises LinkLostError, DeviceRefusedError, IntegrityError."""
    async with connect(address, transport) as link:
        return await read(link)


async def read(link: Link) -> str:
    """As by_air, of a device that is connected."""
    data, size = b"", 1
    while len(data) < size:
        try:
            answer = await link.ask(FileDownload(off=len(data), name="errors"))
        except DeviceRefusedError as error:
            if error.not_there and not data:
                return ""
            raise
        size = size if data else answer.len or 0
        if size > MOST_BYTES or (size and not answer.data):
            raise nonsense("its error log never ends", f"{size} bytes")
        data += answer.data
    return data.decode(errors="replace")


def newest(log: str) -> str:
    """The newest fault in one line, which part of the firmware and what: "gnss: OSError: 5"; "" if there is none."""
    lines = log.split("\n")
    where = [line.partition(": Traceback")[0] for line in lines if ": Traceback" in line]
    return ": ".join([*where[-1:], *[line for line in lines if line.strip()][-1:]])[:MOST_LINE]


def by_cable(port: str) -> tuple[str, str]:
    """Read the device's serial number and its log over USB, and restart it. Raises NotFoundError, HoldbackError.

    Where that fails or is broken off its watchdog restarts it.
    """
    serial, _, log = usb.mpremote(port, "exec", _SHOW).partition("\n")
    cable.restart(port, safe=False)
    return serial.strip(), log
