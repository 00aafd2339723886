"""A board's flash chip: its contents outlive resets, power cuts and the board object."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

BLOCK_BYTES = 4096


class Flash:
    """An image of `size` bytes in a temporary file (or at `path`, kept), erased when new."""

    def __init__(self, size: int = 2 << 20, path: Path | str | None = None) -> None:
        self.size = size
        self._folder = None if path else tempfile.TemporaryDirectory(prefix="flash-")
        self.path = Path(path) if path else Path(self._folder.name) / "flash.bin"  # type: ignore[union-attr]
        if not self.path.exists() or self.path.stat().st_size != size:
            self.path.write_bytes(b"\xff" * size)
        self.operations_left = -1
        self.on_cut: Callable[[int], None] = lambda operations: None  # the board that it is in

    def cut_after(self, operations: int) -> None:
        """Power fails at the program or erase after so many more, of which half is done; -1: never."""
        self.operations_left = operations
        self.on_cut(operations)

    def read(self) -> bytes:
        """The whole image."""
        return self.path.read_bytes()

    def write(self, image: bytes) -> None:
        """Replace the image (a saved one, or a damaged one)."""
        if len(image) != self.size:
            raise ValueError(f"the image has {len(image)} bytes, the flash {self.size}")
        self.path.write_bytes(image)
