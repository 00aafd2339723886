"""What is asked of a device on a cable, and done there, in MicroPython at its prompt. Paths are the device's.

Each script is one short call: while one runs, the firmware stands still.
"""

from typing import Annotated, TypeVar

import msgspec
from pacing.journal import EV_END, EV_UNEND
from pacing.journalreader import END, EVENT, Reader

from holdback.device.usb import mpremote
from holdback.errors import HoldbackError

FOLDERS = ("a", "b")
T = TypeVar("T")
GONE_MS = 500  # until then mpremote has closed the port: with the chip's own USB a restart takes it away
TAIL_BYTES = 1600  # of a recording: two of its longest blocks
_NEXT = "switch it off and on, press its button within 3 s of the buzz (safe mode), and begin again"

_LOOK = """\
import os, sys, json, machine
from binascii import hexlify
from hashlib import sha256
def read(path, tail=0):
    try:
        with open(path, "rb") as f:
            if tail:
                f.seek(max(0, f.seek(0, 2) - tail))
            return f.read()
    except OSError:
        return b""
def names(path):
    try:
        return os.listdir(path)
    except OSError:
        return []
def sha(path):
    data = read(path)
    return hexlify(sha256(data).digest()).decode() if data else ""
this = sys.implementation
state = read("/state")
armed = state[1] if len(state) > 1 else 0
fs = os.statvfs("/")
print(json.dumps({
    "build": getattr(this, "_build", ""), "machine": getattr(this, "_machine", ""), "mpy": getattr(this, "_mpy", 0),
    "version": list(this.version[:3]), "serial": hexlify(machine.unique_id()).decode(), "slot": read("/slot").decode(),
    "folders": [name for name in names("/") if name in ("a", "b")], "armed": armed,
    "tail": hexlify(read("/rec/stage-%02d.hbr" % armed, TAIL)).decode(), "recordings": len(names("/rec")),
    "key": sha("/key"), "root": {name: sha(name) for name in ("boot.py", "slots.py", "main.py")}, "free": fs[0] * fs[3],
    "board": read("/%s/board.txt" % read("/slot").decode()[:1]).decode(), "running": "app.supervisor" in sys.modules,
}))
""".replace("TAIL", str(TAIL_BYTES))

_WIPE = """\
import os
def wipe(path):
    for name, kind, *_ in list(os.ilistdir(path)):
        if kind == 0x4000:
            wipe(path + "/" + name)
            os.rmdir(path + "/" + name)
        else:
            os.remove(path + "/" + name)
try:
    wipe("/FOLDER")
except OSError:
    os.mkdir("/FOLDER")
fs = os.statvfs("/")
print(fs[0] * fs[3])
"""

_SUMS = """\
import os, json
from binascii import hexlify
from hashlib import sha256
buf = bytearray(1024)
found = {}
def add(path):
    digest = sha256()
    with open(path, "rb") as f:
        while True:
            n = f.readinto(buf)
            if not n:
                break
            digest.update(memoryview(buf)[:n])
    found[path] = hexlify(digest.digest()).decode()
def walk(path):
    for name, kind, *_ in list(os.ilistdir(path)):
        if kind == 0x4000:
            walk(path + "/" + name)
        else:
            add(path + "/" + name)
walk("/FOLDER")
for path in EXTRA:
    add(path)
print(json.dumps(found))
"""

# A file gets its name when it is whole: whoever is interrupted has the old one or the new one.
_SLOT = """\
import os
with open("/slot.new", "w") as f:
    f.write(TEXT)
os.rename("/slot.new", "/slot")
"""

_RESTART = "import machine, time; machine.RTC().memory({flag!r}); time.sleep_ms({ms}); machine.reset()"

Hex = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]*\Z", max_length=2 * TAIL_BYTES)]


class Look(msgspec.Struct, frozen=True):
    """What a device says of itself. `tail`: the end of the armed stage's recording; `board`: what its firmware was
    built for; `running`: its firmware was."""

    build: str
    machine: str
    mpy: int
    version: list[int]
    serial: Hex
    slot: str
    folders: list[str]
    armed: int
    tail: Hex
    recordings: int
    key: Hex
    root: dict[str, Hex]
    free: int
    board: str
    running: bool

    @property
    def open_stage(self) -> int:
        """The stage that has begun and not ended; 0 if there is none."""
        return self.armed if self.tail and not _ended(bytes.fromhex(self.tail)) else 0

    @property
    def folder(self) -> str:
        """The folder that main.py starts; "" if there is none."""
        chosen = self.slot.split()[:1]
        return chosen[0] if chosen and chosen[0] in self.folders else "".join(self.folders[:1])

    @property
    def settled(self) -> bool:
        """That folder's firmware is not on trial."""
        words = self.slot.split()
        return len(words) < 2 or words[1] == "0"

    @property
    def settled_version(self) -> str:
        """What the firmware that has settled called itself; "" if none has since it was put there."""
        words = self.slot.split()
        return words[2] if self.settled and len(words) > 2 else ""


def look(port: str) -> Look:
    """Interrupt the firmware and ask. It stands still until the device is restarted. Raises NotFoundError,
    HoldbackError."""
    return _decode(mpremote(port, "exec", _LOOK), Look)


def restart(port: str, *, safe: bool) -> None:
    """Restart the device soon; `safe`: without watchdog and radio, until the next restart."""
    flag = b"safe" if safe else b""
    mpremote(port, "exec", "--no-follow", _RESTART.format(flag=flag, ms=GONE_MS))


def wipe(port: str, folder: str) -> int:
    """Empty folder a or b, or make it. Returns the bytes that are free then."""
    return _decode(mpremote(port, "exec", _WIPE.replace("FOLDER", folder)), int)


def sums(port: str, folder: str, extra: list[str]) -> dict[str, str]:
    """{path: SHA-256} of all files in a folder, and of `extra` ones, as the device reads them."""
    script = _SUMS.replace("FOLDER", folder).replace("EXTRA", repr(extra))
    return _decode(mpremote(port, "exec", script), dict[str, str])


def rename(port: str, old: str, new: str) -> None:
    """Give a file its name, in one step."""
    mpremote(port, "exec", f"import os; os.rename({old!r}, {new!r})")


def set_slot(port: str, text: str) -> None:
    """Say which folder is started: see firmware/main.py."""
    mpremote(port, "exec", _SLOT.replace("TEXT", repr(text)))


def _ended(tail: bytes) -> bool:
    """Whether a recording's last word is its end."""

    def read(offset: int, buf: bytearray) -> None:
        buf[:] = tail[offset : offset + len(buf)]

    ended = False
    try:
        reader = Reader(read, len(tail))
        while (kind := reader.next()) != END:
            if kind == EVENT and reader.event_kind in (EV_END, EV_UNEND):
                ended = reader.event_kind == EV_END
    except ValueError:
        return False  # another firmware's: careful
    return ended


def _decode(told: str, kind: type[T]) -> T:
    line = told.strip().rpartition("\n")[2]
    try:
        return msgspec.json.decode(line, type=kind)
    except msgspec.DecodeError as error:
        raise HoldbackError("the device's answer is none", f"{line[:80]!r}: {error}", _NEXT) from None
