"""What the receiver is, and its set-up: 1 Hz, RMC and GGA alone, a model for people on foot. Standby between stages.

Loaded when it is needed and forgotten. Sources: u-blox M8 (UBX-13003221) and M10 SPG 5.10 interface descriptions; CASIC
protocol specification (PCAS); MTK NMEA packet manual (PMTK); Quectel's LC76G protocol specification (PAIR); for UC6580
what Meshtastic's receiver code says to it, and whom it takes for an M8.
"""

import asyncio
from time import ticks_add, ticks_diff, ticks_ms

from micropython import const

UNKNOWN = const(0)
M8 = const(1)
M10 = const(2)
CASIC = const(3)
MTK = const(4)
AIROHA = const(5)
UC6580 = const(6)

_BAUDS = (0, 9600, 38400, 115200)  # 0: as the board has it
_LISTEN_MS = const(2200)  # two epochs and an answer
_PAUSES = const(8)  # in that time: between two messages, receivers read slowly

# Each family answers one of these. A message that begins with a letter is NMEA, to be framed with $ and checksum; any
# other is UBX: class, number, payload. What a family does not know it passes over.
_QUESTIONS = (b"\x0a\x04", b"PCAS06,0", b"PMTK605", b"PAIR021", b"PDTINFO")
# In the order of the families; u-blox by its hardware version, last 6, 7 and M9, which obey what M8 does.
_ANSWERS = (
    b"00080000", b"000A0000", b",SW=", b"PMTK705", b"PAIR021,", b"UC6580", b"00040007", b"00070000", b"00190000",
)  # fmt: skip

# Behind an 0xFF, which wakes u-blox and MTK.
_WAKE = (b"PCAS10,0",)

# What stands for 1000 ms in the set-up of those that can give a fix each N s. The greatest interval of CASIC and Airoha
# is 1 s, and for UC6580 no message is known: of theirs every Nth is taken.
_UBX_1000 = b"\xe8\x03"
_MTK_1000 = b"PMTK220,1000"

_SETUP = (
    (),
    (
        b"\x06\x08\xe8\x03\x01\x00\x01\x00",  # CFG-RATE: 1000 ms
        b"PUBX,40,GSV,0,0,0,0",
        b"PUBX,40,GLL,0,0,0,0",
        b"PUBX,40,GSA,0,0,0,0",
        b"PUBX,40,VTG,0,0,0,0",
        b"\x06\x24\x01\x00\x03" + bytes(33),  # CFG-NAV5: the dynamic model alone, 3 pedestrian
    ),
    (  # CFG-VALSET to RAM and battery-backed RAM
        b"\x06\x8a\x00\x03\x00\x00\x01\x00\x21\x30\xe8\x03\x02\x00\x21\x30\x01\x00",  # RATE-MEAS, RATE-NAV
        b"\x06\x8a\x00\x03\x00\x00\xbb\x00\x91\x20\x01\xac\x00\x91\x20\x01\xca\x00\x91\x20\x00\xc0\x00\x91\x20\x00"
        b"\xc5\x00\x91\x20\x00\xb1\x00\x91\x20\x00",  # MSGOUT on UART1: GGA, RMC on; GLL, GSA, GSV, VTG off
        b"\x06\x8a\x00\x03\x00\x00\x21\x00\x11\x20\x03",  # NAVSPG-DYNMODEL: pedestrian
    ),
    (b"PCAS02,1000", b"PCAS03,1,0,0,0,1,0,0,0,0,0,,,0,0", b"PCAS04,7", b"PCAS11,2"),  # 11: 2 on foot
    (b"PMTK220,1000", b"PMTK314,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", b"PMTK886,1"),
    (b"PAIR062,3,0", b"PAIR062,2,0", b"PAIR062,1,0", b"PAIR062,5,0", b"PAIR050,1000", b"PAIR080,1", b"PAIR513"),
    # The first resets the receiver. No checksum: its commands have none.
    (b"$CFGSYS,h35155", b"$CFGMSG,0,3,0", b"$CFGMSG,0,2,0", b"$CFGMSG,6,0,0", b"$CFGMSG,6,1,0"),
)
_REST = (
    b"",
    b"\x02\x41\x00\x00\x00\x00\x02\x00\x00\x00",  # RXM-PMREQ: backup without end
    b"\x02\x41" + bytes(8) + b"\x06\x00\x00\x00\x08\x00\x00\x00",  # the same of M10, forced, woken by the UART
    b"PCAS12,65535",
    b"PMTK161,0",
    b"",  # neither has a command that any byte would end
    b"",
)


def framed(message) -> bytes:
    """`message` as it goes over the wire, with its checksum."""
    if message[0] < 0x20:  # UBX: Fletcher's sum over class, number, length and payload
        body = message[:2] + (len(message) - 2).to_bytes(2, "little") + message[2:]
        a = b = 0
        for byte in body:
            a = a + byte & 255
            b = b + a & 255
        return b"\xb5\x62" + body + bytes((a, b))
    if message[0] == 0x24:
        return message + b"\r\n"
    x = 0
    for byte in message:
        x ^= byte
    return b"$%s*%02X\r\n" % (message, x)


async def set_up(gnss, listen_ms: int = _LISTEN_MS) -> int:
    """Find out at which baud the receiver talks and of which family it is, and set it up. Its family; UNKNOWN for one
    that says nothing of itself, which is used as it is, and if nothing is heard at any baud. Meanwhile it is read."""
    for baud in _BAUDS:
        if baud:
            gnss.stream.init(baudrate=baud)
        heard = gnss.nmea.sentences
        family = await _ask(gnss, (), listen_ms) or await _ask(gnss, _WAKE, listen_ms)
        if family:
            for message in _SETUP[family]:
                ms = gnss.every_s * 1000
                told = message.replace(_UBX_1000, ms.to_bytes(2, "little")).replace(_MTK_1000, b"PMTK220,%d" % ms)
                gnss.stream.write(framed(told))
                await _hears(gnss, (), listen_ms * 3 // _PAUSES if message[0] == 0x24 else listen_ms // _PAUSES)
        if family or gnss.nmea.sentences != heard:
            return family
    return UNKNOWN


def rest(gnss) -> None:
    """Standby, if the family has one."""
    if _REST[gnss.family]:
        gnss.stream.write(framed(_REST[gnss.family]))


async def _ask(gnss, first, listen_ms: int) -> int:
    """The family that answers, or 0."""
    gnss.stream.write(b"\xff\r\n")
    for message in first + _QUESTIONS:
        gnss.stream.write(framed(message))
    found = await _hears(gnss, _ANSWERS, listen_ms)
    return 1 + found if found < UC6580 else M8


async def _hears(gnss, words, ms: int) -> int:
    """Read on for `ms`, or until one of `words` comes: its index, else -1."""
    end = ticks_add(ticks_ms(), ms)
    text = b""
    while True:
        left = ticks_diff(end, ticks_ms())
        if left <= 0:
            return -1
        try:
            n = await asyncio.wait_for_ms(gnss.read(), left)
        except asyncio.TimeoutError:
            return -1
        text = text[-8:] + gnss.buf[:n]  # a word may come in two pieces
        for i, word in enumerate(words):
            if word in text:
                return i
