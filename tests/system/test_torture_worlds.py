"""A few of the long attacks, the same ones each time. `make torture ARGS="sensors radio"` has them all."""

import pytest
from torture.faults import flash, power, radio, sensors, soak
from torture.faults.worlds import attack, live
from torture.rows import Scale

FEW = {
    "sensors": [
        "receiver silent 1 min",
        "wrong baud 5 min",
        "jumps of 500 m",
        "year end",
        "strap spikes",
        "two straps",
        "ticks wrap in a cue, 135420 ms",
        "clock leaps back by 5 h, running",
    ],
    "flash": ["file system damaged at boot", "noise everywhere after 130 s", "writes fail to the end"],
    "radio": [
        "loss of 30 %",
        "pull cut every 100 packets",
        "pull cut at packets 61 to 72",
        "push cut at packets 37 to 48",
        "stall: a link that cannot be ended",
        "no room to notify",
        "a phone and a laptop",
    ],
}


@pytest.mark.parametrize("name", FEW["sensors"])
def test_sensors(name: str) -> None:
    live(sensors.CASES[name])


@pytest.mark.parametrize("name", FEW["radio"])
def test_radio(name: str) -> None:
    live(radio.CASES[name])


@pytest.mark.parametrize("name", FEW["flash"])
def test_flash(name: str) -> None:
    live(flash.CASES[name])


@pytest.mark.parametrize("scenario", flash.SCENARIOS)
def test_a_worn_and_a_dead_chip(scenario: str) -> None:
    tried, _, failures = power.attack(scenario, seed=2, count=8)
    assert (tried, failures) == (8, [])


def test_a_quarter_of_an_hour_with_faults() -> None:
    row = soak.run_day(Scale(900, seed=3), lambda _line: None)
    assert row.held, row.failures


def test_what_breaks_is_counted() -> None:
    async def fine(_air: object) -> None: ...

    async def broken(_air: object) -> None:
        raise AssertionError("broken")

    lines: list[str] = []
    row = attack("both", {"fine": (fine, {}), "broken": (broken, {})}, Scale(10), lines.append)
    assert (row.inputs, row.taken, row.crashes, row.held) == (2, 1, 1, False)
    assert "broken" in row.failures[0] and len(lines) == 2
    assert attack("one", {"fine": (fine, {}), "broken": (broken, {})}, Scale(1), lines.append).inputs == 1
