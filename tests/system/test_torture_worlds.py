"""A few of the long attacks, the same ones each time. `make torture ARGS="sensors radio"` has them all."""

import pytest
from torture import radio, sensors
from torture.rows import Scale
from torture.worlds import attack, live

FEW = {
    "sensors": [
        "receiver silent 1 min",
        "wrong baud 5 min",
        "jumps of 500 m",
        "year end",
        "strap spikes",
        "two straps",
    ],
    "radio": [
        "loss of 30 %",
        "pull cut every 100 packets",
        "pull cut at packets 61 to 72",
        "push cut at packets 37 to 48",
    ],
}


@pytest.mark.parametrize("name", FEW["sensors"])
def test_sensors(name: str) -> None:
    live(sensors.CASES[name])


@pytest.mark.parametrize("name", FEW["radio"])
def test_radio(name: str) -> None:
    live(radio.CASES[name])


def test_what_breaks_is_counted() -> None:
    async def fine(_air: object) -> None: ...

    async def broken(_air: object) -> None:
        raise AssertionError("broken")

    lines: list[str] = []
    row = attack("both", {"fine": (fine, {}), "broken": (broken, {})}, Scale(10), lines.append)
    assert (row.inputs, row.taken, row.crashes, row.held) == (2, 1, 1, False)
    assert "broken" in row.failures[0] and len(lines) == 2
    assert attack("one", {"fine": (fine, {}), "broken": (broken, {})}, Scale(1), lines.append).inputs == 1
