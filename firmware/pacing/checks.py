"""What CHECK ME tells: strap, receiver and battery, and that the three hours of a low moment are over."""

from pacing import cues

TRUSTED = 2
DEGRADED = 1
BLIND = 0
LOST_S = 60  # the firmware has tried to reconnect several times by then
BACK_S = 60  # a sensor must have been back so long before its next loss is told
NEVER_S = 180  # a receiver that never had a fix is told once, so late
LOW_MS = 10800000  # before the runner decides whether to stop
LOW_REPEAT_MS = 600000  # a press repeats so long that they are over
BATTERY_PERCENT = 10
BATTERY_EARLY_PERCENT = 20  # with more than half of the stage to come
BATTERY_GOOD_PERCENT = 30  # it has been charged: its next low is news


class Trust:
    """How far a sensor is trusted: `level` is TRUSTED, DEGRADED or BLIND. `told()` is True once for each loss."""

    STATE = ("level", "ever", "_away_s", "_back_s", "_armed")

    def __init__(self, expected: int):
        self.level = DEGRADED
        self.ever = 0  # it has been heard
        self._away_s = 0
        self._back_s = 0
        self._armed = expected  # a loss would be news

    def step(self, level: int, seconds: int) -> None:
        """One input: TRUSTED, DEGRADED (there, but not to be relied on) or BLIND (silent, which it is only if that
        lasts).
        """
        if level == BLIND:
            self._away_s = min(self._away_s + seconds, 9999)
            self._back_s = 0
            self.level = BLIND if self._away_s >= (LOST_S if self.ever else NEVER_S) else DEGRADED
            return
        self.level = level
        self._away_s = 0
        self.ever = 1
        self._back_s = min(self._back_s + seconds, BACK_S)
        if self._back_s >= BACK_S:
            self._armed = 1

    def told(self) -> bool:
        """It is blind and that is news; not any more."""
        news = self.level == BLIND and self._armed == 1
        if news:
            self._armed = 0
        return news


class Checks:
    """Checks(plan, strap, gps): `due` gives each loss once, `lost` what a press repeats; both CHECK's number or 0."""

    STATE = ("_battery", "_low_ms", "_low_told")

    def __init__(self, plan, strap: Trust, gps: Trust):
        self._plan = plan
        self._strap = strap
        self._gps = gps
        self._battery = 0  # 1 low, 2 told
        self._low_ms = 0  # end of the three hours of a low moment, 0 none
        self._low_told = 0

    def due(self, now_ms: int) -> int:
        """A loss that has not been told; it has been now."""
        if self._gps.told():
            return cues.CHECK_GPS
        if self._strap.told():
            return cues.CHECK_STRAP
        if self._battery == 1:
            self._battery = 2
            return cues.CHECK_BATTERY
        if self._low_ms and now_ms >= self._low_ms and not self._low_told:
            self._low_told = 1
            return cues.CHECK_THREE_HOURS
        return 0

    def lost(self, now_ms: int) -> int:
        """What is lost now, told or not."""
        if self._gps.level == BLIND:
            return cues.CHECK_GPS
        if self._strap.level == BLIND and self._strap.ever:
            return cues.CHECK_STRAP
        if self._battery:
            return cues.CHECK_BATTERY
        return cues.CHECK_THREE_HOURS if self._low_told and now_ms < self._low_ms + LOW_REPEAT_MS else 0

    def battery(self, percent: int, now_ms: int) -> None:
        """Take a reading of the battery, at this time of the stage."""
        early = now_ms // 500 < self._plan.planned_s  # less than half of it is run
        if percent <= (BATTERY_EARLY_PERCENT if early else BATTERY_PERCENT):
            self._battery = self._battery or 1
        elif percent >= BATTERY_GOOD_PERCENT:
            self._battery = 0

    def low(self, now_ms: int) -> bool:
        """In the three hours of a low moment: slower, and fed each half hour."""
        return now_ms < self._low_ms

    def toggle_low(self, now_ms: int) -> bool:
        """Begin or end them; True if they have begun."""
        self._low_told = 0
        self._low_ms = 0 if self.low(now_ms) else now_ms + LOW_MS
        return self._low_ms > 0
