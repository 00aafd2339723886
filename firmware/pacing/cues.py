"""What the device says: cue codes, why it says them, and their vibration scores in milliseconds.

Durations are on, off, on ... and start with on. Pulses and gaps are 150 ms or more: shorter ones are not felt on the
wrist of somebody who runs.
"""

NONE = 0
EASE = 1
EASE_HARD = 2
CLEAR = 3
HIKE = 4
EAT = 5
LOOK = 6
CUTOFF = 7
CHECK = 8
READY = 9

# Why: recorded beside the code as code | reason << 4.
BY_EFFORT = 1
BY_HEART_RATE = 2
OBEYED = 3
BY_PRESS = 4
OFF_COURSE = 5
STRAP_LOST = 6
GPS_LOST = 7
REPEATED = 8
DOUBTFUL = 9  # effort, while the heart says otherwise, for the third time in an hour: the plan is doubtful from now on
CLIMB = 10  # a climb to be walked comes
MEAL = 11
LOW_MOMENT = 12
CUTOFF_NEAR = 13
CUTOFF_MISSED = 14  # out of reach: to know, not to hurry
BATTERY_LOW = 15
HOURS_OVER = 16  # the three of a low moment
BY_DESCENT = 17  # descents run too fast

# CHECK's n.
CHECK_STRAP = 1
CHECK_GPS = 2
CHECK_BATTERY = 3
CHECK_STORAGE = 4
CHECK_THREE_HOURS = 5

_EASE = (800, 300, 800)
_LOOK = (200, 150, 200, 150, 200, 150, 200, 150, 200, 150, 200)
_AGAIN = (1500,)
_PAUSE = (1000,)
_READY = (800,)
_COUNT = (300,)
SCORE = {
    EASE: _EASE,
    EASE_HARD: _EASE + _AGAIN + _EASE,
    CLEAR: (400,),
    HIKE: (200, 200, 200, 200, 800),
    EAT: (200, 600, 200, 600, 200),
    LOOK: _LOOK + _PAUSE + _LOOK,
    CUTOFF: (800, 200, 200, 200, 200),
    CHECK: (800, 200, 200, 200, 800, 1000),
}


def pattern(code: int, n: int = 0) -> tuple:
    """The score of cue `code`, (on, off, on, ...) ms; CHECK counts `n` short pulses, READY spells stage `n` (1-99).

    ValueError for a code that has no score.
    """
    if code == CHECK:
        return SCORE[CHECK] + (300, 300) * (max(1, n) - 1) + _COUNT
    if code == READY:
        return _counted(n) + _PAUSE + _READY
    if code not in SCORE:
        raise ValueError("cue %d has no score" % code)
    return SCORE[code]


def _counted(n: int) -> tuple:
    """`n` in pulses: 800 for each five, then 400 for each one, 400 between."""
    pulses = (800, 400) * (n // 5) + (400, 400) * (n % 5)
    return pulses[:-1] or (400,)
