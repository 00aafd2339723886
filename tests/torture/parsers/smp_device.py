"""The firmware's command handlers on MicroPython, in a small heap: whatever a host may ask of a device."""

import os
import subprocess
from binascii import crc32
from functools import cache
from pathlib import Path
from typing import IO, Any

import cbor2
from core.interpreters import FIRMWARE, unix_port
from host.recording_samples import recording

from torture.parsers.device_parsers import CBOR_TOKENS, odd, plans, request, right_length
from torture.parsers.fuzz import Parser
from torture.parsers.room import room
from torture.parsers.sensor_parsers import promise

SCRIPTS = Path(__file__).parents[1] / "micropython"
HEAP = "192k"  # of 64-bit words; what is left of it beside the code is about what a device has in camp
BETWEEN = b"|--|"  # the frames of one connection
KEY = bytes(range(32))
KEPT = recording(20)[0]
KEPT_NAME = "rec/stage-01.hbr"  # put back before each input


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """Every request of the input was refused."""


class Device:
    """A MicroPython process with a folder for its flash, and a file outside of it."""

    def __init__(self) -> None:
        self.root = room() / "device" / "flash"
        for folder in ("rec", "plans"):
            (self.root / folder).mkdir(parents=True)
        (self.root / "key").write_bytes(KEY)
        (self.root.parent / "outside").write_bytes(b"nobody's")
        self.kept = self.root / KEPT_NAME
        env = os.environ | {"MICROPYPATH": f"{SCRIPTS}:{FIRMWARE}:.frozen"}
        command = [*unix_port().command, "-X", f"heapsize={HEAP}", str(SCRIPTS / "answer.py"), str(self.root)]
        pipe = subprocess.PIPE
        quiet: dict[str, Any] = {"stderr": subprocess.DEVNULL, "process_group": 0}  # Ctrl-C is not for the device
        self._process: subprocess.Popen[str] = subprocess.Popen(
            command, env=env, stdin=pipe, stdout=pipe, text=True, **quiet
        )

    def ask(self, who: str, frames: list[bytes]) -> str:
        """What it says to these frames of its "owner" or of a "stranger"; "" if it has died."""
        if not self.kept.exists():  # deleted, as it may be by whoever knows its checksum
            self.kept.write_bytes(KEPT)
        to, back = self._stream(self._process.stdin), self._stream(self._process.stdout)
        to.write(" ".join((who, *(frame.hex() for frame in frames))) + "\n")
        to.flush()
        return back.readline().strip()

    @staticmethod
    def _stream(stream: IO[Any] | None) -> IO[Any]:
        assert stream is not None
        return stream


@cache
def device() -> Device:
    """One process for all inputs; each input is one connection to it."""
    return Device()


def _files(root: Path) -> dict[str, int]:
    """Every file on the flash with the moment it was written."""
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def take_connection(data: bytes) -> None:
    """What the handlers do with a connection: answer or refuse, and touch plans alone; for a stranger, nothing."""
    it = device()
    stranger = len(data) % 4 == 0
    before = _files(it.root) if stranger else {}
    answer = it.ask("stranger" if stranger else "owner", [frame for frame in data.split(BETWEEN) if frame])
    promise(answer, "the device has died")
    promise(not answer.startswith("crash"), answer)
    promise(not it.kept.exists() or it.kept.read_bytes() == KEPT, "a recording was changed")
    promise((it.root / "key").read_bytes() == KEY, "the key was changed")
    promise((it.root.parent / "outside").read_bytes() == b"nobody's", "a file outside was changed")
    found = {path.name for path in it.root.iterdir()}
    promise(found <= {"rec", "plans", "key", "state", "state.new"}, f"files that have no business there: {found}")
    promise(not stranger or _files(it.root) | {KEPT_NAME: 0} == before | {KEPT_NAME: 0}, "a stranger changed a file")
    if answer == "no":
        raise Refused


def connections() -> tuple[bytes, ...]:
    """Every command with right and with odd values, and whole uploads."""
    plan = plans()[0]
    crc = int.from_bytes(plan[-4:], "little")
    name, half = {"name": "plan-02"}, len(plan) // 2
    upload = {**name, "off": 0, "len": len(plan), "data": plan[:half]}
    rest = {**name, "off": half, "data": plan[half:]}
    commands: tuple[tuple[int, int, int, dict[str, Any]], ...] = (
        (0, 0, 2, {"d": "hello"}),
        (0, 4, 0, {}),
        (0, 4, 2, {"datetime": "2026-07-03T06:00:00+02:00"}),
        (0, 5, 2, {}),
        (0, 6, 0, {}),
        (0, 7, 0, {"format": "a"}),
        (8, 0, 0, {"name": "stage-01", "off": 700}),
        (8, 0, 2, {**name, "off": 0, "len": len(plan), "data": plan}),
        (8, 0, 2, upload),
        (8, 1, 0, {"name": "stage-01"}),
        (8, 2, 0, {"name": "stage-01", "type": "crc32", "off": 1, "len": 9}),
        (8, 4, 2, {}),
        (64, 0, 0, {}),
        (64, 1, 2, {"stage": 2, "crc": crc}),
        (64, 2, 2, {"stage": 1, "crc": crc32(KEPT)}),
        (64, 3, 0, {}),
        (64, 4, 0, {}),
        (64, 4, 2, {"nonce": bytes(16), "mac": bytes(32)}),
        (64, 5, 2, {"cue": 8, "n": 3}),
        (64, 6, 2, {"name": "HRM 12345"}),
        (64, 6, 0, {}),
    )
    right = [request(cbor2.dumps(body), op, group, number) for group, number, op, body in commands]
    wrong = [
        request(cbor2.dumps(body), op, group, number) for group, number, op, good in commands for body in odd([good])
    ]
    sent = BETWEEN.join((right[8], request(cbor2.dumps(rest), 2)))
    wrong += [BETWEEN.join((right[8], request(cbor2.dumps(body), 2))) for body in odd([rest])]
    return (*right, *wrong, sent, sent + BETWEEN + right[13], BETWEEN.join(right), *[sent + BETWEEN + sent] * 20)


def right_lengths(data: bytes) -> bytes:
    """The length in the header of each frame as it should be."""
    return BETWEEN.join(right_length(frame) for frame in data.split(BETWEEN))


PARSERS = (
    Parser(
        "smp device", connections, take_connection, (Refused,), (*CBOR_TOKENS, BETWEEN), None, right_lengths,
        missing=lambda: unix_port().missing, examples=200,
    ),
)  # fmt: skip
