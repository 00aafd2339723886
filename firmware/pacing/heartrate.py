"""Heart Rate Measurement, characteristic 0x2A37 of the Bluetooth Heart Rate Service 1.0."""

from array import array

_HR_16_BIT = 1
_CONTACT_ON = 2
_CONTACT_KNOWN = 4
_HAS_ENERGY = 8
_HAS_RR = 16
MAX_RR = 9  # as many as fit a notification of 20 bytes

CONTACT_UNKNOWN = 0
CONTACT_LOST = 1
CONTACT_ON = 2


class HeartRate:
    """The last measurement. hr_bpm: 0 unknown. contact: 0 unknown, 1 lost, 2 on. energy_kj: -1 not given."""

    def __init__(self):
        self.hr_bpm = 0
        self.contact = CONTACT_UNKNOWN
        self.energy_kj = -1
        self.rr_count = 0
        self._rr = array("i", [0] * MAX_RR)

    def rr_ms(self, i: int) -> int:
        """RR interval `i` of `rr_count`, the oldest first, in ms (the strap counts 1/1024 s)."""
        return self._rr[i]

    def parse(self, data) -> bool:
        """Take a notification (bytes-like). False if it is too short for its flags: then nothing is changed.

        Never raises. A field that is cut short, as by an MTU too small, is left out. A rate that no heart has
        (over 255) is 0, unknown.
        """
        n = len(data)
        flags = data[0] if n else 0
        at = 3 if flags & _HR_16_BIT else 2
        if n < at:
            return False
        hr_bpm = data[1] | data[2] << 8 if flags & _HR_16_BIT else data[1]
        self.hr_bpm = hr_bpm if hr_bpm <= 255 else 0
        self.contact = CONTACT_UNKNOWN
        if flags & _CONTACT_KNOWN:
            self.contact = CONTACT_ON if flags & _CONTACT_ON else CONTACT_LOST
        self.energy_kj = -1
        if flags & _HAS_ENERGY:
            if n >= at + 2:
                self.energy_kj = data[at] | data[at + 1] << 8
            at += 2
        self._intervals(data, at if flags & _HAS_RR else n, n)
        return True

    def _intervals(self, data, at, n):
        count = 0
        while at + 1 < n and count < MAX_RR:
            self._rr[count] = ((data[at] | data[at + 1] << 8) * 1000 + 512) >> 10
            count += 1
            at += 2
        self.rr_count = count
