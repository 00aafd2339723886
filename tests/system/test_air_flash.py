"""The board's flash: littlefs on it survives resets and cuts, at every operation."""

from pathlib import Path

import pytest
from air_rig import firmware
from holdback.simulation import Air, Flash, run

WRITER = """
    import blockdev, os
    blockdev.mount("/flash")
    n = len(os.listdir("/flash"))
    try:
        with open("/flash/log") as file:
            text = file.read()
    except OSError:
        text = ""
    assert text == "".join("%04d\\n" % i for i in range(len(text) // 5)), text
    print(len(text) // 5)
    with open("/flash/log", "a") as file:
        for i in range(len(text) // 5, len(text) // 5 + 40):
            file.write("%04d\\n" % i)
            file.flush()
            print(i)
"""


def _boot(script: Path, flash: Flash) -> list[str]:
    async def main(air: Air) -> list[str]:
        board = air.board(script=script, flash=flash)
        await board.start()
        await air.sleep(1000)
        return board.log

    return run(main)


def test_files_survive(tmp_path: Path) -> None:
    flash = Flash(256 << 10)
    script = firmware(tmp_path, WRITER)
    assert _boot(script, flash)[0] == "0"
    assert _boot(script, flash)[0] == "40"


@pytest.mark.parametrize("operations", [9, 15, 22, 40, 77])
def test_a_power_failure_at_any_operation_loses_nothing_that_was_flushed(tmp_path: Path, operations: int) -> None:
    flash = Flash(256 << 10)
    script = firmware(tmp_path, WRITER)
    _boot(script, flash)
    flash.cut_after(operations)
    before = _boot(script, flash)
    flushed = int(before[-1]) + 1
    assert before[0] == "40"
    assert flushed < 80  # the power did fail
    after = _boot(script, flash)
    assert int(after[0]) in (flushed, flushed + 1)  # the one being flushed may have made it


def test_a_power_failure_is_reported_and_leaves_the_board_off(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[bool, list[tuple[int, int]]]:
        board = air.board(script=firmware(tmp_path, WRITER), flash=Flash(256 << 10))
        board.flash.cut_after(5)
        await board.start()
        return board.running, board.resets

    assert run(main) == (False, [(500, 0)])


def test_the_power_of_a_running_board_may_fail_too(tmp_path: Path) -> None:
    source = WRITER.replace("import blockdev, os\n", "import blockdev, os, time\n").replace(
        "print(len", "time.sleep(1); print(len"
    )

    async def main(air: Air) -> tuple[bool, list[tuple[int, int]]]:
        board = air.board(script=firmware(tmp_path, source), flash=Flash(256 << 10))
        await board.start()
        board.flash.cut_after(3)
        await air.sleep(2000)
        return board.running, board.resets

    assert run(main) == (False, [(1500, 0)])
