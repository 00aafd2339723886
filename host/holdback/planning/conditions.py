"""What a day adds to the cost of its course: thin air, heat, darkness. Each as a factor on the cost of a metre.

Altitude and heat lower the speed that can be held at one effort; the dark slows the feet, how much is an assumption.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from holdback.planning.track import interpolate

BEST_WBGT_C = 15.0  # above 7.5 to 15 °C of WBGT endurance falls (Mantzios 2022)
HIGH_M = 1500.0  # nights from here on up acclimatise
LOSS_FROM_M = 300.0
LOSS_PER_KM = 0.063  # of critical speed for each 1000 m above (Wehrlin & Hallén 2006)
MOST_LOSS = 0.5  # beyond the highest passes the line says nothing
ACCLIMATISED = 0.25  # of that loss is won back in the end, with a time constant of a week; an assumption
ACCLIMATISE_DAYS = 7.0
NIGHT_LOSS = 0.06  # of speed, by the light of a lamp; an assumption of this project
DARK_DEG = -6.0  # the sun so far below the horizon: the end of civil twilight


@dataclass(frozen=True)
class Conditions:
    """Of a stage: days above 1500 m behind the runner, share of speed lost in the dark, and a forecast.

    `weather` holds (seconds after the gun, WBGT in °C) in ascending order, and is held level beyond its ends.
    """

    altitude_days: float = 0.0
    night_loss: float = NIGHT_LOSS
    weather: Sequence[tuple[float, float]] = ()

    def heat_factors(self, after_gun_s: Sequence[float], heat_per_c: float) -> list[float]:
        """Cost factor of the heat at ascending moments; 1 without a forecast."""
        if not self.weather:
            return [1.0] * len(after_gun_s)
        return [heat_factor(wbgt, heat_per_c) for wbgt in interpolate(self.weather, after_gun_s)]


PLAIN = Conditions()


def wbgt_c(temp_c: float, humidity: float) -> float:
    """Wet-bulb globe temperature, °C, estimated from air temperature, °C, and relative humidity, %.

    .567 T + .393 e + 3.94 with e the vapour pressure in hPa: the Australian Bureau of Meteorology's approximation for
    moderate sun and light wind.
    """
    vapour_hpa = humidity / 100.0 * 6.105 * math.exp(17.27 * temp_c / (237.7 + temp_c))
    return 0.567 * temp_c + 0.393 * vapour_hpa + 3.94


def heat_factor(wbgt: float, heat_per_c: float) -> float:
    """Time in the heat over time in the cool: 1 + heat_per_c for each °C of WBGT above 15."""
    return 1.0 + heat_per_c * max(0.0, wbgt - BEST_WBGT_C)


def altitude_factor(alt_m: float, altitude_days: float = 0.0) -> float:
    """Cost at an altitude over that near the sea, for somebody who has spent so many days above 1500 m."""
    won_back = ACCLIMATISED * (1.0 - math.exp(-altitude_days / ACCLIMATISE_DAYS))
    loss = LOSS_PER_KM * max(0.0, alt_m - LOSS_FROM_M) / 1000.0 * (1.0 - won_back)
    return 1.0 / (1.0 - min(MOST_LOSS, loss))


def sun_deg(utc_s: float, lat: float, lon: float) -> float:
    """Height of the sun's centre above the horizon, degrees, without refraction: right to about half a degree.

    Declination and equation of time by Spencer's Fourier series (1971), place in degrees.
    """
    moment = datetime.fromtimestamp(utc_s, UTC)
    hour = moment.hour + moment.minute / 60 + moment.second / 3600
    year = 2 * math.pi * (moment.timetuple().tm_yday - 1 + (hour - 12) / 24) / 365.24
    tilt = (
        0.006918 - 0.399912 * math.cos(year) + 0.070257 * math.sin(year)
        - 0.006758 * math.cos(2 * year) + 0.000907 * math.sin(2 * year)
    )  # fmt: skip
    early_min = 229.18 * (
        0.000075 + 0.001868 * math.cos(year) - 0.032077 * math.sin(year)
        - 0.014615 * math.cos(2 * year) - 0.040849 * math.sin(2 * year)
    )  # fmt: skip
    turned = math.radians(15 * (hour + early_min / 60 - 12) + lon)
    phi = math.radians(lat)
    height = math.sin(phi) * math.sin(tilt) + math.cos(phi) * math.cos(tilt) * math.cos(turned)
    return math.degrees(math.asin(max(-1.0, min(1.0, height))))


def is_dark(utc_s: float, lat: float, lon: float) -> bool:
    """Whether a lamp is needed."""
    return sun_deg(utc_s, lat, lon) < DARK_DEG
