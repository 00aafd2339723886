"""The example of docs/virtual-board.md, taken from there, does what it says."""

import re
from pathlib import Path

import pytest

DOC = Path(__file__).parents[2] / "docs" / "virtual-board.md"


def test_the_ten_lines_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    script, host = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    (tmp_path / "battery.py").write_text(script)
    monkeypatch.chdir(tmp_path)
    exec(compile(host, str(DOC), "exec"), {})
    *levels, end = capsys.readouterr().out.splitlines()
    assert sorted(levels) == ["Board 50 %", "Board 90 %"]
    assert end == "8 hours later"
