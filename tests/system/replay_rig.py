"""What the replays of real recordings share: the files, one replay of each, and samples beside what was fed."""

import math
import os
import tempfile
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from holdback.recordings.activity import Activity
from holdback.recordings.files import read_activities
from holdback.recordings.journal import RecordedSample
from holdback.recordings.summary import distances_m
from holdback.simulation import Air, Flash, run
from holdback.simulation.replay import ReplayResult, replay
from holdback.simulation.world.receiver import M_PER_DEG
from holdback.simulation.world.recorded import Second
from pacing.sample import FIX_MASK

DATA = Path(os.environ["HOLDBACK_DATA"]) if "HOLDBACK_DATA" in os.environ else None
NO_DATA = "HOLDBACK_DATA is not set: no real recordings to replay"
RUNS = {
    **{f"multisport leg {leg}": ("tormoder/activity-large-fenxi2-multisport.fit", leg) for leg in range(1, 8)},
    "5 h with a 1.8 h gap": ("TrailrunningVienna/U4-U4Toiflhuette.gpx", 1),
    "strava": ("sports-alliance/strava.gpx", 1),
    "TCX of a Forerunner": ("sports-alliance/6782987395.tcx", 1),
    "TCX, smart, with a pause": ("sports-alliance/6281425038.tcx", 1),
    "COROS": ("sports-alliance/6916663933.fit", 1),
    "Garmin": ("tormoder/activity-small-fenix2-run.fit", 1),
}


@dataclass
class Replayed:
    """One recorded run before and after the device."""

    activity: Activity
    result: ReplayResult
    flash: Flash

    @cached_property
    def placed(self) -> list[Second]:
        """The fed seconds that have a place."""
        return [second for second in self.result.fed if second.truth]

    @cached_property
    def pairs(self) -> list[tuple[int, RecordedSample]]:
        """Each sample with a fix beside the number of the second (of `placed`) that it is from, by their times."""
        samples = [sample for sample in self.result.recording.samples if sample.flags & FIX_MASK]
        origin_s = self.placed[0].utc_s - samples[0].stage_ms / 1000
        found, number = [], 0
        for sample in samples:
            while self.placed[number].utc_s < origin_s + sample.stage_ms / 1000 - 0.5:
                number += 1
            found.append((number, sample))
            number += 1
        return found


@cache
def replayed(name: str) -> Replayed:
    """The replay of one of RUNS; each is run once."""
    return replayed_with_resets(name, ())


def replayed_with_resets(name: str, shares: Sequence[float]) -> Replayed:
    """The same with power failures at these shares of the run."""
    assert DATA
    file, leg = RUNS[name]
    activity = read_activities(DATA / "runs_hr" / file)[leg - 1]
    flash = Flash()
    folder = Path(tempfile.mkdtemp(prefix="replay-"))
    resets = [round(share * activity.elapsed_s) for share in shares]
    return Replayed(activity, replay(activity, folder, flash=flash, resets_at=resets), flash)


def file_on_flash(flash: Flash, path: str) -> bytes:
    """The bytes of a file in a flash image, read by MicroPython's own littlefs."""

    async def main(air: Air) -> bytes:
        board = air.board(
            "reader", script=Path(__file__).parent / "fixtures" / "print_file.py", flash=flash, args=(path,)
        )
        await board.start()
        return b"".join(bytes.fromhex(line) for line in board.log)

    return run(main)


def file_metres(activity: Activity, fed: Sequence[Second]) -> list[float]:
    """The file's own distance at each fed second: its counter, or along its positions."""
    times = [point.time_s for point in activity.points]
    metres = distances_m(activity.points)
    found = []
    for second in fed:
        i = min(max(bisect_right(times, second.utc_s) - 1, 0), len(times) - 2) if len(times) > 1 else 0
        share = min(1.0, (second.utc_s - times[i]) / (times[i + 1] - times[i])) if len(times) > 1 else 0.0
        found.append(metres[i] + share * (metres[i + 1] - metres[i]))
    return found


def straight_m(a: Second, b: Second) -> float:
    """The straight line between two seconds with a place."""
    assert a.truth and b.truth
    east = (b.truth.lon_deg - a.truth.lon_deg) * math.cos(math.radians(a.truth.lat_deg))
    return M_PER_DEG * math.hypot(b.truth.lat_deg - a.truth.lat_deg, east)
