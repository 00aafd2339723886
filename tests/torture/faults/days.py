"""Ten days of ten hours in 2 MB, lived: micropython/days.py, the firmware's own stage on a real littlefs."""

import re
import subprocess
import tempfile
import time
from pathlib import Path

from core.interpreters import FIRMWARE, unix_port
from system.firmware_rig import make_plan

from torture.faults.power import SCRIPTS
from torture.rows import Report, Row, Scale

DAYS, DAY_S = 10, 36_000
LENGTH_M = 90_000
LIMIT_S = 7200.0
ALL = 10_000  # a scale of so many inputs lives whole days
_TOLD = re.compile(r"day (\d+) every (\d+) bytes (\d+) cues (\d+) free (\d+) lost (\d) replay (\d)")


def run(scale: Scale, report: Report) -> Row:
    """Each day an input; with a smaller scale each of so many seconds."""
    row, start = Row("days", scale.seed, skipped=unix_port().missing), time.monotonic()
    if row.skipped:
        return row
    for number, every_s, size, cues, free, lost, replays in lived(DAY_S if scale.inputs >= ALL else scale.inputs):
        report(f"days: {number}, a sample each {every_s} s, {size} bytes, {cues} cues, {free} bytes free")
        row.inputs += 1
        if lost or not replays:
            row.crashes += 1
            row.failures.append(f"days: day {number}: " + ("a replay has other cues" if not lost else "no room"))
    row.taken = row.inputs - row.crashes
    row.seconds = time.monotonic() - start
    return row


def lived(seconds: int) -> list[tuple[int, ...]]:
    """Of each day: number, seconds between two samples, bytes, cues, bytes free, 1 if lost, 1 if its replay agrees."""
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        for number in range(1, DAYS + 1):
            plan = make_plan(number, LENGTH_M, planned_s=DAY_S, stage_count=DAYS, hr_cap_bpm=0)
            (Path(name) / f"day-{number:02d}").write_bytes(plan)
        command = [*unix_port().command, "-X", "heapsize=64M", str(SCRIPTS / "cut.py")]
        done = subprocess.run(
            [*command, "days", name, str(DAYS), str(seconds)],
            env={"MICROPYPATH": f"{SCRIPTS}:{FIRMWARE}:.frozen"},
            capture_output=True, text=True, check=False, timeout=LIMIT_S,
        )  # fmt: skip
    days = [tuple(map(int, found)) for found in _TOLD.findall(done.stdout)]
    if done.returncode or len(days) != DAYS:
        raise RuntimeError(done.stdout + done.stderr)
    return days
