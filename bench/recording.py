"""The recording: bytes a sample, with keys, CRCs and a 140-byte snapshot in each fifth block; and what it costs."""

import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from holdback.errors import HoldbackError
from holdback.recordings import fit
from holdback.recordings.activity import Activity
from holdback.recordings.files import read_activities
from holdback.simulation.world.recorded import seconds
from pacing.journal import Journal
from pacing.sample import ALT_OK, FIX_BEST, Sample

from tests.core.interpreters import unix_port

SCRIPT = Path(__file__).parent / "micropython" / "journal_speed.py"
SNAPSHOT = b"\x55" * 140
LEAST_SAMPLES = 300


class Row(NamedTuple):
    """A sample as the journal stores it."""

    stage_ms: int
    lat_e6: int
    lon_e6: int
    alt_dm: int
    speed_cms: int
    hr_bpm: int
    flags: int


def size_of(samples: Iterable[Row]) -> int:
    """Bytes of the recording of `samples`."""
    sizes: list[int] = []
    journal = Journal(lambda block: sizes.append(len(block)), 1, 0, b"device", 0, lambda: SNAPSHOT)
    sample = Sample()
    for row in samples:
        for name, value in zip(Row._fields, row, strict=True):
            setattr(sample, name, value)
        journal.sample(sample, 0)
    journal.close()
    return sum(sizes)


def second_by_second(activity: Activity) -> list[Row]:
    """A real recording as the device would have sampled it: 1 Hz, nothing in the pauses."""
    found: list[Row] = []
    lat_e6 = lon_e6 = alt_dm = 0
    for utc_s, truth, hr_bpm in seconds(activity):
        flags = speed_cms = 0
        if truth:
            flags, speed_cms = FIX_BEST, min(round(truth.speed_ms * 100), 20000)
            lat_e6, lon_e6 = round(truth.lat_deg * 1e6), round(truth.lon_deg * 1e6)
            if truth.alt_m is not None:
                flags, alt_dm = flags | ALT_OK, round(truth.alt_m * 10)
        stage_ms = round((utc_s - activity.points[0].time_s) * 10) * 100
        found.append(Row(stage_ms, lat_e6, lon_e6, alt_dm, speed_cms, hr_bpm or 0, flags))
    return found


def only_its_points(activity: Activity, samples: list[Row]) -> list[Row]:
    """Of these seconds only those that the file has a point for."""
    start = activity.points[0].time_s
    known = {round((point.time_s - start) * 10) * 100 for point in activity.points}
    return [row for row in samples if row.stage_ms in known]


def missing_nothing(samples: list[Row]) -> bool:
    """Every second is there, with place, altitude and heart rate, but for one in a hundred."""
    whole = sum(1 for row in samples if row.flags == FIX_BEST | ALT_OK and row.hr_bpm)
    return whole >= 0.99 * len(samples) and samples[-1].stage_ms <= 1010 * len(samples)


def made_up(noise_m: float) -> list[Row]:
    """Three simulated hours of running whose places are off by white noise: rougher than any filtered receiver."""
    rng = random.Random(1)
    found = []
    lat, lon, alt = 46.5e6, 11.3e6, 15000.0
    for i in range(3 * 3600):
        lat, lon, alt = lat + rng.uniform(15, 25), lon + rng.uniform(20, 30), alt + rng.gauss(0.5, 3)
        place = (round(lat + rng.gauss(0, noise_m * 9)), round(lon + rng.gauss(0, noise_m * 13)), round(alt))
        found.append(Row(i * 1000, *place, round(rng.gauss(280, 12)), 140 + i // 20 % 15, FIX_BEST | ALT_OK))
    return found


def _real() -> list[tuple[str, str]]:
    folder = os.environ.get("HOLDBACK_DATA")
    if not folder:
        return [("real recordings", "HOLDBACK_DATA is not set")]
    whole, every, sparse = [], [], []
    fit_bytes = fit_samples = 0
    for path in sorted((Path(folder) / "runs_hr").rglob("*.*")):
        for activity in _activities(path):
            samples = second_by_second(activity)
            if len(samples) < LEAST_SAMPLES:
                continue
            size = size_of(samples)
            every.append((size, len(samples)))
            points = only_its_points(activity, samples)
            sparse.append((size_of(points), len(points)))
            if missing_nothing(samples):
                whole.append((size, len(samples)))
                fit_bytes += len(fit.encode(activity.points))
                fit_samples += len(activity.points)
    return [
        ("real runs, nothing missing", _per_sample(whole)),
        ("all real runs at 1 Hz, gaps and lost sensors included", _per_sample(every)),
        ("all real runs, only the points that the watch kept", _per_sample(sparse)),
        ("the runs with nothing missing as FIT (our encoder)", f"{fit_bytes / max(fit_samples, 1):.2f} B"),
    ]


def _activities(path: Path) -> list[Activity]:
    try:
        return read_activities(path)
    except HoldbackError:
        return []  # a course without times


def _per_sample(sizes: list[tuple[int, int]]) -> str:
    each = sorted(size / count for size, count in sizes)
    mean = sum(size for size, _ in sizes) / sum(count for _, count in sizes)
    return f"{mean:.2f} B ({len(sizes)} recordings, {each[0]:.2f} to {each[-1]:.2f})"


def _cost() -> list[tuple[str, str]]:
    interpreter = unix_port()
    if interpreter.missing:
        return [("cost under MicroPython", interpreter.missing)]
    ran = interpreter.run(SCRIPT)
    if ran.returncode:
        return [("cost under MicroPython", f"failed: {ran.stderr.strip().splitlines()[-1]}")]
    figures = dict(line.split() for line in ran.stdout.splitlines())
    return [
        ("writing, MicroPython's unix port", f"{float(figures['write_us']):.1f} µs a sample"),
        ("finding the last snapshot of 8 h and what follows it", f"{float(figures['resume_ms']):.0f} ms"),
        ("memory of the reader, 64-bit words", f"{figures['reader_bytes']} B"),
    ]


def rows(peer: Path | None = None) -> list[tuple[str, str]]:
    """(label, value) of each figure; there is no peer to give."""
    simulated = [
        (f"simulated, white noise of {noise_m} m on each place", f"{size_of(samples) / len(samples):.2f} B")
        for noise_m in (0.3, 1, 3)
        for samples in (made_up(noise_m),)
    ]
    return [*_real(), *simulated, *_cost()]
