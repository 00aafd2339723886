"""Plan files, opened with the code that opens them on the device."""

import struct
from functools import cache
from pathlib import Path

from pacing.plan import Plan, PlanError
from pacing.unplanned import MOST_BPM, unplanned

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


def unplanned_with(crc: int, stage_no: int) -> Plan | None:
    """The plan that the device made itself for a run without one, if `crc` is that of such a plan."""
    data = _unplanned(stage_no).get(crc) if 1 <= stage_no <= 99 else None
    return open_plan(data) if data else None


@cache
def _unplanned(stage_no: int) -> dict[int, bytes]:
    """Every plan that a device may make itself for a stage, by its CRC-32."""
    files = (unplanned(stage_no, hr_cap_bpm) for hr_cap_bpm in range(MOST_BPM + 1))
    return {struct.unpack("<I", data[-4:])[0]: data for data in files}


def tail_crc(path: Path) -> int:
    """The CRC-32 that the file ends with, which is a plan's name; unchecked."""
    tail = path.read_bytes()[-4:]
    return struct.unpack("<I", tail)[0] if len(tail) == 4 else 0
