"""A GNSS receiver that does not exist: a true place in, the bytes of one second of NMEA 0183 out.

It has what makes a real receiver awkward: nothing to say before the first fix, errors that wander instead of
jumping, tunnels, and days that end at midnight UTC. The same seed gives the same bytes.
"""

import math
import random
import time
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import NamedTuple

KNOTS_PER_MS = 3600 / 1852
M_PER_DEG = 111_195.0
SLOW_SENTENCES_S = 5  # GSA and GSV come each fifth second, as receivers are usually set up
GEOID_M = 47.0  # separation printed in GGA; the firmware reads the altitude above mean sea level and no more


class Truth(NamedTuple):
    """Where the runner really is: degrees, metres above sea level, m/s, degrees clockwise from north."""

    lat_deg: float
    lon_deg: float
    alt_m: float | None
    speed_ms: float
    course_deg: float


@dataclass(frozen=True)
class ReceiverModel:
    """How good the receiver is. Standard deviations, and the time constants with which the errors wander."""

    ttff_s: float = 25.0  # time to first fix after power on
    position_m: float = 1.8  # per axis
    position_tau_s: float = 90.0
    altitude_m: float = 4.0
    altitude_tau_s: float = 180.0
    speed_ms: float = 0.06  # Doppler speed, white
    dropouts_per_h: float = 0.0  # gorges and forest, at random times
    dropout_s: float = 20.0  # mean length of one
    dropouts: tuple[tuple[float, float], ...] = ()  # (from, to) in seconds after power on
    talker: str = "GN"


EXACT = ReceiverModel(ttff_s=0, position_m=0, altitude_m=0, speed_ms=0)
"""A receiver without errors, for replaying a recording: it already holds the errors of a real one."""


def sentence(body: str) -> bytes:
    """`body` (without `$`) with its checksum and line end."""
    raw = body.encode("ascii")
    return b"$%b*%02X\r\n" % (raw, reduce(xor, raw))


class _Wander:
    """First-order Gauss-Markov noise stepped once a second: stationary deviation `sigma`, time constant `tau_s`."""

    def __init__(self, rng: random.Random, sigma: float, tau_s: float) -> None:
        self._gauss = rng.gauss
        self._keep = math.exp(-1 / tau_s)
        self._push = sigma * math.sqrt(1 - self._keep**2)
        self.value = rng.gauss(0, sigma) if sigma else 0.0

    def step(self) -> float:
        if self._push:
            self.value = self._keep * self.value + self._gauss(0, self._push)
        return self.value


class Receiver:
    """Call `epoch` once a second; the first call is power on."""

    def __init__(self, seed: int = 0, model: ReceiverModel | None = None) -> None:
        self.model = model or ReceiverModel()
        self._rng = random.Random(f"receiver {seed}")
        self._east = _Wander(self._rng, self.model.position_m, self.model.position_tau_s)
        self._north = _Wander(self._rng, self.model.position_m, self.model.position_tau_s)
        self._up = _Wander(self._rng, self.model.altitude_m, self.model.altitude_tau_s)
        self._on_s: float | None = None
        self._blind_until_s = -1.0
        self._epochs = 0

    def epoch(self, utc_s: float, truth: Truth | None) -> bytes:
        """The sentences of one second. `utc_s` in unix seconds; `truth` None where no sky is seen."""
        if self._on_s is None:
            self._on_s = utc_s
        since_s = utc_s - self._on_s
        blind = self._is_blind(since_s)
        offsets = self._east.step(), self._north.step(), self._up.step()
        seen = None if blind else truth
        body = self._fix(utc_s, seen, *offsets) if seen else self._void(utc_s, since_s)
        slow = self._epochs % SLOW_SENTENCES_S == 0
        self._epochs += 1
        return body + self._satellites(utc_s, seen is not None) if slow else body

    def _is_blind(self, since_s: float) -> bool:
        model = self.model
        if model.dropouts_per_h and self._rng.random() < model.dropouts_per_h / 3600:
            self._blind_until_s = since_s + self._rng.expovariate(1 / model.dropout_s)
        if since_s < model.ttff_s or since_s < self._blind_until_s:
            return True
        return any(start <= since_s < end for start, end in model.dropouts)

    def _void(self, utc_s: float, since_s: float) -> bytes:
        # A cold receiver has no time either: it comes with the first satellite.
        knows_time = since_s >= self.model.ttff_s / 3
        clock, date = _clock_and_date(utc_s) if knows_time else ("", "")
        talker = self.model.talker
        return sentence(f"{talker}RMC,{clock},V,,,,,,,{date},,,N") + sentence(
            f"{talker}GGA,{clock},,,,,0,00,99.99,,,,,,"
        )

    def _fix(self, utc_s: float, truth: Truth, east_m: float, north_m: float, up_m: float) -> bytes:
        lat_deg = truth.lat_deg + north_m / M_PER_DEG
        lon_deg = truth.lon_deg + east_m / (M_PER_DEG * math.cos(math.radians(truth.lat_deg)))
        speed_ms = truth.speed_ms
        if self.model.speed_ms:
            speed_ms = abs(speed_ms + self._rng.gauss(0, self.model.speed_ms))
        clock, date = _clock_and_date(utc_s)
        place = f"{_angle(lat_deg, 2, 'NS')},{_angle(lon_deg, 3, 'EW')}"
        height = "," if truth.alt_m is None else f"{truth.alt_m + up_m:.1f},M"
        talker = self.model.talker
        return sentence(
            f"{talker}RMC,{clock},A,{place},{speed_ms * KNOTS_PER_MS:.3f},{truth.course_deg % 360:.2f},{date},,,A"
        ) + sentence(f"{talker}GGA,{clock},{place},1,11,0.9,{height},{GEOID_M},M,,")

    def _satellites(self, utc_s: float, fixed: bool) -> bytes:
        """GSA and three GSV: slow figures nobody decides on, but bytes that the parser has to walk through."""
        talker = self.model.talker
        used = "05,07,09,13,14,20,22,24,27,28,30" if fixed else ",,,,,,,,,,"
        lines = [sentence(f"{talker}GSA,A,{3 if fixed else 1},{used},,{'1.6,0.9,1.3' if fixed else '99.9,99.9,99.9'}")]
        turn = int(utc_s / 60)
        for page in range(3):
            sky = ",".join(
                f"{sat:02d},{(17 * sat + turn) % 90:02d},{(83 * sat + turn) % 360:03d},{20 + sat}"
                for sat in range(page * 4 + 1, page * 4 + 5)
            )
            lines.append(sentence(f"GPGSV,3,{page + 1},12,{sky}"))
        return b"".join(lines)


def _clock_and_date(utc_s: float) -> tuple[str, str]:
    hundredths = round(utc_s * 100)
    t = time.gmtime(hundredths // 100)
    clock = f"{t.tm_hour:02d}{t.tm_min:02d}{t.tm_sec:02d}.{hundredths % 100:02d}"
    return clock, f"{t.tm_mday:02d}{t.tm_mon:02d}{t.tm_year % 100:02d}"


def _angle(deg: float, width: int, signs: str) -> str:
    """Degrees and minutes with five decimals: 2 cm, finer than the 1e-6° that the firmware keeps."""
    steps = round(abs(deg) * 6_000_000)  # 1e-5 of a minute, as one integer: no "60.00000" by rounding
    whole, steps = divmod(steps, 6_000_000)
    return f"{whole:0{width}d}{steps // 100_000:02d}.{steps % 100_000:05d},{signs[deg < 0]}"
