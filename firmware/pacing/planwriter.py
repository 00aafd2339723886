"""Writes plan files. The host plans with it; it runs on MicroPython too, so that the round trip is tested there.

Only `frame_for` uses floats: they are precise enough on the host alone.
"""

import binascii
import math
import struct

from pacing import planformat as form
from pacing.geo import Frame
from pacing.planfields import GUARD_FIELDS, HEADER_FIELDS
from pacing.planformat import PlanError

_LISTS = ("race", "points", "profile", "caps", "stations", "fuel", "gun_utc_s", "factors")
_RANGE = {"B": (0, 255), "H": (0, 65535), "I": (0, 1 << 29)}


def frame_for(lats, lons) -> tuple:
    """(lat0_e6, lon0_e6, cos_q15) of a frame in the middle of the points; `lats` and `lons` in degrees, not empty."""
    lat0 = (min(lats) + max(lats)) / 2
    # Longitudes are taken relative to the first, so that a course over the antimeridian stays in one piece.
    near = [(lon - lons[0] + 540) % 360 - 180 for lon in lons]
    lon0 = (lons[0] + (min(near) + max(near)) / 2 + 540) % 360 - 180
    return round(lat0 * 1e6), round(lon0 * 1e6), round(math.cos(math.radians(lat0)) * 32768)


def encode(spec: dict) -> bytes:
    """The plan file of `spec`; PlanError names the key that is missing, unknown or out of range.

    Keys: the header's fields (planfields.HEADER_FIELDS, race as str of at most 16 bytes in UTF-8),
    points [(lat_e6, lon_e6, s_dm)], s rising from 0 to length_dm (which may be left out), profile (step_dm, [alt_dm]),
    caps [(end_dm, cap_pm, v_cap_cms, flags)], stations [(s_dm, cutoff_s after the gun or 0,
    name)], fuel (g_per_h, every_s or 0), gun_utc_s (unix seconds, 0 unknown), factors (19 per mille, pacing.cost), and
    the guards' fields (planfields.GUARD_FIELDS; eat_every_m needs fuel).
    """
    spec = dict(spec)
    known = [field[0] for field in HEADER_FIELDS + GUARD_FIELDS]
    for key in spec:
        if key not in known and key not in _LISTS:
            raise PlanError("plan: unknown key %s" % key)
    points = spec.get("points") or []
    if points:
        spec["length_dm"] = points[-1][2]
    out = bytearray(form.MAGIC)
    _section(out, form.TAG_HEADER, _header(spec))
    if points:
        index, line = _course(spec)
        _section(out, form.TAG_INDEX, index)
        _section(out, form.TAG_LINE, line)
    if spec.get("profile"):
        _section(out, form.TAG_PROFILE, _profile(spec["profile"][0], spec["profile"][1]))
    _section(out, form.TAG_CAPS, _caps(spec.get("caps") or []))
    _section(out, form.TAG_STATIONS, _stations(spec.get("stations") or []))
    if spec.get("fuel"):
        if 0 < spec["fuel"][-1] < form.MIN_EVERY_S:
            raise PlanError(
                "plan: fuel: each %d s is too often, %d is the least" % (spec["fuel"][-1], form.MIN_EVERY_S)
            )
        _section(out, form.TAG_FUEL, _packed("fuel", form.FUEL, spec["fuel"]))
    if spec.get("gun_utc_s"):
        _section(out, form.TAG_DAY, _gun(spec["gun_utc_s"]))
    if spec.get("factors"):
        _section(out, form.TAG_FACTORS, _factors(spec["factors"]))
    guards = _guards(spec)
    if any(guards):
        _section(out, form.TAG_GUARDS, struct.pack(form.GUARDS, *guards))
    out += struct.pack("<I", binascii.crc32(out) & 0xFFFFFFFF)
    return bytes(out)


def _section(out: bytearray, tag: int, body) -> None:
    out += struct.pack(form.SECTION, tag, len(body))
    out += body


def _packed(key: str, layout: str, values) -> bytes:
    """struct.pack, checked: MicroPython's own cuts a value that is too great in silence."""
    letters = layout[1:].replace("x", "")
    if len(values) != len(letters):
        raise PlanError("plan: %s: %d values where %d are needed" % (key, len(values), len(letters)))
    for letter, value in zip(letters, values):  # noqa: B905 (MicroPython's zip)
        least, most = _RANGE[letter]
        if not isinstance(value, int) or not least <= value <= most:
            raise PlanError("plan: %s: %s, allowed: %d to %d" % (key, value, least, most))
    return struct.pack(layout, *values)


def _header(spec: dict) -> bytes:
    first = spec.get("stage_no") == 1
    defaults = {"head_start": 70 if first else 20, "ease_first_h": 6 if first else spec.get("ease_per_h", 4)}
    race = spec.get("race", "").encode()
    if len(race) > 16:
        raise PlanError("plan: race is longer than 16 bytes")
    values = [race + bytes(16 - len(race))]
    for name, least, most, default in HEADER_FIELDS:
        values.append(_field(name, spec.get(name, defaults.get(name, default)), least, most))
    return struct.pack(form.HEADER, *values)


def _field(name: str, value, least: int, most: int) -> int:
    if value is None or not isinstance(value, int) or not least <= value <= most:
        raise PlanError("plan: %s = %s, needed: %d to %d" % (name, value, least, most))
    return value


