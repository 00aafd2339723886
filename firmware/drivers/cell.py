"""The charge of one lithium cell by its voltage."""

# Voltage of a lithium-polymer cell under a light load, estimated: mV, falling, and the percent of charge there.
_MV = (4150, 4000, 3870, 3790, 3720, 3650, 3500, 3300)
_PERCENT = (100, 82, 60, 42, 25, 12, 4, 0)


def percent_of(mv: int) -> int:
    """Charge in percent of a cell at `mv` millivolts (estimated curve)."""
    if mv >= _MV[0]:
        return _PERCENT[0]
    for i in range(1, len(_MV)):
        if mv >= _MV[i]:
            low = _PERCENT[i]
            return low + (mv - _MV[i]) * (_PERCENT[i - 1] - low) // (_MV[i - 1] - _MV[i])
    return 0
