"""Where descents are held back, what that saves may be spent elsewhere.

Constant effort is best for any convex cost of effort; limits on descents leave some of it unspent. What a stage may
spend is taken as the integral of effort cubed over time, which is also what durability is lost by.
"""

from collections.abc import Sequence
from typing import NamedTuple

MOST_SHARE = 1.08  # of the planned effort, elsewhere: science allows 5 to 8 % uphill at most
MOST_OF_CRITICAL = 0.95  # and never more of the critical speed that is left at the end of the stage
ROUNDS = 30  # bisections of .08: the share is right to 1e-10


class Stretch(NamedTuple):
    """Metres, cost of a metre relative to a level road, and the greatest speed allowed there, m/s (None: any)."""

    length_m: float
    factor: float
    limit_ms: float | None = None


def speed_on(stretch: Stretch, flat_ms: float) -> float:
    """m/s of an effort that would be `flat_ms` on a level road, or the limit."""
    speed = flat_ms / stretch.factor
    return speed if stretch.limit_ms is None else min(speed, stretch.limit_ms)


def share_elsewhere(stretches: Sequence[Stretch], flat_ms: float, most: float = MOST_SHARE) -> float:
    """How much of the planned effort, 1 to `most`, spends elsewhere what the limited stretches leave."""
    allowed = flat_ms**2 * sum(part.length_m * part.factor for part in stretches)
    least, greatest = 1.0, max(1.0, most)
    if _spent(stretches, flat_ms * greatest) <= allowed:
        return greatest if _spent(stretches, flat_ms) < allowed * (1.0 - 1e-9) else 1.0
    for _ in range(ROUNDS):
        middle = (least + greatest) / 2
        if _spent(stretches, flat_ms * middle) <= allowed:
            least = middle
        else:
            greatest = middle
    return least


def _spent(stretches: Sequence[Stretch], flat_ms: float) -> float:
    """Effort cubed times time, effort as the speed that it would be on a level road."""
    total = 0.0
    for part in stretches:
        speed = speed_on(part, flat_ms)
        total += (speed * part.factor) ** 3 * part.length_m / speed
    return total


def most_share(intensity: float, lost: float) -> float:
    """The greatest share for an effort in fractions of critical speed, of which `lost` is gone at the end."""
    return max(1.0, min(MOST_SHARE, MOST_OF_CRITICAL * (1.0 - lost) / intensity))
