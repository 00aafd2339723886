"""What lies on the flash, as hosts and the button ask for it in camp."""

import os
import struct
from binascii import crc32

from micropython import const

from app.lives import forget
from app.store import FileBytes

_CHUNK = const(512)


def stages(root: str, folder: str) -> list:
    """Stage numbers of the files in "plans" or "rec", ascending."""
    found = []
    for entry in os.ilistdir("%s/%s" % (root, folder)):
        name = entry[0]
        if len(name) == 12 and name.startswith("stage-") and name[6:8].isdigit() and name[-1] in "pr":
            found.append(int(name[6:8]))
    return sorted(found)


def plan_crc(path: str) -> int:
    """The CRC-32 that the plan at `path` ends with: its name in the sync protocol. 0 if it is no plan."""
    data = FileBytes(path)
    tail = bytearray(4)
    try:
        if data.size >= 4:
            data.read(data.size - 4, tail)
    finally:
        data.close()
    return struct.unpack("<I", tail)[0]


def crc_of(path: str, start: int, length: int) -> int:
    """CRC-32 of `length` bytes from `start`."""
    crc = 0
    view = memoryview(bytearray(_CHUNK))
    with open(path, "rb") as f:
        f.seek(start)
        while length > 0:
            n = f.readinto(view[: min(_CHUNK, length)])
            if not n:
                break
            crc = crc32(view[:n], crc)
            length -= n
    return crc & 0xFFFFFFFF


def check_plan(path: str) -> tuple:
    """Stage number and CRC-32 of the plan at `path`, of which every range is checked. ValueError says what is wrong."""
    from pacing.plan import Plan  # of use for this moment only

    data = FileBytes(path)
    try:
        plan = Plan(data.read, data.size)
        return plan.stage_no, plan.crc
    finally:
        data.close()
        forget("pacing.plan", "pacing.planfields")
