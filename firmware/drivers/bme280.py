"""BME280 (and BMP280, which has no humidity): pressure and temperature. Optional: no board uses it yet.

Registers and formulas: Bosch BST-BME280-DS002, sections 4.2 and 5.4. The numbers need more than 31 bits, so this is not
for every second. Where altitude would go: `pacing.sample.Sampler` takes `alt_dm` with the receiver's epoch; the grade
comes from the plan's profile, so that a barometer would better the recording and the verdict, not the cues.
"""

from struct import unpack

from micropython import const

from drivers.chip import Chip

_ID = const(0xD0)
_CALIBRATION = const(0x88)  # T1 to T3, P1 to P9
_CONTROL = const(0xF4)
_CONFIG = const(0xF5)
_DATA = const(0xF7)  # pressure and temperature, 20 bits each
_FORCED = const(0x31)  # temperature once, pressure 8 times, one measurement: at most 21 ms
MEASURE_MS = const(25)
_IDS = bytes((0x60, 0x58))


class Bme280(Chip):
    """`address` is 0x76 or 0x77. OSError if the chip does not answer or is another."""

    def __init__(self, bus, address: int = 0x76):
        super().__init__(bus, address)
        self.expect(_ID, 0xFF, _IDS)
        self._t = unpack("<Hhh", bus.readfrom_mem(address, _CALIBRATION, 6))
        self._p = unpack("<Hhhhhhhhh", bus.readfrom_mem(address, _CALIBRATION + 6, 18))
        self.put(_CONFIG, 0)  # no filter: what smooths, lags

    def measure(self) -> None:
        """Begin one measurement; `read` has it after MEASURE_MS."""
        self.put(_CONTROL, _FORCED)

    def read(self):
        """(pressure in Pa, temperature in 0.01 degrees C)."""
        data = self._bus.readfrom_mem(self._address, _DATA, 6)
        fine, temp_c100 = self._temperature(data[3] << 12 | data[4] << 4 | data[5] >> 4)
        return self._pressure(data[0] << 12 | data[1] << 4 | data[2] >> 4, fine), temp_c100

    def _temperature(self, raw: int):
        """The fine temperature that pressure needs, and 0.01 degrees C."""
        t1, t2, t3 = self._t
        near = ((raw >> 3) - (t1 << 1)) * t2 >> 11
        bend = (raw >> 4) - t1
        fine = near + ((bend * bend >> 12) * t3 >> 14)
        return fine, fine * 5 + 128 >> 8

    def _pressure(self, raw: int, fine: int) -> int:
        """Pa, rounded; 0 if the calibration is empty. The datasheet's 64-bit formula."""
        p1, p2, p3, p4, p5, p6, p7, p8, p9 = self._p
        x = fine - 128000
        offset = x * x * p6 + (x * p5 << 17) + (p4 << 35)
        factor = ((1 << 47) + (x * x * p3 >> 8) + (x * p2 << 12)) * p1 >> 33
        if not factor:
            return 0
        p = ((1048576 - raw << 31) - offset) * 3125 // factor
        bend = (p9 * (p >> 13) * (p >> 13) >> 25) + (p8 * p >> 19)
        return ((p + bend >> 8) + (p7 << 4) + 128) >> 8
