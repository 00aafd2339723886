"""Putting the firmware on a device: into the folder that it does not use, checked there, then one small file changes.

Whatever ends this early, the device starts the firmware that it had. docs/flashing.md tells an owner of it.
"""

import ast
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath

import msgspec

from holdback.building.build import PROJECT, build, functions
from holdback.device import cable, keys, traces, usb
from holdback.device.images import Image
from holdback.device.peace import Tell, peace
from holdback.errors import HoldbackError

SETTLE_S = 45.0  # a firmware settles when it has run for 30 s: firmware/app/supervisor.py
COPY_S = 900.0
BLOCK = 4096
SPARE_BYTES = 32_768  # the file system wants room to turn round
ROOT_FILES = ("boot.py", "slots.py", "main.py")  # in this order they get their names


class Firmware(msgspec.Struct, frozen=True):
    """A built firmware: {path in its folder: contents}, what goes beside the folders, and what it calls itself."""

    version: str
    files: Mapping[str, bytes]
    root: Mapping[str, bytes]
    names: traces.Names = {}  # what this computer keeps, to read the device's error log by

    @property
    def size(self) -> int:
        """Bytes that it takes on a device, about: whole blocks, and two for each folder."""
        folders = {str(PurePosixPath(name).parent) for name in self.files}
        everything = [*self.files.values(), *self.root.values()]
        return sum(-(-len(data) // BLOCK) * BLOCK for data in everything) + 2 * BLOCK * len(folders)


class Flashed(msgspec.Struct, frozen=True):
    """What came of it. version: as the new firmware said after its start; key: given, kept, or another (not ours)."""

    serial: str
    folder: str
    version: str
    key: str
    recordings: int


def built(image: Image) -> Firmware:
    """Compile the firmware for a board. Raises HoldbackError."""
    if not (PROJECT / "firmware" / "main.py").is_file():
        why = "this Holdback was installed without the project's firmware/"
        raise HoldbackError("there is no firmware to flash", why, "run it in a checkout of the project: make flash")
    with tempfile.TemporaryDirectory() as name:
        build(image.board, Path(name))
        there = {path.relative_to(name).as_posix(): path.read_bytes() for path in Path(name).rglob("*.*py")}
        names = msgspec.json.decode((Path(name) / "names.json").read_bytes())
    there = {name: data for name, data in there.items() if name not in ROOT_FILES}
    root = {name: (PROJECT / "firmware" / name).read_bytes() for name in ROOT_FILES}
    there["board.txt"] = image.board.encode()
    return Firmware(_version(), there, root, traces.of_functions(names, functions(image.board)))


def _version() -> str:
    tree = ast.parse((PROJECT / "firmware" / "app" / "supervisor.py").read_text(encoding="utf-8"))
    values = [node.value for node in tree.body if isinstance(node, ast.Assign) and "FIRMWARE" in ast.unparse(node)]
    return str(ast.literal_eval(values[0]))


def flash(
    port: str, image: Image, firmware: Firmware, tell: Tell = lambda line: None, *, other_board: bool = False
) -> Flashed:
    """Put `firmware` on the device at `port` ("auto": the first USB port). Recordings, plans and state stay.

    Raises NotFoundError, HoldbackError (it does not fit, a stage is open, no room, damaged on the way, not come up).
    """
    with peace(port, image, tell, other_board=other_board) as found:
        folder = _spare(port, found)
        _fill(port, folder, firmware, found, tell)
        key = _give_key(port, found)
        traces.remember(found.serial, firmware.names)
        tell(f"all files are whole; folder {folder} is next")
        for name in _changed(firmware, found):
            cable.rename(port, f"/{name}.new", f"/{name}")
        cable.set_slot(port, f"{folder} 1")
    tell(f"it restarts; in {SETTLE_S:.0f} s it must have settled")
    version = _came_up(port, folder)
    return Flashed(found.serial, folder, version, key, found.recordings)


def _spare(port: str, found: cable.Look) -> str:
    """The folder to fill: never the one of a firmware that has proved itself."""
    if not found.folders:
        return cable.FOLDERS[0]
    other = cable.FOLDERS[found.folder == cable.FOLDERS[0]]
    if found.settled or other not in found.folders:
        return other
    cable.set_slot(port, f"{other} 0")  # the one on trial makes room; what it replaced is what the device has
    return found.folder


def _fill(port: str, folder: str, firmware: Firmware, found: cable.Look, tell: Tell) -> None:
    """Empty the folder, copy, and compare each file's SHA-256 as the device reads it back."""
    free = cable.wipe(port, folder)
    if free < firmware.size + SPARE_BYTES:
        why = (
            f"it takes {firmware.size // 1000} kB, {free // 1000} kB are free, {found.recordings} recordings are there"
        )
        next_step = "pull the recordings; what is safely here can go: mpremote resume fs rm :/rec/stage-01.hbr + reset"
        raise HoldbackError("the firmware does not fit on the device", why, next_step)
    wanted = {f"/{folder}/{name}": data for name, data in firmware.files.items()}
    wanted |= {f"/{name}.new": firmware.root[name] for name in _changed(firmware, found)}
    tell(f"copying {sum(map(len, wanted.values())) // 1000} kB into folder {folder}: about a minute")
    _copy(port, wanted)
    extra = [path for path in wanted if path.endswith(".new")]
    here = {path: sha256(data).hexdigest() for path, data in wanted.items()}
    there = cable.sums(port, folder, extra)
    if here != there:
        odd = ", ".join(sorted(path for path in {*here, *there} if here.get(path) != there.get(path)))
        raise HoldbackError("files did not arrive whole", odd, "the old firmware goes on; the same command again")


def _copy(port: str, wanted: Mapping[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        words: list[str] = []
        made: set[str] = set()
        for number, (path, data) in enumerate(sorted(wanted.items())):
            parent = str(PurePosixPath(path).parent)
            if parent.count("/") > 1 and parent not in made:
                words += ["fs", "mkdir", f":{parent}", "+"]
                made.add(parent)
            file = Path(name) / str(number)
            file.write_bytes(data)
            words += ["fs", "cp", str(file), f":{path}", "+"]
        usb.mpremote(port, *words[:-1], seconds=COPY_S)


def _changed(firmware: Firmware, found: cable.Look) -> list[str]:
    """The files beside the folders that are other ones than the device's."""
    return [name for name, data in firmware.root.items() if sha256(data).hexdigest() != found.root.get(name)]


def _give_key(port: str, found: cable.Look) -> str:
    """The device's key, if it has none: this computer's of it, or a new one. One that it has stays."""
    ours = keys.recall(found.serial)
    if found.key:
        return "kept" if ours and sha256(ours.key).hexdigest() == found.key else "another"
    key = ours or keys.fresh(found.serial)
    with keys.exchange(key):
        usb.give(port, key, restart=False)
    return "given"


def _came_up(port: str, folder: str) -> str:
    """What the new firmware says it is. Asking interrupts it: the device is restarted, and has one more chance."""
    what, why = "the new firmware does not settle", ""
    for _ in range(2):
        time.sleep(SETTLE_S)
        found = cable.look(port)
        cable.restart(port, safe=False)
        why = f"/slot says {found.slot.strip()!r}"
        if found.folder != folder:
            what = "the device has gone back to its old firmware"
            break
        if found.settled_version:
            return found.settled_version
    raise HoldbackError(what, why, "holdback device logs --port PORT")
