"""The flash: a scratch file written as a recording is, a block and a flush, read back with a checksum, and removed."""

import os
from binascii import crc32
from time import ticks_diff, ticks_us

_PATH = "/hardware-test.tmp"
_BLOCK = 4096
_BLOCKS = 24


def run():
    room = os.statvfs("/")
    found: dict = {"size_kb": room[0] * room[2] // 1024, "free_kb": room[0] * room[3] // 1024}
    if room[0] * room[3] < 4 * _BLOCK * _BLOCKS:
        found["skipped"] = "too little room"
        return found
    try:
        _read(found, _write(found))
    finally:
        try:
            os.remove(_PATH)
        except OSError:
            pass  # it could not even be made
    return found


def _write(found):
    """Each block with its flush, and the longest that one has held everything up. The file's checksum."""
    block = bytes(range(256)) * (_BLOCK // 256)
    longest_us = all_us = crc = 0
    with open(_PATH, "wb") as file:
        for _ in range(_BLOCKS):
            begun_us = ticks_us()
            file.write(block)
            file.flush()
            took_us = ticks_diff(ticks_us(), begun_us)
            all_us += took_us
            longest_us = max(longest_us, took_us)
            crc = crc32(block, crc)
    found["written_b"], found["write_us"], found["longest_stall_us"] = _BLOCK * _BLOCKS, all_us, longest_us
    return crc


def _read(found, wanted):
    buf = bytearray(512)  # as app.shelf reads
    crc = 0
    begun_us = ticks_us()
    with open(_PATH, "rb") as file:
        while True:
            n = file.readinto(buf)
            if not n:
                break
            crc = crc32(memoryview(buf)[:n], crc)
    found["read_us"] = ticks_diff(ticks_us(), begun_us)
    found["read_back"] = "whole" if crc == wanted else "damaged"
