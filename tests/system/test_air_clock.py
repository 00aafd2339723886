"""The virtual clock: it jumps, it stalls aloud, and it waits for the host's threads."""

import asyncio
import time
from pathlib import Path

import pytest
from air_rig import firmware
from holdback.simulation import Air, BoardError, SimulationError, run


def test_a_year_of_waiting_takes_no_time() -> None:
    async def main(air: Air) -> tuple[int, float]:
        await air.sleep(365 * 86_400_000)
        return air.now_ms, air.utc_s - air.start_utc

    began = time.monotonic()
    assert run(main) == (365 * 86_400_000, 365 * 86_400)
    assert time.monotonic() - began < 1


def test_timers_run_in_the_order_of_their_times() -> None:
    async def main(air: Air) -> list[tuple[int, int]]:
        seen: list[tuple[int, int]] = []

        async def wait(ms: int) -> None:
            await air.sleep(ms)
            seen.append((ms, air.now_ms))

        await asyncio.gather(*(wait(ms) for ms in (300, 100, 200)))
        return seen

    assert run(main) == [(100, 100), (200, 200), (300, 300)]


def test_nothing_left_to_happen_is_an_error_that_says_so() -> None:
    async def main(air: Air) -> None:
        await asyncio.Event().wait()

    with pytest.raises(SimulationError, match="stalled"):
        run(main)


def test_the_clock_stands_still_while_a_thread_of_the_host_works() -> None:
    async def main(air: Air) -> tuple[str, int]:
        asyncio.get_running_loop().call_later(0.001, lambda: None)
        return await asyncio.to_thread(lambda: time.sleep(0.05) or "done"), air.now_ms

    assert run(main) == ("done", 0)


def test_a_firmware_that_crashes_ends_the_run_with_its_log(tmp_path: Path) -> None:
    async def main(air: Air) -> None:
        await air.board(script=firmware(tmp_path, "print('so far')\nraise ValueError('lost')")).start()
        await asyncio.Event().wait()

    with pytest.raises(BoardError, match=r"(?s)exit code 1.*so far.*ValueError: lost"):
        run(main)


def test_a_crash_later_on_does_not_hang_whoever_waits(tmp_path: Path) -> None:
    script = firmware(tmp_path, "import time\ntime.sleep(5)\nraise OSError(5)")

    async def main(air: Air) -> None:
        await air.board(script=script).start()
        await air.sleep(3_600_000)

    with pytest.raises(BoardError, match="OSError"):
        run(main)


def test_a_busy_loop_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdback.simulation.machine.process.TURN_LIMIT_S", 1)

    async def main(air: Air) -> None:
        await air.board(script=firmware(tmp_path, "print('spinning')\nwhile True: pass")).start()

    with pytest.raises(SimulationError, match=r"(?s)did not yield.*spinning"):
        run(main)


def test_a_script_may_end(tmp_path: Path) -> None:
    async def main(air: Air) -> tuple[int | None, int | None, list[str]]:
        ended = air.board("ended", script=firmware(tmp_path, "print('over')", "ended.py"))
        left = air.board("left", script=firmware(tmp_path, "import sys\nsys.exit(0)", "left.py"))
        await ended.start()
        await left.start()
        await air.sleep(1000)
        return ended.exit, left.exit, ended.log

    assert run(main) == (None, 0, ["over"])


def test_an_error_in_the_world_ends_the_run(tmp_path: Path) -> None:
    def fails(t_ms: int, pin: int, duty_u16: int) -> None:
        raise ZeroDivisionError

    async def main(air: Air) -> None:
        board = air.board(script=firmware(tmp_path, "import machine\nmachine.PWM(25, duty_u16=9)"))
        board.on_pwm.append(fails)
        await board.start()
        await air.sleep(1000)

    with pytest.raises(ZeroDivisionError):
        run(main)
