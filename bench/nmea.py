"""NMEA as bytecode on MicroPython's unix port, 1 Hz RMC+GGA+GSA+3xGSV: speed, and bytes allocated a sentence."""

from pathlib import Path

from tests.core.interpreters import unix_port

SCRIPT = Path(__file__).parent / "micropython" / "nmea_speed.py"
NAMES = {"ours": "whole seconds at once", "chunks": "in chunks of 64 bytes", "micropyGPS": "micropyGPS, the peer"}


def rows(peer: Path | None = None) -> list[tuple[str, str]]:
    """(label, value) of each figure; `peer` is a folder with micropyGPS.py."""
    interpreter = unix_port()
    if interpreter.missing:
        return [("NMEA", interpreter.missing)]
    ran = interpreter.run(SCRIPT, *([str(peer.resolve())] if peer else []))
    if ran.returncode:
        return [("NMEA", f"failed: {ran.stderr.strip().splitlines()[-1]}")]
    figures = {name: (int(rate), int(size)) for name, rate, size in map(str.split, ran.stdout.splitlines())}
    found = [
        (NAMES[name], f"{rate / 1000:.1f} k sentences/s, {size} B a sentence") for name, (rate, size) in figures.items()
    ]
    if "micropyGPS" in figures:
        ratio = figures["ours"][0] / figures["micropyGPS"][0]
        found.append(("ours against micropyGPS, same bytes and run", f"{ratio:.1f} x"))
    return found
