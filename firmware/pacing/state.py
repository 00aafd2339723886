"""Saves and restores the core's state: the integer attributes that each class names in STATE, nothing else.

A version byte, each value as a zigzag varint, and the low 16 bits of a CRC-32 seeded with the plan's own, so that a
snapshot is neither damaged nor another plan's.
"""

import binascii

VERSION = 1


def save(parts, seed: int) -> bytes:
    """The state of every object in `parts`, in order."""
    out = bytearray((VERSION,))
    for part in parts:
        for name in part.STATE:
            value = getattr(part, name)
            value = value << 1 if value >= 0 else ~(value << 1)
            while value > 127:
                out.append(value & 127 | 128)
                value >>= 7
            out.append(value)
    crc = binascii.crc32(out, seed)
    out.append(crc & 255)
    out.append(crc >> 8 & 255)
    return bytes(out)


def load(parts, seed: int, data) -> None:
    """Restore what `save` made; ValueError leaves every object as it was."""
    end = len(data) - 2
    if end < 1 or data[0] != VERSION:
        raise ValueError("state: another version")
    crc = binascii.crc32(memoryview(data)[:end], seed)
    if data[end] != crc & 255 or data[end + 1] != crc >> 8 & 255:
        raise ValueError("state: damaged, or of another plan")
    values = _values(data, end)
    if len(values) != sum([len(part.STATE) for part in parts]):
        raise ValueError("state: another set of values")
    at = 0
    for part in parts:
        for name in part.STATE:
            setattr(part, name, values[at])
            at += 1


def _values(data, end: int) -> list:
    values = []
    value = shift = 0
    for at in range(1, end):
        value |= (data[at] & 127) << shift
        shift += 7
        if data[at] < 128:
            values.append(value >> 1 if not value & 1 else ~(value >> 1))
            value = shift = 0
    return values
