"""The command line with a device in memory and a made-up scanner."""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from holdback.cli.app import run_async
from holdback.device import deletion, known, motor, radio, straps, sync
from holdback.simulation.clock import run_virtual

from host.fake_device import FakeDevice

OURS = "8d53dc1d-1db7-4cd3-868b-8a527460aa84"
Result = tuple[int, Any, str]
Run = Callable[..., Result]


class FakeScanner:
    """Hears the adverts that the test put there, by service; `error` is raised instead if there is one."""

    heard: tuple[tuple[str, str, int], ...] = ()  # name, address, dBm
    straps: tuple[tuple[str, str, int], ...] = ()
    error: Exception | None = None

    def __init__(self, callback: Any, service_uuids: list[str]) -> None:
        self._callback = callback
        assert service_uuids in ([OURS], [straps.HEART_RATE])
        self._wants_straps = service_uuids == [straps.HEART_RATE]

    async def start(self) -> None:
        if self.error:
            raise self.error
        for name, address, rssi in self.straps if self._wants_straps else self.heard:
            advert = type("Advert", (), {"local_name": name, "rssi": rssi})
            self._callback(type("Device", (), {"name": name, "address": address}), advert)

    async def stop(self) -> None:
        pass


def in_the_air(monkeypatch: pytest.MonkeyPatch, folder: Path, fake: FakeDevice) -> FakeDevice:
    """Let every command find `fake` as Holdback-C0DE; state and working folder in `folder`."""
    for module in (radio, straps):
        monkeypatch.setattr(module, "BleakScanner", FakeScanner)
    monkeypatch.setattr(FakeScanner, "heard", (("Holdback-C0DE", "C0:00:00:00:00:01", -60),))
    monkeypatch.setattr(FakeScanner, "straps", ())
    monkeypatch.setattr(FakeScanner, "error", None)
    monkeypatch.setattr(known, "user_state_path", lambda _name: folder / "state")
    named = {sync: ("pull", "push", "status"), deletion: ("delete",), motor: ("motor",), straps: ("pin", "pinned")}
    for module, names in named.items():
        for name in names:
            monkeypatch.setattr(module, name, functools.partial(getattr(module, name), transport=fake.transport))
    monkeypatch.chdir(folder)
    return fake


def runner(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command: exit code, the JSON document (or stdout), stderr."""

    def run(*tokens: object) -> Result:
        code = run_virtual(run_async([str(token) for token in tokens]))
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return int(code), json.loads(out) if "--json" in tokens else out, err

    return run
