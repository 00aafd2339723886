"""A device on a cable: giving it its key with mpremote, MicroPython's own tool.

mpremote interrupts the firmware. Its watchdog goes on and restarts the device after half a minute, so what is done here
is short, and ends with a restart of its own: a stage that runs goes on afterwards. Recordings and plans stay untouched.
"""

import re
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from holdback.device.keys import DeviceKey, folder
from holdback.errors import HoldbackError, NotFoundError

MPREMOTE_S = 60.0  # connecting, interrupting and copying take seconds; a port that hangs must not hang us
_TELL_SERIAL = "import machine; from binascii import hexlify; print(hexlify(machine.unique_id()).decode())"
# The key gets its name when it is whole; what is printed tells that it is, and nothing of the key.
_TAKE_KEY = """\
import os
from binascii import hexlify
from hashlib import sha256
os.rename("/key.new", "/key")
with open("/key", "rb") as f:
    print(hexlify(sha256(f.read()).digest()).decode())
"""
# A line of `mpremote connect list`: port, USB serial number, vendor and product.
_LISTED = re.compile(r"^(\S+) (\S+) ([0-9a-f]{4}:[0-9a-f]{4}) ", re.MULTILINE)
_SAFE = "switch it on and press its button within 3 s of the buzz (safe mode), then the same again"


def serial_of(port: str) -> str:
    """The serial number of the device at `port` ("auto": the first USB port). Raises NotFoundError, HoldbackError."""
    return _last_line(mpremote(port, "exec", _TELL_SERIAL))


def give(port: str, key: DeviceKey, *, restart: bool = True) -> None:
    """Put the key on the device, check it there, and restart the device. Raises NotFoundError, HoldbackError.

    The key goes through a private file: a command's words can be read by every user of this computer.
    """
    with tempfile.TemporaryDirectory(dir=folder()) as name:
        file = Path(name) / "key"
        file.write_bytes(key.key)  # the folder is the user's alone
        words = ["fs", "cp", str(file), ":/key.new", "+", "exec", _TAKE_KEY]
        told = mpremote(port, *words, *(["+", "reset"] if restart else []))
    if sha256(key.key).hexdigest() not in told.split():
        raise HoldbackError("the key did not arrive whole", _last_line(told), _SAFE)


def _command() -> list[str]:
    """mpremote as it is installed beside this Python."""
    return [str(Path(sys.executable).with_name("mpremote"))]


def steady(port: str) -> str:
    """`port` by its USB serial number, "auto" being the first USB port: where native USB comes back after a restart its
    name may be another, and another device's may be first. What has no number of its own stays what it is.

    Raises NotFoundError, HoldbackError.
    """
    listed = _LISTED.findall(_run("auto", "list", seconds=MPREMOTE_S))
    numbers = [number for _, number, ids in listed if ids != "0000:0000" and number != "None"]
    if port == "auto":
        port = next((name for name, _, ids in listed if ids != "0000:0000"), port)
    for name, number, _ in listed:
        if name == port and numbers.count(number) == 1:
            return f"id:{number}"
    return port


def mpremote(port: str, *words: str, seconds: float = MPREMOTE_S) -> str:
    """What mpremote prints; it does not restart the interpreter first (resume). Raises NotFoundError, HoldbackError."""
    return _run(port, port, "resume", *words, seconds=seconds)


def _run(port: str, *words: str, seconds: float) -> str:
    command = [*_command(), "connect", *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, check=False)
    except OSError as error:
        raise NotFoundError("mpremote cannot be run", error.strerror or str(error), "make setup") from None
    except subprocess.TimeoutExpired:
        raise HoldbackError(f"the device at port {port} does not answer", f"in {seconds:.0f} s", _SAFE) from None
    if done.returncode:
        why = _last_line(done.stderr) or _last_line(done.stdout)
        next_step = f"is it plugged in, and no other program at the port? mpremote connect list; {_SAFE}"
        raise NotFoundError(f"no device answers at port {port}", why, next_step)
    return done.stdout


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2].strip()
