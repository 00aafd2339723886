"""Both ends of the line between simulator and firmware mean the same."""

import re
from pathlib import Path

from holdback.simulation.machine import wire
from holdback.simulation.machine.process import STANDINS

CONSTANT = re.compile(r"^_([A-Z_]+) = const\((\d+)\)", re.MULTILINE)


def _constants(path: Path) -> list[tuple[str, int]]:
    return [(name, int(value)) for name, value in CONSTANT.findall(path.read_text())]


def test_the_kinds_of_records_agree() -> None:
    shared = [pair for path in STANDINS.glob("*.py") for pair in _constants(path) if hasattr(wire, pair[0])]
    assert len(shared) > 25
    assert shared == [(name, getattr(wire, name)) for name, _ in shared]


def test_a_batch_is_cut_between_records() -> None:
    records = [wire.pack(wire.UART, 2, data=bytes(500)) for _ in range(5)]
    batch = wire.batch(1_000_000, records)
    chunks = []
    while batch:
        size, more, now_us = wire.CHUNK.unpack_from(batch)
        assert now_us == 1_000_000
        chunks.append((size, more))
        batch = batch[wire.CHUNK.size + size :]
    assert chunks == [(2 * 519, 1), (2 * 519, 1), (519, 0)]
    assert wire.CHUNK.unpack(wire.batch(7, [])) == (0, 0, 7)
