"""The card's picture: the climb of the day, where it is walked, the pace of each part, the stations."""

import math
from collections.abc import Sequence

from holdback.planning import Course, StagePlan
from holdback.race.timetable import hikes
from holdback.reports.card_times import station_marks
from holdback.reports.svg import Page
from holdback.units import Units

BAND_MM = 5.4  # the paces under the profile
AXIS_MM = 3.6
MARKS_MM = 5.0  # the stations' numbers above it
LEG_MM = 8.6  # a pace needs this much room
LEAST_RISE_M = 250.0  # a flat day must not look like the Alps
COLUMNS = 380  # four to a millimetre
SPACING_MM = 4.4
GREY = "#ddd"

Area = tuple[float, float, float, float]  # x, y, width, height in mm


def draw_profile(page: Page, plan: StagePlan, units: Units, area: Area) -> None:
    """The profile in `area`: stations' numbers, the line, the paces, the kilometres."""
    course = plan.course
    assert course
    x, y, width, height = area
    scale = width / course.length_m
    top, base = y + MARKS_MM, y + height - BAND_MM - AXIS_MM
    heights = _Heights(course, top, base)
    _ground(page, plan, heights, (x, width))
    _stations(page, plan, heights, (x, y, scale))
    _paces(page, plan, units, (x, base, scale))
    _axis(page, course, units, (x, base + BAND_MM, scale))


class _Heights:
    """Metres above sea level to millimetres on the page."""

    def __init__(self, course: Course, top: float, base: float) -> None:
        self.course = course
        self.low, self.high = min(course.alt_m), max(course.alt_m)
        self._rise = max(self.high - self.low, LEAST_RISE_M)
        self._top, self.base = top, base

    def at(self, s_m: float) -> float:
        return self.base - 1.5 - (self.course.alt_at(s_m) - self.low) / self._rise * (self.base - 1.5 - self._top)


def _ground(page: Page, plan: StagePlan, heights: _Heights, across: tuple[float, float]) -> None:
    """Grey ground, black where it is walked, and the line on top."""
    x, width = across
    length_m = heights.course.length_m

    def line(start_m: float, end_m: float) -> list[tuple[float, float]]:
        count = max(2, round(COLUMNS * (end_m - start_m) / length_m))
        marks = [start_m + (end_m - start_m) * i / count for i in range(count + 1)]
        return [(x + mark / length_m * width, heights.at(mark)) for mark in marks]

    def ground(start_m: float, end_m: float, fill: str) -> None:
        top = line(start_m, end_m)
        page.shape([(top[0][0], heights.base), *top, (top[-1][0], heights.base)], fill=fill)

    ground(0.0, length_m, GREY)
    for walk in hikes(plan):
        ground(walk.start_m, walk.end_m, "#000")
    page.shape(line(0.0, length_m), stroke=0.6)


def _stations(page: Page, plan: StagePlan, heights: _Heights, place: tuple[float, float, float]) -> None:
    """A numbered disc for each station that the table lists, and a dashed line down from it."""
    x, y, scale = place
    marks = station_marks(plan)
    wanted = [x + station.at_m * scale for _, station in marks]
    for (number, _), at, disc in zip(
        marks, wanted, spread(wanted, SPACING_MM, (x + 2.0, x + heights_width(heights, scale) - 2.0)), strict=True
    ):
        page.line((disc, y + 4.0), (at, y + MARKS_MM + 0.8), 0.25)
        page.line((at, y + MARKS_MM + 0.8), (at, heights.base), 0.3, "0.9 0.7")
        page.circle(disc, y + 2.0, 2.0)
        page.text(disc, y + 3.05, str(number), 2.9 if number < 10 else 2.5, bold=True, anchor="middle")


def heights_width(heights: _Heights, scale: float) -> float:
    """The course's length on the page, mm."""
    return heights.course.length_m * scale


def spread(wanted: Sequence[float], apart: float, bounds: tuple[float, float]) -> list[float]:
    """Ascending places moved as little as it takes to lie `apart` from each other, within bounds where they fit."""
    low, high = bounds
    places: list[float] = []
    for at in wanted:
        places.append(max(at, low if not places else places[-1] + apart))
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], high - (len(places) - 1 - i) * apart)
    return places


def legs(plan: StagePlan, least_m: float) -> list[tuple[float, float, float]]:
    """(start, end, seconds) of parts of the course, none shorter than `least_m`, merged from the plan's segments.

    The shortest joins the neighbour with which the squared error of ln pace grows less, as the caps themselves do.
    """
    parts = [(part.start_m, part.end_m, part.time_s) for part in plan.segments]
    while len(parts) > 1:
        i = min(range(len(parts)), key=lambda n: parts[n][1] - parts[n][0])
        if parts[i][1] - parts[i][0] >= least_m:
            break
        sides = [n for n in (i - 1, i + 1) if 0 <= n < len(parts)]
        j = min(sides, key=lambda n: _strain(parts[n], parts[i]))
        first, second = sorted((i, j))
        joined = (parts[first][0], parts[second][1], parts[first][2] + parts[second][2])
        parts[first : second + 1] = [joined]
    return parts


def _strain(one: tuple[float, float, float], two: tuple[float, float, float]) -> float:
    a, b = one[1] - one[0], two[1] - two[0]
    return math.log(one[2] / a / (two[2] / b)) ** 2 * a * b / (a + b)


def _paces(page: Page, plan: StagePlan, units: Units, place: tuple[float, float, float]) -> None:
    """The caps as paces on the ground, a box for each leg."""
    x, y, scale = place
    for start, end, seconds in legs(plan, LEG_MM / scale):
        left, right = x + start * scale, x + end * scale
        page.box(left, y, right - left, BAND_MM, stroke=0.3, fill="#fff")
        page.text((left + right) / 2, y + 3.7, units.pace((end - start) / seconds), 2.8, bold=True, anchor="middle")


def _axis(page: Page, course: Course, units: Units, place: tuple[float, float, float]) -> None:
    """Distances at round numbers, at most eight of them."""
    x, y, scale = place
    total = course.length_m / units.per_m
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if total / step <= 8)
    for mark in range(0, int(total) + 1, step):
        at = x + mark * units.per_m * scale
        page.line((at, y), (at, y + 0.9), 0.3)
        anchor = "start" if mark == 0 else "middle"
        label = f"{mark} {units.far}" if mark == 0 else str(mark)
        if at < x + course.length_m * scale - 3.0:
            page.text(at, y + 3.6, label, 2.6, anchor=anchor)
