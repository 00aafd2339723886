"""`holdback device` with a device in memory and a made-up scanner: words, exit codes, the one document."""

from pathlib import Path

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason, BleakDBusError
from holdback.errors import ExitCode

from host.cli_rig import FakeScanner, in_the_air, runner
from host.fake_device import FakeDevice, plan_bytes
from host.recording_samples import recording

STAGE = recording(200)[0]


@pytest.fixture
def device(monkeypatch, tmp_path) -> FakeDevice:
    """One device in the air; state and working folder in `tmp_path`."""
    fake = in_the_air(monkeypatch, tmp_path, FakeDevice(stage_02=STAGE))
    fake.latest = "stage-02"
    return fake


@pytest.fixture
def hb(device, capsys):
    return runner(capsys)


def test_pull_into_a_race_folder(hb, tmp_path):
    (tmp_path / "race.toml").write_text("")
    code, out, _ = hb("device", "pull", tmp_path)
    assert code == 0 and "stage 2" in out and "verified" in out
    assert (tmp_path / "recordings/stage-02.hbr").read_bytes() == STAGE
    code, out, _ = hb("device", "pull", tmp_path)
    assert code == 0 and "already here" in out


def test_pull_json_is_one_document(hb, tmp_path):
    code, document, _ = hb("device", "pull", "--stage", 2, "--json")
    assert code == 0 and document["bytes"] == document["received"] == len(STAGE) and document["resumed_at"] == 0
    assert (document["device"], document["stage"], document["path"]) == ("C0DE", 2, "stage-02.hbr")
    assert Path(document["path"]).read_bytes() == STAGE


def test_a_device_that_vanishes_half_way_is_4_and_the_next_pull_resumes(hb, device, tmp_path):
    device.lose_after = 3
    device.twist = lambda _command, answer: setattr(device, "gone", device.lose_after == 0) or answer
    code, out, err = hb("device", "pull", "--stage", 2)
    assert code == ExitCode.INTERRUPTED and out == ""
    assert "error: the device vanished: 700 of" in err and "next: run the same command again" in err
    device.gone, device.twist = False, lambda _command, answer: answer
    code, document, _ = hb("device", "pull", "--stage", 2, "--json")
    assert code == 0 and document["resumed_at"] == 700


def test_status_lists_earlier_recordings_of_a_stage(hb, device):
    assert "earlier ones" not in hb("device", "status")[1]
    device.files["stage-02.1"] = recording(60)[0]
    assert "earlier ones: stage 2 (0." in hb("device", "status")[1]
    assert [one["kept"] for one in hb("device", "status", "--json")[1]["aside"]] == [1]


def test_delete_takes_the_file_for_word_and_nothing_else(hb, device, tmp_path):
    hb("device", "pull")
    mine, other = Path("stage-02.hbr"), Path("other.hbr")
    other.write_bytes(mine.read_bytes()[:-1])
    code, _, err = hb("device", "delete", mine, other)
    assert code == ExitCode.NOT_FOUND and "other.hbr: the device has no such recording" in err
    assert "stage-02" in device.files  # nothing is deleted unless all can be
    code, out, _ = hb("device", "delete", mine)
    assert code == 0 and "stage 2 is deleted there, and still here" in out
    assert "stage-02" not in device.files and mine.read_bytes() == STAGE
    assert hb("device", "delete", mine, "--json")[0] == ExitCode.NOT_FOUND
    assert hb("device", "delete")[0] == ExitCode.USAGE
    FakeScanner.heard = ()  # the file is looked at before the device is looked for
    assert "cannot be read" in hb("device", "delete", tmp_path)[2]


def test_a_failure_under_json_is_one_document(hb, device):
    device.gone = True
    code, document, _ = hb("device", "status", "--json")
    assert code == document["exit_code"] == 4 and document["error"] and document["next"]


def test_damage_on_the_way_is_5(hb, device):
    device.twist = lambda command, answer: {**answer, "output": 7} if command == (8, 2) else answer
    assert hb("device", "pull", "--stage", 2)[0] == ExitCode.INTEGRITY


def test_no_such_stage_is_3(hb):
    code, _, err = hb("device", "pull", "--stage", 9)
    assert code == ExitCode.NOT_FOUND and "stage-09" in err


def test_push_a_folder(hb, device, tmp_path):
    (tmp_path / "plans").mkdir()
    for stage_no in (1, 2, 3):
        (tmp_path / f"plans/stage-{stage_no:02d}.hbp").write_bytes(plan_bytes(stage_no))
    code, document, _ = hb("device", "push", tmp_path, "--stage", 2, "--json")
    assert code == 0 and (document["stages"], document["sent"], document["armed"]) == ([2, 3], [2, 3], 2)
    code, out, _ = hb("device", "push")
    assert code == 0 and "stages 1, 2, 3" in out and "stage 1 is armed" in out


