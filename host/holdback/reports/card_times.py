"""The card's timetable: stations, climbs to walk and the finish in the order in which they come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from holdback.planning import StagePlan, Station
from holdback.race.schedule import later
from holdback.race.timetable import AT_FINISH_M, Arrival, arrivals, hikes, moving_s
from holdback.reports.svg import Page, fitted
from holdback.units import Units, duration, margin

ROWS = 9  # more would be too small to read
MOST_STATIONS = 8
HEAD_MM = 3.2
ROW_MM = 4.6
NAME_MM = 37.0
KM_X, NAME_X, CLOCK_X, CUTOFF_X = 15.0, 17.5, 67.5, 81.5  # numbers end there, names start there

Area = tuple[float, float, float, float]  # x, y, width, height in mm


@dataclass(frozen=True)
class _Row:
    at_m: float
    mark: str  # a station's number, "" for a climb or the finish
    name: str
    clock: datetime
    stop: Arrival | None = None


def on_the_way(plan: StagePlan) -> list[Station]:
    """The stations before the finish."""
    return [item for item in plan.day.stations if item.at_m < plan.length_m - AT_FINISH_M]


def station_marks(plan: StagePlan) -> list[tuple[int, Station]]:
    """The stations that the card has room for, numbered along the course; those with a cut-off come first."""
    ahead = on_the_way(plan)
    urgent = _evenly([item for item in ahead if item.cutoff_s], MOST_STATIONS)
    chosen = urgent + _evenly([item for item in ahead if not item.cutoff_s], MOST_STATIONS - len(urgent))
    return list(enumerate(sorted(chosen, key=lambda item: item.at_m), 1))


def _evenly(stations: list[Station], room: int) -> list[Station]:
    """As many as there is room for, from all along the way."""
    if len(stations) <= room:
        return stations
    return [stations[(2 * i + 1) * len(stations) // (2 * room)] for i in range(room)]


def draw_times(page: Page, plan: StagePlan, gun: datetime, units: Units, area: Area) -> None:
    """The table in `area`; rows are as high as there is room."""
    x, y, width, height = area
    rows = _rows(plan, gun, units)
    row_mm = min(ROW_MM, (height - HEAD_MM) / len(rows))
    _head(page, units, (x, y + HEAD_MM - 0.8, width), any(row.stop and row.stop.cutoff for row in rows))
    if left_out := len(on_the_way(plan)) - len(station_marks(plan)):
        page.text(x + NAME_X, y + HEAD_MM - 0.8, f"{left_out} more stations: see the plan table", 2.5)
    for number, row in enumerate(rows):
        _draw(page, row, units, (x, y + HEAD_MM + (number + 0.78) * row_mm, width, min(3.5, row_mm * 0.82)))


def _rows(plan: StagePlan, gun: datetime, units: Units) -> list[_Row]:
    """Stations and the finish, and the longest climbs in what room is left."""
    stops = arrivals(plan, gun)
    by_place = {(stop.at_m, stop.name): stop for stop in stops}
    rows = [_row(str(number), by_place[station.at_m, station.name]) for number, station in station_marks(plan)]
    rows.append(_row("", stops[-1]))
    walks = sorted(hikes(plan), key=lambda walk: -walk.time_s)[: ROWS - len(rows)]
    for walk in walks:
        stopped_s = sum(item.stop_s for item in plan.day.stations if item.at_m <= walk.start_m)
        name = f"walk {duration(walk.time_s)} to {units.far} {units.distance(walk.end_m)}"
        rows.append(_Row(walk.start_m, "", name, later(gun, moving_s(plan, walk.start_m) + stopped_s)))
    return sorted(rows, key=lambda row: row.at_m)


def _row(mark: str, stop: Arrival) -> _Row:
    return _Row(stop.at_m, mark, stop.name, stop.clock, stop)


def _head(page: Page, units: Units, place: tuple[float, float, float], cutoffs: bool) -> None:
    x, y, width = place
    page.box(x, y - 1.7, 2.2, 1.7, fill="#000")
    page.text(x + 2.8, y, "walk", 2.5)
    labels: Sequence[tuple[float, str]] = [(KM_X, units.far), (CLOCK_X, "clock")]
    for at, label in [*labels, *([(CUTOFF_X, "cut-off"), (width, "spare")] if cutoffs else [])]:
        page.text(x + at, y, label, 2.5, anchor="end")


def _draw(page: Page, row: _Row, units: Units, place: tuple[float, float, float, float]) -> None:
    x, y, width, size = place
    if row.mark:
        radius = size * 0.5
        page.circle(x + radius, y - size * 0.36, radius)
        page.text(x + radius, y - size * 0.08, row.mark, size * 0.8, bold=True, anchor="middle")
    elif row.stop is None:
        page.box(x, y - size * 0.72, size * 1.1, size * 0.72, fill="#000")
    page.text(x + KM_X, y, units.distance(row.at_m), size, anchor="end")
    page.text(x + NAME_X, y, *fitted(row.name, size, NAME_MM, bold=bool(row.stop)), bold=bool(row.stop))
    page.text(x + CLOCK_X, y, f"{row.clock:%H:%M}", size, bold=True, anchor="end")
    if row.stop and row.stop.cutoff and row.stop.margin_s is not None:
        page.text(x + CUTOFF_X, y, f"{row.stop.cutoff:%H:%M}", size, anchor="end")
        page.text(x + width, y, margin(row.stop.margin_s).replace("-", "−"), size, bold=True, anchor="end")
