"""A model of a GNSS receiver behind a UART: a family, a baud, sentences that it sends until told otherwise.

It takes commands as its maker's manual has them, with right checksums only, and forgets them when its supply dips.
Seconds are short here: an epoch each 20 ms.
"""

import io
import time

EPOCH_MS = 20
RESET_MS = 54  # UC6580 is deaf after a reset for 750 ms, of which LISTEN_MS of the tests makes this
ALL = ("RMC", "GGA", "GLL", "GSA", "GSV", "VTG")


def sentence(body):
    x = 0
    for c in body.encode():
        x ^= c
    return ("$%s*%02X\r\n" % (body, x)).encode()


def ubx(body):
    a = b = 0
    for c in body:
        a = (a + c) & 255
        b = (b + a) & 255
    return b"\xb5\x62" + body + bytes((a, b))


BODIES = {
    "RMC": "GNRMC,%02d%02d%02d.00,A,4700.0000,N,01100.0000,E,0.1,,221126,,,A",
    "GGA": "GNGGA,%02d%02d%02d.00,4700.0000,N,01100.0000,E,1,08,1.0,500.0,M,47.0,M,,",
    "GLL": "GNGLL,4700.0000,N,01100.0000,E,120000.00,A,A",
    "GSA": "GNGSA,A,3,01,02,03,04,05,06,07,08,,,,,1.5,1.0,1.1",
    "GSV": "GPGSV,1,1,04,01,40,083,46,02,17,308,41,12,07,344,39,14,22,228,45",
    "VTG": "GNVTG,,T,,M,0.1,N,0.2,K,A",
}
VERSION = b"EXT CORE 3.01 (111141)\0\0\0\0\0\0\0\0"
ANSWERS = {
    "M8": {b"\x0a\x04\0\0": ubx(b"\x0a\x04\x28\0" + VERSION + b"00080000\0\0")},
    "M10": {b"\x0a\x04\0\0": ubx(b"\x0a\x04\x28\0" + VERSION + b"000A0000\0\0")},
    "CASIC": {b"PCAS06,0": sentence("GPTXT,01,01,02,SW=URANUS5,V5.1.0.0")},
    "MTK": {b"PMTK605": sentence("PMTK705,AXN_5.1.7_3333,0007,Quectel-L76B,1.0")},
    "AIROHA": {b"PAIR021": sentence("PAIR021,AG3335M_V2.5.0,S,N,9ec1cc8,2210141406")},
    "UC6580": {b"PDTINFO": b"$PDTINFO,UC6580,G1B1,1,1\r\n"},
    "6": {b"\x0a\x04\0\0": ubx(b"\x0a\x04\x28\0" + VERSION + b"00040007\0\0")},
    "F20": {b"\x0a\x04\0\0": ubx(b"\x0a\x04\x28\0" + VERSION + b"00200000\0\0")},  # of no family that is known
    "": {},
}


