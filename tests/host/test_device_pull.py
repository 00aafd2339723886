"""Pulling from a device in memory: resume, wrong checksums, a device that vanishes, one that lies."""

from binascii import crc32
from pathlib import Path
from typing import Any

import pytest
from holdback.device import sync
from holdback.device.link import LinkLostError
from holdback.errors import ExitCode, HoldbackError, IntegrityError, NotFoundError
from holdback.simulation.clock import run_virtual

from host.fake_device import ANSWER_BYTES, FakeDevice
from host.recording_samples import recording

RECORDING = recording(1000)[0]
FILES, OS, OURS = 8, 0, 64


def pull(device: FakeDevice, dest: Path, stage_no: int | None = 2, progress: Any = lambda done, total: None) -> Any:
    return run_virtual(sync.pull("it", stage_no, dest, progress, transport=device.transport))


def downloads(device: FakeDevice) -> list[int]:
    return [body["off"] for group, command, body in device.asked if (group, command) == (FILES, 0)]


def test_pull_brings_every_byte(tmp_path):
    seen: list[tuple[int, int]] = []
    done = pull(FakeDevice(stage_02=RECORDING), tmp_path / "new", progress=lambda *now: seen.append(now))
    assert done.path == tmp_path / "new/stage-02.hbr" and done.path.read_bytes() == RECORDING
    assert (done.stage_no, done.size, done.crc) == (2, len(RECORDING), crc32(RECORDING))
    assert (done.resumed_at, done.received, done.kept) == (0, len(RECORDING), None)
    assert seen[0] == (0, len(RECORDING)) and seen[-1] == (len(RECORDING), len(RECORDING)) and seen == sorted(seen)
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["stage-02.hbr"]


def test_latest_is_named_after_its_stage(tmp_path):
    device = FakeDevice(stage_01=recording(100, 1)[0], stage_03=RECORDING)
    device.latest = "stage-03"
    assert pull(device, tmp_path, None).path == tmp_path / "stage-03.hbr"


def test_a_second_pull_sends_nothing(tmp_path):
    device = FakeDevice(stage_02=RECORDING)
    pull(device, tmp_path)
    device.asked.clear()
    done = pull(device, tmp_path)
    assert downloads(device) == [] and (done.received, done.resumed_at) == (0, len(RECORDING))


def test_vanishing_for_good_keeps_the_part_and_the_next_pull_goes_on(tmp_path):
    device = FakeDevice(stage_02=RECORDING)
    device.lose_after = 5  # parameters, checksum, three pieces
    device.twist = lambda _command, answer: setattr(device, "gone", device.lose_after == 0) or answer
    with pytest.raises(LinkLostError) as caught:
        pull(device, tmp_path)
    assert caught.value.exit_code == ExitCode.INTERRUPTED and str(3 * ANSWER_BYTES) in caught.value.what
    assert "again" in caught.value.next_step
    part = tmp_path / "stage-02.hbr.part"
    assert part.read_bytes() == RECORDING[: 3 * ANSWER_BYTES] and not (tmp_path / "stage-02.hbr").exists()
    device.gone, device.lose_after = False, None
    device.twist = lambda _command, answer: answer
    device.asked.clear()
    done = pull(device, tmp_path)
    assert downloads(device)[0] == 3 * ANSWER_BYTES
    assert done.resumed_at == 3 * ANSWER_BYTES and done.received == len(RECORDING) - done.resumed_at
    assert done.path.read_bytes() == RECORDING and not part.exists()


def test_a_short_loss_is_bridged_within_one_pull(tmp_path):
    device = FakeDevice(stage_02=RECORDING)
    device.lose_after = 4
    done = pull(device, tmp_path)
    assert device.connections == 2 and done.path.read_bytes() == RECORDING
    assert done.received == len(RECORDING) and len(set(downloads(device))) == len(downloads(device))


def test_a_part_of_another_recording_is_not_gone_on_with(tmp_path):
    for stale in (bytes(500), RECORDING + b"more", RECORDING[:400] + b"?", b""):
        (tmp_path / "stage-02.hbr.part").write_bytes(stale)
        done = pull(FakeDevice(stage_02=RECORDING), tmp_path)
        assert done.resumed_at == 0 and done.path.read_bytes() == RECORDING
        done.path.unlink()


