"""Ports by their USB serial numbers, out of what `mpremote connect list` prints; and the wrong device behind one."""

from typing import Any

import msgspec
import pytest
from holdback.device import cable, peace, usb
from holdback.device.images import Image
from holdback.errors import HoldbackError

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
