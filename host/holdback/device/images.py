"""MicroPython images: which one a board wants, whether the one that is on it is that, and how to put it on."""

import msgspec

from holdback.board import find_board
from holdback.device.cable import Look
from holdback.errors import HoldbackError

LEAST = (1, 29)  # of MicroPython
MPY_VERSION = 6  # of the compiled files, of that MicroPython and of our mpy-cross


class Image(msgspec.Struct, frozen=True):
    """A board's MicroPython image as micropython.org names it."""

    board: str
    name: str

    @property
    def chip(self) -> str:
        """What esptool calls the chip."""
        return "esp32s3" if "S3" in self.name else "esp32"

    @property
    def offset(self) -> str:
        """Where in the flash the chip expects it."""
        return "0x0" if self.chip == "esp32s3" else "0x1000"

    def how(self, port: str) -> str:
        """The commands that put it on, in words."""
        where = "" if port == "auto" else f" --port {port}"
        return (
            f"download the latest {self.name} image (1.29 or later) from micropython.org/download, then "
            f"`pip install esptool`, `esptool --chip {self.chip}{where} erase-flash` (this erases every recording on "
            f"it: pull them before), `esptool --chip {self.chip}{where} write-flash {self.offset} {self.name}-*.bin`; "
            "docs/flashing.md"
        )


def image_of(board: str) -> Image:
    """The image of a board, a folder of boards/. Raises NotFoundError."""
    found = find_board(board, "holdback device flash --board NAME")
    return Image(found.name, found.fact("IMAGE"))


def check(image: Image, look: Look, port: str) -> None:
    """HoldbackError if what is on the device is not that image, or a MicroPython that our files do not fit."""
    version = ".".join(map(str, look.version[:3]))
    if look.build != image.name:
        what = f"board {image.board} wants MicroPython's image {image.name}"
        raise HoldbackError(what, f"this is {look.build or 'another'}, on {look.machine}", _another(image, look, port))
    if tuple(look.version[:2]) < LEAST or look.mpy & 0xFF != MPY_VERSION:
        what = f"MicroPython {LEAST[0]}.{LEAST[1]} or later is wanted"
        raise HoldbackError(what, f"this is {version}, files of version {look.mpy & 0xFF}", _another(image, look, port))


def check_board(image: Image, look: Look) -> None:
    """HoldbackError if the device's firmware was built for another board: pins that drive a motor may be others'."""
    if look.board not in ("", image.board):
        next_step = f"--board {look.board}; or, if that was wrong, the same again with --other-board"
        raise HoldbackError(f"this device was flashed as {look.board}, not {image.board}", "", next_step)


def _another(image: Image, look: Look, port: str) -> str:
    pulled = f"{look.recordings} recordings are on it: pull them first; then " if look.recordings else ""
    return f"is --board right? If it is: {pulled}{image.how(port)}"
