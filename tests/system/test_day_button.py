"""The one button in every state, and sleeves: what nobody meant must not end a stage."""

import random

from holdback.simulation import Air, run
from pacing.cues import CLEAR, READY
from pacing.journal import EV_END, EV_PRESS
from system.firmware_rig import BUTTON, READ, Body, Recording, armed, host, idle_board, make_plan, pulled, pulses

BUZZ = [200]


async def presses(body: Body, count: int) -> list[int]:
    """Press; what is felt within 5 s."""
    since_ms = body.air.now_ms
    for _ in range(count):
        await body.board.press(BUTTON)
        await body.air.sleep(200)
    await body.seconds(5)
    return body.felt(since_ms)


def test_one_press_in_every_state() -> None:
    async def main(air: Air) -> None:
        body = await idle_board(air)
        await body.seconds(6)
        assert await presses(body, 1) == BUZZ  # idle, nothing recorded yet
        async with host(body) as h:
            await h.arm(make_plan(length_m=20_000))
        await body.seconds(100)
        assert await presses(body, 1) == pulses(READY, 1)  # armed
        assert await presses(body, 3) == BUZZ  # the window opens
        assert await presses(body, 1) == BUZZ  # in the window
        await body.hold_and_press()  # which a start by hand ends
        await body.seconds(700, 2.0)
        assert await presses(body, 1) == pulses(CLEAR)  # running
        await body.hold_and_press()
        await body.seconds(3)
        assert await presses(body, 1) == pulses(READY, 1)  # finished: the stage that was recorded
        await body.seconds(70)
        assert await presses(body, 1) == pulses(READY, 1)  # idle
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "idle"

    run(main)


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
