"""One lithium cell behind a voltage divider."""

# Voltage of a lithium-polymer cell under a light load, estimated: mV, falling, and the percent of charge there.
_MV = (4150, 4000, 3870, 3790, 3720, 3650, 3500, 3300)
_PERCENT = (100, 82, 60, 42, 25, 12, 4, 0)


class Battery:
    """Reads `adc.read_uv()` and multiplies by the divider, given as an integer fraction."""

    def __init__(self, adc, ratio_num: int = 2, ratio_den: int = 1):
        self._adc = adc
        self._num = ratio_num
        self._den = ratio_den

    def millivolts(self) -> int:
        return self._adc.read_uv() // 1000 * self._num // self._den

    def percent(self) -> int:
        """0 to 100."""
        return percent_of(self.millivolts())


def percent_of(mv: int) -> int:
    """Charge in percent of a cell at `mv` millivolts (estimated curve)."""
    if mv >= _MV[0]:
        return _PERCENT[0]
    for i in range(1, len(_MV)):
        if mv >= _MV[i]:
            low = _PERCENT[i]
            return low + (mv - _MV[i]) * (_PERCENT[i - 1] - low) // (_MV[i - 1] - _MV[i])
    return 0
