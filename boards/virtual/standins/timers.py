"""Timer, WDT and RTC of the virtual board."""

import time

import virtual

_RTC_OFFSET = const(4)  # noqa: F821
_RTC_MEMORY = const(5)  # noqa: F821
_RESET = const(6)  # noqa: F821
_WATCHDOG = const(9)  # noqa: F821
_WDT_RESET = const(3)  # noqa: F821


class Timer:
    """Virtual timer. The callback runs with the scheduler locked, at its time to the microsecond."""

    ONE_SHOT = 0
    PERIODIC = 1

    def __init__(self, id=-1, **kwargs):
        self.due_us = None
        self._callback = None
        if kwargs:
            self.init(**kwargs)

    def init(self, *, mode=PERIODIC, period=-1, freq=-1, callback=None, **kwargs):
        self._period_us = int(1000000 // freq) if freq > 0 else period * 1000
        self._mode = mode
        self._callback = callback
        self.due_us = virtual.now_us + self._period_us
        if self not in virtual.alarms:
            virtual.alarms.append(self)

    def deinit(self):
        self.due_us = None
        if self in virtual.alarms:
            virtual.alarms.remove(self)

    def ring(self):
        if self._mode == Timer.PERIODIC:
            self.due_us += self._period_us
        else:
            self.deinit()
        if self._callback:
            self._callback(self)


class WDT:
    """Watchdog: once made it cannot be stopped, and a missed feed restarts the board."""

    def __init__(self, id=0, timeout=5000):
        self._timeout_us = timeout * 1000
        virtual.send(_WATCHDOG, timeout)
        virtual.alarms.append(self)
        self.feed()

    def feed(self):
        self.due_us = virtual.now_us + self._timeout_us

    def ring(self):
        virtual.send(_RESET, _WDT_RESET)
        virtual.stop_for_good()


class RTC:
    """Time of day and 2 kB of memory: both survive a reset, neither a power cut."""

    def datetime(self, fields=None):
        """(year, month, day, weekday, hour, minute, second, microsecond)."""
        if fields is None:
            now = time.gmtime()
            us = (virtual.now_us + virtual.config["rtc_us"]) % 1000000
            return (now[0], now[1], now[2], now[6], now[3], now[4], now[5], us)
        year, month, day, _, hour, minute, second, us = fields
        seconds = time.mktime((year, month, day, hour, minute, second, 0, 0))
        virtual.config["rtc_us"] = seconds * 1000000 + us - virtual.now_us
        virtual.send(_RTC_OFFSET, 0, 0, virtual.config["rtc_us"])

    init = datetime

    def memory(self, data=None):
        if data is None:
            return virtual.config["rtc_memory"]
        if len(data) > 2048:
            raise ValueError("buffer too long")
        virtual.config["rtc_memory"] = bytes(data)
        virtual.send(_RTC_MEMORY, 0, 0, 0, data)
