"""The plan of a run that nobody has planned: no course, no caps, at most a bound of heart rate.

The device makes it by itself, and the host makes it again for a recording that bears its CRC-32.
"""

import struct
from binascii import crc32

from pacing.planformat import CAP, CAP_SIZE, HEADER, HEADER_SIZE, MAGIC, MAX_CAP_PM, SECTION, TAG_CAPS, TAG_HEADER

TRAIN = 3
MOST_BPM = 230
_CS_CMS = 700  # effort is told of nothing: with this speed at threshold nobody comes near the cap
_EVERYWHERE_DM = 1 << 29


def unplanned(stage_no: int, hr_cap_bpm: int) -> bytes:
    """The file. `hr_cap_bpm`: 0 to 230, 0 for no bound; it rises by 1.5 bpm an hour up to 8, as planned ones do."""
    out = bytearray(MAGIC)
    out += struct.pack(SECTION, TAG_HEADER, HEADER_SIZE)
    # As planfields has them: neither place nor length, heart rate 80 + 89.5 u, 4 cues an hour, no planned time.
    out += struct.pack(
        HEADER, bytes(16), stage_no, 1, TRAIN, 0, 0, 32768, _CS_CMS, 0, 0, 800, 895, hr_cap_bpm, 15, 80, 4, 100, 0, 4, 0
    )
    out += struct.pack(SECTION, TAG_CAPS, CAP_SIZE)
    out += struct.pack(CAP, _EVERYWHERE_DM, MAX_CAP_PM, 0, 0)  # heart rate is guarded where there is a cap
    out += struct.pack("<I", crc32(out) & 0xFFFFFFFF)
    return bytes(out)
