"""The sample: the one quantised record that is written to the journal and decided on. Nothing else reaches the core.

`Sampler` makes samples from the receiver and the strap, `Odometer` turns samples into distance. Both work on integers
of at most 31 bits and allocate nothing from one second to the next.
"""

FIX_MASK = 3  # flags bits 0-1: 0 no fix, 1 poor (HDOP > 5.0), 2 good, 3 best (HDOP <= 1.5)
FIX_NONE = 0
FIX_POOR = 1
FIX_GOOD = 2
FIX_BEST = 3
ALT_OK = 4  # the altitude is from this fix
JUMP = 8  # the position contradicts the last one: do not believe it

STANDING_CMS = 30  # below this a runner stands: Doppler noise of a receiver at rest reaches 20-30 cm/s
SLOW_CMS = 100  # below this a runner may be standing where reception is poor, or hike up a wall
CRAWL_CMS = 15  # the slowest that may be hiking: on a steep kilometre of a real run 2 % of the way is below 30 cm/s
HOP_DM = 200  # what was run slowly counts once it has led this far away: a position at rest wanders less
WINDING = 3  # and at most this many times that straight line; if it is more it was noise
GAP_MS = 5000  # a longer pause between fixes is a gap: Doppler speed says nothing about what lies in it
BRIDGE_CMS = 500  # a gap is bridged by a straight line that a runner can have run
JUMP_DMS = 120  # a position may lie this much faster away than the Doppler speed explains, in dm/s
JUMP_SLACK_DM = 100  # and this much further, so that noise at short intervals is not a jump
FROZEN_MS = 10000  # a receiver that says the same place and speed for so long on the move has no fix
BELIEVE_AFTER = 5  # a new place is believed after this many samples in a row that agree with each other
MAX_SPEED_CMS = 20000  # faster is a broken sentence


