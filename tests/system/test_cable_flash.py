"""`holdback device flash` with the real mpremote, on a virtual board at a pseudo-terminal: nothing here is hardware."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from holdback.cli.app import run_async
from holdback.device import cable, flash, keys, known, logs, peace, traces, usb
from holdback.device.images import image_of
from holdback.errors import HoldbackError
from holdback.simulation import Air, Flash, run
from holdback.simulation.machine.provision import put
from holdback.simulation.machine.serial_port import WATCHDOG, SerialBoard
from system.cable_rig import SAFE_LINE, SPEED, VIRTUAL, read, says, started, tiny
from system.firmware_rig import Body


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A computer of its own, and waits as short as the board is fast."""
    monkeypatch.setattr(keys, "user_config_path", lambda _name: tmp_path / "config")
    monkeypatch.setattr(known, "user_state_path", lambda _name: tmp_path / "state")
    keys.keyring.set(keys.recall)
    monkeypatch.setattr(peace, "BOOT_S", 0.1)
    monkeypatch.setattr(flash, "SETTLE_S", 0.7)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The flash of a device whose firmware "old" has settled in folder a, with a recording and a key."""
    with pytest.MonkeyPatch.context() as patch:
        quick.__wrapped__(patch, tmp_path_factory.mktemp("owner"))  # type: ignore[attr-defined]
        chip = Flash()
        with SerialBoard(chip, SPEED) as board:
            flash.flash(board.port, VIRTUAL, tiny("old"))
        put(chip, "rec/stage-01.hbr", b"a recording")
        return chip.read()


@pytest.fixture
def board(old: bytes) -> Iterator[SerialBoard]:
    with started(old) as device:
        yield device


def test_the_firmware_goes_on_and_is_replaced(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    """The real one, as it is built: on a bare MicroPython into a, then over the command line into b."""
    monkeypatch.setattr(flash, "SETTLE_S", 2.5)
    firmware = flash.built(VIRTUAL)
    told: list[str] = []
    with SerialBoard(Flash(), SPEED) as board:
        first = flash.flash(board.port, VIRTUAL, firmware, told.append)
        assert (first.folder, first.version, first.key) == ("a", firmware.version, "given")
        found = cable.look(board.port)
        key = keys.recall(found.serial)
        assert traces.recall(found.serial) == firmware.names
        assert ["app.stage.note_battery"] in firmware.names["app.trail"].values()
        assert key and found.key == flash.sha256(key.key).hexdigest()
        monkeypatch.setattr(flash, "built", lambda _image: firmware)
        code = asyncio.run(run_async(["device", "flash", "--board", "virtual", "--port", board.port, "--json"]))
        out = json.loads(capsys.readouterr().out)
        assert (code, out["folder"], out["version"], out["key"]) == (0, "b", firmware.version, "kept")
        in_camp = time.monotonic() + 20
        while not board.adverts:
            assert time.monotonic() < in_camp
            time.sleep(0.05)
        assert read(board.port, "/slot").split() == ["b", "0", firmware.version]
        wanted = {f"/b/{name}": flash.sha256(data).hexdigest() for name, data in firmware.files.items()}
        assert cable.sums(board.port, "b", []) == wanted
    assert any("about a minute" in line for line in told)


def test_power_that_fails_at_any_moment_leaves_a_firmware_that_runs(board: SerialBoard, old: bytes) -> None:
    """Cut at programs and erases of the flash further and further on, until the whole of it is through."""
    ends: list[str] = []
    for operations in (0, 6, 18, 30, 42, 54, 1000):
        board.power_off()
        board.flash.write(old)
        board.power_on()
        board.flash.cut_after(operations)  # of the next life: the one in safe mode
        try:
            ends.append(flash.flash(board.port, VIRTUAL, tiny("new")).version)
        except HoldbackError:
            assert not board.powered
            board.printed.clear()
            board.flash.cut_after(-1)
            board.power_on()
            says(board, "this is old")
            ends.append("old")
    assert ends[0] == "old" and ends[-1] == "new" and ends.count("old") >= 3
    assert read(board.port, "/rec/stage-01.hbr") == "a recording"


@pytest.mark.parametrize("step", ["wipe", "_copy", "sums", "set_slot"])
def test_a_command_that_is_interrupted_leaves_the_old_firmware(
    board: SerialBoard, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Ctrl-C just after the spare folder is empty, copied or checked, and just before it is chosen."""
    where: Any = flash if step == "_copy" else cable
    real = getattr(where, step)

    def interrupted(*args: Any) -> None:
        if step != "set_slot":
            real(*args)
        board.printed.clear()
        raise KeyboardInterrupt

    monkeypatch.setattr(where, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        flash.flash(board.port, VIRTUAL, tiny("new"))
    says(board, "this is old")


def test_a_copy_that_is_interrupted_at_any_file_leaves_the_old_firmware(
    board: SerialBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one, two, three of its four files; before the first, see above."""
    new = tiny("new", more={"pacing/plan.py": b"pass\n", "drivers/gnss.py": b"pass\n"})
    real = flash._copy
    for count in range(1, len(new.files)):

        def some(port: str, wanted: Mapping[str, bytes], count: int = count) -> None:
            real(port, dict(sorted(wanted.items())[:count]))
            board.printed.clear()
            raise KeyboardInterrupt

        monkeypatch.setattr(flash, "_copy", some)
        with pytest.raises(KeyboardInterrupt):
            flash.flash(board.port, VIRTUAL, new)
        says(board, "this is old")
        assert len(cable.sums(board.port, "b", [])) == count
        cable.restart(board.port, safe=False)


def test_a_file_that_is_damaged_on_the_way_is_found(board: SerialBoard, monkeypatch: pytest.MonkeyPatch) -> None:
    real = flash._copy

    def damaged(port: str, wanted: Mapping[str, bytes]) -> None:
        real(port, {**wanted} | {"/b/boards/common.py": b"class Board:\n    fast\n"})

    monkeypatch.setattr(flash, "_copy", damaged)
    board.printed.clear()
    with pytest.raises(HoldbackError, match="did not arrive whole") as told:
        flash.flash(board.port, VIRTUAL, tiny("new"))
    assert told.value.why == "/b/boards/common.py"
    says(board, "this is old")


HANGS = "while True: time.sleep_ms(1000)"


@pytest.mark.parametrize(("fault", "seconds"), [("1 / 0", 2), ("machine.reset()", 2), (HANGS, 4 * 30 / SPEED)])
def test_a_firmware_that_does_not_settle_gives_way(
    board: SerialBoard, monkeypatch: pytest.MonkeyPatch, fault: str, seconds: float
) -> None:
    """It cannot be loaded, restarts, or hangs until the watchdog bites: after three tries the old one is back."""
    monkeypatch.setattr(flash, "SETTLE_S", seconds)
    broken = {"app/supervisor.py": b"1 / 0\n"} if fault == "1 / 0" else {}
    with pytest.raises(HoldbackError, match="gone back"):
        flash.flash(board.port, VIRTUAL, tiny("new", fault, broken))
    assert board.starts.count(WATCHDOG) == (3 if fault == HANGS else 0)
    found = cable.look(board.port)
    assert (found.folder, found.settled, found.settled_version) == ("a", True, "")


def test_restarts_that_the_firmware_asks_for_are_no_tries(board: SerialBoard) -> None:
    """From camp to the trail and back, five times within its first half minute."""
    changes = """memory = machine.RTC()
    lives = memory.memory()[1] if memory.memory() else 0
    memory.memory(bytes((1, lives + 1)) if lives < 5 else b"")
    if lives < 5:
        machine.reset()"""
    board.starts.clear()
    assert flash.flash(board.port, VIRTUAL, tiny("new", changes)).version == "new"
    assert len(board.starts) >= 2 + 5


def test_a_settled_firmware_that_is_lost_ends_in_safe_mode() -> None:
    """Its files are gone, and no other folder is there: three starts, then the prompt is free."""
    chip = Flash()
    with SerialBoard(chip, SPEED) as board:
        flash.flash(board.port, VIRTUAL, tiny("old"))
        usb.mpremote(board.port, "fs", "rm", ":/a/app/supervisor.py", "+", "reset")
        board.printed.clear()
        says(board, SAFE_LINE)
        assert read(board.port, "/slot").split()[:2] == ["a", "0"]
        assert read(board.port, "/errors.log").count("start: Traceback") == 3


def test_the_spare_folder_is_never_that_of_the_firmware_that_is_known_to_run(board: SerialBoard) -> None:
    """While a new one is on trial in b, a is what the device would go back to: b is written again."""
    cable.look(board.port)
    cable.set_slot(board.port, "b 2")
    usb.mpremote(board.port, "fs", "mkdir", ":/b")
    assert flash._spare(board.port, cable.look(board.port)) == "b"
    assert read(board.port, "/slot") == "a 0"


def test_a_full_flash_is_told_and_nothing_is_lost(board: SerialBoard) -> None:
    board.printed.clear()
    with pytest.raises(HoldbackError, match="does not fit") as told:
        flash.flash(board.port, VIRTUAL, tiny("new", more={"large": bytes(3_000_000)}))
    assert "1 recordings" in told.value.why
    says(board, "this is old")


def test_the_watchdog_ends_a_copy_that_does_not_ask_for_peace(board: SerialBoard) -> None:
    """Which is why flash asks for a start without it."""
    usb.mpremote(board.port, "exec", "pass")
    board.printed.clear()
    says(board, "this is old")
    assert board.starts[-1] == WATCHDOG
    found = peace.enter(board.port)
    assert not found.running
    time.sleep(1.5 * 30 / SPEED)
    assert board.starts[-1] != WATCHDOG
    assert not cable.look(board.port).running


def test_another_board_or_image_is_refused_and_the_firmware_goes_on(board: SerialBoard) -> None:
    board.printed.clear()
    with pytest.raises(HoldbackError, match="wants MicroPython's image ESP32_GENERIC") as told:
        flash.flash(board.port, image_of("esp32_devkit"), tiny("new"))
    assert "standard" in told.value.why and "1 recordings are on it" in told.value.next_step
    assert "erase-flash" in told.value.next_step and "0x1000" in told.value.next_step
    says(board, "this is old")
    usb.mpremote(board.port, "exec", "f = open('/a/board.txt', 'w'); f.write('other'); f.close()")
    with pytest.raises(HoldbackError, match="flashed as other"):
        flash.flash(board.port, VIRTUAL, tiny("new"))
    flash.flash(board.port, VIRTUAL, tiny("new"), other_board=True)


def test_the_error_log_is_read_by_cable_and_over_the_air(old: bytes) -> None:
    chip = Flash()
    chip.write(old)
    put(chip, "errors.log.old", b"older\n")
    put(chip, "errors.log", b"newer\n" * 300)
    with started(chip.read()) as board:
        assert logs.by_cable(board.port) == ("f0c0ffeec0de", "older\n" + "newer\n" * 300)
        says(board, "this is old")  # again

    async def main(air: Air) -> list[str]:
        found = []
        for flashed in (chip, Flash()):
            body = Body(air, flashed) if not found else Body(air)
            await body.board.start()
            await air.sleep(1000)
            with air.bleak():
                found.append(await logs.by_air(str(body.board.address)))
            await body.board.stop()
        return found

    assert run(main) == ["newer\n" * 300, ""]
