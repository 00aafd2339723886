"""The battery: the drain is measured, charging fools nobody, and what is saved is saved in order."""

import subprocess
from pathlib import Path

import pytest
from core.interpreters import FIRMWARE, unix_port
from system.firmware_rig import make_plan

FIXTURES = Path(__file__).parent / "fixtures"
TORTURE = Path(__file__).parents[1] / "torture" / "micropython"
STAGE_S = 8 * 3600


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """{case: drain, seconds between samples, strap spared, samples that lack, replay as decided}."""
    folder = tmp_path_factory.mktemp("battery")
    for stage in (1, 2):
        plan = make_plan(stage, length_m=50_000, planned_s=STAGE_S, cs_cms=380)
        (folder / f"plan-{stage}").write_bytes(plan)
    done = subprocess.run(
        [*unix_port().command, "-X", "heapsize=16M", str(FIXTURES / "battery_course.py"), str(folder)],
        env={"MICROPYPATH": f"{TORTURE}:{FIRMWARE}:.frozen"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: list(map(int, figures)) for name, *figures in map(str.split, done.stdout.splitlines())}


def test_the_drain_of_a_stage_is_measured(courses: dict[str, list[int]]) -> None:
    """Six percent an hour, as tenths; a gauge that jitters by more than a percent makes it no other drain."""
    assert 58 <= courses["steady"][0] <= 62 and 54 <= courses["jitter"][0] <= 72


def test_charging_on_the_way_is_not_taken_for_drain_nor_for_rest(courses: dict[str, list[int]]) -> None:
    assert 56 <= courses["charged"][0] <= 64 and 50 <= courses["held"][0] <= 62
    assert 56 <= courses["full"][0] <= 64


def test_less_than_an_hour_tells_nothing(courses: dict[str, list[int]]) -> None:
    assert courses["short"][0] == 44


def test_what_is_saved_is_saved_in_order_and_none_of_it_told_as_drain(courses: dict[str, list[int]]) -> None:
    """8 h at 6.0 % want 58 %, at 5.7 % 56, at 5.4 % 54."""
    for name in ("steady", "charged", "held", "short"):
        assert courses[name][1:3] == [1, 0], name
    assert courses["rate"][:3] == [60, 2, 0]
    assert courses["radio"][:3] == [60, 2, 1] and courses["empty"][:3] == [0, 2, 1]
    assert courses["late"][1:3] == [2, 1]  # it began with enough, and lost more than was known


def test_without_charging_the_stages_to_come_count_too(courses: dict[str, list[int]]) -> None:
    assert courses["alone"][1:3] == [2, 1]


def test_each_sample_is_kept_whatever_happens_to_the_battery_and_a_replay_decides_as_the_device_did(
    courses: dict[str, list[int]],
) -> None:
    assert len(courses) == 11
    assert {tuple(figures[3:]) for figures in courses.values()} == {(0, 1)}
