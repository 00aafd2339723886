"""The one button in every state, and sleeves: what nobody meant must not end a stage."""

import random
from pathlib import Path

import pytest
from bleak import BleakScanner
from holdback.simulation import Air, run
from pacing.cues import CLEAR
from pacing.journal import EV_END, EV_PRESS
from system.button_table import (
    ARMED,
    FINISHED,
    FRESH,
    GESTURES,
    HOLD,
    IDLE,
    ONCE,
    RUNNING,
    SAFE,
    THREE,
    TWICE,
    WINDOW,
    cells,
    page,
)
from system.firmware_rig import BUTTON, READ, Body, Recording, armed, host, idle_board, make_plan, pulled, pulses


async def idle(air: Air) -> Body:
    """Two stages are to come."""
    body = await idle_board(air)
    async with host(body) as h:
        for stage in (1, 2):
            await h.upload(f"plan-{stage:02d}", make_plan(stage, 20_000))
    await body.seconds(6)
    return body


async def at_the_start(air: Air) -> Body:
    """READY has been told without a strap."""
    body = await idle(air)
    await feel(body, GESTURES[TWICE][0])
    await body.seconds(100)
    return body


async def on_the_way(air: Air) -> Body:
    body = await at_the_start(air)
    await body.hold_and_press()
    await body.seconds(10, 2.0)
    return body


async def after_a_stage(air: Air) -> Body:
    """Long enough to be no false start."""
    body = await on_the_way(air)
    await body.seconds(600, 2.0)
    await body.hold_and_press()
    await body.seconds(3)
    return body


async def a_minute_later(air: Air) -> Body:
    body = await after_a_stage(air)
    await body.seconds(65)
    return body


async def with_a_window(air: Air) -> Body:
    body = await at_the_start(air)
    await feel(body, GESTURES[THREE][0])
    return body


async def in_safe_mode(air: Air) -> Body:
    body = Body(air)
    await body.board.start()
    await air.sleep(500)
    await feel(body, GESTURES[ONCE][0])
    return body


BEGIN = {
    FRESH: idle,
    ARMED: at_the_start,
    RUNNING: on_the_way,
    FINISHED: after_a_stage,
    IDLE: a_minute_later,
    WINDOW: with_a_window,
    SAFE: in_safe_mode,
}


async def feel(body: Body, presses: tuple[int, ...]) -> list[int]:
    """Press, pause, press ... (ms); what is felt until 6 s after."""
    since_ms = body.air.now_ms
    for i, ms in enumerate(presses):
        await (body.air.sleep(ms) if i % 2 else body.board.press(BUTTON, ms))
    await body.seconds(6)
    return body.felt(since_ms)


async def state_of(body: Body) -> str:
    """As a host sees it; who does not advertise is pressed: CLEAR is running, silence is safe mode."""
    with body.air.bleak():
        open_door = str(body.board.address) in {device.address for device in await BleakScanner.discover(1)}
    if open_door:
        async with host(body) as h:
            state = (await h.ours(READ, 3))["state"]
            fresh = state == IDLE and (await h.command(READ, 8, 1, {"name": "latest"})).get("rc")
        return FRESH if fresh else {"armed": WINDOW}.get(state, state)
    felt = await feel(body, (120,))
    return {(): SAFE, tuple(pulses(CLEAR)): RUNNING}.get(tuple(felt), ARMED)


async def again(body: Body, state: str, now: str) -> bool:
    """Back into `state`, if there is an easy way; finished lasts a minute, so that it is begun anew."""
    if state == now == FINISHED:
        await feel(body, GESTURES[HOLD][0])
        now = RUNNING
    if now == RUNNING and state in (FINISHED, IDLE):
        await body.hold_and_press()
        await body.seconds(3 if state == FINISHED else 68)  # a minute finished, then idle
    elif (state, now) == (WINDOW, ARMED):
        await feel(body, GESTURES[THREE][0])
    elif (state, now) == (ARMED, WINDOW):
        await body.seconds(125)
    else:
        return state == now
    return True


# What changes later answers comes late: another stage is armed, the cap is that of a low moment, there is no way back.
LATE_ON = {
    (ARMED, TWICE), (ARMED, HOLD), (WINDOW, HOLD), (RUNNING, THREE), (FINISHED, TWICE), (IDLE, TWICE)
}  # fmt: skip


@pytest.mark.parametrize("state", BEGIN)
def test_each_gesture_in_each_state(state: str) -> None:
    """The table of docs/cues.md: first what leaves the state alone, last what has no easy way back."""
    table = cells(state)
    rows = sorted(table, key=lambda gesture: (bool(table[gesture].after), (state, gesture) in LATE_ON))

    async def main(air: Air) -> None:
        body = await BEGIN[state](air)
        since_ms = air.now_ms
        for gesture, presses in [(name, presses) for name in rows for presses in GESTURES[name]]:
            cell = table[gesture]
            assert since_ms >= 0, "no way back"
            assert await feel(body, presses) == cell.felt, gesture
            now = await state_of(body)
            assert now == (cell.after or state), gesture
            if now != state or air.now_ms - since_ms > 30_000:
                since_ms = air.now_ms if await again(body, state, now) else -1

    run(main)


def test_the_page_shows_this_table() -> None:
    assert page() in (Path(__file__).parents[2] / "docs/cues.md").read_text(encoding="utf-8")


def test_a_hold_that_does_not_answer_the_buzz_does_nothing() -> None:
    """Too short, never let go of, pressed too late, or held down again: the stage goes on."""

    async def main(air: Air) -> list[tuple[int, int]]:
        body = await armed(air, make_plan(length_m=20_000))
        await body.seconds(5)
        await body.hold_and_press()
        for held_ms, pause_ms, press_ms in (
            (2500, 1000, 120),
            (9000, 1000, 120),
            (3300, 6000, 120),
            (3300, 1000, 2000),
        ):
            await body.board.press(BUTTON, held_ms)
            await air.sleep(pause_ms)
            await body.board.press(BUTTON, press_ms)
            await body.seconds(10, 2.0)
        ends = body.felt()
        assert len(ends) > 3
        await body.seconds(700, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body)).of(EV_END)

    ((how, at_ms),) = run(main)
    assert how == 2 and at_ms > 740_000


def test_eight_hours_in_a_sleeve() -> None:
    """Two presses a minute of up to 2.5 s, and now and then something lies on the button for longer than 6 s.

    To end a stage a sleeve must hold for 3 to 5 s, let go, and press for less than a second within the next five.
    """

    async def main(air: Air) -> Recording:
        rng = random.Random("sleeve")
        body = await armed(air, make_plan(length_m=20_000))
        await body.seconds(5)
        await body.hold_and_press()
        until_ms = air.now_ms + 8 * 3_600_000
        while air.now_ms < until_ms:
            await air.sleep(rng.randrange(100, 60_000))
            long = rng.random() < 0.05
            await body.board.press(BUTTON, rng.randrange(6000, 120_000) if long else rng.randrange(40, 2500))
        await body.seconds(20, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body))

    recording = run(main)
    ((how, at_ms),) = recording.of(EV_END)
    assert how == 2 and at_ms > 8 * 3_600_000
    assert len(recording.of(EV_PRESS)) > 300
