"""`time` on the virtual clock, as on ESP32: ticks wrap at 2**30, seconds count from 2000."""

import utime
import virtual

_WRAP = const(1 << 30)  # noqa: F821
_HALF = const(1 << 29)  # noqa: F821
_EPOCH = const(946684800)  # noqa: F821
# Ticks start where they wrap after some time, so that a long simulation always crosses the wrap.
_TICKS_AT_START = virtual.config.get("ticks_ms", 0)


def ticks_ms():
    return (_TICKS_AT_START + virtual.now_us // 1000) & (_WRAP - 1)


def ticks_us():
    return (_TICKS_AT_START * 1000 + virtual.now_us) & (_WRAP - 1)


ticks_cpu = ticks_us


def ticks_add(ticks, delta):
    if not -_HALF < delta < _HALF:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) & (_WRAP - 1)


def ticks_diff(end, start):
    return ((end - start + _HALF) & (_WRAP - 1)) - _HALF


def sleep_us(us):
    virtual.sleep_until(virtual.now_us + us)


def sleep_ms(ms):
    virtual.sleep_until(virtual.now_us + ms * 1000)


def sleep(seconds):
    virtual.sleep_until(virtual.now_us + int(seconds * 1000000))


def time():
    return (virtual.now_us + virtual.config["rtc_us"]) // 1000000


def time_ns():
    return (virtual.now_us + virtual.config["rtc_us"]) * 1000


def gmtime(seconds=None):
    return tuple(utime.gmtime((time() if seconds is None else seconds) + _EPOCH)[:8])


localtime = gmtime


def mktime(fields):
    year, month, day, hour, minute, second = fields[:6]
    return int(utime.mktime((year, month, day, hour, minute, second, 0, 0, 0))) - _EPOCH  # the simulator sets TZ to UTC
