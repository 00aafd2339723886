"""NMEA 0183 from a receiver: RMC and GGA of any talker become epochs; everything else is passed over.

One pass over the bytes, integers of at most 31 bits, nothing allocated. Sentences that are not wanted are skipped with
`find`, at the speed of C. Measured figures: bench/nmea.py.
"""

from array import array

_RMC = 0x524D43
_GGA = 0x474741
_SEEK = 0  # between sentences
_HEAD = 1  # in the talker and type
_BODY = 2  # in the fields of an RMC or GGA
_SUM = 3  # in the checksum
_FIELDS = 24  # more than RMC (13) or GGA (15) ever have
_POWERS = (10000000, 1000000, 100000, 10000, 1000, 100, 10, 1)
_MINUS = 45
NO_TIME = -1


class Nmea:
    """Feed it the receiver's bytes as they come; after an epoch the attributes below are the receiver's last word.

    An epoch is complete when RMC and GGA of one time have come, in any order, or when a sentence of another time
    arrives: then it counts with what it had. A sentence whose checksum is wrong, or that has none, is counted in `bad`
    and ignored: a broken `*` looks the same as none.

    valid: 1 with a fix (RMC says A, GGA a quality of 1-5 or 9; estimated and simulated fixes are none).
    lat_e6, lon_e6: 1e-6 degrees, rounded. alt_dm: above sea, only if has_alt. speed_cms, course_cdeg: over ground, 0 if
    not given. hdop_x10, sats: 0 unknown. utc_ms_of_day: -1 unknown. date_ddmmyy: as reported, even if it is 1980; 0
    unknown, as when GGA alone has passed midnight.
    """

    def __init__(self):
        self.epoch = False  # the last `step` completed one
        self.sentences = 0  # RMC and GGA taken
        self.bad = 0  # RMC and GGA broken off, damaged or absurd
        self.valid = self.has_alt = 0
        self.lat_e6 = self.lon_e6 = self.alt_dm = self.speed_cms = self.course_cdeg = 0
        self.hdop_x10 = self.sats = self.date_ddmmyy = 0
        self.utc_ms_of_day = NO_TIME
        self._whole = array("i", [0] * _FIELDS)  # of each field: before the point,
        self._part = array("i", [0] * _FIELDS)  # behind it,
        self._digits = array("i", [0] * _FIELDS)  # how many digits that has,
        self._letter = array("i", [0] * _FIELDS)  # the last other character, 0 without
        self._length = array("i", [0] * _FIELDS)
        self._state = _SEEK
        self._kind = self._xor = self._count = self._sum = 0
        self._value = self._before = self._char = self._start = self._dot = 0
        self._have = 0  # 1 RMC, 2 GGA, of the epoch under way
        self._clear(NO_TIME)

    def feed(self, buf, n: int) -> int:
        """Take the first `n` bytes of `buf` (bytearray or bytes); the number of epochs that they complete.

        If that is more than one, the attributes are those of the last: use `step` to see each.
        """
        epochs = at = 0
        while at < n:
            at = self.step(buf, at, n)
            if self.epoch:
                epochs += 1
        return epochs

    def step(self, buf, at: int, n: int) -> int:
        """Take bytes of `buf` from `at` up to `n`, or only up to the end of an epoch; where to go on. See `epoch`."""
        self.epoch = False
        while at < n:
            state = self._state
            if state == _SEEK:
                at = buf.find(b"$", at, n) + 1
                if not at:
                    return n
                self._state = _HEAD
                self._kind = self._xor = self._count = 0
            elif state == _HEAD:
                at = self._head(buf, at, n)
            elif state == _BODY:
                at = self._body(buf, at, n)
            else:
                at = self._check(buf[at], at + 1)
                if self.epoch:
                    return at
        return n

    def _head(self, buf, at, n):
        """The five letters before the first comma."""
        kind = self._kind
        xor = self._xor
        count = self._count
        while at < n:
            c = buf[at]
            at += 1
            xor ^= c
            if count == 5:
                wanted = c == 44 and (kind == _RMC or kind == _GGA)  # noqa: PLR1714, SIM109 - a tuple would be allocated
                self._state = _BODY if wanted else _SEEK
                self._start = 0 if at == n else at
                self._dot = -1000
                self._value = self._char = self._sum = count = 0
                break
            if c == 36:
                kind = xor = count = 0
            else:
                kind = (kind & 0xFFFF) << 8 | c
                count += 1
        self._count = count
        self._kind = kind
        self._xor = xor
        if self._state == _SEEK:
            return at - 1  # it may have been a `$`
        return at

    def _body(self, buf, at, n):
        """The fields, up to the `*`. Local names and literal characters, because this runs for every byte."""
        xor = self._xor
        value = self._value
        dot = self._dot
        start = self._start
        field = self._count
        while at < n:
            c = buf[at]
            at += 1
            xor ^= c
            if 48 <= c <= 57:
                if value < 100000000:
                    value = value * 10 + c - 48
                elif dot >= start:
                    dot += 1  # more digits than a small int holds: this one does not count
            elif c == 46:
                dot = at
                self._before = value
                value = 0
            elif c == 44 or c == 42:  # noqa: PLR1714 - a set or tuple costs a look-up for every byte
                self._length[field] = at - start - 1
                self._letter[field] = self._char
                if dot < start:
                    self._whole[field] = value
                    self._digits[field] = self._part[field] = 0
                else:
                    self._whole[field] = self._before
                    self._part[field] = value
                    self._digits[field] = at - dot - 1
                field += 1
                value = self._char = 0
                start = at
                if c == 42:
                    xor ^= c  # it is not part of the sum
                    self._state = _SUM
                    break
                if field == _FIELDS:
                    return self._broken(at)
            elif c == 36 or c < 32 or c > 126:
                return self._broken(at - 1)
            else:
                self._char = c
        self._xor = xor
        self._value = value
        self._dot = dot - n if at == n else dot  # places count from the start of the buffer that comes next
        self._start = start - n if at == n else start
        self._count = field
        return at

    def _broken(self, at):
        self.bad += 1
        self._state = _SEEK
        return at

    def _check(self, c, at):
        """One character of the checksum, and behind the second one what the sentence is good for."""
        digit = c - 48 if 48 <= c <= 57 else c - 55 if 65 <= c <= 70 else c - 87 if 97 <= c <= 102 else -1
        if digit < 0:
            return self._broken(at - 1)
        if self._sum == 0:
            self._sum = 256 + digit
            return at
        if (self._sum & 15) << 4 | digit != self._xor:
            return self._broken(at)
        if self._count < 9:
            return self._broken(at)
        self._state = _SEEK
        self.sentences += 1
        if self._kind == _RMC:
            self._rmc()
        else:
            self._gga()
        if self._have == 3:
            self._publish()
        return at

    def _rmc(self):
        """time, status, lat, N/S, lon, E/W, knots, course, date, ..."""
        if not self._join(1, self._time()):
            return
        self._date = self._whole[8]
        if self._letter[1] != 65:  # A: valid
            self._ok = 0
        self._place(2)
        # 1 knot is 463/9 cm/s
        self._speed = (min(self._scaled(6, 3), 2000000) * 463 + 4500) // 9000
        self._course = self._scaled(7, 2)

    def _gga(self):
        """time, lat, N/S, lon, E/W, quality, satellites, HDOP, altitude, M, ..."""
        if not self._join(2, self._time()):
            return
        quality = self._whole[5]
        if not (1 <= quality <= 5 or quality == 9):
            self._ok = 0
        self._place(1)
        self._sats = min(self._whole[6], 99)
        self._hdop = min(self._scaled(7, 1), 999)
        self._has_alt = 1 if self._length[8] else 0
        alt_dm = (self._scaled(8, 2) + 5) // 10
        self._alt = -alt_dm if self._letter[8] == _MINUS else alt_dm

    def _time(self):
        """Milliseconds of the day from the first field; -1 if it is empty or absurd."""
        hhmmss = self._whole[0]
        if not self._length[0] or hhmmss > 235960:
            return NO_TIME
        return (hhmmss // 10000 * 3600 + hhmmss // 100 % 100 * 60 + hhmmss % 100) * 1000 + self._scaled(0, 3) % 1000

    def _scaled(self, field, places):
        """A field's amount in 10**-places, the rest cut off; at most 2**30."""
        digits = self._digits[field]
        part = self._part[field] * _POWERS[digits + 7 - places if digits <= places else 7]
        while digits > places:
            part //= 10
            digits -= 1
        return min(self._whole[field], 1000000) * _POWERS[7 - places] + part

    def _place(self, field):
        """Latitude and longitude from four fields, into the epoch under way."""
        if not self._length[field] or not self._length[field + 2]:
            self._ok = 0
            return
        lat = self._degrees(field)
        lon = self._degrees(field + 2)
        north = self._letter[field + 1]
        east = self._letter[field + 3]
        if lat > 90000000 or lon > 180000000 or north not in b"NS" or east not in b"EW":
            self._ok = 0
            return
        self._lat = lat if north == 78 else -lat
        self._lon = lon if east == 69 else -lon
        self._placed = 1

    def _degrees(self, field):
        """dddmm.mmmm in 1e-6 degrees, rounded; above every bound if it is absurd."""
        whole = self._whole[field]
        digits = self._digits[field]
        if whole > 18000 or whole % 100 > 59:
            return 1000000000
        part = self._part[field]
        while digits > 7:
            part //= 10
            digits -= 1
        minutes_e7 = whole % 100 * 10000000 + part * _POWERS[digits]
        return whole // 100 * 1000000 + (minutes_e7 + 300) // 600

    def _join(self, bit, time):
        """Make room for a sentence of `time` in the epoch under way; False if that epoch has been told already."""
        if not self._have and time == self.utc_ms_of_day and time != NO_TIME:
            return False
        if self._have & bit or (self._have and time != self._at_ms):
            self._publish()
        if not self._have:
            self._clear(time)
        self._have |= bit
        return True

    def _clear(self, time):
        self._at_ms = time
        self._ok = 1
        self._placed = self._lat = self._lon = self._alt = self._has_alt = self._speed = self._course = 0
        self._hdop = self._sats = self._date = 0

    def _publish(self):
        self.epoch = True
        self.valid = self._ok & self._placed
        if self._placed:
            self.lat_e6 = self._lat
            self.lon_e6 = self._lon
        self.alt_dm = self._alt
        self.has_alt = self._has_alt
        self.speed_cms = self._speed
        self.course_cdeg = self._course
        self.hdop_x10 = self._hdop
        self.sats = self._sats
        if self._date or self._at_ms < self.utc_ms_of_day:
            self.date_ddmmyy = self._date
        self.utc_ms_of_day = self._at_ms
        self._have = 0
