"""Power cuts by chance, the same ones each time. `make torture ARGS=power` tries all there are."""

import pytest
from core.interpreters import unix_port
from torture.faults import days
from torture.faults.power import ONCE, SCENARIOS, attack


@pytest.mark.skipif(bool(unix_port().missing), reason=unix_port().missing)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_nothing_is_lost_at_a_power_cut(scenario: str) -> None:
    count = {"end": 46, "recording twice": 5, "false start": 8}.get(scenario, 24 if scenario in ONCE else 6)
    cuts, operations, failures = attack(scenario, seed=5, count=count)
    assert failures == []
    assert cuts == count and operations > 10


@pytest.mark.skipif(bool(unix_port().missing), reason=unix_port().missing)
def test_ten_days_of_a_minute_on_one_file_system() -> None:
    told = days.lived(60)
    assert [day[0] for day in told] == list(range(1, 11))
    assert all(not lost and replays for *_, lost, replays in told)
    assert told[0][1] > 1 == told[-1][1], "the first days of ten are sampled more thinly, the last is not"
