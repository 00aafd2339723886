"""Putting the firmware on a device: into the folder that it does not use, checked there, then one small file changes.

Whatever ends this early, the device starts the firmware that it had. docs/flashing.md tells an owner of it.
"""

import ast
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path, PurePosixPath

import msgspec

from holdback.device import cable, keys, usb
from holdback.device.build import PROJECT, build
from holdback.device.images import Image, check, check_board
from holdback.errors import HoldbackError

BOOT_S = 3.0  # from a restart until the port is there again
TRIES = 5  # to find the device at its prompt after a restart
SETTLE_S = 45.0  # a firmware settles when it has run for 30 s: firmware/app/supervisor.py
COPY_S = 900.0
BLOCK = 4096
SPARE_BYTES = 32_768  # the file system wants room to turn round
ROOT_FILES = ("boot.py", "slots.py", "main.py")  # in this order they get their names

Tell = Callable[[str], object]


class Firmware(msgspec.Struct, frozen=True):
    """A built firmware: {path in its folder: contents}, what goes beside the folders, and what it calls itself."""

    version: str
    files: Mapping[str, bytes]
    root: Mapping[str, bytes]

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
    there = {name: data for name, data in there.items() if name not in ROOT_FILES}
    root = {name: (PROJECT / "firmware" / name).read_bytes() for name in ROOT_FILES}
    there["board.txt"] = image.board.encode()
    return Firmware(_version(), there, root)


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
    found = cable.look(port)
    with _old_one_goes_on(port):
        _refuse(found, image, port)
        if not other_board:
            check_board(image, found)
        tell("the device restarts without watchdog and radio")
        found = _in_peace(port)
        folder = _spare(port, found)
        _fill(port, folder, firmware, found, tell)
        key = _give_key(port, found)
        tell(f"all files are whole; folder {folder} is next")
        for name in _changed(firmware, found):
            cable.rename(port, f"/{name}.new", f"/{name}")
        cable.set_slot(port, f"{folder} 1")
    cable.restart(port, safe=False)
    tell(f"it restarts; in {SETTLE_S:.0f} s it must have settled")
    version = _came_up(port, folder)
    return Flashed(found.serial, folder, version, key, found.recordings)


@contextmanager
def _old_one_goes_on(port: str) -> Iterator[None]:
    """Whatever happens in it: restart the device, which then runs what its slot file says."""
    try:
        yield
    except BaseException:
        with suppress(HoldbackError):
            cable.restart(port, safe=False)
        raise


def _refuse(found: cable.Look, image: Image, port: str) -> None:
    check(image, found, port)
    if found.open_stage:
        why = "its recording has begun and not ended; it goes on now"
        next_step = "end it (hold three seconds, feel the buzz, let go, press), pull it, and flash then"
        raise HoldbackError(f"stage {found.open_stage} is open", why, next_step)


def _in_peace(port: str) -> cable.Look:
    """Restart in safe mode. A watchdog that is armed goes on at the prompt, and would end a copy."""
    for _ in range(TRIES):
        cable.restart(port, safe=True)
        found = _again(port)
        if not found.running:
            return found
    what = "the device does not come up without its watchdog"
    raise HoldbackError(what, f"tried {TRIES} times", "press its button within 3 s of the boot buzz, and begin again")


def _again(port: str) -> cable.Look:
    """Look at a device that has just restarted: its port may be away for a moment."""
    for _ in range(TRIES - 1):
        time.sleep(BOOT_S)
        with suppress(HoldbackError):
            return cable.look(port)
    return cable.look(port)


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
