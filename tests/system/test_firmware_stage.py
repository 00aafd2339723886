"""A stage on the real firmware: start, cues, losses, presses, resets and power cuts, and what the recording says."""

from itertools import pairwise
from typing import Any

import pytest
from holdback.simulation import Air, run
from holdback.simulation.strap import Strap
from pacing.cues import CHECK, CHECK_BATTERY, CHECK_GPS, CHECK_STORAGE, CLEAR, EASE, READY, pattern
from pacing.journal import EV_BATTERY, EV_END, EV_PRESS, EV_RESUME, EV_START, EV_UTC
from system.firmware_rig import (
    BATTERY,
    BUTTON,
    READ,
    WRITE,
    Body,
    Flash,
    Recording,
    host,
    make_plan,
    plan_crc,
    replayed,
)

BUZZ = 200


def pulses(code: int, n: int = 0) -> list[int]:
    return list(pattern(code, n)[::2])


async def armed(air: Air, plan: bytes, **how: Any) -> Body:
    """A board with `plan` activated, the host gone."""
    body = Body(air, **how)
    await body.board.start()
    await body.seconds(2)
    async with host(body) as h:
        await h.arm(plan)
    return body


async def pulled(body: Body, name: str = "latest") -> bytes:
    async with host(body) as h:
        return (await h.download(name))[0]


def test_a_whole_stage() -> None:
    """Armed, READY, over the line, too fast, EASE, obeyed, CLEAR, a press, the finish: all in the recording."""

    async def main(air: Air) -> None:
        plan = make_plan(length_m=2500, hr_cap_bpm=0)
        body = await armed(air, plan)
        strap = Strap(air.device("strap"))
        await strap.start()

        async def go(seconds: int, speed_ms: float, hr: int) -> None:
            for _ in range(seconds):
                await strap.beat(hr)
                await body.second(speed_ms)

        await go(30, 0.0, 90)
        assert body.felt(1000) == pulses(READY, 1)
        await go(210, 3.9, 168)
        await go(150, 2.5, 130)
        await body.board.press(BUTTON)
        await go(20, 2.5, 130)
        while body.m < 2510:
            await go(1, 2.6, 130)
        await go(5, 0.0, 120)
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "finished"
            assert (await h.ours(READ, 0))["armed"] == 0
        await go(60, 0.0, 110)
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "idle"
        data = await pulled(body)
        recording = Recording(data)
        assert recording.damaged == 0
        assert recording.reader.plan_crc == plan_crc(plan)
        assert recording.of(EV_START) == [(1, 0)]
        assert recording.of(EV_PRESS)[0][0] == 1
        assert len(recording.of(EV_UTC)) == len(recording.of(EV_END)) == 1
        assert recording.of(EV_END)[0][0] == 1
        times = [sample[0] for sample in recording.samples]
        assert all(900 <= b - a <= 1100 for a, b in pairwise(times))
        heart = [sample[3] for sample in recording.samples]
        assert heart[:200].count(168) >= 195
        cues = recording.cues
        assert [code for _, code, _ in cues] == [EASE, CLEAR, CLEAR]
        assert cues == replayed(data, plan)
        gun_ms = next(at for at, _ in body.pulses if at > 40_000) - cues[0][0]
        felt = [length for at, length in body.pulses if at >= gun_ms]
        assert felt == pulses(EASE) + pulses(CLEAR) * 2 + [BUZZ]

    run(main)


def test_utc_of_the_recording_is_that_of_the_world() -> None:
    async def main(air: Air) -> tuple[Recording, float]:
        body = await armed(air, make_plan(length_m=400))
        await body.seconds(10)
        while body.m < 410:
            await body.second(3.0)
        await body.seconds(3)
        return Recording(await pulled(body)), air.start_utc

    recording, start_utc = run(main)
    (utc_s, at_ms), = recording.of(EV_UTC)  # fmt: skip
    assert abs(utc_s - at_ms / 1000 - recording.reader.utc_s) <= 1
    assert start_utc < recording.reader.utc_s < start_utc + 60


