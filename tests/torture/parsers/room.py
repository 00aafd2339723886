"""A folder for the files under attack."""

import tempfile
from functools import cache
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # where a system has it: files on a disk take longer than the parsers that read them


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """It goes with the process."""
    return tempfile.TemporaryDirectory(prefix="torture-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None)


def room() -> Path:
    """The folder, one for each process."""
    return Path(_folder().name)


def written(name: str, data: bytes) -> Path:
    """A file in it."""
    path = room() / name
    path.write_bytes(data)
    return path
