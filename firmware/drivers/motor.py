"""The vibration motor: plays a score of on and off times on a PWM output."""

from micropython import const

FULL = const(65535)
MAX_PULSE_MS = const(1000)  # a longer pulse is a fault, not a cue


class Motor:
    """A motor behind a PWM output, timed by a one-shot `machine.Timer`.

    The timer switches the motor off even when every task hangs, and no pulse lasts over a second, so a stuck motor
    would need a dead interpreter; then the watchdog resets and the motor is off at boot.
    """

    def __init__(self, pwm, timer):
        self._pwm = pwm
        self._timer = timer
        self._score = b""
        self._at = 0  # next step of the score
        self._tick = self._step  # bound once: a callback must not allocate
        self.busy = False
        self.stop()

    def play(self, score) -> None:
        """Play `score`: milliseconds on, off, on, ... The newest score wins."""
        self.stop()
        self._score = score
        self._at = 0
        self._step(None)

    def stop(self) -> None:
        self._timer.deinit()
        self._pwm.duty_u16(0)
        self.busy = False

    def _step(self, _timer) -> None:
        at = self._at
        if at >= len(self._score):
            self.stop()
            return
        on = not at & 1
        self._at = at + 1
        self.busy = True
        self._pwm.duty_u16(FULL if on else 0)
        ms = self._score[at]
        if on and ms > MAX_PULSE_MS:
            ms = MAX_PULSE_MS
        self._timer.init(mode=self._timer.ONE_SHOT, period=ms, callback=self._tick)
