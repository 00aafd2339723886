"""Before and after a stage: READY, what is missing, doors, the button while nothing runs, safe mode."""

import pytest
from holdback.simulation import Air, run
from pacing.cues import CHECK, CHECK_BATTERY, CHECK_GPS, CHECK_STORAGE, READY
from system.firmware_rig import (
    BATTERY,
    BUTTON,
    READ,
    WRITE,
    Body,
    Flash,
    armed,
    host,
    make_plan,
    plan_crc,
    pulled,
    pulses,
)


async def _advertising(body: Body) -> bool:
    from bleak import BleakScanner

    return str(body.board.address) in {device.address for device in await BleakScanner.discover(3)}


@pytest.mark.parametrize("missing, n", [("gps", CHECK_GPS), ("battery", CHECK_BATTERY), ("room", CHECK_STORAGE)])
def test_check_tells_what_is_missing_after_three_minutes(missing: str, n: int) -> None:
    async def main(air: Air) -> Body:
        body = Body(air, Flash(size=192 << 10) if missing == "room" else None)
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
