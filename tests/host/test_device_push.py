"""Pushing to a device in memory, asking it how it is, and the plans before they go."""

from typing import Any

import pytest
from holdback.device import sync
from holdback.device.link import DeviceRefusedError, LinkLostError
from holdback.device.plans import load_plans
from holdback.device.retry import pause_s
from holdback.errors import ExitCode, IntegrityError, NotFoundError, UsageError
from holdback.simulation.clock import run_virtual

from host.fake_device import FakeDevice, plan_bytes, plan_file
from host.recording_samples import recording

FILES, OURS = 8, 64


def push(device: FakeDevice, *plans: Any) -> Any:
    return run_virtual(sync.push("it", plans, transport=device.transport))


def test_push_sends_checks_and_arms_the_first():
    device = FakeDevice()
    plans = [plan_file(stage_no) for stage_no in (2, 3)]
    token = sync.utc_now.set(lambda: 1_783_058_400.9)
    try:
        done = push(device, *plans)
    finally:
        sync.utc_now.reset(token)
    assert device.files == {plan.name: plan.data for plan in plans}
    assert device.activated == [(2, plans[0].crc)] and device.clock == "2026-07-03T06:00:00+00:00"
    assert (done.stages, done.sent, done.armed) == ([2, 3], [2, 3], 2)
    assert done.bytes_sent == sum(len(plan.data) for plan in plans)


def test_pieces_fill_the_devices_buffer():
    device = FakeDevice()
    device.buffer_bytes = 300
    push(device, plan_file())
    sizes = [len(body["data"]) for group, command, body in device.asked if (group, command) == (FILES, 0)]
    assert all(200 < size < 300 for size in sizes[:-1]) and len(sizes) > 1


@pytest.mark.parametrize("declared", [0, 5, 1 << 31])
def test_a_senseless_buffer_size_is_not_believed(declared):
    device = FakeDevice()
    device.buffer_bytes = declared
    assert push(device, plan_file()).sent == [1]


def test_what_is_there_is_not_sent_again():
    device = FakeDevice(plan_01=plan_bytes(1))
    done = push(device, plan_file(1), plan_file(2))
    assert done.sent == [2] and device.activated == [(1, plan_file(1).crc)]


def test_a_loss_during_push_goes_on_with_the_plans_that_are_missing():
    device = FakeDevice()
    device.lose_after = 9
    done = push(device, plan_file(1), plan_file(2))
    assert device.connections == 2 and done.stages == [1, 2]
    assert device.files == {plan.name: plan.data for plan in (plan_file(1), plan_file(2))}


def test_a_device_that_is_gone_is_an_interruption():
    device = FakeDevice()
    device.gone = True
    with pytest.raises(LinkLostError) as caught:
        push(device, plan_file())
    assert caught.value.exit_code == ExitCode.INTERRUPTED


def test_a_plan_that_arrived_damaged():
    device = FakeDevice()
    device.twist = lambda command, answer: {**answer, "output": 1} if command == (FILES, 2) else answer
    with pytest.raises(IntegrityError, match="damaged"):
        push(device, plan_file())
    assert device.activated == []


@pytest.mark.parametrize("refusal", [{"rc": 11}, {"rc": 2}, {"err": {"group": FILES, "rc": 10}}])
def test_a_refused_plan_names_the_plan_and_the_reason(refusal):
    device = FakeDevice()
    device.twist = lambda command, answer: refusal if command == (FILES, 0) else answer
    with pytest.raises(DeviceRefusedError, match="plan-01: not taken") as caught:
        push(device, plan_file())
    assert "refused" in caught.value.why and caught.value.exit_code == ExitCode.DOMAIN


def test_a_stage_that_runs_refuses_to_be_armed():
    device = FakeDevice()
    device.twist = lambda command, answer: {"rc": 6} if command == (OURS, 1) else answer
    with pytest.raises(DeviceRefusedError) as caught:
        push(device, plan_file())
    assert "EBADSTATE" in caught.value.why and device.files


def test_an_upload_that_is_acknowledged_wrongly():
    for off in (0, 10**6):
        device = FakeDevice()
        device.twist = lambda command, answer, off=off: {"off": off} if command == (FILES, 0) else answer
        with pytest.raises(IntegrityError, match="makes no sense"):
            push(device, plan_file())


STAGE = recording(100)[0]


def test_status_passes_over_what_a_newer_firmware_adds():
    device = FakeDevice(stage_02=STAGE, plan_01=plan_bytes(1))
    now = run_virtual(sync.status("it", transport=device.transport))
    assert (now.live.state, now.live.batt, now.held.armed) == ("idle", 80, 0)
    assert [(s.id, s.len) for s in now.held.stages] == [(2, len(STAGE))] and now.held.plans[0].id == 1


def test_plans_are_checked_before_they_are_sent(tmp_path):
    (tmp_path / "plans").mkdir()
    for stage_no in (2, 1):
        (tmp_path / f"plans/stage-{stage_no:02d}.hbp").write_bytes(plan_bytes(stage_no))
    assert [plan.stage_no for plan in load_plans([tmp_path])] == [1, 2]
    assert [plan.stage_no for plan in load_plans([tmp_path], 2)] == [2]
    with pytest.raises(NotFoundError):
        load_plans([tmp_path], 3)
    with pytest.raises(NotFoundError):
        load_plans([tmp_path / "none.hbp"])
    with pytest.raises(UsageError, match="two plans for stage 1"):
        load_plans([tmp_path, tmp_path / "plans/stage-01.hbp"])
    broken = bytearray(plan_bytes())
    broken[20] ^= 1
    (tmp_path / "plans/stage-01.hbp").write_bytes(broken)
    with pytest.raises(IntegrityError, match="stage-01"):
        load_plans([tmp_path])


def test_plans_of_another_version_are_refused_in_words(tmp_path):
    other = bytearray(plan_bytes())
    other[3] += 1
    (tmp_path / "x.hbp").write_bytes(other)
    with pytest.raises(IntegrityError) as caught:
        load_plans([tmp_path / "x.hbp"])
    assert "version" in caught.value.why and "race plan" in caught.value.next_step


def test_pauses_double():
    assert [pause_s(n) for n in (1, 2, 3)] == [1, 2, 4]
