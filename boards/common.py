"""Wiring that all boards share: from the facts of a board (boards/NAME/board.py) to drivers. Nothing happens at import.

The build puts the facts in place, keeps of each condition on them the branch that is taken, and leaves the drivers of
other boards out. Which facts there are: boards/README.md.
"""

import board as facts
from drivers.axp import find
from drivers.axp2101 import Axp2101
from drivers.battery import Battery
from drivers.button import Button
from drivers.drv2605 import Drv2605
from drivers.motor import Motor
from drivers.pmukey import PmuKey
from machine import ADC, I2C, PWM, UART, WDT, Pin, Timer, freq
from micropython import const

RX_BYTES = const(2048)  # over a second of NMEA at 9600 baud, with room for a flash flush
MOTOR_HZ = const(20_000)  # above hearing; a small motor sees the mean
CPU_HZ = const(80_000_000)  # the least that the radio allows; hours of battery are estimated for it
I2C_HZ = const(400_000)
WATCHDOG_MS = const(30_000)  # three missed beats; the longest flash flush is far below
INPUT_ONLY = const(34)  # the ESP32's pins from here on have no pull-up: the board has one
_MOST_FAULTS = const(4)  # that wait to be logged


class Board:
    """What the firmware asks of a board. Call `prepare` first."""

    NAME = facts.NAME
    ROOT = facts.ROOT
    BATTERY_HOURS = facts.BATTERY_MAH * 90 // (100 * facts.CURRENT_MA)  # a tenth is kept back: holdback.board

    def __init__(self):
        self.faults = []  # (what, error) of chips that do not answer: whoever has a log writes them down
        self._bus = self._power = None

    def prepare(self) -> None:
        """Motor off, rails up, files mounted: before anything else. A receiver with a switch of its own is off."""
        freq(CPU_HZ)
        if facts.MOTOR >= 0:
            Pin(facts.MOTOR, Pin.OUT, value=0)
        if facts.HIGH:
            for pin in facts.HIGH:
                Pin(pin, Pin.OUT, value=1)
        if facts.GNSS_ON:
            for pin in facts.GNSS_ON:
                Pin(pin, Pin.OUT, value=0)
        if facts.ROOT:
            from blockdev import mount  # pyright: ignore[reportMissingImports] (a stand-in: a device mounts by itself)

            mount(facts.ROOT)
        if facts.POWER != "divider":
            self._bus = I2C(facts.I2C, sda=Pin(facts.SDA), scl=Pin(facts.SCL), freq=I2C_HZ)
            self._patiently("power", self._power_up)

    def _power_up(self) -> None:
        rails = facts.RAILS
        if facts.POWER == "axp2101":
            self._power = Axp2101(self._bus, self._report)
        else:  # one of two
            self._power = find(self._bus, self._report)
            if not isinstance(self._power, Axp2101):
                rails = facts.RAILS_192
        self._power.set_up(rails, facts.CHARGE_MA)

    def _patiently(self, what: str, act):
        """`act()`, up to three times: a bus that once was disturbed must not cost a rail. Or None, and a fault."""
        for left in (2, 1, 0):
            try:
                return act()
            except OSError as error:
                if not left:
                    self._report(what, error)

    def _report(self, what: str, error) -> None:
        """Keep a fault for the log, the same one once until it has been written down."""
        if len(self.faults) < _MOST_FAULTS and what not in [known for known, _ in self.faults]:
            self.faults.append((what, error))

    def uart(self):
        """The receiver, switched on: asked for on the trail only, so that between stages it is off."""
        if facts.GNSS_ON:
            for pin in facts.GNSS_ON:
                Pin(pin, Pin.OUT, value=1)
        return UART(facts.GNSS_UART, baudrate=facts.GNSS_BAUD, tx=facts.GNSS_TX, rx=facts.GNSS_RX, rxbuf=RX_BYTES)

    def motor(self):
        if facts.MOTOR >= 0:
            output = PWM(Pin(facts.MOTOR), freq=MOTOR_HZ, duty_u16=0)
        else:
            output = Drv2605(self._bus, self._report)
        return Motor(output, Timer(0))

    def battery(self):
        if facts.POWER == "divider":
            return Battery(ADC(Pin(facts.BATTERY), atten=facts.ATTEN), facts.RATIO_NUM, facts.RATIO_DEN)
        else:
            return self._power

    def button(self):
        if facts.KEY_LINE >= 0:
            line = Pin(facts.KEY_LINE, Pin.IN, Pin.PULL_UP)
            key = self._patiently("key", lambda: PmuKey(self._power, line, self._report))
            if key:  # else there is a pin, too
                return Button(key)
        if facts.BUTTON < INPUT_ONLY:
            return Button(Pin(facts.BUTTON, Pin.IN, Pin.PULL_UP))
        else:
            return Button(Pin(facts.BUTTON, Pin.IN))

    def watchdog(self):
        """Armed from here on."""
        return WDT(timeout=WATCHDOG_MS)
