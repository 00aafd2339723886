"""A device that means no good: transfers that would never end, and noise on the terminal."""

import logging
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from holdback.device import sync
from holdback.device.pull import LEAST_PIECE
from holdback.errors import HoldbackError, IntegrityError
from holdback.simulation.clock import run_virtual

from host.fake_device import Body, FakeDevice, plan_file
from host.recording_samples import recording

RECORDING = recording(600)[0]
MANY = 400  # answers: far more than any honest transfer of these takes


class EndlessError(Exception):
    """The transfer does not end. No AssertionError: the link takes those for nonsense from the device."""


@pytest.fixture
def device() -> FakeDevice:
    """One that is asked at most MANY times."""
    return FakeDevice(stage_02=RECORDING)


def twisted(device: FakeDevice, twist: Any) -> FakeDevice:
    answers = count()

    def counted(command: tuple[int, int], answer: Body) -> Any:
        if next(answers) >= MANY:
            raise EndlessError
        return twist(command, answer)

    device.twist = counted
    return device


def pull(device: FakeDevice, dest: Path) -> Any:
    return run_virtual(sync.pull("it", 2, dest, transport=device.transport))


def test_crumbs_are_refused(device, tmp_path):
    """A byte an answer: sixteen megabytes would take weeks."""

    def crumbs(_command: tuple[int, int], answer: Body) -> Body:
        return {**answer, "data": answer["data"][:1]} if "data" in answer else answer

    with pytest.raises(IntegrityError, match="makes no sense") as caught:
        pull(twisted(device, crumbs), tmp_path)
    assert caught.value.next_step


def test_the_last_piece_may_be_small(tmp_path):
    """And so may a whole file."""
    device = FakeDevice(stage_02=RECORDING[: 700 + LEAST_PIECE // 2])
    assert pull(device, tmp_path).size == 700 + LEAST_PIECE // 2


def test_a_file_that_changes_with_every_connection_ends(device, tmp_path):
    """Each time another checksum, a piece, and gone: each piece looked like progress."""
    changes = count()

    def changing(command: tuple[int, int], answer: Body) -> Body:
        if command == (8, 2):
            return {**answer, "output": next(changes)}
        if command == (8, 0):
            device.lose_after = 0
        return answer

    with pytest.raises(IntegrityError, match="makes no sense"):
        pull(twisted(device, changing), tmp_path)


def test_a_device_that_forgets_every_plan_ends(device):
    """It takes the first plan, loses the link, and has no plan: each time looked like progress."""

    def forgetting(command: tuple[int, int], answer: Body) -> Body:
        if command == (8, 2):
            device.lose_after = 0
        return {**answer, "plans": []} if command == (64, 0) else answer

    with pytest.raises(HoldbackError) as caught:
        run_virtual(sync.push("it", [plan_file(1), plan_file(2)], transport=twisted(device, forgetting).transport))
    assert caught.value.next_step


def test_what_libraries_say_of_a_device_stays_off_the_terminal(monkeypatch, capfd):
    """Each answer in the older version of the protocol was a line of the library's own on stderr."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's own
    for name in ("smp", "smp.message", "smpclient"):
        logging.getLogger(name).warning("a remark")
    assert capfd.readouterr().err == ""