def _course(spec: dict) -> tuple:
    """(index, tiles): each tile starts at the corner where the one before ended."""
    frame = Frame(spec.get("lat0_e6", 0), spec.get("lon0_e6", 0), spec.get("cos_q15", 32768))
    index = bytearray()
    line = bytearray()
    corners = _corners(spec["points"], frame)
    if len(corners) < 2:
        raise PlanError("plan: points: a course needs two different ones")
    for first in range(0, len(corners) - 1, form.TILE_SEGMENTS):
        tile = corners[first : first + form.TILE_SEGMENTS + 1]
        xs = [corner[0] for corner in tile]
        ys = [corner[1] for corner in tile]
        index += struct.pack(form.INDEX, min(xs), min(ys), max(xs), max(ys), tile[0][2])
        line += struct.pack("<iii", *tile[0])
        for i in range(1, len(tile)):
            line += struct.pack("<hhH", *[tile[i][axis] - tile[i - 1][axis] for axis in range(3)])
    if len(index) > form.MAX_TILES * form.INDEX_SIZE:
        raise PlanError("plan: points: %d corners are more than a plan holds" % len(corners))
    return index, line


def _corners(points, frame: Frame) -> list:
    """[(x_dm, y_dm, s_dm)] without repeated places, long segments split evenly."""
    corners = []
    for lat_e6, lon_e6, s_dm in points:
        frame.place(lat_e6, lon_e6)
        corner = (frame.x_dm, frame.y_dm, s_dm)
        if not corners:
            if s_dm:
                raise PlanError("plan: points: s starts at %d, not at 0" % s_dm)
            corners.append(corner)
            continue
        dx, dy, ds = [corner[i] - corners[-1][i] for i in range(3)]
        if ds < 0:
            raise PlanError("plan: points: s falls at %d" % s_dm)
        if not (dx or dy or ds):
            continue
        parts = 1 + max(abs(dx) // form.MAX_DELTA_DM, abs(dy) // form.MAX_DELTA_DM, ds // form.MAX_DS_DM)
        if len(corners) + parts > form.MAX_TILES * form.TILE_SEGMENTS + 1:
            raise PlanError("plan: points: more than a plan holds")
        x, y, s = corners[-1]
        for part in range(1, parts + 1):
            corners.append((x + dx * part // parts, y + dy * part // parts, s + ds * part // parts))
    return corners


def _profile(step_dm: int, heights) -> bytearray:
    if not form.MIN_STEP_DM <= step_dm <= form.MAX_STEP_DM or not 2 <= len(heights) <= form.MAX_PROFILE:
        raise PlanError("plan: profile: step_dm %d or %d heights do not fit" % (step_dm, len(heights)))
    base = min(heights)
    if abs(base) > 90000 or max(heights) - base > 65535:
        raise PlanError("plan: profile: heights are out of range")
    body = bytearray(struct.pack(form.PROFILE, step_dm, len(heights), base))
    for height in heights:
        body += struct.pack("<H", height - base)
    return body


def _caps(caps) -> bytearray:
    if len(caps) > form.MAX_CAPS:
        raise PlanError("plan: caps: %d are more than %d" % (len(caps), form.MAX_CAPS))
    body = bytearray()
    last = 0
    for cap in caps:
        if not last < cap[0] <= 1 << 29 or not (cap[1] == 0 or form.MIN_CAP_PM <= cap[1] <= form.MAX_CAP_PM):
            raise PlanError("plan: caps: %s is out of order or range" % (cap,))
        last = cap[0]
        body += _packed("caps", form.CAP, cap)
    return body


def _stations(stations) -> bytearray:
    if len(stations) > form.MAX_STATIONS:
        raise PlanError("plan: stations: %d are more than %d" % (len(stations), form.MAX_STATIONS))
    body = bytearray()
    for s_dm, cutoff_s, name in sorted(stations):
        if s_dm > form.MAX_LENGTH_DM or cutoff_s > form.MAX_CUTOFF_S:
            raise PlanError("plan: stations: %s at %d dm is out of range" % (name, s_dm))
        short = name.encode()[:32]
        body += _packed("stations", form.STATION, (s_dm, cutoff_s, len(short))) + short
    return body


def _gun(utc_s: int) -> bytes:
    if not isinstance(utc_s, int) or not 0 < utc_s < 1 << 32:
        raise PlanError("plan: gun_utc_s: %s is no time in unix seconds" % (utc_s,))
    return struct.pack(form.DAY, utc_s)


def _factors(factors) -> bytes:
    body = _packed("factors", "<" + 19 * "H", factors)
    if factors[9] != 1000 or min(factors) < form.MIN_FACTOR_PM or max(factors) > form.MAX_FACTOR_PM:
        raise PlanError("plan: factors: 1000 on the level and %d to %d elsewhere are needed"
                        % (form.MIN_FACTOR_PM, form.MAX_FACTOR_PM))  # fmt: skip
    return body


def _guards(spec: dict) -> list:
    guards = [_field(name, spec.get(name, 0), least, most) for name, least, most in GUARD_FIELDS]
    every_m = guards[-1]
    if every_m and (every_m < form.MIN_EVERY_M or not spec.get("fuel") or not spec["fuel"][-1]):
        raise PlanError("plan: eat_every_m = %d: %d is the least, and fuel is needed" % (every_m, form.MIN_EVERY_M))
    return guards
