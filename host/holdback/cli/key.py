"""`holdback device key`: give a device its key by USB, and carry the key to another computer."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from holdback.cli import output
from holdback.errors import HoldbackError, UsageError, typed

app = App(name="key", help="The key that a device asks for: give it one by USB, take it to another computer.")


@app.command
def provision(
    *, port: str = "auto", new: Annotated[bool, Parameter(negative="")] = False, json: output.Json = False
) -> None:
    """Give the device on the USB cable its key. Recordings and plans stay as they are.

    Example: holdback device key provision --port /dev/ttyUSB0

    Parameters
    ----------
    port
        The serial port; the first USB one if it is not given.
    new
        Make a new key, so that every older one is of no use; else the one that this computer has is given again.
    """
    from holdback.device import keys, usb

    serial = usb.serial_of(port)
    key = (None if new else keys.recall(serial)) or keys.fresh(serial)
    with keys.exchange(key):
        usb.give(port, key)
    if json:
        output.document({"device": key.id, "serial": serial, "path": str(keys.path_of(serial))})
    else:
        output.say(f"Holdback-{key.id} has its key; this computer's copy: {keys.path_of(serial)}")


@app.command(name="export")
def export_(file: Path, *, device: str = "", json: output.Json = False) -> None:
    """Write the key of a device into a file, for another computer.

    Whoever has that file can read the device's recordings and write its plans: carry it by hand, then delete it.

    Example: holdback device key export c0de.key

    Parameters
    ----------
    file
        The file to write; it must not be there yet.
    device
        Id, name or serial number, where keys of several devices are here.
    """
    from holdback.device import keys

    key = keys.choose(device)
    if file.exists():
        raise UsageError(f"{file}: it is there already", next_step="choose another name")
    keys.write(key, file)
    if json:
        output.document({"device": key.id, "serial": key.serial, "path": str(file)})
    else:
        output.say(f"the key of Holdback-{key.id} is in {file}; there: {typed('device', 'key', 'import', file)}")
        output.note("delete the file when it is done: whoever has it has the device")


@app.command(name="import")
def import_(file: Path, *, replace: Annotated[bool, Parameter(negative="")] = False, json: output.Json = False) -> None:
    """Take over the key that another computer has exported.

    Example: holdback device key import c0de.key

    Parameters
    ----------
    file
        The exported file.
    replace
        Take it even if this computer has another key of that device.
    """
    from holdback.device import keys

    key = keys.read(file)
    here = None if replace else keys.recall(key.serial)
    if here and here != key:
        what = f"this computer has another key of Holdback-{key.id}"
        next_step = f"if this one is the newer: {typed('device', 'key', 'import', file, '--replace')}"
        raise HoldbackError(what, f"in {keys.path_of(key.serial)}", next_step)
    path = keys.keep(key)
    if json:
        output.document({"device": key.id, "serial": key.serial, "path": str(path)})
    else:
        output.say(f"this computer has the key of Holdback-{key.id}: {path}")