class Model(io.IOBase):
    """`taken` lists the frames of its own family that it has accepted, questions apart."""

    def __init__(self, family, baud, power_on_baud=0):
        self.family, self.baud, self.power_on_baud = family, baud, power_on_baud or baud
        self.port_baud = 9600
        self.taken = []
        self.wrong = 0  # bytes at another baud
        self.silent = self.asleep = False
        self.sends = ALL
        self.every_s = 1
        self._out = b""
        self._held = b""
        self._epoch = 0
        self._next_ms = self._deaf_ms = time.ticks_ms()

    def brown_out(self):
        self.sends, self.baud, self.taken, self.every_s = ALL, self.power_on_baud, [], 1

    # --- the UART ---

    def init(self, baudrate):
        self.port_baud = baudrate
        self._out = b""

    def ioctl(self, request, arg):
        if request == 3:
            self._tick()
            return arg & (5 if self._out else 4)
        return 0

    def readinto(self, buf):
        self._tick()
        n = min(len(buf), len(self._out))
        buf[:n] = self._out[:n]
        self._out = self._out[n:]
        return n or None

    def _tick(self):
        while time.ticks_diff(time.ticks_ms(), self._next_ms) >= 0:
            self._next_ms = time.ticks_add(self._next_ms, EPOCH_MS * self.every_s)
            self._epoch += self.every_s
            if not (self.silent or self.asleep):
                for name in self.sends:
                    body = BODIES[name]
                    clock = (self._epoch // 3600, self._epoch // 60 % 60, self._epoch % 60)
                    self._say(sentence(body % clock if "%02d" in body else body))

    def _say(self, data):
        right = self.port_baud == self.baud
        self._out = (self._out + (data if right else bytes(c | 0x80 for c in data)))[-2048:]

    # --- what it is told ---

    def write(self, data):
        if self.port_baud != self.baud:
            self.wrong += len(data)
            return len(data)
        if self.asleep:
            self.asleep = not self._wakes(data)
            return len(data)
        self._held += data
        while self._frame():
            pass
        return len(data)

    def _wakes(self, data):
        if self.family == "CASIC":
            return sentence("PCAS10,0") in data
        return bool(data)

    def _frame(self):
        """Take one frame from what is held; False if there is none."""
        held = self._held
        while held and held[0] not in b"$\xb5":
            held = held[1:]
        self._held = held
        if held[:2] == b"\xb5\x62":
            n = 8 + held[4] + 256 * held[5]
            frame, self._held = held[:n], held[n:]
            if ubx(frame[2:-2]) == frame:
                self._obey(frame[2:-2], frame)
            return True
        end = held.find(b"\r\n")
        if end < 0:
            return False
        frame, self._held = held[: end + 2], held[end + 2 :]
        if frame[1:4] == b"CFG" or sentence(frame[1:-5].decode()) == frame:
            self._obey(frame[1:-2] if frame[1:4] == b"CFG" else frame[1:-5], frame)
        return True

    def _obey(self, body, frame):
        if self.silent or time.ticks_diff(self._deaf_ms, time.ticks_ms()) > 0:
            return
        answer = ANSWERS[self.family].get(bytes(body))
        if answer:
            return self._say(answer)
        heads = {
            "M8": (b"\x06\x08", b"\x06\x24", b"PUBX", b"\x02\x41"),
            "M10": (b"\x06\x8a", b"\x02\x41"),
            "CASIC": (b"PCAS",), "MTK": (b"PMTK",), "AIROHA": (b"PAIR",), "UC6580": (b"CFG",), "F20": (), "": (),
        }  # fmt: skip
        heads["6"] = heads["M8"]
        if not any(body.startswith(head) for head in heads[self.family]) or body == b"PCAS10,0":
            return
        self.taken.append(bytes(frame))
        if body.startswith(b"CFGSYS"):
            self.sends = ALL
            self._deaf_ms = time.ticks_add(time.ticks_ms(), RESET_MS)
        self._switch(body)
        self._slow(body)
        if body[:2] == b"\x02\x41" or body in (b"PCAS12,65535", b"PMTK161,0"):
            self.asleep = True
            self.sends = ALL  # M10's RAM is cleared, and nobody vouches for the others'

    def _slow(self, body):
        """The interval between two fixes, in ms, within the maker's bounds."""
        ms = 0
        if body.startswith(b"\x06\x08\x06\x00"):  # CFG-RATE: measRate, navRate in cycles, timeRef
            ms = (body[4] + 256 * body[5]) * (body[6] + 256 * body[7])
        elif body[:2] == b"\x06\x8a" and b"\x01\x00\x21\x30" in body:  # RATE-MEAS
            at = body.find(b"\x01\x00\x21\x30") + 4
            ms = body[at] + 256 * body[at + 1]
        elif body.startswith(b"PMTK220,"):
            ms = int(body[8:])
            assert 100 <= ms <= 10000
        elif body.startswith((b"PCAS02,", b"PAIR050,")):
            ms = int(body[body.find(b",") + 1 :])
            assert 100 <= ms <= 1000
        self.every_s = ms // 1000 or self.every_s

    def _switch(self, body):
        """Which sentences it sends from now on."""
        off = ()
        if body.startswith(b"PUBX,40,"):
            off = (body[8:11].decode(),)
        elif body.startswith((b"PCAS03,1,0,0,0,1,0,", b"PMTK314,0,1,0,1,0,0")) or b"\xbb\x00\x91\x20\x01" in body:
            off = ("GLL", "GSA", "GSV", "VTG")
        elif body.startswith(b"PAIR062,"):
            off = (("GGA", "GLL", "GSA", "GSV", "RMC", "VTG")[body[8] - 48],)
        elif body.startswith(b"CFGMSG,0,"):
            off = (("GGA", "GLL", "GSA", "GSV")[body[9] - 48],)
        self.sends = tuple(name for name in self.sends if name not in off)
