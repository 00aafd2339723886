"""The device's error log: what went wrong there, the newest 4 to 8 kB of it. Its names are the built firmware's."""

from smpclient.requests.file_management import FileDownload
from smpclient.transport.ble import SMPBLETransport

from holdback.device import cable, usb
from holdback.device.link import DeviceRefusedError, TransportFactory, nonsense
from holdback.device.proof import connect

MOST_BYTES = 64 << 10  # a longer one is made up
_SHOW = """\
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
    data, size = b"", 1
    async with connect(address, transport) as link:
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


def by_cable(port: str) -> str:
    """Read it over USB, and restart the device. Raises NotFoundError, HoldbackError."""
    try:
        return usb.mpremote(port, "exec", _SHOW)
    finally:
        cable.restart(port, safe=False)
