"""The device's error log with its names long again: out of what the build has made of them."""

from pathlib import Path

import pytest
from holdback.device import known, traces
from holdback.device.build import functions, sources

LOG = """gnss: Traceback (most recent call last):
  File "app.trail", line 1, in {short}
  File "asyncio/core.py", line 1, in run
ZeroDivisionError: divide by zero
"""


def test_a_function_of_the_built_firmware_is_called_by_its_name() -> None:
    names = traces.of_functions(sources("virtual")[1], functions("virtual"))
    (short,) = [new for new, olds in names["app.trail"].items() if "app.stage.note_battery" in olds]
    told = traces.translated(LOG.format(short=short), names)
    assert "app.stage.note_battery" in told.splitlines()[1] and short in told.splitlines()[1]
    assert told.splitlines()[::2] == LOG.format(short=short).splitlines()[::2]
    assert traces.translated(LOG.format(short="unheard_of"), names) == LOG.format(short="unheard_of")


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
