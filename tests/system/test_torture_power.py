"""Power cuts by chance, the same ones each time. `make torture ARGS=power` tries all there are."""

import pytest
from core.interpreters import unix_port
from torture.power import SCENARIOS, attack


@pytest.mark.skipif(bool(unix_port().missing), reason=unix_port().missing)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_lost_at_a_power_cut(scenario: str) -> None:
    cuts, operations, failures = attack(scenario, seed=5, count=24)
    assert failures == []
    assert cuts == 24 and operations > 10
