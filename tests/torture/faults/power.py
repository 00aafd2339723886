"""Power fails at programs and erases of the flash: micropython/power.py, the firmware's code on a real littlefs."""

import re
import subprocess
import tempfile
import time
from pathlib import Path

from core.interpreters import FIRMWARE, unix_port
from system.firmware_rig import make_plan

from torture.rows import Report, Row, Scale

SCRIPTS = Path(__file__).parents[1] / "micropython"
ONCE = ("recording", "end", "false start", "upload", "state", "delete")
SCENARIOS = (*ONCE, *(f"{name} twice" for name in ONCE))  # power fails again at the start that follows
ALL = 10_000  # a scale of so many inputs tries every cut there is
LIMIT_S = 7200.0
_TOLD = re.compile(r"cuts (\d+) of (\d+) operations, (\d+) broken")


def run(scale: Scale, report: Report) -> Row:
    """Every operation, cut in each way; with a smaller scale so many by chance, shared out."""
    row, start = Row("power", scale.seed, skipped=unix_port().missing), time.monotonic()
    if row.skipped:
        return row
    for scenario in SCENARIOS:
        cuts, operations, failures = attack(
            scenario, scale.seed, 0 if scale.inputs >= ALL else scale.inputs // len(SCENARIOS)
        )
        report(f"power: {scenario}, {cuts} cuts at {operations} operations, {len(failures)} broken")
        row.count(cuts, failures)
    row.seconds = time.monotonic() - start
    return row


def attack(scenario: str, seed: int, count: int) -> tuple[int, int, list[str]]:
    """(cuts tried, operations there are, broken promises); `count` 0 for all."""
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        (Path(name) / "old").write_bytes(make_plan(length_m=4000))
        (Path(name) / "new").write_bytes(make_plan(length_m=4000, debt_limit=60))
        command = [*unix_port().command, "-X", "heapsize=64M", str(SCRIPTS / "cut.py"), "power", name, scenario]
        done = subprocess.run(
            [*command, str(seed), str(count)],
            env={"MICROPYPATH": f"{SCRIPTS}:{FIRMWARE}:.frozen"},
            capture_output=True, text=True, check=False, timeout=LIMIT_S,
        )  # fmt: skip
    told = _TOLD.search(done.stdout)
    failures = [line for line in done.stdout.splitlines() if line.startswith("broken:")]
    if done.returncode or not told or int(told[3]) != len(failures):
        raise RuntimeError(done.stdout + done.stderr)
    return int(told[1]), int(told[2]), failures
