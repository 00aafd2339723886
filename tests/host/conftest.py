"""What tests of several commands share."""

import pytest
from holdback.cli import asking


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the runner types on a terminal; then the input ends."""
    typed: list[str] = []

    async def ask(_prompt: str) -> str | None:
        return typed.pop(0) if typed else None

    monkeypatch.setattr(asking, "ask", ask)
    monkeypatch.setattr(asking, "on_terminal", lambda: True)
    return typed
