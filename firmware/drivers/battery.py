"""One lithium cell behind a voltage divider."""

from drivers.cell import percent_of


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
