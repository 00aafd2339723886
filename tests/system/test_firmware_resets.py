"""Resets and power cuts in the middle of a stage: it goes on, and at most the open block is lost."""

from pathlib import Path

import pytest
from holdback.simulation import Air, run
from pacing.journal import EV_END, EV_RESUME, EV_UTC
from system.firmware_rig import (
    READ,
    Flash,
    Recording,
    altered,
    armed,
    host,
    make_plan,
    pulled,
    replayed,
)


@pytest.mark.parametrize("how", ["reset", "power"])
def test_the_stage_goes_on_after_a_reset_or_a_power_cut(how: str) -> None:
    """At most the open block is lost; the clock goes on; the cues are those of a replay on this computer."""

    async def main(air: Air) -> None:
        plan = make_plan(length_m=4000)
        body = await armed(air, plan)
        await body.seconds(10)
        await body.seconds(400, 3.9)
        before_ms = air.now_ms
        if how == "reset":
            await body.board.restart(cause=3)
        else:
            await body.board.cut()
            await air.sleep(5000)
            await body.board.start()
        await body.seconds(200, 3.9)
        await body.hold_and_press()
        ended_utc_s = air.utc_s
        await body.seconds(3)
        data = await pulled(body)
        recording = Recording(data)
        assert recording.damaged == 0
        assert [value for value, _ in recording.of(EV_RESUME)] == [1]
        resumed_ms = recording.of(EV_RESUME)[0][1]
        times = [sample[0] for sample in recording.samples]
        kept = max(ms for ms in times if ms <= resumed_ms)
        gun_ms = air.now_ms - 3000 - recording.of(EV_END)[0][1]
        lost_ms = before_ms - gun_ms - kept
        assert lost_ms <= 61_000, f"{lost_ms} ms lost"
        # the stage clock has not stopped: the end is where the world's clock has it
        elapsed_ms = recording.of(EV_END)[0][1]
        utc_s, at_ms = recording.of(EV_UTC)[-1]
        assert abs((utc_s - recording.reader.utc_s) * 1000 - at_ms) <= 2500
        assert abs(recording.reader.utc_s + elapsed_ms / 1000 - ended_utc_s) <= 2
        assert recording.cues == replayed(data, plan)
        assert recording.cues

    run(main)


def test_three_resets_and_a_cut_inside_a_flush() -> None:
    async def main(air: Air) -> None:
        plan = make_plan(length_m=6000)
        body = await armed(air, plan, flash=Flash())
        await body.seconds(10)
        for operations in (3, 7, 12):
            await body.seconds(100, 3.9)
            await body.board.stop()
            body.board.flash.cut_after(operations + 30)
            await body.board.start()
            await body.seconds(150, 3.9)
            await body.board.stop()
            body.board.flash.operations_left = -1
            await body.board.start()
        await body.seconds(100, 3.9)
        await body.hold_and_press()
        await body.seconds(3)
        data = await pulled(body)
        recording = Recording(data)
        assert recording.of(EV_RESUME)[-1][0] >= 4
        assert recording.cues == replayed(data, plan)
        assert recording.of(EV_END)
        assert len(recording.samples) > 500

    run(main)


CUT_AT_THE_END = """
import virtual
from app.stage import Stage
def cut(_):
    virtual.send(7)
    virtual.stop_for_good()
Stage._over = cut
"""


def test_a_stage_whose_power_fails_as_it_ends_has_ended(tmp_path: Path) -> None:
    """The end is in the recording, and the state does not know of it: the next start does."""

    async def main(air: Air) -> tuple[str, int, Recording]:
        body = await armed(air, make_plan(length_m=300))
        await body.board.stop()
        body.board.script, real = altered(tmp_path, CUT_AT_THE_END), body.board.script
        await body.board.start()
        await body.seconds(5)
        while body.board.running:
            await body.second(3.0)
        body.board.script = real
        await body.board.start()
        await body.seconds(8)
        async with host(body) as h:
            state, listed = (await h.ours(READ, 3))["state"], await h.ours(READ, 0)
        return state, listed["armed"], Recording(await pulled(body))

    state, stage, recording = run(main)
    assert (state, stage) == ("finished", 0)
    assert len(recording.of(EV_END)) == 1 and not recording.of(EV_RESUME)


@pytest.mark.parametrize("seconds", [250, 322])
def test_a_reset_without_reception_keeps_the_last_place(seconds: int) -> None:
    """Also where the journal ends with the block that holds the snapshot (after 300 samples)."""

    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=4000))
        await body.seconds(10)
        await body.seconds(seconds, 3.0)
        await body.board.restart(cause=3)
        await body.seconds(20, fix=False)
        await body.seconds(20, 3.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body))

    recording = run(main)
    ((_, resumed_ms),) = recording.of(EV_RESUME)
    before = [sample for sample in recording.samples if sample[0] < resumed_ms]
    lost = [sample for sample in recording.samples if sample[0] > resumed_ms][:18]
    assert not any(sample[4] & 3 for sample in lost)
    assert {sample[1] for sample in lost} == {before[-1][1]}
