"""The device's key, and what is proved with it. Loaded when a host wants in, and forgotten."""

from hashlib import sha256

from micropython import const
from pacing import smp

from app.smp_server import Refusal

_KEY_BYTES = const(32)
_BLOCK_BYTES = const(64)  # of SHA-256


def read_key(root: str) -> bytes:
    """The key at `root`. Refusal (ENOENT) if there is none, or none that is whole."""
    try:
        with open(root + "/key", "rb") as f:
            key = f.read()
    except OSError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise Refusal(smp.ENOENT)
    return key


def mac(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104), which MicroPython does not have, for a key no longer than a block."""
    padded = key + bytes(_BLOCK_BYTES - len(key))
    inner = sha256(bytes([byte ^ 0x36 for byte in padded]) + text).digest()
    return sha256(bytes([byte ^ 0x5C for byte in padded]) + inner).digest()


def same(left: bytes, right: bytes) -> bool:
    """Compare in a time that does not tell where they differ."""
    different = len(left) ^ len(right)
    for a, b in zip(left, right):  # noqa: B905 (MicroPython's zip)
        different |= a ^ b
    return not different
