"""The device's error log with its names long again: out of what the build has made of them."""

from pathlib import Path

import pytest
from holdback.device import known, traces

LOG = """gnss: Traceback (most recent call last):
  File "app.trail", line 1, in {short}
  File "asyncio/core.py", line 1, in run
ZeroDivisionError: divide by zero
"""


NAMES = {
    "app.trail": {"sqrt": ["app.stage.note_battery", "pacing.pacer.pacer"], "tls": ["app.trail.run", "app.trail.x"]}
}


def test_functions_are_called_by_their_names_and_nothing_else_is() -> None:
    names = traces.of_functions(NAMES, ["app.stage.note_battery", "app.trail.run"])
    assert names == {"app.trail": {"sqrt": ["app.stage.note_battery"], "tls": ["app.trail.run"]}}
    told = traces.translated(LOG.format(short="sqrt"), names).splitlines()
    assert told[1] == '  File "app.trail", line 1, in sqrt  (app.stage.note_battery)'
    assert told[::2] == LOG.splitlines()[::2]
    assert traces.translated(LOG.format(short="unheard_of"), names) == LOG.format(short="unheard_of")
    assert "(app.trail.run or app.trail.x)" in traces.translated(LOG.format(short="tls"), NAMES)


def test_names_are_kept_by_device_and_nothing_is_known_of_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(known, "user_state_path", lambda _name: tmp_path)
    names = {"app.trail": {"sqrt": ["app.trail.on_epoch"]}}
    traces.remember("f0c0ffeec0de", names)
    assert traces.recall("C0DE") == traces.recall("f0c0ffeec0de") == names
    assert traces.recall("BEEF") == {}
    known.path_of("C0DE-names").write_text("half a fi")
    assert traces.recall("C0DE") == {}
