"""Large files made of one thing over and over: what takes time or memory with more than their size shows here."""

import time
from dataclasses import replace

from torture.parsers.fuzz import HangError, Parser, PromiseError, attack, attack_measured
from torture.parsers.host_parsers import PARSERS
from torture.rows import Report, Row, Scale

SIZES = (100_000, 200_000)  # bytes; the tests are content with fewer
MOST_S_MB = 8.0  # processor time: fitdecode takes most of it
LEAST_S = 0.5  # what is quicker is no matter
MEASURED_S = 30.0  # to measure memory takes several times as long


def inputs(parser: Parser, size: int) -> list[bytes]:
    """Each token of the format that often, alone, behind half of a valid file, and behind a whole one."""
    valid = parser.valid()[0]
    heads = (b"", valid[: len(valid) // 2], valid)
    return [head + token * (size // len(token)) for token in dict.fromkeys(parser.tokens) for head in heads]


def run(scale: Scale, report: Report) -> Row:
    """The whole of it at every scale: there is nothing random in it."""
    row, start = Row("bulk", scale.seed), time.monotonic()
    for parser in PARSERS:
        for size in SIZES:
            for data in inputs(parser, size):
                if not scale.stopped():
                    _one(parser, data, row)
        report(f"bulk: {parser.name} done, {row.inputs} inputs")
    row.seconds = time.monotonic() - start
    return row


def _one(parser: Parser, data: bytes, row: Row) -> None:
    row.inputs += 1
    begun = time.process_time()
    try:
        row.taken += attack(parser, data)
        took = time.process_time() - begun
        if took > max(LEAST_S, MOST_S_MB * len(data) / 1e6):
            row.hangs += 1
            row.failures.append(
                f"bulk: {parser.name} took {took:.1f} s for {len(data)} bytes that end in {data[-20:]!r}"
            )
        if took < LEAST_S:
            row.most_bytes = max(row.most_bytes, attack_measured(replace(parser, cpu_s=MEASURED_S), data)[1])
    except HangError:
        row.hangs += 1
        row.failures.append(f"bulk: {parser.name} hangs on {len(data)} bytes that end in {data[-20:]!r}")
    except PromiseError as error:
        row.crashes += 1
        row.failures.append(f"bulk: {parser.name}, bytes that end in {data[-20:]!r}: {error}")
