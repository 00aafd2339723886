"""Eight hours on the virtual board with radio and sync: wall time, and the pull against what the air can carry."""

import asyncio
import math
import random
import tempfile
import time
from pathlib import Path

from holdback.recordings.activity import Activity, Point
from holdback.simulation.replay import ReplayResult, replay
from holdback.simulation.world.receiver import M_PER_DEG

HOURS = 8
SPEED_MS = 2.6
INTERVAL_MS, PACKETS, PAYLOAD = 30, 6, 244  # of the air: connection interval, packets in each, MTU less 3
START_UTC_S = 1_782_000_000


def rows(_peer: Path | None = None) -> list[tuple[str, str]]:
    """Push, eight hours at 1 Hz with a strap, pull, FIT; then the rate between the first answer and the last."""
    arrived: list[tuple[int, float]] = []

    def progress(what: str, done: int, _total: int | None) -> None:
        if what == "pull":
            arrived.append((done, asyncio.get_running_loop().time()))

    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        result = replay(a_day(), Path(folder), progress=progress, interval_ms=INTERVAL_MS, packets=PACKETS)
        took_s = time.perf_counter() - began
        size = result.path.stat().st_size
    return [
        (
            f"{HOURS} h stage, radio and sync: wall time (aim 40 s)",
            f"{took_s:.1f} s, {HOURS * 3600 / took_s:.0f} x real time",
        ),
        ("recording", f"{size / 1000:.0f} kB, {size / samples(result):.2f} B a sample"),
        ("pull, share of packets x (MTU - 3) / interval (aim 90 %)", share(arrived)),
    ]


def a_day() -> Activity:
    """A rolling way north, a sample a second, with the roughness of a recorded run in each channel."""
    dice = random.Random(8)
    points = []
    for t in range(HOURS * 3600):
        north_m, east_m = (dice.gauss(0, 0.5) for _ in range(2))
        lat = 46.0 + (SPEED_MS * t + north_m) / M_PER_DEG
        lon = 8.0 + 0.0005 * math.sin(t / 300) + east_m / 77_000
        alt_m = 900.0 + 60.0 * math.sin(t / 700) + dice.gauss(0, 0.3)
        hr_bpm = 140 + round(6 * math.sin(t / 90) + dice.gauss(0, 0.5))
        points.append(Point(START_UTC_S + t, lat, lon, alt_m, SPEED_MS, SPEED_MS * t, hr_bpm))
    return Activity(points, sport="running", source="bench")


def samples(result: ReplayResult) -> int:
    """How many the device recorded."""
    return len(result.recording.samples)


def share(arrived: list[tuple[int, float]]) -> str:
    """Bytes between the first answer and the last over the time between them, against the air's limit."""
    (first, began_s), (last, ended_s) = arrived[0], arrived[-1]
    rate = (last - first) / (ended_s - began_s)
    limit = PACKETS * PAYLOAD * 1000 / INTERVAL_MS
    return f"{rate / limit:.0%} ({rate / 1000:.1f} of {limit / 1000:.1f} kB/s)"
