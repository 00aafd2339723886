"""A page of SVG in millimetres: black on white, text that is made to fit, nothing that a viewer must fetch."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
# Widths in em of the widest of these fonts, so that text that fits here fits in all of them.
_NARROW, _WIDE = set("iljtfrI.,:;'|!()[]-· /"), set("mwMWGOQCDHNU@%&+…")
_WIDTHS = (0.40, 0.62, 0.86)  # narrow, others, wide
_BOLD = 1.12
SMALLEST = 0.8

Point = tuple[float, float]


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """An upper estimate, in the unit of `size`."""
    narrow, other, wide = _WIDTHS
    total = sum(narrow if c in _NARROW else wide if c in _WIDE or ord(c) > 0x2E7F else other for c in text)
    return total * size * (_BOLD if bold else 1.0)


def fitted(text: str, size: float, width: float, *, bold: bool = False) -> tuple[str, float]:
    """(text, size) that fit in `width`: down to SMALLEST of the size, then shortened with an ellipsis."""
    wanted = text_width(text, size, bold=bold)
    size = max(size * SMALLEST, size * min(1.0, width / wanted)) if wanted else size
    return _shortened(text, size, width, bold=bold), size


def _shortened(text: str, size: float, width: float, *, bold: bool) -> str:
    if text_width(text, size, bold=bold) <= width * 1.001:
        return text
    while text and text_width(text + "…", size, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"


class Page:
    """Collects shapes; `svg()` is the document."""

    def __init__(self, width_mm: float, height_mm: float, title: str) -> None:
        self.width, self.height, self.title = width_mm, height_mm, title
        self._parts: list[str] = []

    def text(self, x: float, y: float, text: str, size: float, *, bold: bool = False, anchor: str = "start") -> None:
        """A line of text with its baseline at y."""
        weight = ' font-weight="700"' if bold else ""
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self._parts.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}"{weight}{place}>{escape(_printable(text))}</text>'
        )

    def line(self, start: Point, end: Point, width: float = 0.3, dash: str = "") -> None:
        """A black line; `dash` as in SVG."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        (x1, y1), (x2, y2) = start, end
        ends = f'x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"'
        self._parts.append(f'<line {ends} stroke="#000" stroke-width="{width}"{dashed}/>')

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: float = 0.0,
        radius: float = 0,
    ) -> None:
        """A rectangle."""
        edge = f' stroke="#000" stroke-width="{stroke}"' if stroke else ""
        corner = f' rx="{radius}"' if radius else ""
        self._parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}"{edge}{corner}/>'
        )

    def circle(self, x: float, y: float, radius: float, *, fill: str = "#fff", stroke: float = 0.3) -> None:
        """A disc with an edge."""
        self._parts.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}" fill="{fill}" stroke="#000" stroke-width="{stroke}"/>'
        )

    def shape(self, points: Sequence[Point], *, fill: str = "none", stroke: float = 0.0) -> None:
        """A polyline, or where it is filled a polygon."""
        kind = "polyline" if fill == "none" else "polygon"
        edge = f' stroke="#000" stroke-width="{stroke}" stroke-linejoin="round"' if stroke else ""
        joined = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        self._parts.append(f'<{kind} points="{joined}" fill="{fill}"{edge}/>')

    def svg(self) -> str:
        """The whole document."""
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}mm" height="{self.height:g}mm" '
        head += f'viewBox="0 0 {self.width:g} {self.height:g}" font-family={quoteattr(FONT)}>'
        paper = f'<rect width="{self.width:g}" height="{self.height:g}" fill="#fff"/>'
        style = f"<style>@page {{ size: {self.width:g}mm {self.height:g}mm; margin: 0 }}</style>"
        return "\n".join(
            [head, f"<title>{escape(_printable(self.title))}</title>", style, paper, *self._parts, "</svg>\n"]
        )


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
