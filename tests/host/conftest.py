"""What tests of several commands share."""

from collections.abc import Iterator

import pytest
from holdback.cli import asking
from holdback.device import keys
from holdback.simulation.machine.provision import hold_simulated_keys


@pytest.fixture(autouse=True)
def simulated_keys() -> Iterator[None]:
    """The fake device's key is held here, and no key of this computer's user is looked at."""
    before = keys.keyring.get()
    hold_simulated_keys()
    yield
    keys.keyring.set(before)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the runner types on a terminal; then the input ends."""
    typed: list[str] = []

    async def ask(_prompt: str) -> str | None:
        return typed.pop(0) if typed else None

    monkeypatch.setattr(asking, "ask", ask)
    monkeypatch.setattr(asking, "on_terminal", lambda: True)
    return typed
