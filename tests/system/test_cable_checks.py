"""What `holdback device flash` refuses: images and versions that do not fit, unknown boards, a stage that is open."""

import pytest
from holdback.building.build import PROJECT
from holdback.device import cable, flash
from holdback.device.images import Image, check, image_of
from holdback.errors import HoldbackError, NotFoundError
from holdback.simulation import Air, Flash, run
from holdback.simulation.machine.serial_port import SerialBoard
from system.cable_rig import SPEED, VIRTUAL, tiny
from system.firmware_rig import Body, armed, make_plan


@pytest.mark.parametrize(
    ("build", "version", "mpy", "says"),
    [
        ("ESP32_GENERIC", [1, 29, 0], 6 | 5 << 10, ""),
        ("ESP32_GENERIC", [1, 30, 1], 6, ""),
        ("ESP32_GENERIC", [1, 28, 0], 6, "1.29 or later"),
        ("ESP32_GENERIC", [1, 31, 0], 7, "1.29 or later"),
        ("ESP32_GENERIC-SPIRAM", [1, 29, 0], 6, "wants MicroPython's image"),
        ("", [1, 29, 0], 6, "wants MicroPython's image"),
    ],
)
def test_versions(build: str, version: list[int], mpy: int, says: str) -> None:
    facts = {"machine": "m", "serial": "00", "slot": "", "folders": [], "armed": 0, "tail": "", "recordings": 0}
    rest = {"key": "", "root": {}, "free": 0, "board": "", "running": False}
    look = cable.Look(build=build, version=version, mpy=mpy, **facts, **rest)
    if says:
        with pytest.raises(HoldbackError, match=says):
            check(Image("esp32_devkit", "ESP32_GENERIC"), look, "auto")
    else:
        check(Image("esp32_devkit", "ESP32_GENERIC"), look, "auto")


def test_an_open_stage_is_not_flashed_over() -> None:
    """Armed is not open; begun is, and ended is not again. The image is one that the firmware has written."""
    chips: dict[str, Flash] = {}

    def kept(name: str, body: Body) -> None:
        chips[name] = Flash()
        chips[name].write(body.board.flash.read())

    async def main(air: Air) -> None:
        body = await armed(air, make_plan(length_m=2000))
        await body.seconds(5)
        kept("armed", body)
        await body.seconds(80, 3.0)
        kept("begun", body)
        await body.hold_and_press()
        await body.seconds(5)
        kept("ended", body)

    run(main)
    for name, stage in (("armed", 0), ("begun", 1), ("ended", 0)):
        with SerialBoard(chips[name], SPEED) as board:
            assert cable.look(board.port).open_stage == stage, name
            if stage:
                with pytest.raises(HoldbackError, match="stage 1 is open"):
                    flash.flash(board.port, VIRTUAL, tiny("new"))


def test_boards_have_an_image_and_unknown_ones_are_named() -> None:
    page = (PROJECT / "docs" / "flashing.md").read_text()
    for name in {path.parent.name for path in (PROJECT / "boards").glob("*/board.py")} - {"virtual"}:
        (row,) = [line for line in page.splitlines() if line.startswith("| `") and f"`{name}`" in line]
        assert f"| `{image_of(name).name}` |" in row and f"`{image_of(name).offset}`" in row
    with pytest.raises(NotFoundError, match="no board is called teapot") as told:
        image_of("teapot")
    assert "esp32_devkit" in told.value.why


def test_what_the_starter_and_the_firmware_say_to_each_other_is_the_same() -> None:
    """A start that got nowhere, and the wish for safe mode, in the RTC's memory: slots.py may be an older one."""

    def constant(file: str, name: str) -> str:
        (line,) = [
            line for line in (PROJECT / "firmware" / file).read_text().splitlines() if line.startswith(name + " ")
        ]
        return line.partition("=")[2].partition("#")[0].strip().removeprefix("const(").removesuffix(")")

    assert constant("slots.py", "FAILED") == constant("app/lives.py", "_FAILED")
    assert constant("slots.py", "SAFE") == constant("main.py", "SAFE") == constant("app/lives.py", "SAFE")
