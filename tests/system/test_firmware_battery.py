"""The battery: the drain is measured, charging fools nobody, and what is saved is saved in order."""

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from core.interpreters import FIRMWARE, unix_port
from holdback.simulation import Air, run
from holdback.simulation.world.receiver import sentence
from holdback.simulation.world.strap import Strap
from pacing.cues import CHECK, CHECK_BATTERY
from pacing.sample import FIX_MASK
from system.firmware_rig import BATTERY, READ, Body, Recording, host, make_plan, pulses, replayed

FIXTURES = Path(__file__).parent / "fixtures"
TORTURE = Path(__file__).parents[1] / "torture" / "micropython"
STAGE_S = 8 * 3600
PLAN = make_plan(length_m=20_000)


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


class Mtk:
    """Answers as a receiver of that family, and gives a fix each second, or each second one once it was told so."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self.asked = b""
        body.board.on_uart.append(self._heard)

    def _heard(self, _t_ms: int, _uart: int, data: bytes) -> None:
        self.asked += data
        if b"PMTK605" in data:
            self._body.board.feed_uart(sentence("PMTK705,AXN_5.1.7,0007,L76B,1.0"))

    async def seconds(self, count: int, strap: Strap, speed_ms: float = 0.0) -> None:
        for second in range(count):
            await strap.beat(141)
            await self._body.second(speed_ms, silent=b"PMTK220,2000" in self.asked and bool(second % 2))


def test_with_little_left_fixes_come_each_two_seconds_and_the_straps_radio_sleeps_longer() -> None:
    """CHECK ME 3 comes before the start, as ever; cues go on, and heart rate is in each sample."""

    async def main(air: Air) -> None:
        body = Body(air)
        body.board.adc_mv[BATTERY] = 1800  # 9 %
        receiver, strap = Mtk(body), Strap(air.device("strap"))
        await strap.start()
        await body.board.start()
        async with host(body) as h:
            await h.arm(PLAN)
        await receiver.seconds(190, strap)
        assert body.felt() == [200, *pulses(CHECK, CHECK_BATTERY)] and b"PMTK220,1000" in receiver.asked
        assert b"PMTK220,2000" not in receiver.asked
        device = body.board.device
        assert device and [link.parameters.connection_interval for link in device.connections.values()] == [400]
        await body.hold_and_press()
        await receiver.seconds(70, strap, 3.9)
        assert b"PMTK220,2000" in receiver.asked  # it has looked at the battery
        body.board.adc_mv[BATTERY] = 2090  # a cable
        await receiver.seconds(80, strap, 3.9)
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            status = await h.ours(READ, 3)
            data, _ = await h.download("latest")
        assert (status["drain"], status["hours"]) == (0, 16)
        recording = Recording(data)
        late = [sample for sample in recording.samples if 75_000 < sample[0] < 145_000]
        assert {round((b[0] - a[0]) / 1000) for a, b in pairwise(late)} == {2}
        assert {sample[3] for sample in late} == {141} and all(sample[4] & FIX_MASK for sample in late)
        assert recording.cues and recording.cues == replayed(data, PLAN)

    run(main)
