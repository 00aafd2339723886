"""What the device reads from its sensors: the receiver's sentences, the strap's measurements."""

import re

from pacing.heartrate import MAX_RR, HeartRate
from pacing.nmea import Nmea

from torture.parsers.fuzz import Parser, PromiseError
from torture.parsers.mutation import Text

SMALL = 1 << 30  # what runs each second stays a small int on the device


def promise(kept: object, what: str) -> None:
    """PromiseError unless `kept`."""
    if not kept:
        raise PromiseError(what)


# --- the receiver ---


def sentence(body: str) -> bytes:
    """The body with `$`, its checksum and an end of line."""
    return b"$%s*%02X\r\n" % (body.encode(), xor_of(body.encode()))


def xor_of(body: bytes) -> int:
    """The checksum of NMEA."""
    xor = 0
    for c in body:
        xor ^= c
    return xor


def _epoch(second: int, lat: str = "4717.11437", lon: str = "01133.91522") -> bytes:
    clock = f"1000{second:02}.00"
    return sentence(f"GNRMC,{clock},A,{lat},N,{lon},E,5.83,77.52,091202,,,A,V") + sentence(
        f"GNGGA,{clock},{lat},N,{lon},E,1,08,1.01,499.6,M,48.0,M,,"
    )


NMEA_VALID = (
    _epoch(1) + _epoch(2),
    sentence("GPRMC,235959.972,A,5200.8499,S,00421.7860,W,022.4,084.4,311299,003.1,W"),
    sentence("GPRMC,000000,V,,,,,,,010100,,") + sentence("GPGGA,000000,,,,,0,00,99.9,,,,,,"),
    sentence("GPGSV,3,1,11,12,73,067,,30,67,271,39") + sentence("GPVTG,77.5,T,,M,5.8,N,10.8,K,A") + _epoch(9),
)
NMEA_TOKENS = (
    b"$", b"*", b",", b",,,,,,,,,,,,", b"-", b".", b"\r\n", b"$GPRMC,", b"$GNGGA,", b"$BDRMC", b"A", b"9999999999999",
    b"0.00000000000001", b"240000", b"9060.0", b"-4717.1", b"\xb5\x62\x01\x07", b"$PMTK", b"S", b"W",
)  # fmt: skip
NMEA_VALUES = (
    b"", b"A", b"V", b"0", b"-0", b"9", b"99999999999999999999", b"9999.9999", b"0.00000000000000001", b"235959.999",
    b"235960", b"000000", b"9000.0000", b"9000.0001", b"18000.000", b"18000.0001", b"1760.0", b"N", b"S", b"E", b"W",
    b".", b"-", b"1e9", b"311299", b"320100", b"6", b"-499.6",
)  # fmt: skip
NMEA_TEXT = Text(re.compile(rb",([^,*\r\n]*)"), re.compile(rb"\$[^$]*"), NMEA_VALUES)
WHOLE_LINE = re.compile(rb"\$([^$*]*)\*(?:[0-9A-Fa-f]{2})?")


def right_sums(data: bytes) -> bytes:
    """Every checksum made right, so that any fields reach the parser."""
    return WHOLE_LINE.sub(lambda found: b"$%s*%02X" % (found[1], xor_of(found[1])), data)


def take_nmea(data: bytes) -> None:
    """Whole and in pieces the same; every figure in range; and behind it two good seconds are heard."""
    whole, pieces = Nmea(), Nmea()
    whole.feed(data, len(data))
    size = 1 + len(data) % 37
    for start in range(0, len(data), size):
        pieces.feed(data[start : start + size], len(data[start : start + size]))
    for name in ("sentences", "bad", "valid", "lat_e6", "lon_e6", "speed_cms", "utc_ms_of_day"):
        promise(getattr(whole, name) == getattr(pieces, name), f"{name} depends on how the bytes are cut")
    promise(abs(whole.lat_e6) <= 90_000_000 and abs(whole.lon_e6) <= 180_000_000, "off the globe")
    for name in ("alt_dm", "speed_cms", "course_cdeg", "hdop_x10", "sats", "utc_ms_of_day", "date_ddmmyy"):
        promise(-SMALL < getattr(whole, name) < SMALL, f"{name} is no small int")
    good = b"\r\n" + _epoch(31, "4600.0000") + _epoch(32, "4630.0000")
    whole.feed(good, len(good))
    promise(whole.valid and whole.lat_e6 == 46_500_000 and whole.utc_ms_of_day == 36_032_000, "deaf afterwards")


# --- the strap ---

HEART_VALID = tuple(
    bytes.fromhex(text)
    for text in ("0048", "0648", "164800030004", "10b8f401f501", "1f4800100000030004", "014801", "1e4b3905f203", "00ff")
)


def take_heart_rate(data: bytes) -> None:
    """Never raises; what is too short changes nothing."""
    heart = HeartRate()
    heart.parse(b"\x16\x50\x00\x04")
    before = (heart.hr_bpm, heart.contact, heart.energy_kj, heart.rr_count)
    if not heart.parse(data):
        promise((heart.hr_bpm, heart.contact, heart.energy_kj, heart.rr_count) == before, "changed by a stump")
    promise(0 <= heart.hr_bpm <= 255 and 0 <= heart.contact <= 2 and -1 <= heart.energy_kj <= 0xFFFF, "out of range")
    promise(0 <= heart.rr_count <= MAX_RR, "more intervals than fit")
    promise(all(0 <= heart.rr_ms(i) <= 64_000 for i in range(heart.rr_count)), "an interval out of range")


PARSERS = (
    Parser("nmea", lambda: NMEA_VALID, take_nmea, (), NMEA_TOKENS, NMEA_TEXT, right_sums, most_input=2000),
    Parser("2a37", lambda: HEART_VALID, take_heart_rate, most_input=512, examples=600),
)  # fmt: skip
