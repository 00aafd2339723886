"""Boards are facts: each compiles, names every fact that is asked for, brings its own drivers alone, repeats nobody."""

import ast
import json
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from holdback.board import find_board
from holdback.building import build as build_module
from holdback.building.build import PROJECT, build, sources
from holdback.errors import HoldbackError

FOLDER = PROJECT / "boards"
BOARDS = sorted(path.parent.name for path in FOLDER.glob("*/board.py"))
# Drivers that a board's firmware has beside those of every board.
OWN = {
    "esp32_devkit": {"Battery"},
    "heltec_tracker": {"Battery"},
    "t_beam": {"Axp192", "Axp2101"},
    "t_beam_supreme": {"Axp2101"},
    "t_watch_s3_plus": {"Axp2101", "Drv2605", "PmuKey"},
    "virtual": {"Battery"},
    "xiao_s3_l76k": {"Battery"},
}
PINS = ("GNSS_TX", "GNSS_RX", "MOTOR", "BUTTON", "KEY_LINE", "BATTERY", "SDA", "SCL")
AXPS = ("axp192", "axp2101")
HEADINGS = ("## Buy", "## Solder", "## Image", "## Battery", "## Rain, sweat and skin", "## Where the pins come from")


def facts(board: str) -> dict[str, ast.expr]:
    tree = ast.parse((FOLDER / board / "board.py").read_text())
    return {ast.unparse(node.targets[0]): node.value for node in tree.body if isinstance(node, ast.Assign)}


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_compiles_with_its_own_drivers_alone(board: str, tmp_path: Path) -> None:
    assert sum(build(board, tmp_path).values()) < 75_000
    known = json.loads((tmp_path / "names.json").read_text())["boards.common"]
    classes = {old.split(".")[-1] for olds in known.values() for old in olds if old.startswith("drivers.")}
    every = {"Axp192", "Axp2101", "Battery", "Bme280", "Drv2605", "PmuKey"}
    assert classes & every == OWN[board]


def test_a_fact_that_lacks_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = build_module._constants

    def without(modules: Any) -> Any:
        found = real(modules)
        found["board"].pop("SDA", None)
        return found

    monkeypatch.setattr(build_module, "_constants", without)
    with pytest.raises(HoldbackError) as raised:
        sources("t_beam")
    assert raised.value.what == "the board's file does not say SDA"
    assert "boards.common" in raised.value.why and "boards/README.md" in raised.value.next_step
    sources("esp32_devkit")  # has no such bus, and is not asked


@pytest.mark.parametrize("board", BOARDS)
def test_every_fact_is_asked_for_and_told_of(board: str) -> None:
    common, readme = (FOLDER / "common.py").read_text(), (FOLDER / "README.md").read_text()
    for name in facts(board):
        assert f"facts.{name}" in common or name == "IMAGE", name  # that one is holdback.device.images'
        assert f"`{name}`" in readme, name


def test_facts_have_the_types_that_the_wiring_is_checked_against() -> None:
    """basedpyright checks boards/common.py against boards/board.pyi; here each board's facts are, by their values."""
    stub = ast.parse((FOLDER / "board.pyi").read_text()).body
    types = {ast.unparse(node.target): ast.unparse(node.annotation) for node in stub if isinstance(node, ast.AnnAssign)}
    chips = {name: ast.parse((PROJECT / "firmware" / "drivers" / f"{name}.py").read_text()) for name in AXPS}
    said: set[str] = set()
    for board in BOARDS:
        modules = {f"drivers.{name}": tree for name, tree in chips.items()}
        modules["board"] = ast.parse((FOLDER / board / "board.py").read_text())
        values = build_module._constants(modules)["board"]
        assert {*values} == {*facts(board)}
        for name, value in values.items():
            msgspec.convert(value, eval(types[name]), strict=True)
        said |= {*values}
    assert said == {*types}


@pytest.mark.parametrize("board", BOARDS)
def test_a_board_is_facts_and_nothing_else(board: str) -> None:
    tree = ast.parse((FOLDER / board / "board.py").read_text())
    for node in tree.body[1:]:
        assert isinstance(node, ast.Assign | ast.ImportFrom), ast.unparse(node)
        assert not any(isinstance(part, ast.Call | ast.Lambda) for part in ast.walk(node))
        if isinstance(node, ast.ImportFrom):
            assert str(node.module).startswith("drivers.") and all(alias.name.isupper() for alias in node.names)


@pytest.mark.parametrize("board", BOARDS)
def test_device_and_host_reckon_the_same_hours(board: str) -> None:
    """From the current and the battery, a tenth kept back; on the device a sum of constants, which costs nothing."""
    (line,) = [line for line in (FOLDER / "common.py").read_text().splitlines() if "BATTERY_HOURS = " in line]
    known = find_board(board, "")
    hours = eval(line.partition("=")[2], {"facts": SimpleNamespace(**known.facts)})
    assert hours == known.battery_hours
    ma, mah = known.fact("CURRENT_MA"), known.fact("BATTERY_MAH")
    assert mah * 0.9 - ma < hours * ma <= mah * 0.9
    (row,) = [line for line in (FOLDER / "README.md").read_text().splitlines() if f"]({board}/README.md)" in line]
    assert row.endswith(f"| {hours} |") and (board == "virtual" or f" {mah} mAh" in row)


@pytest.mark.parametrize("board", BOARDS)
def test_no_pin_is_two_things(board: str) -> None:
    known = facts(board)
    pins = [ast.literal_eval(known[name]) for name in PINS if name in known]
    pins = [*(pin for pin in pins if pin >= 0), *ast.literal_eval(known["HIGH"]), *ast.literal_eval(known["GNSS_ON"])]
    assert [pin for pin, count in Counter(pins).items() if count > 1] == []


def test_no_two_boards_have_one_name() -> None:
    """They have no code to repeat; see above."""
    names = [ast.literal_eval(facts(board)["NAME"]) for board in BOARDS]
    assert len({*names}) == len(BOARDS)


@pytest.mark.parametrize("board", [board for board in BOARDS if board != "virtual"])
def test_a_board_tells_its_owner_what_to_do(board: str) -> None:
    text = (FOLDER / board / "README.md").read_text()
    for heading in HEADINGS:
        assert f"\n{heading}\n" in text, heading
    assert "estimated" in text and "has been run on hardware yet" in " ".join(text.split())
    known = find_board(board, "")
    assert f"{known.fact('BATTERY_MAH')} mAh" in text and f"at {known.fact('CURRENT_MA')} mA" in text
    assert f": {known.battery_hours} h, estimated" in text
    assert f"`{known.fact('IMAGE')}`" in text


@pytest.mark.parametrize("board", [board for board in BOARDS if board != "virtual"])
def test_each_pin_is_told_where_it_comes_from(board: str) -> None:
    known = find_board(board, "").facts
    (row,) = [line for line in (FOLDER / "README.md").read_text().splitlines() if f"]({board}/README.md)" in line]
    assert f", RX {known['GNSS_RX']}, TX {known['GNSS_TX']} |" in row and f"`{known['IMAGE']}`" in row
    pins = [known[name] for name in PINS if known.get(name, -1) >= 0] + [*known["HIGH"], *known["GNSS_ON"]]
    source = (FOLDER / board / "README.md").read_text().partition("\n## Where the pins come from\n")[2]
    assert [pin for pin in pins if not re.search(rf"(?<!\d){pin}(?!\d)", source.partition("\n## ")[0])] == []
