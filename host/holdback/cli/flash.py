"""`holdback device flash` and `holdback device logs`: the firmware on a cable, and what it says went wrong."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holdback.cli import output
from holdback.cli.reach import Reader, reach

if TYPE_CHECKING:
    from holdback.device.flash import Flashed

_KEYS = {
    "given": "this computer has its key",
    "kept": "its key is this computer's, as before",
    "another": "it has a key that this computer has not: holdback device key provision, or import it",
}


def flash(
    *,
    board: str,
    port: str = "auto",
    other_board: Annotated[bool, Parameter(negative="")] = False,
    json: output.Json = False,
) -> None:
    """Put the firmware of this checkout on the device on the USB cable. Recordings, plans and its key stay.

    MicroPython itself must be on it already: docs/flashing.md. Whatever interrupts this, the old firmware goes on.

    Example: holdback device flash --board esp32_devkit --port /dev/ttyUSB0

    Parameters
    ----------
    board
        Which board it is: a folder of boards/.
    port
        The serial port; the first USB one if it is not given.
    other_board
        Even if the device's firmware was built for another board.
    """
    from holdback.device import flash as flashing
    from holdback.device import usb
    from holdback.device.images import image_of
    from holdback.errors import NotFoundError

    image = image_of(board)
    firmware = flashing.built(image)
    try:
        done = flashing.flash(usb.steady(port), image, firmware, output.note, other_board=other_board)
    except NotFoundError as error:
        error.next_step += f"; if MicroPython is not on it yet: {image.how(port)}"
        raise
    if json:
        output.document(_document(board, done))
    else:
        output.say(f"Holdback-{done.serial[-4:].upper()} runs firmware {done.version} from folder {done.folder}")
        output.say(f"  {_KEYS[done.key]}; {done.recordings} recordings are on it, untouched")


def _document(board: str, done: "Flashed") -> dict[str, object]:
    head = {"device": done.serial[-4:].upper(), "serial": done.serial, "board": board}
    return {**head, "version": done.version, "folder": done.folder, "key": done.key, "recordings": done.recordings}


async def logs(*, port: str = "", which: Reader = Reader()) -> None:  # noqa: B008 (cyclopts' way)
    """Show the newest faults that the device has written down, over Bluetooth or, with --port, the USB cable.

    On a cable the firmware stands still for a moment and is then restarted; a stage that runs goes on. What functions
    are called is told of a firmware that this computer has put on.

    Example: holdback device logs

    Parameters
    ----------
    port
        Ask at this serial port, or "auto".
    """
    from holdback.cli.background import at_once
    from holdback.device import logs as device_logs
    from holdback.device import traces

    if port:
        with at_once():
            serial, text = device_logs.by_cable(port)
    else:
        found = await reach(which)
        serial, text = found.id, await device_logs.by_air(found.address)
    text = traces.translated(text, traces.recall(serial))
    if which.json:
        output.document({"log": text})
    else:
        output.say(text.rstrip() or "no fault is written down")
