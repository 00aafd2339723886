"""Plan files, opened with the code that opens them on the device."""

import struct
from pathlib import Path

from pacing.plan import Plan, PlanError

from holdback.errors import IntegrityError

MAKE_ONE = "make the plans first: holdback race plan"
MAKE_AGAIN = "make the plans again: holdback race plan"


def open_plan(data: bytes, source: str = "plan") -> Plan:
    """The plan in `data`; IntegrityError names `source` and what is wrong with it."""
    view = memoryview(data)

    def read(offset: int, buffer: memoryview) -> None:
        buffer[:] = view[offset : offset + len(buffer)]

    try:
        return Plan(read, len(data))
    except PlanError as error:
        raise IntegrityError(f"{source}: not a plan that this version reads", str(error), MAKE_AGAIN) from None


def tail_crc(path: Path) -> int:
    """The CRC-32 that the file ends with, which is a plan's name; unchecked."""
    tail = path.read_bytes()[-4:]
    return struct.unpack("<I", tail)[0] if len(tail) == 4 else 0