def distance_dm(lat1_e6: int, lon1_e6: int, lat2_e6: int, lon2_e6: int) -> int:
    """Distance of two places in decimetres, within 1 % up to 10 km; beyond 100 km along an axis it is clamped.

    Flat earth with the cosine by Bhaskara I (cos x = (32400 - 4x^2) / (32400 + x^2), x in degrees, error < 0.2 %).
    """
    dlon = lon2_e6 - lon1_e6
    if dlon > 180000000:
        dlon -= 360000000
    elif dlon < -180000000:
        dlon += 360000000
    x = lat1_e6 // 100000
    x *= x
    cos_q8 = (3240000 - 4 * x) * 256 // (3240000 + x)
    dx = (min(abs(dlon), 900000) * 1140 >> 10) * cos_q8 >> 8  # 1e-6 deg is 1.1132 dm
    dy = min(abs(lat2_e6 - lat1_e6), 900000) * 1140 >> 10
    shift = 0
    while dx > 16383 or dy > 16383:
        dx >>= 1
        dy >>= 1
        shift += 1
    square = dx * dx + dy * dy
    root = max(dx, dy) + (min(dx, dy) * 3 >> 3)  # within 7 %; one step of Newton makes that 0.3 %
    return (root + square // root) >> 1 << shift if root else 0


class Sample:
    """One second of a stage. Mutable and reused: keep a copy with `copy_from`.

    stage_ms: since the stage began, a multiple of 100. lat_e6, lon_e6: 1e-6 degrees, the last known place without a
    fix. alt_dm: decimetres above sea. speed_cms: Doppler speed, 0 without a fix. hr_bpm: 0 unknown. flags: above.
    """

    def __init__(self):
        self.stage_ms = 0
        self.lat_e6 = 0
        self.lon_e6 = 0
        self.alt_dm = 0
        self.speed_cms = 0
        self.hr_bpm = 0
        self.flags = 0

    def copy_from(self, other: "Sample"):
        """Take over every field of `other`."""
        self.stage_ms = other.stage_ms
        self.lat_e6 = other.lat_e6
        self.lon_e6 = other.lon_e6
        self.alt_dm = other.alt_dm
        self.speed_cms = other.speed_cms
        self.hr_bpm = other.hr_bpm
        self.flags = other.flags


class Sampler:
    """Fills samples from receiver and strap; what a frozen receiver repeats is no fix. After a reset go on with the
    time of the last event or sample, and the last sample, whose place stands until the next fix.
    """

    def __init__(self, last_ms: int = -100, last: "Sample | None" = None):
        self.last_ms = last_ms  # time of the last sample; the next is at least 100 ms later
        last = last or Sample()
        self._lat = last.lat_e6
        self._lon = last.lon_e6
        self._alt = last.alt_dm
        self._speed = self._fresh_ms = 0  # the receiver's last speed, and when it last said something new
        self._known = False  # a position has been believed
        self._known_ms = 0
        self._new_lat = self._new_lon = self._new_ms = 0  # a place that contradicts it, and how often it was confirmed
        self._new_count = 0

    def take(self, sample: Sample, nmea, hr_bpm: int, stage_ms: int):
        """Fill `sample` for the time `stage_ms` (any ms); `nmea` is an `Nmea` just after an epoch, or None without one.

        Times are rounded to 100 ms and strictly increase. Without a fix the place and altitude stay the last ones.
        """
        stage_ms = (stage_ms + 50) // 100 * 100
        if stage_ms <= self.last_ms:
            stage_ms = self.last_ms + 100
        self.last_ms = sample.stage_ms = stage_ms
        sample.hr_bpm = hr_bpm if 0 < hr_bpm < 256 else 0
        sample.flags = FIX_NONE
        sample.speed_cms = 0
        if nmea is not None and nmea.valid and not self._repeats(nmea, stage_ms):
            self._locate(sample, nmea)
        sample.lat_e6 = self._lat
        sample.lon_e6 = self._lon
        sample.alt_dm = self._alt

    def _repeats(self, nmea, now_ms) -> bool:
        """The receiver moves by its own words, and has repeated them to the digit for long."""
        speed_cms = nmea.speed_cms
        elsewhere = nmea.lat_e6 != self._lat or nmea.lon_e6 != self._lon
        if speed_cms < STANDING_CMS or speed_cms != self._speed or elsewhere:
            self._speed = speed_cms
            self._fresh_ms = now_ms
        return now_ms - self._fresh_ms >= FROZEN_MS

    def _locate(self, sample, nmea):
        self._lat = nmea.lat_e6
        self._lon = nmea.lon_e6
        sample.speed_cms = min(max(nmea.speed_cms, 0), MAX_SPEED_CMS)
        flags = FIX_POOR if nmea.hdop_x10 > 50 else FIX_BEST if 0 < nmea.hdop_x10 <= 15 else FIX_GOOD
        if nmea.has_alt:
            flags |= ALT_OK
            self._alt = nmea.alt_dm
        if not self._believe(sample.stage_ms, sample.speed_cms):
            flags |= JUMP
        sample.flags = flags

    def _believe(self, now_ms, speed_cms):
        """True if the place just taken follows from the last believed one, or has been confirmed often enough."""
        if self._known and not self._reachable(self._known_lat, self._known_lon, now_ms - self._known_ms, speed_cms):
            near = self._new_count and self._reachable(self._new_lat, self._new_lon, now_ms - self._new_ms, speed_cms)
            self._new_count = self._new_count + 1 if near else 1
            self._new_lat, self._new_lon, self._new_ms = self._lat, self._lon, now_ms
            if self._new_count < BELIEVE_AFTER:
                return False
        self._known = True
        self._known_lat, self._known_lon, self._known_ms = self._lat, self._lon, now_ms
        self._new_count = 0
        return True

    def _reachable(self, lat, lon, dt_ms, speed_cms):
        reach_dm = JUMP_SLACK_DM + (JUMP_DMS + speed_cms // 10) * min(dt_ms, 600000) // 1000
        return distance_dm(lat, lon, self._lat, self._lon) <= reach_dm


class Odometer:
    """Distance run, from samples alone, so that a replay of the recording gives the same metres.

    Doppler speed times time: differences of noisy positions run too far. The first fix, standing, positions that are
    not believed and time without a fix add nothing. Slow speed counts only if it leads somewhere: so noise at a stop
    adds up to nothing, and a steep climb loses nothing. A gap of over 5 s is bridged by the straight line between its
    ends where a runner can have run that.
    """

    STATE = ("dist_dm", "_mm", "_ms", "_lat", "_lon", "_moving", "_jumped", "_slow_mm", "_slow_lat", "_slow_lon")

    def __init__(self):
        self.dist_dm = 0
        self._mm = 0  # what is run beyond dist_dm, below 100
        self._ms = -1  # time of the last believed fix, -1 before the first
        self._lat = self._lon = 0
        self._moving = 0  # the last believed fix moved
        self._jumped = 0  # a jump lies between that fix and now
        self._slow_mm = 0  # run slowly since the place that follows, and not counted yet
        self._slow_lat = self._slow_lon = 0

    def step(self, sample: Sample):
        """Count one sample."""
        if not sample.flags & FIX_MASK:
            return
        if sample.flags & JUMP:
            self._jumped = 1
            return
        moving = 1 if sample.speed_cms >= STANDING_CMS else 0
        dt_ms = sample.stage_ms - self._ms
        if self._ms >= 0 and dt_ms <= GAP_MS:
            self._run(sample, sample.speed_cms * dt_ms // 100)
        else:
            if self._ms >= 0 and (moving or self._moving) and not self._jumped:
                self._bridge(sample, dt_ms)
            self._settle(sample)
        self._ms = sample.stage_ms
        self._lat = sample.lat_e6
        self._lon = sample.lon_e6
        self._moving = moving
        self._jumped = 0

    def _run(self, sample, mm):
        brisk = sample.speed_cms >= SLOW_CMS
        if brisk:
            self._grow(mm)
        elif sample.speed_cms >= CRAWL_CMS:
            self._slow_mm += mm
        line_mm = 0
        if self._slow_mm:
            line_mm = 100 * distance_dm(self._slow_lat, self._slow_lon, sample.lat_e6, sample.lon_e6)
        if brisk or line_mm >= 100 * HOP_DM:
            self._grow(self._slow_mm if self._slow_mm <= WINDING * line_mm else line_mm)
            self._settle(sample)

    def _settle(self, sample):
        self._slow_mm = 0
        self._slow_lat = sample.lat_e6
        self._slow_lon = sample.lon_e6

    def _bridge(self, sample, dt_ms):
        line_dm = distance_dm(self._lat, self._lon, sample.lat_e6, sample.lon_e6)
        dt_s = dt_ms // 1000
        if STANDING_CMS * dt_s <= line_dm * 10 <= BRIDGE_CMS * dt_s:
            self._grow(line_dm * 100)

    def _grow(self, mm):
        self._mm += mm
        self.dist_dm += self._mm // 100
        self._mm %= 100
