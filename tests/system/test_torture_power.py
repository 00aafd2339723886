"""Power cuts by chance, the same ones each time. `make torture ARGS=power` tries all there are."""

import pytest
from core.interpreters import unix_port
from torture.power import ONCE, SCENARIOS, attack


@pytest.mark.skipif(bool(unix_port().missing), reason=unix_port().missing)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_lost_at_a_power_cut(scenario: str) -> None:
    count = {"end": 46, "recording twice": 8, "false start": 12}.get(scenario, 24 if scenario in ONCE else 6)
    cuts, operations, failures = attack(scenario, seed=5, count=count)
    assert failures == []
    assert cuts == count and operations > 10
