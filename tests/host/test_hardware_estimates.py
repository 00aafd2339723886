"""What the owner's kit takes for estimated stands in the documentation, and is compared as it should be."""

import re

import pytest
from hardware.comparing import Estimate, outcome, plain, ratio
from hardware.estimates import estimates
from hardware.facts import FACTS
from hardware.run import STEPS
from hardware.session import PROBES, Result, clean, parse
from holdback.board import board_names, find_board
from holdback.building.build import PROJECT

BOARDS = board_names()


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", (PROJECT / page).read_text())


@pytest.mark.parametrize("board", BOARDS)
def test_every_estimate_stands_on_its_page(board: str) -> None:
    found = estimates(find_board(board, "test"))
    assert len(found) >= 14
    for estimate in found:
        assert estimate.words in words_of(estimate.page), estimate.what
        assert estimate.probe in FACTS or (not estimate.probe and estimate.why)


@pytest.mark.parametrize("board", BOARDS)
def test_the_hours_of_a_board_stand_in_its_own_row(board: str) -> None:
    lines = (PROJECT / "boards" / "README.md").read_text().splitlines()
    rows = [line for line in lines if f"]({board}/README.md)" in line]
    hours = find_board(board, "test").battery_hours
    assert [row.split("|")[-2].strip() for row in rows] == [str(hours)]


def test_every_fact_has_a_probe_that_tells_it() -> None:
    """Or the computer adds it. Each probe is a step, and each step is in the report."""
    assert {path.stem for path in PROBES.glob("*.py")} - {"lead"} == {*STEPS} == {*FACTS} - {"current"}
    added = (PROBES.parent / "run.py").read_text()
    for probe, names in FACTS.items():
        text = added + ((PROBES / f"{probe}.py").read_text() if probe in STEPS else "")
        for name in names:
            told = name.replace("_before_radio", "_").replace("_with_radio", "_")  # as probes/memory.py makes them
            assert f'"{told}"' in text or f"{name}=" in text, (probe, name)


COUNTED = Estimate("w", "f", "p", "w", "memory", plain("memory", "hz", 1000), low=2, high=4, unit="kHz")


@pytest.mark.parametrize(
    ("hz", "said"),
    [
        (3000, ("3.0 kHz", "as estimated")),
        (1999, ("2.0 kHz", "less than estimated")),
        (40_000, ("40 kHz", "more than estimated")),
        ("fast", ("fast", "otherwise than estimated")),
        (None, ("–", "not told")),
    ],
)
def test_what_is_measured_is_set_beside_what_is_estimated(hz: int | str | None, said: tuple[str, str]) -> None:
    facts = {} if hz is None else {"hz": hz}
    assert outcome(COUNTED, {"memory": Result("memory", facts)}) == said


def test_what_is_not_measured_says_why() -> None:
    assert outcome(COUNTED, {}) == ("–", "not reached")
    assert outcome(COUNTED, {"memory": Result("memory", skipped="not asked")}) == ("–", "not asked")
    assert outcome(COUNTED, {"memory": Result("memory", {"hz": 3000}, failed="OSError: 5")}) == ("–", "OSError: 5")
    rate = ratio("memory", "hz", "radio_ms")
    assert rate({"memory": {"hz": 6, "radio_ms": 0}}) is None and rate({"memory": {"hz": 6, "radio_ms": 4}}) == 1.5


GOOD = 'HOLDBACK {"probe": "memory", "took_ms": 3, "facts": {"hz": 80000000}}'


@pytest.mark.parametrize(
    "told",
    [
        "Local directory is mounted\n" + GOOD,
        GOOD + "\nHOLDBACK {",
        GOOD + '\nHOLDBACK {"probe": "memory", "took_ms": 3, "facts": {"hz": 8e400}}',
        GOOD + '\nHOLDBACK {"probe": "chips", "took_ms": 3, "facts": {"chips": "all"}}',
        GOOD + '\nHOLDBACK {"probe": "memory", "took_ms": 3, "facts": {"machine": "' + "x" * 301 + '"}}',
        GOOD + '\nHOLDBACK {"probe": "memory", "took_ms": 3, "facts": {"machine": ["x"]}}',
        GOOD.replace('"facts": {', '"facts": {"position": "47.1, 11.4", '),
    ],
)
def test_only_what_a_probe_may_say_is_believed(told: str) -> None:
    assert parse(told, "memory") == Result("memory", {"hz": 80_000_000})


def test_an_answer_that_is_none_is_shown_and_cannot_write_on_the_page() -> None:
    assert (
        parse("raw\n<img src=x>|@all `x` [x](y)", "memory").failed == "its answer is none: ?img src=x???all ?x? ?x?(y)"
    )
    assert clean("é\x1b[2J\n#") == "???2J??"
    assert parse("", "memory").failed == "its answer is none: "
