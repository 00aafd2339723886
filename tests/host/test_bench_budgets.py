"""The budgets that `make bench` prints: estimates have a source, sums are right, and nothing is over its bound."""

import re

from holdback.board import board_names

from bench import energy, estimates, flash, work


def figures(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"[\d.]*\d", text)]


def test_every_estimate_tells_its_source_and_is_printed_with_it() -> None:
    printed = dict(estimates.rows())
    assert len(printed) == len(estimates.ALL) > 5
    for name, found in estimates.ALL.items():
        assert printed[f"{name}: {found.source}"] == f"{found.value:g} {found.unit}" and found.source and found.unit


def test_the_energy_of_a_stage_is_the_sum_that_is_shown() -> None:
    rows = dict(energy.rows())
    assert sorted(rows) == board_names()
    for text in rows.values():
        hours, ma, volt, wh, mah, kept, again, lasts = figures(text)
        assert abs(hours * ma * volt / 1000 - wh) <= 0.05 and again == ma
        assert lasts == mah * (100 - kept) // (100 * ma)


def test_a_second_of_the_core_is_counted_and_within_its_bound() -> None:
    rows = dict(work.rows())
    parts = [figures(text)[0] for name, text in rows.items() if name in work.NAMES.values()]
    assert len(parts) == 4 and min(parts) > 100 and abs(sum(parts) - figures(rows["the core"])[0]) <= 2
    (text,) = [text for name, text in rows.items() if name.startswith("work in a second")]
    work_s, speed, ms = figures(text)
    assert abs(work_s / speed * 1000 - ms) <= 0.5 and ms < estimates.SECOND_MS.value


def test_a_stage_is_kept_without_wearing_the_flash_out() -> None:
    rows = dict(flash.rows())
    size, flushes = figures(rows[f"{flash.HOURS} h stage, recording"])
    assert 3 < size * 1000 / flash.HOURS / 3600 < 6.5 and flushes < 61 * flash.HOURS
    programmed, factor = figures(rows["programmed, with littlefs's own"])
    assert abs(programmed / size - factor) < 0.1 and factor < 20
    erased, each, worst, blocks = figures(rows["blocks erased"])
    assert erased < 2 * flushes and worst < erased / 20 and blocks == flash.BLOCKS and each < 2