def test_push_without_plans_is_3_and_broken_plans_are_5(hb, tmp_path):
    code, _, err = hb("device", "push")
    assert code == ExitCode.NOT_FOUND and "race plan" in err
    (tmp_path / "x.hbp").write_bytes(plan_bytes()[:-9])
    code, _, err = hb("device", "push", "x.hbp")
    assert code == ExitCode.INTEGRITY and "x.hbp" in err


def test_two_devices_want_a_choice(hb, monkeypatch):
    two = (("Holdback-C0DE", "C0:00:00:00:00:01", -60), ("Holdback-BEEF", "C0:00:00:00:00:02", -50))
    monkeypatch.setattr(FakeScanner, "heard", two)
    code, _, err = hb("device", "status")
    assert code == ExitCode.USAGE and "Holdback-C0DE" in err and "Holdback-BEEF" in err and "--device" in err
    for name in ("beef", "Holdback-BEEF", "c0:00:00:00:00:02"):
        code, document, _ = hb("device", "status", "--device", name, "--json")
        assert code == 0 and document["device"] == "BEEF"
    code, _, err = hb("device", "status", "--device", "F00D")
    assert code == ExitCode.NOT_FOUND and "F00D" in err and "Holdback-BEEF" in err


def test_other_smp_devices_are_not_ours(hb, monkeypatch):
    monkeypatch.setattr(FakeScanner, "heard", (("Zephyr", "C0:00:00:00:00:03", -40),))
    code, _, err = hb("device", "status")
    assert code == ExitCode.NOT_FOUND and "no Holdback in the air" in err
    assert hb("device", "scan", "--json")[1] == {"devices": []}


def test_scan_lists_the_strongest_first_and_what_was_pulled(hb, monkeypatch):
    hb("device", "pull")
    two = (("Holdback-BEEF", "C0:00:00:00:00:02", -80), ("Holdback-C0DE", "C0:00:00:00:00:01", -60))
    monkeypatch.setattr(FakeScanner, "heard", two)
    code, document, _ = hb("device", "scan", "--json")
    assert code == 0 and [device["id"] for device in document["devices"]] == ["C0DE", "BEEF"]
    lines = hb("device", "scan")[1].splitlines()[-2:]
    assert lines[0].endswith("-60 dBm  2") and lines[1].endswith("-80 dBm  -")


POWERED_OFF = BleakBluetoothNotAvailableReason.POWERED_OFF


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (BleakBluetoothNotAvailableError("off", POWERED_OFF), "switch Bluetooth on"),
        (BleakBluetoothNotAvailableError("none", BleakBluetoothNotAvailableReason.NO_BLUETOOTH), "adapter"),
        (BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["no bluez"]), "adapter"),
        (FileNotFoundError(2, "No such file or directory"), "adapter"),
    ],
)
def test_no_adapter_is_3(hb, monkeypatch, error, way_out):
    monkeypatch.setattr(FakeScanner, "error", error)
    for command in ("scan", "status", "pull"):
        code, document, _ = hb("device", command, "--json")
        assert code == document["exit_code"] == ExitCode.NOT_FOUND
        assert document["error"] == "no usable Bluetooth adapter" and way_out in document["next"]


def test_status_in_words(hb):
    code, out, _ = hb("device", "status")
    assert code == 0 and "Holdback-C0DE: idle, battery 80 %" in out and "recordings: stage 2" in out


def test_status_tells_the_newest_fault(hb, device):
    assert "fault" not in hb("device", "status")[1]
    trace = 'Traceback (most recent call last):\n  File "app/x.py", line 1, in run\n'
    device.files["errors"] = f"gnss: {trace}OSError: 5\nclock: {trace}ValueError: \x1b[2Jodd\n".encode()
    assert (
        "newest fault: clock: ValueError: \ufffd[2Jodd; all of them: holdback device logs" in hb("device", "status")[1]
    )
    assert hb("device", "status", "--json")[1]["fault"] == "clock: ValueError: \x1b[2Jodd"
    device.files["errors"] = b"\n"
    assert hb("device", "status", "--json")[1]["fault"] == ""


def test_a_hostile_id_stays_in_the_state_folder(hb, monkeypatch, tmp_path):
    monkeypatch.setattr(FakeScanner, "heard", (("Holdback-../../x", "C0:00:00:00:00:01", -60),))
    assert hb("device", "status")[0] == 0
    assert [path.name for path in (tmp_path / "state").rglob("*.json")] == ["______x.json"]


def test_state_that_cannot_be_written_or_read_is_no_failure(hb, tmp_path):
    (tmp_path / "state").write_text("a file where a folder should be")
    assert hb("device", "pull")[0] == 0


@pytest.mark.parametrize(
    "words", [("pull", "--stage", 0), ("push", "--stage", -4), ("scan", "--seconds", "nan"), ("scan", "--seconds", -1)]
)
def test_numbers_that_cannot_be_are_2(hb, words):
    code, _, err = hb("device", *words)
    assert code == ExitCode.USAGE and str(words[1]) in err


def test_an_unknown_option_is_2(hb):
    assert hb("device", "pull", "--stag", 1)[0] == ExitCode.USAGE
