"""AXP192, the power management of older T-Beams: rails, charging, cell voltage, power key.

Registers: X-Powers AXP192 datasheet V1.13, chapter 10 (the identity in 0x03 is what XPowersLib reads there).
"""

from micropython import const

from drivers.cell import percent_of
from drivers.chip import Chip

ADDRESS = const(0x34)
# Rails: bits of the switch register.
DC1 = const(0)
DC3 = const(1)  # the ESP32's own on a T-Beam
LDO2 = const(2)
LDO3 = const(3)

CHIP_ID = const(0x03)
IC_TYPE = const(0x03)
_STATUS = const(0x01)  # bit 6: charging
_SWITCH = const(0x12)
_DC1_VOLTAGE = const(0x26)  # 0.7 V and steps of 25 mV
_LDO_VOLTAGE = const(0x28)  # LDO2 in the high half, LDO3 in the low: 1.8 V and steps of 0.1 V
_CHARGE = const(0x33)  # bit 7: on; 6..5: 10 is 4.2 V; 3..0: 100 mA and steps of 90
_KEY = const(0x36)  # bits 1..0: how long it is held until all is off; 11 is 10 s
_ENABLE = const(0x42)  # interrupts, third byte: bit 1 a short press of the key; no edges here
_EVENTS = const(0x46)
_PRESS = const(2)
_DOWN_AND_UP = const(3)  # of `key_events`, as AXP2101's
_VOLTAGE = const(0x78)  # 8 bits and 4 more, 1.1 mV
_ADC = const(0x82)  # bit 7: battery voltage


class Axp192(Chip):
    """`note(what, error)` is told when the chip does not answer."""

    def __init__(self, bus, note):
        super().__init__(bus, ADDRESS)
        self._note = note
        self._percent = 0  # the last that was read

    def set_up(self, rails, charge_ma: int) -> None:
        """Switch `rails`: pairs of a rail and its mV, 0 for off; charge to 4.2 V. OSError, also for another chip."""
        self.expect(IC_TYPE, 0xFF, bytes((CHIP_ID,)))
        for rail, mv in rails:
            self._switch(rail, mv)
        self.change(_ADC, 0x80, 0x80)
        self.put(_CHARGE, 0xC0 | min(max(charge_ma - 100, 0) // 90, 15))
        self.change(_KEY, 3, 3)

    def _switch(self, rail: int, mv: int) -> None:
        """The voltage before the switch: what hangs on a rail never sees another."""
        if mv and rail == DC1:
            self.put(_DC1_VOLTAGE, (mv - 700) // 25)
        elif mv:
            shift = 4 if rail == LDO2 else 0
            self.change(_LDO_VOLTAGE, 15 << shift, (mv - 1800) // 100 << shift)
        self.change(_SWITCH, 1 << rail, 1 << rail if mv else 0)

    def percent(self) -> int:
        """Charge of the battery by its voltage, 0 to 100; the last that was read, at first 0, without an answer."""
        try:
            self._percent = percent_of(self.millivolts())
        except OSError as error:
            self._note("power", error)
        return self._percent

    def millivolts(self) -> int:
        return (self.get(_VOLTAGE) << 4 | self.get(_VOLTAGE + 1) & 15) * 11 // 10

    def charging(self) -> bool:
        return self.get(_STATUS) & 0x40 != 0

    def watch_key(self) -> None:
        """From now on a short press of the key pulls the interrupt line low."""
        self.put(_ENABLE, _PRESS)
        self.put(_EVENTS, 0xFF)

    def key_events(self) -> int:
        """What the key has done since the last call: 0, or down and up again; the line goes high again."""
        if not self.get(_EVENTS) & _PRESS:
            return 0
        self.put(_EVENTS, _PRESS)
        return _DOWN_AND_UP
