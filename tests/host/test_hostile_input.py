"""Every parser under a few hundred hostile inputs each, the same ones each time. `make torture` has a million."""

from dataclasses import replace
from threading import Event, Timer

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torture.attacks import PARSERS
from torture.parsers import fuzz
from torture.parsers.fuzz import HangError, Parser, PromiseError, attack, attack_measured
from torture.processes import run_all
from torture.rows import Row, Scale, table

UNHURRIED = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_hostile_input(parser: Parser):
    if why := parser.missing():
        pytest.skip(why)
    seeds = small, large = parser.seeds()
    for data in (*small[:: 1 + len(small) // 30], *large):
        attack(parser, data)

    @settings(UNHURRIED, max_examples=parser.examples)
    @given(st.randoms(use_true_random=False))
    def hostile(rng):
        attack_measured(parser, parser.make(rng, seeds))

    hostile()


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_valid_inputs_are_taken(parser: Parser):
    """Else the hostile ones, which are made from them, would try the first lines of a parser alone."""
    if why := parser.missing():
        pytest.skip(why)
    assert attack(parser, parser.valid()[0])


def weak(data: bytes) -> None:
    """A parser with every fault."""
    if b"!" in data:
        raise KeyError("crash")
    if b"?" in data:
        while True:
            pass
    if b"+" in data:
        bytes(1 << 20)
    if b"-" in data:
        raise ValueError("refused")


WEAK = Parser(
    "weak", lambda: [b"abc"], weak, (ValueError,), tokens=(b"!", b"?", b"+", b"-"), cpu_s=0.02, base_bytes=1 << 16
)


@pytest.mark.parametrize(
    ("data", "error"), [(b"a!", KeyError), (b"?", HangError), (b"+", PromiseError), (b"-", None), (b"abc", None)]
)
def test_the_attack_sees_what_breaks(data, error):
    if error:
        with pytest.raises(error):
            attack_measured(WEAK, data)
    else:
        taken, most = attack_measured(WEAK, data)
        assert taken == (b"-" not in data) and 0 < most < 1 << 16


@pytest.mark.parametrize("times", [1, 2])
def test_only_memory_that_an_input_takes_again_is_its_own(times):
    """Python's table of strings is made anew now and then, in whoever's turn it is."""
    kept: list[bytes] = []
    grows = replace(WEAK, feed=lambda _data: kept.append(bytes(1 << 20 if len(kept) < times else 1)))
    if times == 1:
        assert attack_measured(grows, b"x")[1] < 1 << 16
    else:
        with pytest.raises(PromiseError):
            attack_measured(grows, b"x")


def test_the_long_form_counts_and_tells_how_to_see_it_again():
    row = fuzz.run(WEAK, Scale(400, seed=4), lambda _line: None)
    assert row.inputs == 400 and 0 < row.taken < 400 and row.crashes > 10 and row.hangs > 5 and not row.held
    crash = next(line for line in row.failures if "KeyError" in line)
    number = int(crash.partition("--first ")[2].split()[0])
    again = fuzz.run(WEAK, Scale(1, seed=4, first=number), lambda _line: None)
    assert (again.inputs, again.crashes) == (1, 1)
    head, line = table([row]).splitlines()
    assert head.split()[:4] == ["attack", "inputs", "taken", "crashes"] and line.split()[:2] == ["weak", "400"]


def test_a_row_that_was_skipped_says_why():
    assert "no interpreter" in table([Row("x", 1, skipped="no interpreter")])


def test_attacks_run_side_by_side_and_are_broken_off():
    """What was reached is told: two of them begin, the third does not."""
    stop = Event()
    Timer(1.0, stop.set).start()
    rows = run_all(["2a37", "cbor", "nmea"], Scale(10**9), jobs=2, stop=stop)
    assert [row.attack for row in rows] == ["2a37", "cbor", "nmea"] and all(row.held for row in rows)
    assert all(0 < row.inputs < 10**9 and row.seconds > 0 for row in rows[:2])
    assert (rows[2].inputs, rows[2].skipped) == (0, "not begun")