def test_a_whole_part_needs_only_its_name(tmp_path):
    (tmp_path / "stage-02.hbr.part").write_bytes(RECORDING)
    device = FakeDevice(stage_02=RECORDING)
    assert pull(device, tmp_path).received == 0 and downloads(device) == []
    assert (tmp_path / "stage-02.hbr").read_bytes() == RECORDING


def test_an_older_recording_of_that_name_is_kept(tmp_path):
    for number, old in enumerate((b"older", b"old"), 1):
        (tmp_path / "stage-02.hbr").write_bytes(old)
        done = pull(FakeDevice(stage_02=RECORDING), tmp_path)
        assert done.kept == tmp_path / f"stage-02.{number}.hbr" and done.kept.read_bytes() == old
        assert done.path.read_bytes() == RECORDING


def test_a_flipped_byte_on_the_way_is_an_integrity_error_and_nothing_stays(tmp_path):
    device = FakeDevice(stage_02=RECORDING)

    def flip(command: tuple[int, int], answer: Any) -> Any:
        if command == (FILES, 0) and answer["off"] == ANSWER_BYTES:
            answer["data"] = b"\xff" + answer["data"][1:]
        return answer

    device.twist = flip
    with pytest.raises(IntegrityError, match="not what the device has"):
        pull(device, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_such_recording(tmp_path):
    for stage_no in (7, None):
        with pytest.raises(NotFoundError, match="no recording"):
            pull(FakeDevice(stage_02=RECORDING), tmp_path, stage_no)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HoldbackError, match="cannot be written"):
        pull(FakeDevice(stage_02=RECORDING), tmp_path / "file")


LIES: list[tuple[str, tuple[int, int], Any]] = [
    ("another offset", (FILES, 0), lambda a: {**a, "off": a["off"] + 1}),
    ("no data", (FILES, 0), lambda a: {**a, "data": b""}),
    ("beyond the end", (FILES, 0), lambda a: {**a, "data": bytes(len(RECORDING) + 1)}),
    ("text for data", (FILES, 0), lambda a: {**a, "data": 3}),
    ("another length", (FILES, 0), lambda a: {**a, "len": 12345}),
    ("no checksum", (FILES, 2), lambda a: {**a, "output": b"\0" * 32}),
    ("a huge checksum", (FILES, 2), lambda a: {**a, "output": 1 << 40}),
    ("a huge file", (FILES, 2), lambda a: {**a, "len": 1 << 40}),
    ("a negative length", (FILES, 2), lambda a: {**a, "len": -1}),
    ("a list for a map", (FILES, 2), lambda a: [1, 2]),
    ("half a map", (FILES, 2), lambda a: b"\xa3\x64"),
    ("nothing", (FILES, 2), lambda a: b""),
    ("a field too many", (FILES, 2), lambda a: {**a, "header": 1}),
    ("deep nesting", (FILES, 2), lambda a: b"\x81" * 2000 + b"\x00"),
    ("a number", (OS, 6), lambda a: b"\x07"),
]


@pytest.mark.parametrize(("about", "lie"), [(about, lie) for _, about, lie in LIES], ids=[name for name, *_ in LIES])
def test_an_impostor_is_an_integrity_error(tmp_path, about, lie):
    device = FakeDevice(stage_02=RECORDING)
    device.twist = lambda command, answer: lie(answer) if command == about else answer
    with pytest.raises(IntegrityError, match="makes no sense"):
        pull(device, tmp_path)
    assert not (tmp_path / "stage-02.hbr").exists()


def test_latest_that_is_not_in_the_list(tmp_path):
    device = FakeDevice(stage_02=RECORDING)
    device.latest = "stage-02"
    device.twist = lambda command, answer: {"stages": [], "plans": []} if command == (OURS, 0) else answer
    with pytest.raises(IntegrityError, match="not in its list"):
        pull(device, tmp_path, None)


def test_a_device_that_falls_silent_is_given_up_after_a_while(tmp_path):
    device = FakeDevice(stage_02=RECORDING)
    device.silent = True
    with pytest.raises(LinkLostError):
        pull(device, tmp_path)
    assert device.connections == 3
