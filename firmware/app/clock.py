"""Time: the stage clock, and the date from whoever knows it. Nothing else in the application asks `time` for a date."""

import time

from machine import RTC

UNIX_2000 = 946684800  # this clock counts from 2000
_SANE_YEAR = 2024  # receivers without a fix tell dates of 1980 and 1999
_MONTHS = b"\x1f\x1d\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


class Clock:
    """The date and time of day, UTC."""

    def __init__(self):
        self.confirmed = False  # by the receiver, since the device started

    def utc_s(self) -> int:
        """Unix seconds; 0 while the date is not known."""
        return time.time() + UNIX_2000 if time.gmtime()[0] >= _SANE_YEAR else 0

    def set(self, unix_s: int) -> None:
        year, month, day, hour, minute, second, weekday = time.gmtime(unix_s - UNIX_2000)[:7]
        RTC().datetime((year, month, day, weekday, hour, minute, second, 0))

    def take(self, nmea) -> int:
        """Unix seconds of the receiver's epoch, 0 if it has no sane date. The first one sets the clock."""
        date, ms = nmea.date_ddmmyy, nmea.utc_ms_of_day
        if not date or ms < 0:
            return 0
        year = date % 100 + (2000 if date % 100 < 80 else 1900)
        s = ms // 1000
        unix_s = unix_s_of((year, date // 100 % 100, date // 10000), s // 3600, s // 60 % 60, s % 60)
        if unix_s and not self.confirmed:
            self.set(unix_s)
            self.confirmed = True
        return unix_s


def unix_s_of(day, hour: int, minute: int, second: int) -> int:
    """Unix seconds of a day (year, month, day) and a time; 0 for one that does not exist or lies before this device."""
    year, month, date = day
    if not (_SANE_YEAR <= year < 2080 and 1 <= month <= 12 and 1 <= date <= _MONTHS[month - 1]):
        return 0
    if not (0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second <= 60):
        return 0
    return time.mktime((year, month, date, hour, minute, second, 0, 0)) + UNIX_2000


class StageClock:
    """Milliseconds since a stage began, from tick differences: ticks wrap at 2**30, this does not."""

    def __init__(self, ms: int = 0):
        self._ms = ms
        self._ticks = time.ticks_ms()

    def ms(self) -> int:
        """Ask at least every six days."""
        now = time.ticks_ms()
        self._ms += time.ticks_diff(now, self._ticks)
        self._ticks = now
        return self._ms

    def advance(self, ms: int) -> None:
        self._ms += ms
