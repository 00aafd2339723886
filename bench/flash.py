"""Flash: what an eight-hour stage programs and erases, by littlefs on a device that counts; what that wears."""

from dataclasses import replace
from pathlib import Path

from bench.estimates import ERASES, FLUSH_MS
from tests.core.interpreters import unix_port

SCRIPT = Path(__file__).parent / "micropython" / "flash_wear.py"
HOURS = 8
BLOCKS = 512  # of 4096 bytes: what MicroPython leaves to files on 4 MB


def rows(_peer: Path | None = None) -> list[tuple[str, str]]:
    """A made-up stage with the roughness of a recorded one, flushed as the firmware does it."""
    interpreter = unix_port()
    if interpreter.missing:
        return [("flash", interpreter.missing)]
    ran = replace(interpreter, command=(*interpreter.command, "-X", "heapsize=8M")).run(SCRIPT, str(HOURS), str(BLOCKS))
    if ran.returncode:
        return [("flash", f"failed: {ran.stdout + ran.stderr}")]
    found = {name: int(value) for name, value in map(str.split, ran.stdout.splitlines())}
    size, programmed, erases, flushes = (found[name] for name in ("recording", "programmed", "erases", "flushes"))
    mean, worst = (int(ERASES.value / each) for each in (erases / BLOCKS, found["worst"]))
    return [
        (f"{HOURS} h stage, recording", f"{size / 1000:.0f} kB in {flushes} flushes"),
        ("programmed, with littlefs's own", f"{programmed / 1000:.0f} kB, {programmed / size:.1f} times the recording"),
        (
            "blocks erased",
            f"{erases}, {erases / flushes:.2f} a flush; at most {found['worst']} times the same of {BLOCKS}",
        ),
        (f"stages until a block has {ERASES.value:.0e} erases (estimated)", f"{worst}; {mean} if all are worn alike"),
        ("stalled by flushes (estimated)", f"{flushes * FLUSH_MS.value / 1000 / HOURS:.0f} s an hour at most"),
    ]