def test_the_receiver_falls_silent() -> None:
    """No bytes for 20 s: samples without a fix go on each second, at the last place."""

    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=800))
        await body.seconds(10)
        await body.seconds(100, 3.0)
        await body.seconds(20, 3.0, silent=True)
        while body.m < 810:
            await body.second(3.0)
        await body.seconds(3)
        return Recording(await pulled(body))

    recording = run(main)
    lost = [sample for sample in recording.samples if not sample[4] & 3]
    assert 18 <= len(lost) <= 20
    assert len({sample[1] for sample in lost}) == 1 and {sample[2] for sample in lost} == {0}
    times = [sample[0] for sample in recording.samples]
    assert max(b - a for a, b in pairwise(times)) <= 2000


def test_by_hand_needs_hold_and_press() -> None:
    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=5000))
        await body.seconds(10)
        await body.board.press(BUTTON, 3300)  # a sleeve: held, but no press within 5 s
        await body.seconds(10)
        await body.hold_and_press()
        await body.seconds(40, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body))

    recording = run(main)
    assert recording.of(EV_START) == [(2, 0)]
    assert [value for value, _ in recording.of(EV_END)] == [2]
    assert 40 <= len(recording.samples) <= 50


def test_presses_while_running_are_answered_and_counted() -> None:
    async def main(air: Air) -> tuple[Recording, Body]:
        body = await armed(air, make_plan(length_m=5000))
        await body.seconds(10)
        await body.seconds(60, 2.0)
        for count in (1, 2, 3):
            for _ in range(count):
                await body.board.press(BUTTON)
                await air.sleep(200)
            await body.seconds(30, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body)), body

    recording, body = run(main)
    assert [value for value, _ in recording.of(EV_PRESS)] == [1, 2, 3]
    assert [code for _, code, _ in recording.cues] == [CLEAR] * 3
    assert body.felt().count(400) >= 3


def test_no_flush_inside_a_cue() -> None:
    """Writes to the flash stall everything: none lies between a cue's first and last edge."""

    async def main(air: Air) -> None:
        body = await armed(air, make_plan(length_m=8000))
        await body.seconds(10)
        await body.seconds(70, 2.0)
        image = body.board.flash.read()
        await body.board.press(BUTTON)
        await air.sleep(800)  # one press has been counted, the answer begins: what it wrote is written
        during = body.board.flash.read()
        assert during != image
        assert body.pulses[-1][0] < air.now_ms
        # presses close blocks: a second one during the answer must wait for the motor
        await body.board.press(BUTTON)
        await air.sleep(700)
        assert body.board.flash.read() != image

    run(main)


@pytest.mark.parametrize("missing, n", [("gps", CHECK_GPS), ("battery", CHECK_BATTERY), ("room", CHECK_STORAGE)])
def test_check_tells_what_is_missing_after_three_minutes(missing: str, n: int) -> None:
    async def main(air: Air) -> Body:
        room = {"flash": Flash(size=192 << 10)} if missing == "room" else {}
        body = Body(air, **room)
        if missing == "battery":
            body.board.adc_mv[BATTERY] = 1800
        await body.board.start()
        await body.seconds(2)
        async with host(body) as h:
            await h.arm(make_plan(planned_s=36_000))
        await body.seconds(200, fix=missing != "gps")
        return body

    body = run(main)
    assert body.felt(1000) == pulses(CHECK, n)


def test_ready_waits_for_the_fix_and_goes_without_a_strap() -> None:
    async def main(air: Air) -> tuple[list[int], list[int]]:
        body = await armed(air, make_plan(stage_no=1))
        await body.seconds(60, fix=False)
        await body.seconds(20)
        early = body.felt(1000)
        await body.seconds(20)
        return early, body.felt(1000)

    early, late = run(main)
    assert early == []
    assert late == pulses(READY, 1)


