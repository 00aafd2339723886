"""Logs of real receivers: any chunking gives the same epochs, and the places agree with a plain float parser."""

import os
import random
import re
from pathlib import Path

import pytest
from pacing.nmea import Nmea

DATA = os.environ.get("HOLDBACK_DATA")
FOLDER = Path(DATA or ".") / "nmea"
LOGS = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.suffix != ".chk") if DATA else [FOLDER]
SENTENCE = re.compile(rb"\$([A-Z]{2}(?:RMC|GGA),[^$*\x00-\x1f\x7f-\xff]*)\*([0-9A-Fa-f]{2})")

needs_data = pytest.mark.skipif(not DATA, reason="HOLDBACK_DATA is not set: no logs of real receivers")


def sentences(data: bytes) -> list[list[str]]:
    """Every RMC and GGA with a right checksum, as its fields."""
    found = []
    for match in SENTENCE.finditer(data):
        xor = 0
        for c in match[1]:
            xor ^= c
        if xor == int(match[2], 16) and match[1].count(b",") >= 8:
            found.append(match[1].decode().split(","))
    return found


def degrees(text: str, hemisphere: str) -> float | None:
    """dddmm.mmm as degrees; None where there is none."""
    if not text or hemisphere not in ("N", "S", "E", "W"):
        return None
    whole, minutes = divmod(float(text), 100)
    return (whole + minutes / 60) * (-1 if hemisphere in "SW" else 1)


def places(data: bytes) -> set[tuple[float, float]]:
    """Every place that any sentence of the log names."""
    found = set()
    for fields in sentences(data):
        at = 3 if fields[0].endswith("RMC") else 2
        lat, lon = degrees(*fields[at : at + 2]), degrees(*fields[at + 2 : at + 4])
        if lat is not None and lon is not None:
            found.add((lat, lon))
    return found


def epochs(data: bytes, sizes) -> tuple[list[tuple[int, ...]], int, int]:
    """Every epoch of the log when its bytes come in chunks of `sizes()`; sentences taken and refused."""
    nmea = Nmea()
    found = []
    start = 0
    while start < len(data):
        chunk = bytearray(data[start : start + sizes()])
        start += len(chunk)
        at = 0
        while at < len(chunk):
            at = nmea.step(chunk, at, len(chunk))
            if nmea.epoch:
                place = (nmea.valid, nmea.lat_e6, nmea.lon_e6, nmea.alt_dm, nmea.speed_cms, nmea.course_cdeg)
                found.append((*place, nmea.hdop_x10, nmea.sats, nmea.utc_ms_of_day, nmea.date_ddmmyy))
    return found, nmea.sentences, nmea.bad


@needs_data
@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.name)
def test_log(log):
    data = log.read_bytes()
    whole = epochs(data, lambda: len(data))
    rng = random.Random(log.name)
    for limit in (1, 7, 64, 300):
        assert epochs(data, lambda limit=limit: rng.randint(1, limit)) == whole
    assert whole[1] == len(sentences(data))
    known = places(data)
    for epoch in whole[0]:
        if epoch[0]:
            lat, lon = epoch[1] / 1e6, epoch[2] / 1e6
            assert any(abs(lat - a) < 6e-7 and abs(lon - b) < 6e-7 for a, b in known), epoch


@needs_data
def test_the_logs_have_something_to_say():
    total = sum(len(epochs(log.read_bytes(), lambda: 4096)[0]) for log in LOGS)
    valid = sum(epoch[0] for log in LOGS for epoch in epochs(log.read_bytes(), lambda: 4096)[0])
    assert total > 1000 and valid > 0.5 * total
