"""The evening's replan: `sync` lowers the caps of the next stage, says why once, and sends what it says."""

from pathlib import Path

import pytest
from holdback.cli import asking
from holdback.race import load_race, plan_race
from holdback.recordings.plans import open_plan

from host.cli_rig import in_the_air, runner
from host.fake_device import FakeDevice
from host.race_folder import LENGTH_M, make_race, run_stage


@pytest.fixture
def race(tmp_path: Path) -> Path:
    return make_race(tmp_path)


def evening(monkeypatch, tmp_path: Path, race: Path, speed_ms: float) -> FakeDevice:
    monkeypatch.setattr(asking, "on_terminal", lambda: False)
    return in_the_air(monkeypatch, tmp_path, FakeDevice(stage_01=run_stage(race, 1, speed_ms)))


def test_a_hard_day_is_answered_once_and_reaches_the_device(monkeypatch, tmp_path, race, capsys):
    device = evening(monkeypatch, tmp_path, race, 2.6)
    before = open_plan((race / "plans/stage-02.hbp").read_bytes())
    hb = runner(capsys)
    code, out, _ = hb("sync", race, "--ended", "finished", "--rating", 9)
    assert code == 0 and "The caps of stage 2 are 5% lower" in out and "Stage 1 felt like 9 of 10" in out
    assert "tomorrow's caps follow" in out
    sent = open_plan(device.files["plan-02"])
    assert sent.after_stage == 1 and before.after_stage == 0
    before.at(100)
    sent.at(100)
    assert sent.cap_pm == pytest.approx(before.cap_pm * 0.95, rel=0.002)
    code, out, _ = hb("sync", race)
    assert code == 0 and "The caps of stage 2" not in out and "already" in out
    code, document, _ = hb("sync", race, "--json")
    assert document["replanned"]["ledgers"] == {"2": 0.95, "3": 0.95}


def test_a_day_as_planned_leaves_the_caps_and_says_so(monkeypatch, tmp_path, race, capsys):
    speed = LENGTH_M / plan_race(load_race(race))[0].planned_s
    evening(monkeypatch, tmp_path, race, speed)
    code, out, _ = runner(capsys)("sync", race, "--rating", 8)
    assert code == 0 and "The caps of stage 2 stay as they were" in out and "tomorrow's caps follow" not in out