def test_next_stage_and_phone_window_by_button() -> None:
    async def main(air: Air) -> None:
        body = Body(air)
        await body.board.start()
        await body.seconds(6)
        async with host(body) as h:
            for stage in (1, 2):
                await h.upload(f"plan-{stage:02d}", make_plan(stage_no=stage))
        for stage in (1, 2):
            for _ in range(2):
                await body.board.press(BUTTON)
                await air.sleep(200)
            await body.seconds(8)
            assert body.felt(air.now_ms - 8500) == pulses(READY, stage)
        with air.bleak():
            assert not await _advertising(body)
            for _ in range(3):
                await body.board.press(BUTTON)
                await air.sleep(200)
            await air.sleep(500)
            assert await _advertising(body)
            await body.seconds(125)
            assert not await _advertising(body)

    run(main)


async def _advertising(body: Body) -> bool:
    from bleak import BleakScanner

    return str(body.board.address) in {device.address for device in await BleakScanner.discover(3)}


def test_doors_by_state() -> None:
    """Idle and finished advertise; armed and running do not."""

    async def main(air: Air) -> None:
        body = Body(air)
        await body.board.start()
        with air.bleak():
            assert await _advertising(body)
        async with host(body) as h:
            await h.arm(make_plan(length_m=300))
        await body.seconds(5)
        with air.bleak():
            assert not await _advertising(body)
            await body.seconds(60, 3.0)
            assert not await _advertising(body)
            await body.seconds(50, 3.0)
            assert await _advertising(body)

    run(main)


def test_a_damaged_plan_on_flash_is_not_armed() -> None:
    async def main(air: Air) -> None:
        flash = Flash()
        body = Body(air, flash=flash)
        await body.board.start()
        async with host(body) as h:
            plan = make_plan()
            await h.upload("plan-01", plan)
            await h.ours(WRITE, 1, stage=1, crc=plan_crc(plan))
        await body.seconds(3)
        await body.board.stop()
        image = bytearray(flash.read())
        at = image.index(plan[200:260])
        image[at] ^= 1
        flash.write(bytes(image))
        await body.board.start()
        await body.seconds(3)
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "idle"
            assert (await h.ours(READ, 0))["armed"] == 0

    run(main)


def test_the_same_stage_again_keeps_the_first_recording() -> None:
    async def main(air: Air) -> None:
        plan = make_plan(length_m=300)
        body = await armed(air, plan)
        await body.seconds(3)
        await body.seconds(112, 3.0)
        first = await pulled(body)
        await body.seconds(65)
        async with host(body) as h:
            await h.arm(plan)
        body.m = -30.0
        await body.seconds(3)
        await body.seconds(115, 3.0)
        async with host(body) as h:
            assert (await h.download("stage-01"))[0] != first
            assert (await h.download("stage-01.1"))[0] == first

    run(main)


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


def test_battery_is_kept_in_steps() -> None:
    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=5000))
        await body.seconds(10)
        for mv in (2050, 2040, 1950, 1900):
            body.board.adc_mv[BATTERY] = mv
            await body.seconds(70, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body))

    percents = [value for value, _ in run(main).of(EV_BATTERY)]
    assert len(percents) >= 3 and percents == sorted(percents, reverse=True)
    assert all(a - b >= 5 for a, b in pairwise(percents))


def test_safe_mode_by_a_press_after_the_boot_buzz() -> None:
    async def main(air: Air) -> None:
        body = Body(air)
        await body.board.start()
        await air.sleep(500)
        await body.board.press(BUTTON)
        await air.sleep(5000)
        assert "safe mode" in "\n".join(body.board.log)
        with air.bleak():
            assert not await _advertising(body)
        await body.board.restart(cause=2)
        await air.sleep(500)
        with air.bleak():
            assert await _advertising(body)

    run(main)
