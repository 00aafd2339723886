"""A course as the planner and the simulated runner see it: where it is, how high and how steep, at each metre."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from holdback.gpx import GpxPoint
from holdback.planning.cost import pace_factor
from holdback.planning.track import Track, clean, interpolate

CELL_M = 20.0  # the profile's step, and the device's
SMOOTH_CELLS = 5  # 100 m: elevations of maps and receivers are no better than that
CLIMB_STEP_M = 2.0  # smaller ups and downs are noise, not climb


class Ground(NamedTuple):
    """A stretch of a course, metres along it, where the ground is another: its cost factor, and whether technical."""

    start_m: float
    end_m: float
    factor: float
    technical: bool = False


class Course:
    """`Course(points)` or `Course(segments)`; `terrain` multiplies the cost of every metre (planning.cost.TERRAINS) but
    on the stretches in `ground`. Read back, `terrain` is the mean over what the slopes cost.

    `track` is the clean line (its `notes` say what was repaired); `alt_m` holds one smoothed altitude each 20 m, the
    last at or just beyond the end. A cell between two has one of `grades` (rise over run), `slopes` (its pace factor),
    `terrains` and `factors` (the product of both).
    Raises CourseError when the points cannot be a course.
    """

    def __init__(
        self,
        points: Sequence[GpxPoint] | Sequence[Sequence[GpxPoint]],
        *,
        terrain: float = 1.0,
        ground: Sequence[Ground] = (),
        name: str = "course",
    ) -> None:
        segments = [points] if points and isinstance(points[0], GpxPoint) else points
        self.track: Track = clean(segments, name)  # pyright: ignore[reportArgumentType] - narrowed by its first item
        self.ground = ground
        self.length_m = self.track.s_m[-1]
        cells = max(1, -int(-self.length_m // CELL_M))
        raw = interpolate(list(zip(self.track.s_m, self.track.ele_m, strict=True)), _marks(cells))
        self.alt_m = smooth(raw, SMOOTH_CELLS)
        self.grades = [(b - a) / CELL_M for a, b in pairwise(self.alt_m)]
        self.terrains = self._terrains(terrain)
        self.slopes = [pace_factor(grade) for grade in self.grades]
        self.factors = [slope * terrain for slope, terrain in zip(self.slopes, self.terrains, strict=True)]
        self.terrain = sum(self.factors) / sum(self.slopes)
        self.climb_m, self.descent_m = climb_and_descent(self.alt_m)

    def _terrains(self, elsewhere: float) -> list[float]:
        """The cost factor of the ground, one a cell."""
        terrains = [elsewhere] * len(self.grades)
        for part in self.ground:
            first, last = round(part.start_m / CELL_M), min(round(part.end_m / CELL_M), len(terrains))
            terrains[first:last] = [part.factor] * max(0, last - first)
        return terrains

    @property
    def notes(self) -> list[str]:
        """What had to be repaired in the file."""
        return self.track.notes

    @property
    def equivalent_m(self) -> float:
        """Metres on a level road that cost the same effort."""
        return sum(self.factors[:-1]) * CELL_M + self.factors[-1] * (self.length_m - (len(self.factors) - 1) * CELL_M)

    def _cell(self, s_m: float) -> int:
        return min(max(0, int(s_m / CELL_M)), len(self.grades) - 1)

    def alt_at(self, s_m: float) -> float:
        """Smoothed altitude in metres at `s_m`, held beyond either end."""
        cell = self._cell(s_m)
        share = min(1.0, max(0.0, s_m / CELL_M - cell))
        return self.alt_m[cell] + (self.alt_m[cell + 1] - self.alt_m[cell]) * share

    def grade_at(self, s_m: float) -> float:
        """Grade (rise over run) of the 20 m around `s_m`."""
        return self.grades[self._cell(s_m)]

    def slope_at(self, s_m: float) -> float:
        """Cost of the slope alone at `s_m`."""
        return self.slopes[self._cell(s_m)]

    def factor_at(self, s_m: float) -> float:
        """Cost at `s_m` relative to a level road, terrain included: speed = effort * critical speed / factor."""
        return self.factors[self._cell(s_m)]

    def position_at(self, s_m: float) -> tuple[float, float]:
        """(lat, lon) in degrees at `s_m` along the line, held at either end."""
        track = self.track
        i = min(max(1, bisect_right(track.s_m, s_m)), len(track.s_m) - 1)
        start, end = track.s_m[i - 1], track.s_m[i]
        share = min(1.0, max(0.0, (s_m - start) / (end - start)))
        d_lon = (track.lon[i] - track.lon[i - 1] + 180.0) % 360.0 - 180.0
        lon = track.lon[i - 1] + d_lon * share
        return track.lat[i - 1] + (track.lat[i] - track.lat[i - 1]) * share, (lon + 180.0) % 360.0 - 180.0


def _marks(cells: int) -> list[float]:
    return [i * CELL_M for i in range(cells + 1)]


def smooth(values: Sequence[float], width: int) -> list[float]:
    """Centred moving average over `width` (odd) values; at the ends over what is there on both sides."""
    half = width // 2
    sums = list(accumulate(values, initial=0.0))
    last = len(values) - 1
    averages = []
    for i in range(len(values)):
        reach = min(half, i, last - i)  # symmetric, so that a slope keeps its height at the ends
        averages.append((sums[i + reach + 1] - sums[i - reach]) / (2 * reach + 1))
    return averages


def climb_and_descent(alt_m: Sequence[float]) -> tuple[float, float]:
    """Metres up and down, counting only moves of CLIMB_STEP_M and more."""
    up = down = 0.0
    level = alt_m[0]
    for alt in alt_m:
        if alt - level >= CLIMB_STEP_M:
            up, level = up + alt - level, alt
        elif level - alt >= CLIMB_STEP_M:
            down, level = down + level - alt, alt
    return up, down
