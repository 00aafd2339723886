"""MicroPython's time, standing still until it is moved."""

import time as real


class Clock:
    """The module `time`, as far as the firmware uses it."""

    now_ms = 0

    def ticks_ms(self):
        """Now."""
        return self.now_ms

    def ticks_diff(self, a, b):
        """Without a wrap."""
        return a - b

    def time(self):
        """Nobody has set it."""
        return 0

    def gmtime(self, s=0):
        """The date."""
        return real.gmtime(s)

    def mktime(self, t):
        """Seconds of a date."""
        return real.mktime(t)


clock = Clock()
