"""The names in a device's error log: the build has put short words in their place; here they are long again.

This computer remembers what the firmware that it put on a device calls things. Another's log stays as it is.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from holdback.device.known import path_of
from holdback.writing import write_whole

Names = Mapping[str, Mapping[str, list[str]]]  # {module: {its name in the built firmware: what that may stand for}}
_LINE = re.compile(r'^ *File "([\w.]+)", line \d+, in (\w+)$', re.MULTILINE)


def _path(serial: str) -> Path:
    return path_of(f"{serial[-4:].upper()}-names")  # the end of its serial number is the device's id


def remember(serial: str, names: Names) -> None:
    """Keep the names of the firmware that goes on this device. A state folder that cannot be written is no failure."""
    path = _path(serial)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(names))
    except OSError:
        return


def recall(serial: str) -> Names:
    """The names of the firmware that this computer put on last; none if it never has, or the file is not readable.

    `serial`: a device's serial number, or its id.
    """
    try:
        return msgspec.json.decode(_path(serial).read_bytes(), type=dict[str, dict[str, list[str]]])
    except (OSError, msgspec.DecodeError):
        return {}


def of_functions(names: Names, functions: Iterable[str]) -> Names:
    """Those names alone that stand for one of `functions` (module.name): a traceback tells no others."""
    known = {*functions}
    kept = {
        module: {new: [old for old in olds if old in known] for new, olds in names[module].items()} for module in names
    }
    return {module: {new: olds for new, olds in kept[module].items() if olds} for module in kept}


def translated(log: str, names: Names) -> str:
    """`log` with the long names behind the short ones of its tracebacks."""

    def longer(line: re.Match[str]) -> str:
        olds = names.get(line[1], {}).get(line[2], [])
        return f"{line[0]}  ({' or '.join(olds)})" if olds else line[0]

    return _LINE.sub(longer, log)
