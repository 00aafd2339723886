"""The button, with contacts that bounce."""

import asyncio

from drivers.button import HOLD, Button
from models import Line


def gesture(steps):
    """The gesture of a pin that takes levels: (ms to wait before, level)."""

    async def main():
        line = Line()
        task = asyncio.create_task(Button(line).gesture())
        for ms, level in steps:
            await asyncio.sleep_ms(ms)
            line.set(level)
        return await asyncio.wait_for_ms(task, 6000)

    return asyncio.run(main())


BOUNCE = ((2, 1), (3, 0), (1, 1), (2, 0))


def test_a_bouncing_press_is_one():
    assert gesture(((10, 0),) + BOUNCE + ((100, 1), (2, 0), (2, 1), (1, 0), (1, 1))) == 1


def test_three_bouncing_presses_are_three():
    press = ((90, 0),) + BOUNCE + ((80, 1), (2, 0), (2, 1))
    assert gesture(press * 3) == 3


def test_a_touch_shorter_than_the_bounce_is_nothing():
    assert gesture(((10, 0), (8, 1), (100, 0), (100, 1))) == 1


def test_a_hold_is_told_while_it_lasts():
    assert gesture(((10, 0),) + BOUNCE) == HOLD
