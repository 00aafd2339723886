"""The vibration motor: plays a score of on and off times on an output."""

from micropython import const

FULL = const(65535)
MAX_PULSE_MS = const(1000)  # a longer pulse is a fault, not a cue
_AGAIN_MS = const(500)  # until the next attempt to switch off what does not answer


class Motor:
    """A motor behind `output.duty_u16` (machine.PWM, or drivers.drv2605), timed by a one-shot `machine.Timer`.

    The timer switches the motor off even when every task hangs, and no pulse lasts over a second, so a stuck motor
    would need a dead interpreter; then the watchdog resets and the motor is off at boot. An output that fails (OSError)
    loses the score and is switched off again and again until it answers.
    """

    def __init__(self, output, timer):
        self._output = output
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
        self._score = b""
        self._step(None)

    def _step(self, _timer) -> None:
        at = self._at
        self.busy = at < len(self._score)
        on = self.busy and not at & 1
        ms = self._score[at] if self.busy else 0
        if on and ms > MAX_PULSE_MS:
            ms = MAX_PULSE_MS
        self._at = at + 1
        self._timer.deinit()
        try:
            self._output.duty_u16(FULL if on else 0)
        except OSError:
            self._score = b""
            self.busy = False
            ms = _AGAIN_MS
        if ms:
            self._timer.init(mode=self._timer.ONE_SHOT, period=ms, callback=self._tick)
        elif on:
            self.stop()
