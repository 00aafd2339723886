"""A board whose USB is the chip's own: at each reset its port is gone for a moment, and back under another name.

The real mpremote; the list of USB ports that it asks the system for is ours.
"""

import asyncio
import json
import os
import pty
import select
import threading
import tty
from pathlib import Path

import pytest
from holdback.cli.app import run_async
from holdback.device import flash, keys, known, peace
from holdback.simulation import Flash
from holdback.simulation.machine.serial_port import SOFT_RESET, SerialBoard
from system.cable_rig import SPEED, tiny

AWAY_S = 0.3
LAST_S = 0.1  # what the device has said before it restarts is read by then, and the port closed
# In mpremote's process: the system's list of ports is a file.
LISTS_PORTS = """
import json, os
import serial.tools.list_ports
from serial.tools.list_ports_common import ListPortInfo
def comports():
    found = []
    for device, number in json.load(open(os.environ["PORTS"])):
        port = ListPortInfo(device)
        port.device, port.serial_number, port.vid, port.pid = device, number, 0x303A, 0x4001
        found.append(port)
    return found
serial.tools.list_ports.comports = comports
"""


class NativeUsb(SerialBoard):
    """`listing` is the file of all USB ports; ours has the number "ours", and a stranger's is there all the time."""

    def __init__(self, listing: Path, chip: Flash) -> None:
        super().__init__(chip, SPEED)
        self._listing = listing
        self.ports: list[str] = []  # the names that it has had

    def power_on(self) -> None:
        super().power_on()
        self._plugged(True)

    def _plugged(self, there: bool) -> None:
        listed = [("/dev/ttyACM0", "stranger")]
        if there:
            self.ports.append(self.port)
            listed.insert(0, (self.port, "ours"))
        whole = self._listing.with_suffix(".new")
        whole.write_text(json.dumps(listed))
        whole.replace(self._listing)

    def _restart(self, cause: int) -> None:
        if cause != SOFT_RESET:
            while select.select([self._console], [], [], LAST_S)[
                0
            ]:  # at the prompt virtual time stands: it is too soon
                self._to_host()
            self._plugged(False)
            os.close(self._host)
            os.close(self._far)
            threading.Event().wait(AWAY_S)
            taken = pty.openpty()  # the name that it had
            self._host, self._far = pty.openpty()
            for end in taken:
                os.close(end)
            tty.setraw(self._far)
            self.port = os.ttyname(self._far)
            self._plugged(True)
        super()._restart(cause)


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    (tmp_path / "sitecustomize.py").write_text(LISTS_PORTS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PORTS", str(tmp_path / "ports.json"))
    monkeypatch.setattr(keys, "user_config_path", lambda _name: tmp_path / "config")
    monkeypatch.setattr(known, "user_state_path", lambda _name: tmp_path / "state")
    keys.keyring.set(keys.recall)
    monkeypatch.setattr(peace, "BOOT_S", 0.1)
    monkeypatch.setattr(flash, "SETTLE_S", 0.7)
    return tmp_path / "ports.json"


def test_a_port_that_comes_back_under_another_name_is_found(
    listing: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(flash, "built", lambda _image: tiny("new"))
    board = NativeUsb(listing, Flash())
    with board:
        code = asyncio.run(run_async(["device", "flash", "--board", "virtual", "--port", board.port, "--json"]))
    out = json.loads(capsys.readouterr().out)
    assert (code, out.get("version")) == (0, "new"), out
    assert len(set(board.ports)) > 1
