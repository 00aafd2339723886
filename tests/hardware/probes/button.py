"""The button: the gesture that the driver makes of it, and how long its contacts bounce."""

import asyncio
from time import ticks_diff, ticks_ms

from probes.lead import ready_board

_QUIET_MS = 60  # edges further apart than this are no bounce
_MOST = 64


class Edges:
    """Stands between the pin and the driver, and notes when edges come."""

    def __init__(self, button):
        self._button = button
        self.times: list = [0] * _MOST
        self.count = 0
        pin = button._pin
        pin.irq(self._edge, pin.IRQ_FALLING | pin.IRQ_RISING)

    def _edge(self, pin):
        if self.count < _MOST:
            self.times[self.count] = ticks_ms()
            self.count += 1
        self._button._edge(pin)

    def bounce_ms(self):
        """The longest time from the first to the last edge of one change."""
        longest = 0
        first = 0
        for i in range(1, self.count):
            if ticks_diff(self.times[i], self.times[i - 1]) > _QUIET_MS:
                first = i
            longest = max(longest, ticks_diff(self.times[i], self.times[first]))
        return longest


def run(wait_ms):
    """`wait_ms`: for a press."""
    return asyncio.run(_run(ready_board().button(), wait_ms))


async def _run(button, wait_ms):
    edges = Edges(button)
    try:
        gesture = await asyncio.wait_for_ms(button.gesture(), wait_ms)
    except asyncio.TimeoutError:
        return {"gesture": "none", "edges": edges.count}
    await asyncio.sleep_ms(_QUIET_MS)
    return {
        "gesture": ("hold", "one press", "two presses", "three presses")[gesture],
        "edges": edges.count,
        "bounce_ms": edges.bounce_ms(),
    }
