"""`machine` of the virtual board: as much of ESP32's as firmware may expect, in virtual time.

Pins, ADC levels, UART bytes and motor duties come from and go to the simulator. The classes live in `peripherals` and
`timers`, so that each file stays small.
"""

import virtual
from peripherals import ADC, I2C, PWM, UART, Pin  # noqa: F401 (this module is where firmware finds them)
from timers import RTC, WDT, Timer  # noqa: F401

PWRON_RESET = const(1)  # noqa: F821
HARD_RESET = const(2)  # noqa: F821
WDT_RESET = const(3)  # noqa: F821
DEEPSLEEP_RESET = const(4)  # noqa: F821
SOFT_RESET = const(5)  # noqa: F821
_RESET = const(6)  # noqa: F821

_freq_hz = 160000000


def unique_id():
    """Six bytes, the same for a board of the same name."""
    return virtual.config["uid"]


def reset_cause():
    return virtual.config["cause"]


def reset():
    """Restart the board: the simulator starts a new process with the same flash."""
    _stop(HARD_RESET)


def soft_reset():
    _stop(SOFT_RESET)


def deepsleep(ms=0):
    virtual.sleep_until(virtual.now_us + ms * 1000)
    _stop(DEEPSLEEP_RESET)


def lightsleep(ms=0):
    virtual.sleep_until(virtual.now_us + ms * 1000)


def idle():
    virtual.idle(virtual.now_us + 1000)


def freq(hz=None):
    """CPU frequency in Hz; setting it changes nothing but what this returns."""
    global _freq_hz
    if hz is None:
        return _freq_hz
    _freq_hz = hz


def _stop(cause):
    virtual.send(_RESET, cause)
    virtual.stop_for_good()
