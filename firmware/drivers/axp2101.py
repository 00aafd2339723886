"""AXP2101, the power management of newer LilyGO boards: rails, charging, fuel gauge, power key.

Registers: X-Powers AXP2101 datasheet V1.0, chapter 7.
"""

from micropython import const

from drivers.chip import Chip

ADDRESS = const(0x34)
# Rails: bits of the two switch registers, the DC converters in the low byte.
DC3 = const(2)
DC4 = const(3)
ALDO1 = const(8)
ALDO2 = const(9)
ALDO3 = const(10)
ALDO4 = const(11)
BLDO1 = const(12)
BLDO2 = const(13)

PRESSED = const(2)  # of `key_events`
RELEASED = const(1)

CHIP_ID = const(0x4A)
IC_TYPE = const(0x03)  # AXP192 has its own identity in the same place
_STATUS2 = const(0x01)  # bits 6..5: 01 the battery is charged, 10 it is drained
_OFF_LEVEL = const(0x27)  # bits 3..2: how long the key is held until all is off; 11 is 10 s
_ADC = const(0x30)  # bit 0: battery voltage; bit 1: the pin for a thermistor
_VOLTAGE = const(0x34)  # 14 bits, mV
_ENABLE = const(0x40)  # three bytes of interrupt enables; in the second bit 1 is the key going down, bit 0 going up
_EVENTS = const(0x48)  # the same bits; a one written clears it
_THERMISTOR = const(0x50)  # bit 4: the pin is no thermistor, charging does not ask it
_CURRENT = const(0x62)
_TARGET = const(0x64)
_DC_SWITCH = const(0x80)
_DC_VOLTAGE = const(0x82)  # and one for each converter
_LDO_SWITCH = const(0x90)
_LDO_VOLTAGE = const(0x92)
_PERCENT = const(0xA4)  # the fuel gauge's


class Axp2101(Chip):
    """`note(what, error)` is told when the chip does not answer, once in a row."""

    def __init__(self, bus, note):
        super().__init__(bus, ADDRESS)
        self._note = note
        self._percent = 0  # the last that was read

    def set_up(self, rails, charge_ma: int) -> None:
        """Switch `rails`: pairs of a rail and its mV, 0 for off; charge to 4.2 V. OSError, also for another chip."""
        self.expect(IC_TYPE, 0xFF, bytes((CHIP_ID,)))
        for rail, mv in rails:
            self._switch(rail, mv)
        self.change(_ADC, 2, 1)  # watches have no thermistor, and with its pin open nothing is charged
        self.change(_THERMISTOR, 0x1F, 0x10)
        self.change(_CURRENT, 0x1F, charge_ma // 25 if charge_ma <= 200 else 6 + charge_ma // 100)
        self.change(_TARGET, 7, 3)
        self.change(_OFF_LEVEL, 0x0C, 0x0C)

    def _switch(self, rail: int, mv: int) -> None:
        """The voltage before the switch: what hangs on a rail never sees another."""
        switch, voltage = (_LDO_SWITCH, _LDO_VOLTAGE) if rail >= ALDO1 else (_DC_SWITCH, _DC_VOLTAGE)
        bit = 1 << (rail & 7)
        if mv:
            code = (mv - 500) // 100 if rail >= ALDO1 else (mv - 500) // 10
            if mv > 1200 and rail < ALDO1:
                code = 88 + (mv - 1600) // 100  # DC3, above 1.6 V
            self.put(voltage + (rail & 7), code)
        self.change(switch, bit, bit if mv else 0)

    def percent(self) -> int:
        """Charge of the battery, 0 to 100; the last that was read, at first 0, if the chip does not answer."""
        try:
            self._percent = min(self.get(_PERCENT), 100)
        except OSError as error:
            self._note("power", error)
        return self._percent

    def millivolts(self) -> int:
        return (self.get(_VOLTAGE) & 0x3F) << 8 | self.get(_VOLTAGE + 1)

    def charging(self) -> bool:
        return self.get(_STATUS2) & 0x60 == 0x20

    def watch_key(self) -> None:
        """From now on the key, and nothing else, pulls the interrupt line low."""
        for i in range(3):
            self.put(_ENABLE + i, PRESSED | RELEASED if i == 1 else 0)
            self.put(_EVENTS + i, 0xFF)

    def key_events(self) -> int:
        """What the key has done since the last call: PRESSED, RELEASED or both; the line goes high again."""
        events = self.get(_EVENTS + 1) & (PRESSED | RELEASED)
        if events:
            self.put(_EVENTS + 1, events)
        return events
