"""Fewer points for the same line: Douglas-Peucker over place and distance along the course."""

from collections.abc import Sequence

CHUNK = 256  # points that are simplified together; bounds the work on a long straight line


def simplify(
    x_m: Sequence[float], y_m: Sequence[float], s_m: Sequence[float], tolerance_m: float, along_m: float
) -> list[int]:
    """Indices of the points to keep, ends included.

    Each dropped point lies within `tolerance_m` of the line across, and within `along_m` of where the line puts its
    distance: so an out-and-back, a hairpin and a lap keep their metres, which a purely geometric test would merge.
    """
    last = len(x_m) - 1
    keep = [0]
    line = (x_m, y_m, s_m)
    for start in range(0, last, CHUNK):
        keep += _simplify(line, (start, min(start + CHUNK, last)), tolerance_m**2, along_m**2)
    return keep


def _simplify(line: tuple[Sequence[float], ...], span: tuple[int, int], across2: float, along2: float) -> list[int]:
    """The kept indices in (first, last] of the span; iterative, since a spiral would overflow a recursion."""
    x, y, s = line
    keep, stack = [], [span]
    while stack:
        first, last = stack.pop()
        worst, worst_at = 1.0, 0
        xa, ya, sa = x[first], y[first], s[first]
        dx, dy, ds = x[last] - xa, y[last] - ya, s[last] - sa
        chord = dx * dx + dy * dy or 1e-9
        for i in range(first + 1, last):
            share = (s[i] - sa) / ds
            ex, ey = x[i] - xa - share * dx, y[i] - ya - share * dy
            cross, dot = ex * dy - ey * dx, ex * dx + ey * dy
            miss = cross * cross / (chord * across2) + dot * dot / (chord * along2)
            if miss > worst:
                worst, worst_at = miss, i
        if worst_at:
            stack += [(worst_at, last), (first, worst_at)]
        else:
            keep.append(last)
    return keep
