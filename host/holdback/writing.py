"""Writing files so that an interruption leaves the old one or the new one, never half of it."""

from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` under another name beside `path`, then give it its own. Raises OSError."""
    half = path.with_name(path.name + ".tmp")
    half.write_bytes(data)
    half.replace(path)
