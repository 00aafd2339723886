"""Whether the battery lasts, and how much of receiver and radio is given up first. The cap is never given up."""

RATE = 1  # a fix, and a sample, each 2 s
RADIO = 2  # and the strap's radio is woken less often, and sought less often when it is lost
SHORT = 3  # not even so
# Percent of the drain that is left at each level: estimated, nobody has measured it on a board.
LEFT_PERCENT = (100, 95, 90)
UNPLANNED_S = 36000  # a stage whose plan does not say how long: ten hours
SPARE_PERCENT = 10  # so much is to be there at the end


def wanted(drain: int, seconds: int) -> int:
    """Percent of the battery for so many seconds, and a spare. `drain`: tenths of a percent an hour."""
    return (drain * (seconds // 60) + 599) // 600 + SPARE_PERCENT


def level(percent: int, drain: int, seconds: int) -> int:
    """0 if `percent` of charge last for so many seconds, else RATE, RADIO or SHORT."""
    for saving, left in enumerate(LEFT_PERCENT):
        if percent >= wanted(drain * left // 100, seconds):
            return saving
    return SHORT
