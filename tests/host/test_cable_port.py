"""Ports by their USB serial numbers, out of what `mpremote connect list` prints; the wrong device behind one,
and none."""

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from holdback.device import cable, flash, peace, usb
from holdback.device.images import Image
from holdback.errors import HoldbackError

from host.cli_rig import runner

LISTED = """\
/dev/ttyACM0 f412fa3b0c 303a:4001 Espressif Systems Espressif Device
/dev/ttyACM1 70041dd2 303a:4001 Espressif Systems Espressif Device
/dev/ttyS0 None 0000:0000 None None
/dev/ttyUSB0 0001 10c4:ea60 Silicon Labs CP2102 USB to UART Bridge Controller
/dev/ttyUSB1 0001 10c4:ea60 Silicon Labs CP2102 USB to UART Bridge Controller
/dev/ttyUSB2 None 1a86:7523 None USB Serial
"""


@pytest.mark.parametrize(
    ("listed", "port", "steady"),
    [
        (LISTED, "/dev/ttyACM1", "id:70041dd2"),
        (LISTED, "auto", "id:f412fa3b0c"),
        (LISTED, "/dev/ttyS0", "/dev/ttyS0"),  # no USB
        (LISTED, "/dev/ttyUSB0", "/dev/ttyUSB0"),  # two bridges with one number
        (LISTED, "/dev/ttyUSB2", "/dev/ttyUSB2"),  # one without
        (LISTED, "/dev/pts/7", "/dev/pts/7"),
        (LISTED, "id:70041dd2", "id:70041dd2"),
        (LISTED.partition("\n")[2].partition("\n")[2], "auto", "/dev/ttyUSB0"),
        ("", "auto", "auto"),  # mpremote says that there is none
    ],
)
def test_a_port_by_its_number(monkeypatch: pytest.MonkeyPatch, listed: str, port: str, steady: str) -> None:
    monkeypatch.setattr(usb, "_run", lambda *_words, **_more: listed)
    assert usb.steady(port) == steady


FACTS: dict[str, Any] = {"build": "standard", "machine": "m", "mpy": 6, "version": [1, 29, 0], "serial": "00ff"}
STATE: dict[str, Any] = {"slot": "", "folders": [], "armed": 0, "tail": "", "recordings": 0, "key": "", "root": {}}
LOOK = cable.Look(**FACTS, **STATE, free=0, board="", running=False)


def test_another_device_at_the_port_after_the_restart_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a port has no number of its own it is found by its name, which may be another's by then."""
    restarts: list[bool] = []
    monkeypatch.setattr(cable, "restart", lambda _port, *, safe: restarts.append(safe))
    monkeypatch.setattr(peace, "BOOT_S", 0.0)

    def look(_port: str) -> cable.Look:
        return msgspec.structs.replace(LOOK, serial="0badcafe") if restarts else LOOK

    monkeypatch.setattr(cable, "look", look)
    with pytest.raises(HoldbackError, match="another device answers at /dev/ttyUSB0") as told:  # noqa: SIM117
        with peace.peace("/dev/ttyUSB0", Image("virtual", "standard"), lambda _line: None):
            pytest.fail("it was let in")
    assert "00ff" in told.value.why and "0badcafe" in told.value.why
    assert restarts == [True, False]


@pytest.mark.parametrize(
    ("raised", "what", "why"),
    [
        (FileNotFoundError(2, "No such file or directory"), "mpremote cannot be run", "No such file"),
        (subprocess.TimeoutExpired("mpremote", 60), "the device at port COM7 does not answer", "in 60 s"),
    ],
)
def test_a_tool_that_is_not_there_or_hangs_is_told(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, what: str, why: str
) -> None:
    def run(*_command: Any, **_more: Any) -> None:
        raise raised

    monkeypatch.setattr(usb.subprocess, "run", run)
    with pytest.raises(HoldbackError, match=what) as told:
        cable.look("COM7")
    assert why in told.value.why and told.value.next_step


@pytest.mark.parametrize(
    ("board", "words"),
    [
        ("esp32_devkit", ("--chip esp32 ", "write-flash 0x1000 ESP32_GENERIC-*.bin", "--port COM7 erase-flash")),
        (
            "t-watch-s3-plus",
            ("--chip esp32s3 ", "write-flash 0x0 ESP32_GENERIC_S3-SPIRAM_OCT-*.bin", "every recording"),
        ),
    ],
)
def test_where_nothing_answers_the_way_to_an_image_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, board: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(flash, "built", lambda _image: flash.Firmware("1", {}, {}))
    done = subprocess.CompletedProcess([], 1, "", "mpremote: failed to access COM7\n")
    monkeypatch.setattr(usb, "steady", lambda port: port)
    monkeypatch.setattr(usb.subprocess, "run", lambda *_command, **_more: done)
    code, told, _ = runner(capsys)("device", "flash", "--board", board, "--port", "COM7", "--json")
    assert code == 3 and told["error"] == "no device answers at port COM7" and "failed to access" in told["why"]
    assert [word for word in words if word not in told["next"]] == []


def test_without_a_checkout_there_is_nothing_to_flash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(flash, "PROJECT", tmp_path)
    with pytest.raises(HoldbackError, match="no firmware to flash"):
        flash.built(Image("virtual", "standard"))
