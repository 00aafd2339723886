"""DRV2605L, the haptic driver of watches: plays what drivers.motor tells it, as if it were a PWM output.

Registers: Texas Instruments SLOS854 (DRV2605L), section 8.6. Real-time playback is used and not the chip's own effects,
so that every motor has the same score, timed by the firmware.
"""

from micropython import const

from drivers.chip import Chip

ADDRESS = const(0x5A)
_STATUS = const(0x00)  # bits 7..5: device
_MODE = const(0x01)  # bit 6: standby; 2..0: mode
_LEVEL = const(0x02)  # real-time playback input, signed: 0x7F is full drive
_FEEDBACK = const(0x1A)  # bit 7: 1 for a linear resonant actuator, 0 for a motor with an eccentric mass
_CONTROL3 = const(0x1D)  # bit 5: open loop for such a motor
_PLAYBACK = const(5)  # the mode
_DEVICES = bytes((3 << 5, 7 << 5))  # DRV2605, DRV2605L


class Drv2605(Chip):
    """The `duty_u16` of a PWM output. `note(what, error)` is told of the first failure in a row, and OSError raised."""

    def __init__(self, bus, note):
        super().__init__(bus, ADDRESS)
        self._note = note
        self._failed = False

    def duty_u16(self, duty: int) -> None:
        """0 to 65535. What needs setting is set for each pulse: a chip that has lost its supply has forgotten it."""
        try:
            if duty:
                self._set_up()
            self.put(_LEVEL, duty >> 9)
            self._failed = False
        except OSError as error:
            if not self._failed:
                self._failed = True
                self._note("motor", error)
            raise

    def _set_up(self) -> None:
        self.expect(_STATUS, 0xE0, _DEVICES)
        self.put(_LEVEL, 0)  # before the mode in which it counts
        self.change(_FEEDBACK, 0x80, 0)
        self.change(_CONTROL3, 0x20, 0x20)
        self.put(_MODE, _PLAYBACK)
