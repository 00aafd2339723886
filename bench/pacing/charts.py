"""Pictures of the tables: rows of dots with intervals or bars, as SVG without a library, light enough for a README."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.sax.saxutils import escape

COLOURS = ("#1f6f8b", "#e07a1f", "#5a9e3a", "#8a4fa3", "#444")  # told apart by colour-blind eyes, too, by lightness
STRONG, FAINT, GRID = "#b3261e", "#8796a0", "#e3e8ea"
ROW, TOP, BOTTOM = 26.0, 70.0, 40.0
GAP, PANEL, EDGE = 34.0, 330.0, 26.0
LETTER = 7.0  # the widest that a label's letters are on average, px
FONT = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Mark(NamedTuple):
    """A value with the interval that is drawn through it; the same three where there is none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """One line of a panel: a label, a mark for each series, and whether it is what the reader looks for."""

    label: str
    marks: Sequence[Mark]
    strong: bool = False


@dataclass(frozen=True)
class Panel:
    """Rows on one axis. `least` and `most` bound it; what lies beyond is drawn at its edge, open."""

    title: str
    rows: Sequence[Row]
    log: bool = False
    least: float | None = None
    most: float | None = None
    legend: Sequence[str] = field(default_factory=list)

    def bounds(self) -> tuple[float, float]:
        """The axis."""
        values = [x for row in self.rows for mark in row.marks for x in mark if math.isfinite(x)] or [1.0]
        low = self.least if self.least is not None else min(0.0, 1.05 * min(values))
        high = self.most if self.most is not None else max(values) * 1.05
        return low, high if high > low else low + 1.0


def bars(title: str, panels: Sequence[Panel]) -> str:
    """As `dots`, with a bar from each mark's low to its high."""
    return _drawn(title, panels, _bar)


def dots(title: str, panels: Sequence[Panel]) -> str:
    """Panels side by side that share their rows' labels."""
    return _drawn(title, panels, _mark)


def _drawn(title: str, panels: Sequence[Panel], draw: Callable[..., list[str]]) -> str:
    count = len(panels[0].rows)
    label = 30 + LETTER * max(len(row.label) for row in panels[0].rows)
    width, height = label + len(panels) * (PANEL + GAP) + EDGE, TOP + count * ROW + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="{FONT}" font-size="13" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width:g}" height="{height:g}" rx="10" fill="#fff"/>',
        _text(18, 28, title, size=16, weight=600),
    ]
    for i, row in enumerate(panels[0].rows):
        y = TOP + i * ROW
        if row.strong:
            parts.append(f'<rect x="8" y="{y:g}" width="{width - 16:g}" height="{ROW:g}" rx="5" fill="#fdf3e3"/>')
        parts.append(_text(label - 8, y + 17.5, row.label, anchor="end", weight=600 if row.strong else 400))
    for number, panel in enumerate(panels):
        parts += _panel(panel, label + number * (PANEL + GAP) + GAP / 2, height, draw)
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel, left: float, height: float, draw: Callable[..., list[str]]) -> list[str]:
    low, high = panel.bounds()

    def x(value: float) -> float:
        value = min(max(value, low), high)
        part = math.log(value / low) / math.log(high / low) if panel.log else (value - low) / (high - low)
        return round(left + part * PANEL, 1)

    base = height - BOTTOM
    parts = [_text(left, 50, panel.title, size=12.5, fill="#333")]
    for tick in _ticks(panel.log, low, high):
        zero = low < 0 == tick
        parts.append(f'<path d="M{x(tick):g} {TOP - 6:g}V{base:g}" stroke="{FAINT if zero else GRID}"/>')
        parts.append(_text(x(tick), base + 16, f"{tick:g}", anchor="middle", size=11.5, fill="#555"))
    for i, row in enumerate(panel.rows):
        y = TOP + (i + 0.5) * ROW
        for n, mark in enumerate(row.marks):
            offset = (n - (len(row.marks) - 1) / 2) * 4.6
            parts += draw(mark, x, y + offset, _colour(row, n, len(row.marks)), high)
    for n, name in enumerate(panel.legend):
        at = left + PANEL - 52.0 * (len(panel.legend) - n) + 6
        parts.append(f'<circle cx="{at:g}" cy="24" r="4" fill="{COLOURS[n]}"/>')
        parts.append(_text(at + 8, 28, name, size=11.5))
    return parts


def _colour(row: Row, number: int, count: int) -> str:
    if count > 1:
        return COLOURS[number]
    return STRONG if row.strong else COLOURS[0]


def _bar(mark: Mark, x: Callable[[float], float], y: float, colour: str, _high: float) -> list[str]:
    """A bar."""
    left, right = x(mark.low), x(mark.high)
    return [
        f'<rect x="{left:g}" y="{y - 7:g}" width="{max(0.5, right - left):.1f}" height="14" rx="2" fill="{colour}"/>'
    ]


def _mark(mark: Mark, x: Callable[[float], float], y: float, colour: str, high: float) -> list[str]:
    """The interval as a line, the value as a dot; open where it lies beyond the axis."""
    parts = []
    if mark.high > mark.low:
        line = f'<path d="M{x(mark.low):g} {y:g}H{x(mark.high):g}" stroke="{colour}"'
        parts.append(f'{line} stroke-opacity=".55" stroke-width="2"/>')
    beyond = mark.value > high
    fill = "#fff" if beyond else colour
    parts.append(
        f'<circle cx="{x(mark.value):g}" cy="{y:g}" r="3.6" fill="{fill}" stroke="{colour}" stroke-width="1.2"/>'
    )
    return parts


def _ticks(log: bool, low: float, high: float) -> list[float]:
    if log:
        return [tick for tick in _TICKS if low <= tick <= high]
    step = next(s for s in (*_TICKS, 2000, 5000, math.inf) if (high - low) / s <= 7)
    return [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: float = 13, weight: int = 400, fill: str = "#111"
) -> str:
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    bold = "" if weight == 400 else f' font-weight="{weight}"'
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{fill}"{place}{bold}>{escape(text)}</text>'
