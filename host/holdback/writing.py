"""Writing files so that an interruption leaves the old one or the new one, never half of it."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write `data` under another name beside `path`, then give it its own. Raises OSError.

    private: for the user alone from its first byte on (mode 0600), where the system knows modes.
    """
    half = path.with_name(path.name + ".tmp")
    if private:
        half.unlink(missing_ok=True)  # one that was left keeps its mode
    with open(half, "wb", opener=_private if private else None) as file:
        file.write(data)
    half.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL, 0o600)
