"""Integer geometry: a flat frame in decimetres around a course's origin.

Floats are 32 bits on the device, a step of a metre and more at most longitudes, so positions are integers throughout.
Every intermediate stays within 30 bits: bigger integers live on the heap.
"""

# 1e-6 degree of a great circle of 40 075 017 m is 1.113195 dm; the same scale serves both axes, since the course and
# the fixes are placed alike and only their differences are used.
_DM_PER_E6_Q15 = 36477
# Differences are clamped here (4.2 degrees, 467 km): far away is all that matters then.
_FAR_E6 = 1 << 22


def scale_q15(value: int, factor_q15: int) -> int:
    """`value * factor / 32768` rounded down, for |value| <= 2**22 and 0 <= factor < 2**16, within 30 bits."""
    return ((value >> 8) * factor_q15 >> 7) + ((value & 255) * factor_q15 >> 15)


def isqrt(n: int) -> int:
    """Integer square root of `n` >= 0, rounded down (Newton's method from above)."""
    if n < 2:
        return n
    root = 1
    rest = n
    while rest:
        rest >>= 2
        root <<= 1
    while True:
        better = (root + n // root) >> 1
        if better >= root:
            return root
        root = better


def hypot_dm(dx: int, dy: int) -> int:
    """Length of (dx, dy), decimetres; to 0.02 % beyond 2 km, where the squares are taken of a shorter vector."""
    dx = abs(dx)
    dy = abs(dy)
    shift = 0
    while dx > 23000 or dy > 23000:
        dx >>= 1
        dy >>= 1
        shift += 1
    return isqrt(dx * dx + dy * dy) << shift


class Frame:
    """A local frame: x east, y north, decimetres from (lat0_e6, lon0_e6); `cos_q15` is the cosine of the latitude."""

    def __init__(self, lat0_e6: int, lon0_e6: int, cos_q15: int):
        self.lat0_e6 = lat0_e6
        self.lon0_e6 = lon0_e6
        self.cos_q15 = cos_q15
        self.x_dm = 0
        self.y_dm = 0

    def place(self, lat_e6: int, lon_e6: int) -> None:
        """Set x_dm and y_dm, each within +-4.7 million; the antimeridian may lie between the point and the origin."""
        dlon = lon_e6 - self.lon0_e6
        if dlon > 180000000:
            dlon -= 360000000
        elif dlon < -180000000:
            dlon += 360000000
        dlat = lat_e6 - self.lat0_e6
        dlon = max(-_FAR_E6, min(_FAR_E6, dlon))
        dlat = max(-_FAR_E6, min(_FAR_E6, dlat))
        self.x_dm = scale_q15(scale_q15(dlon, self.cos_q15), _DM_PER_E6_Q15)
        self.y_dm = scale_q15(dlat, _DM_PER_E6_Q15)
