"""Activities and recordings for the tests, made from formulas."""

import math
from pathlib import Path

from holdback.recordings.activity import Point
from pacing.journal import EV_CUE, EV_END, EV_PRESS, EV_START, EV_UTC, Journal
from pacing.sample import ALT_OK, FIX_GOOD, Odometer, Sample

START_S = 1_783_058_400  # 2026-07-03T06:00:00Z
DEVICE_ID = bytes.fromhex("24a160c0ffee") + b"\0\0"
PLAN_CRC = 0x1234ABCD


def run(count: int) -> list[Point]:
    """A run at 1 Hz with climbs, heart rate, and now and then something missing."""
    points, dist = [], 0.0
    for i in range(count):
        speed = round(2.5 + math.sin(i / 60), 3)
        dist = round(dist + speed, 2)
        place = i % 97 != 96
        points.append(
            Point(
                START_S + i,
                47.0 + i * 2e-5 if place else None,
                11.0 + math.sin(i / 300) / 50 if place else None,
                round(1500 + 200 * math.sin(i / 900), 1) if i % 53 else None,
                speed if i % 31 else None,
                dist if i % 11 else None,
                120 + i // 60 % 50 if i % 41 else None,
            )
        )
    return points


def sample(i: int) -> Sample:
    """The sample of second `i` of the made-up stage."""
    s = Sample()
    s.stage_ms = i * 1000
    s.lat_e6 = 47_000_000 + i * 25
    s.lon_e6 = 11_000_000 + round(3000 * math.sin(i / 200))
    s.alt_dm = 15_000 + round(800 * math.sin(i / 500))
    s.speed_cms = 280 + i % 7
    s.hr_bpm = 0 if i % 50 == 49 else 140 + i // 100
    s.flags = 0 if i % 120 == 119 else FIX_GOOD | ALT_OK
    return s


def recording(
    seconds: int = 1000, stage_no: int = 2, plan_crc: int = PLAN_CRC, quiet_s: int = -1
) -> tuple[bytes, list[Sample], list[int]]:
    """A .hbr as the device writes it: its bytes, the samples, and the distance (dm) at each."""
    blocks: list[bytes] = []
    journal = Journal(
        lambda block: blocks.append(bytes(block)), stage_no, plan_crc, DEVICE_ID, START_S - 5, lambda: b"state"
    )
    journal.event(EV_START, 1, 0)
    journal.event(EV_UTC, START_S, 0)
    odometer, samples, distances = Odometer(), [], []
    for i in range(seconds):
        samples.append(sample(i))
        odometer.step(samples[-1])
        distances.append(odometer.dist_dm)
        journal.sample(samples[-1], odometer.dist_dm)
        if i == 300:
            journal.event(EV_CUE, 1 | 1 << 4, i * 1000)
        if i == quiet_s:
            journal.event(EV_PRESS, 2, i * 1000)
        if i == 400:
            journal.event(EV_PRESS, 1, i * 1000)
            journal.event(EV_CUE, 3 | 4 << 4, i * 1000)
    journal.event(EV_END, 1, seconds * 1000)
    journal.close()
    return b"".join(blocks), samples, distances


def write_recording(folder: Path, seconds: int = 1000, stage_no: int = 2, plan_crc: int = PLAN_CRC) -> Path:
    """The same as a file in `folder`."""
    path = folder / f"stage-{stage_no:02d}.hbr"
    path.write_bytes(recording(seconds, stage_no, plan_crc)[0])
    return path
