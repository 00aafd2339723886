"""The evening against the real firmware on a virtual air: run, sync, sync again, interrupted by a walk out of reach."""

import asyncio
import json
from typing import Any

import pytest
from holdback.cli.app import run_async
from holdback.device import known, sync
from holdback.errors import ExitCode
from holdback.race import load_results
from holdback.recordings.load import load
from holdback.simulation import Air, run
from host.race_folder import make_race
from system.firmware_rig import Body
from system.test_sync import open_the_door

RUN_S = 900


@pytest.fixture
def hb(capsys, monkeypatch, tmp_path):
    """Run a command inside the running loop; exit code and its JSON document."""
    monkeypatch.setattr(known, "user_state_path", lambda _name: tmp_path / "state")

    async def command(*tokens: object) -> tuple[int, Any]:
        code = await run_async([*map(str, tokens), "--json"])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return int(code), json.loads(out)

    return command


async def ran(air: Air, hb: Any, folder: Any) -> Body:
    """Day 1 is over: pushed, started by hand, run for a quarter of an hour, ended by hand."""
    body = Body(air)
    sync.utc_now.set(lambda: air.utc_s)
    await body.board.start()
    await air.sleep(2000)
    assert (await hb("device", "push", folder))[0] == 0
    await body.seconds(10)
    await body.hold_and_press()
    await body.seconds(RUN_S, 2.0)
    await body.hold_and_press()
    await body.seconds(5)
    return body


def test_sync_twice_with_the_real_firmware(hb, tmp_path):
    folder = make_race(tmp_path)

    async def main(air: Air) -> None:
        with air.bleak():
            await ran(air, hb, folder)
            code, night = await hb("sync", folder, "--ended", "shortened", "--rating", 4)
            assert code == 0 and [one["stage"] for one in night["pulled"]] == [1] and night["pushed"]["armed"] == 2
            assert [(e.stage, e.ended, e.rating) for e in load_results(folder)] == [(1, "shortened", 4)]
            assert load(folder / "recordings/stage-01.hbr").replay_agrees() is True
            assert night["stages"][0]["elapsed_s"] == pytest.approx(RUN_S, abs=15)

    run(main)


def test_a_false_start_comes_along_and_an_armed_device_is_opened_by_three_presses(hb, tmp_path):
    folder = make_race(tmp_path)

    async def main(air: Air) -> None:
        with air.bleak():
            body = Body(air)
            sync.utc_now.set(lambda: air.utc_s)
            await body.board.start()
            await air.sleep(2000)
            assert (await hb("device", "push", folder))[0] == 0
            await body.seconds(10)
            for seconds in (60, RUN_S):  # a false start; a minute later it is armed again
                await body.hold_and_press()
                await body.seconds(seconds, 2.0)
                await body.hold_and_press()
                await body.seconds(70)
            code, night = await hb("sync", folder, "--ended", "shortened")
            assert code == 0 and [(one["stage"], one["kept"]) for one in night["pulled"]] == [(1, 0), (1, 1)]
            assert load(folder / "recordings/stage-01.1.hbr").replay_agrees() is True
            assert [one["stage_no"] for one in night["stages"]] == [1] and not night["stages"][0]["false_start"]
            await air.sleep(5000)
            code, failure = await hb("sync", folder)
            assert code == ExitCode.NOT_FOUND and "left armed with stage 2" in failure["why"]
            await open_the_door(body)
            code, night = await hb("sync", folder)
            assert code == 0 and night["pulled"] == [] and night["pushed"]["sent"] == []

    run(main)


def test_sync_goes_on_after_a_walk_out_of_reach(hb, tmp_path):
    folder = make_race(tmp_path)
    part = folder / "recordings/arriving/stage-01.hbr.part"

    async def main(air: Air) -> None:
        async def walk_away(body: Body) -> None:
            while not part.exists() or part.stat().st_size < 1500:
                await air.sleep(20)
            air.set_in_range(body.board, False)

        with air.bleak():
            body = await ran(air, hb, folder)
            thief = asyncio.create_task(walk_away(body))
            code, failure = await hb("sync", folder, "--ended", "shortened")
            await thief
            assert code == ExitCode.INTERRUPTED and "are here" in failure["error"] and part.stat().st_size >= 1500
            assert load_results(folder) == []
            air.set_in_range(body.board, True)
            await air.sleep(5000)
            code, night = await hb("sync", folder, "--ended", "shortened")
            assert code == 0 and night["pushed"]["armed"] == 2 and not part.parent.exists()

    run(main)
