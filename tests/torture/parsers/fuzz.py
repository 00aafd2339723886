"""One definition of a parser under attack, and the two ways to run it: by Hypothesis, or a million times."""

import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from torture.parsers.mutation import Text, hostile
from torture.rows import Report, Row, Scale

Repair = Callable[[bytes], bytes]
Seeds = tuple[Sequence[bytes], Sequence[bytes]]  # small and large
EACH_MEASURED = 16  # of the long form; to measure memory costs several times the time of the input
EACH_LARGE = 200  # is made from a large file, where there are any: a hundred small ones take as long
KINDS = 8  # of failures that are told
LINE_S = 30.0  # between two lines for whoever watches


class HangError(BaseException):
    """An input took more processor time than its parser may; BaseException, so that no parser swallows it."""


class PromiseError(Exception):
    """An input was taken that breaks what the parser promises. No AssertionError: the link takes those for nonsense."""


@dataclass(frozen=True)
class Parser:
    """A parser under attack.

    valid(): inputs that it takes, small, with everything that the format has; large(): longer ones. feed(data): give
    it one; raises one of `refusals` for what it refuses in words of its own, and whatever else it raises is a crash.
    repair(data): make checksums right again, which is done to three of four inputs, so that what is behind them is
    reached. Bounds for one input: `cpu_s`, and `base_bytes` + `byte_bytes` for each byte of it.
    """

    name: str
    valid: Callable[[], Sequence[bytes]]
    feed: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...] = ()
    tokens: Sequence[bytes] = ()
    text: Text | None = None
    repair: Repair | None = None
    most_input: int = 4096
    cpu_s: float = 1.0
    base_bytes: int = 64 << 10
    byte_bytes: int = 64
    large: Callable[[], Sequence[bytes]] = tuple
    missing: Callable[[], str] = lambda: ""  # why it cannot run here
    examples: int = 300  # of the short form

    def seeds(self) -> Seeds:
        """What the hostile inputs are made from."""
        return self.valid(), self.large()

    def make(self, rng: Random, seeds: Seeds) -> bytes:
        """A hostile input."""
        small, large = seeds
        valid = large if large and rng.randrange(EACH_LARGE) == EACH_LARGE - 1 else small
        data = hostile(rng, valid, self.tokens, self.most_input, self.text)
        return self.repair(data) if self.repair and rng.randrange(4) else data

    def may_take(self, data: bytes) -> int:
        """Bytes of memory that this input may cost."""
        return self.base_bytes + self.byte_bytes * len(data)


def attack(parser: Parser, data: bytes) -> bool:
    """Feed one input; whether it was taken. Raises HangError, PromiseError, or whatever the parser crashed with."""
    with _alarm(parser.cpu_s):
        try:
            parser.feed(data)
        except parser.refusals:
            return False
    return True


def attack_measured(parser: Parser, data: bytes) -> tuple[bool, int]:
    """The same, and the most bytes that it held at once. PromiseError if that is twice beyond `may_take`: Python's own
    table of strings takes megabytes when it is made anew, once in some hundred thousand inputs, whoever's turn it is.
    """
    taken, most = _measured(parser, data)
    if most > parser.may_take(data):
        taken, most = _measured(parser, data)
    if most > parser.may_take(data):
        raise PromiseError(f"{most} bytes of memory for {len(data)} of input, allowed {parser.may_take(data)}")
    return taken, most


def _measured(parser: Parser, data: bytes) -> tuple[bool, int]:
    tracemalloc.start()
    try:
        return attack(parser, data), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@contextmanager
def _alarm(cpu_s: float) -> Iterator[None]:
    """Processor time, not the clock's: other work on the machine makes nothing hang."""

    def ring(_number: int, _frame: Any) -> None:
        raise HangError(f"more than {cpu_s} s of processor time")

    if not hasattr(signal, "setitimer"):  # a system without: hangs are then for whoever watches
        yield
        return
    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def run(parser: Parser, scale: Scale, report: Report) -> Row:
    """The long form: `scale.inputs` inputs, each made from the seed and its own number alone."""
    row = Row(parser.name, scale.seed, skipped=parser.missing())
    if row.skipped:
        return row
    seeds = parser.seeds()
    for data in (*seeds[0], *seeds[1]):
        attack(parser, data)  # warm: what is imported and kept is nobody's input
    start = told = time.monotonic()
    for number in range(scale.first, scale.first + scale.inputs):
        _count(parser, parser.make(Random(scale.seed << 40 | number), seeds), number, row)
        row.inputs += 1
        if row.inputs % 256 == 0:
            now = time.monotonic()
            if now - told >= LINE_S:
                told = now
                report(f"{parser.name}: {row.inputs:,} inputs, {row.crashes} crashes, {row.hangs} hangs")
            if 0 < scale.seconds <= now - start or scale.stopped():
                break
    row.seconds = time.monotonic() - start
    return row


def _count(parser: Parser, data: bytes, number: int, row: Row) -> None:
    try:
        most = 0
        if number % EACH_MEASURED:
            taken = attack(parser, data)
        else:
            taken, most = attack_measured(parser, data)
        row.taken += taken
        row.most_bytes = max(row.most_bytes, most)
    except HangError as error:
        row.hangs += 1
        _remember(row, number, data, error)
    except Exception as error:
        row.crashes += 1
        _remember(row, number, data, error)


def _remember(row: Row, number: int, data: bytes, error: BaseException) -> None:
    """Keep one input of each kind of failure: where it was raised tells kinds apart."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    kind = f"{type(error).__name__} at {place}"
    if len(row.failures) < KINDS and not any(kind in known for known in row.failures):
        row.failures.append(
            f'{row.attack}: {kind}: {error}\n  again: make torture ARGS="{row.attack} --seed {row.seed} '
            f'--first {number} --inputs 1"\n  input: {data[:400].hex()}'
        )
