"""What is put on a virtual board's flash before its power comes: the device's key, as over USB on a real one.

No board and no time are needed for it: the unix port mounts the same littlefs.
"""

from __future__ import annotations

import subprocess
from functools import cache
from hashlib import sha256

from holdback.device.keys import DeviceKey, keyring
from holdback.errors import HoldbackError
from holdback.simulation.machine.flash import Flash
from holdback.simulation.machine.process import STANDINS, find_micropython

# Every virtual board's: it is no secret, and a run that is repeated is the same run.
SIMULATED_KEY = sha256(b"Holdback, simulated").digest()

# Its arguments: the image, its size, "new" or "used", and the file; what is written comes in as hex digits.
_WRITER = """
import sys
from binascii import unhexlify
class virtual:
    config = {"flash": sys.argv[1], "flash_size": int(sys.argv[2]), "flash_cut": -1}
    handlers = {}
sys.modules["virtual"] = virtual
import blockdev, os, vfs
chip = blockdev.flash()
if sys.argv[3] == "new":
    vfs.VfsLfs2.mkfs(chip)
vfs.mount(vfs.VfsLfs2(chip), "/flash")
os.chdir("/flash")
folder, _, name = sys.argv[4].rpartition("/")
if folder and folder not in os.listdir():
    os.mkdir(folder)
with open("new", "wb") as f:
    f.write(unhexlify(sys.stdin.readline().strip()))
os.rename("new", sys.argv[4])
"""


def provision(flash: Flash, key: bytes = SIMULATED_KEY) -> None:
    """Put `key` on a flash that is in no running board; files that are there stay. HoldbackError if it holds none."""
    if flash.read().count(b"\xff") < flash.size:
        put(flash, "key", key)
    else:
        flash.write(_fresh(flash.size, key))


def put(flash: Flash, name: str, data: bytes) -> None:
    """Write a file ("key", "rec/stage-01.hbr") on a formatted flash that is in no running board. HoldbackError."""
    _write(flash, name, data, "used")


def hold_simulated_keys() -> None:
    """From here on commands of this task hold the key of every virtual board, and no other."""
    keyring.set(lambda serial: DeviceKey(serial, SIMULATED_KEY))


@cache
def _fresh(size: int, key: bytes) -> bytes:
    """The image of a formatted flash with a key and nothing else."""
    flash = Flash(size)
    _write(flash, "key", key, "new")
    return flash.read()


def _write(flash: Flash, name: str, data: bytes, state: str) -> None:
    command = [find_micropython(), "-c", _WRITER, str(flash.path), str(flash.size), state, name]
    path = {"MICROPYPATH": f"{STANDINS}:.frozen"}
    done = subprocess.run(command, input=data.hex(), env=path, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HoldbackError(f"{name} was not written to the virtual flash", (done.stdout + done.stderr).strip())
