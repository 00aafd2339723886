"""A push button to ground: debounced, presses counted, and a hold."""

import asyncio

from micropython import const

HOLD = const(0)  # a gesture beside the press counts 1, 2, 3
MAX_PRESSES = const(3)
_BOUNCE_MS = const(30)  # contacts of small switches settle in 5-20 ms
_GAP_MS = const(600)  # gloves are slow: a longer pause ends the count
_HOLD_MS = const(3000)  # longer than any sleeve brushes by


class Button:
    """Level 0 is pressed. The pin's interrupt only raises a flag; the rest happens in the caller's task."""

    def __init__(self, pin):
        self._pin = pin
        self._flag = asyncio.ThreadSafeFlag()
        pin.irq(self._edge, pin.IRQ_FALLING | pin.IRQ_RISING)

    def _edge(self, _pin) -> None:
        self._flag.set()

    async def gesture(self) -> int:
        """Wait for the next gesture: 1 to 3 presses, or HOLD as soon as 3 s are over (still held then).

        More presses than mean anything are one: whoever presses so wants an answer, and no low moment of three hours.
        """
        await self.until(0)
        count = 0
        while await self.until(1, _HOLD_MS):
            count += 1
            if not await self.until(0, _GAP_MS):
                return count if count <= MAX_PRESSES else 1
        return HOLD

    async def until(self, level: int, timeout_ms: int = -1) -> bool:
        """Wait for a settled `level`; False when `timeout_ms` passes first (-1 waits for ever)."""
        if timeout_ms < 0:
            await self._settled(level)
            return True
        try:
            await asyncio.wait_for_ms(self._settled(level), timeout_ms)
        except asyncio.TimeoutError:
            return False
        return True

    async def _settled(self, level: int) -> None:
        while True:
            if self._pin.value() == level:
                await asyncio.sleep_ms(_BOUNCE_MS)
                if self._pin.value() == level:
                    return
            await self._flag.wait()
