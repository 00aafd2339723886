"""What this computer remembers of each device it has met: one small JSON file a device id."""

import re
from pathlib import Path

import msgspec
from platformdirs import user_state_path

from holdback.device.radio import Sighting
from holdback.writing import write_whole


class Known(msgspec.Struct):
    """A device: its name and address when last met, and when (unix seconds) plans and recordings went over.

    armed: the stage that it was left armed with, 0 none: then it is silent.
    """

    id: str
    name: str = ""
    address: str = ""
    seen_s: int = 0
    pushed_s: int = 0
    pulled_s: int = 0
    armed: int = 0
    stages_pulled: list[int] = msgspec.field(default_factory=list)


def path_of(device_id: str) -> Path:
    safe = re.sub(r"[^A-Za-z0-9-]", "_", device_id)  # the id comes over the air
    return user_state_path("holdback") / "devices" / f"{safe}.json"


def recall(device_id: str) -> Known:
    """What is known of the device; nothing if it is new or the file is not readable."""
    try:
        known = msgspec.json.decode(path_of(device_id).read_bytes(), type=Known)
    except (OSError, msgspec.DecodeError):
        return Known(device_id)
    return known if known.id == device_id else Known(device_id)


def remember(sighting: Sighting, now_s: float, *, armed: int | None = None, pulled: int | None = None) -> None:
    """Note that the device was met, what it was armed with, and what was pulled. A state folder that cannot be written
    is no failure."""
    known = recall(sighting.id)
    known.name, known.address, known.seen_s = sighting.name, sighting.address, int(now_s)
    if armed is not None:
        known.pushed_s, known.armed = int(now_s), armed
    if pulled is not None:
        known.pulled_s = int(now_s)
        known.stages_pulled = sorted({*known.stages_pulled, pulled})
    path = path_of(sighting.id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(known))
    except OSError:
        return
