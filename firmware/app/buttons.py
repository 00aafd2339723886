"""What the one button means: runner.md's table, in every state."""

from time import ticks_diff, ticks_ms

from drivers.button import HOLD
from micropython import const

from app.lives import RUNNING

_SAFE_MS = const(4000)  # 3 s after the boot buzz, and the pause that ends a press
_CONFIRM_MS = const(5000)  # after the hold: a press within this time, or nothing has happened
_RELEASE_MS = const(2000)  # the runner feels the buzz and lets go; a sleeve that lies on the button does not
_PRESS_MS = const(1000)
_BUZZ = (200,)


class Buttons:
    """`button` is the driver; `on_safe()` restarts the device into safe mode, or is None."""

    def __init__(self, button, life, motor, on_safe):
        self._button = button
        self._life = life
        self._motor = motor
        self._on_safe = on_safe
        self._boot_ms = ticks_ms()

    async def run(self) -> None:
        while True:
            count = await self._button.gesture()
            if count == HOLD:
                await self._hold()
            elif self._on_safe and self._life.state != RUNNING and ticks_diff(ticks_ms(), self._boot_ms) < _SAFE_MS:
                self._on_safe()
            else:
                self._life.press(count)

    async def _hold(self) -> None:
        """Held for 3 s: buzz, release, a short press within 5 s. Sleeves hold buttons, but do not answer a buzz."""
        self._motor.play(_BUZZ)
        button = self._button
        answered = await button.until(1, _RELEASE_MS) and await button.until(0, _CONFIRM_MS)
        if answered and await button.until(1, _PRESS_MS):
            self._life.by_hand()
        await button.until(1)
