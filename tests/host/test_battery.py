"""The battery at the evening sync: one line, when it matters and only then; by the device's own rule."""

import re

import pytest
from holdback.cli import asking
from holdback.device.battery import SAVES, Battery, battery_of, outlook, sentence
from holdback.device.messages import ActivateWrite, StatusResponse
from pacing.saving import SHORT, level
from system.firmware_rig import make_plan

from host.cli_rig import in_the_air, runner
from host.fake_device import FakeDevice
from host.race_folder import make_race, run_stage
from host.test_race import edit

EIGHT_HOURS = [make_plan(stage, planned_s=8 * 3600) for stage in (2, 3, 4)]


def said(percent: int, drain: float = 6.0, *, charging: bool = True, measured: bool = True) -> str:
    return sentence(outlook(Battery(percent, drain, measured), EIGHT_HOURS, charging=charging))


def test_nothing_is_said_while_it_holds() -> None:
    assert said(58) == "" and said(100) == "" and said(70, 2.5, charging=False) == ""


def test_what_is_left_what_is_wanted_what_helps_and_what_the_device_will_do() -> None:
    assert said(57) == (
        "battery: 57 % is left, 6.0 % an hour was drained on a stage (measured); stage 2 wants 58 %: charge it to 58 % "
        "before the start, or carry a power bank; else the device takes a fix each 2 s to save"
    )
    assert said(54).endswith("takes a fix each 2 s to save, and wakes the strap's radio less often")
    assert "else it ends early" in said(20) and "is drained (estimated)" in said(20, measured=False)


def test_a_stage_that_outlasts_a_charge_wants_a_power_bank_on_the_way() -> None:
    assert "stage 2 wants 106 %: charge it full, carry a power bank and plug it in on the way" in said(100, 12.0)


def test_without_charging_all_stages_count_and_it_is_said_which_it_holds() -> None:
    text = said(100, 4.0, charging=False)
    assert "stages 2 to 4, without charging, want 106 %, it holds stages 2 to 3: charge it full" in text
    assert "it holds stage 2:" in said(60, 4.0, charging=False)
    assert "it holds none of them" in said(30, 4.0, charging=False)
    assert said(100, 3.0, charging=False) == ""


def test_what_it_says_is_what_the_device_decides() -> None:
    for percent in range(101):
        found = outlook(Battery(percent, 6.1, True), EIGHT_HOURS, charging=True)
        assert found.saves == SAVES[level(percent, 61, 8 * 3600)]
    assert len(SAVES) == SHORT + 1


def test_the_board_s_hours_stand_in_for_a_drain_that_nobody_measured() -> None:
    assert battery_of(StatusResponse(state="idle", batt=80, drain=61, hours=16)) == Battery(80, 6.1, True)
    assert battery_of(StatusResponse(state="idle", batt=80, hours=16)) == Battery(80, 6.2, False)
    assert (
        battery_of(StatusResponse(state="idle", batt=80)) is None and battery_of(StatusResponse(state="idle")) is None
    )


def test_only_a_race_without_charging_says_so_to_the_device() -> None:
    assert b"charging" not in bytes(ActivateWrite(stage=1, crc=2, charging=None))
    assert b"charging\xf4" in bytes(ActivateWrite(stage=1, crc=2, charging=False))


@pytest.mark.parametrize("charging", [True, False])
def test_the_evening_tells_it_and_the_device_is_told(
    charging: bool, monkeypatch: pytest.MonkeyPatch, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    race = make_race(tmp_path)
    if not charging:
        edit(race / "race.toml", 'start = "', 'charging = false\nstart = "')
    monkeypatch.setattr(asking, "on_terminal", lambda: False)
    device = in_the_air(monkeypatch, tmp_path, FakeDevice(stage_01=run_stage(race, 1)))
    device.twist = lambda command, answer: answer | {"batt": 11, "drain": 70} if command == (64, 3) else answer
    hb = runner(capsys)
    code, out, _ = hb("sync", race, "--ended", "finished", "--rating", 6)
    assert code == 0 and "battery: 11 % is left, 7.0 % an hour was drained on a stage (measured)" in out
    assert re.search(r"stage 2 wants \d+ %" if charging else r"stages 2 to 3, without charging, want \d+ %", out)
    (asked,) = [body for group, command, body in device.asked if (group, command) == (64, 1)]
    assert asked.get("charging", True) == charging
    code, out, _ = hb("device", "status")
    assert "battery 11 % (7.0 % an hour on a stage, measured)" in out
    device.twist = lambda command, answer: answer | {"batt": 99, "drain": 70} if command == (64, 3) else answer
    code, document, _ = hb("sync", race, "--json")
    assert code == 0 and document["battery"]["saves"] == "nothing" and document["battery"]["stages"][0] == 2
