"""One lithium cell behind a voltage divider."""

# Open-circuit voltage of a lithium-polymer cell under a light load, estimated: (mV, percent), falling.
_CURVE = ((4150, 100), (4000, 82), (3870, 60), (3790, 42), (3720, 25), (3650, 12), (3500, 4), (3300, 0))


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
    above_mv, above = _CURVE[0]
    for below_mv, below in _CURVE:
        if mv >= below_mv:
            span = above_mv - below_mv
            return below + (mv - below_mv) * (above - below) // span if span and mv < above_mv else above
        above_mv, above = below_mv, below
    return 0
