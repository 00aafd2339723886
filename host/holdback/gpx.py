"""Reads GPX 1.0 and 1.1: courses as organisers publish them and activities as watches export them.

Forgiving where files differ harmlessly (undeclared prefixes, a byte order mark, missing times), strict where a
wrong guess would mislead a plan: a point without a position, a broken file, a declared entity.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

import msgspec

from holdback.errors import HoldbackError, NotFoundError

MAX_BYTES = 64 << 20  # a day at 1 Hz with every extension is about 30 MB
MAX_POINTS = 1_000_000  # eleven days at 1 Hz
YEARS = range(1900, 3000)  # what no clock shows is a broken one, and Python counts no further than 9999
MAX_DEPTH = 64  # of elements in elements
MAX_PARTS = 10_000  # tracks, segments and routes
MAX_DISTANCE_M = 1e8  # twice around the earth
MAX_SPEED_MS = 343.0  # of sound: who moves faster does not run
ALTITUDES_M = (-12_000.0, 100_000.0)  # the deepest sea, and where the sky ends

_POINTS = {"trkpt", "rtept", "wpt"}
_LEAVES = {"ele", "time", "name", "hr", "speed", "type"}
_KINDS = _POINTS | _LEAVES | {"gpx", "trk", "trkseg", "rte", "extensions"}
_OTHER_FORMATS = {"TrainingCenterDatabase": "TCX", "kml": "KML", "html": "a web page", "svg": "SVG"}


class GpxError(HoldbackError):
    """A GPX file that cannot be read; names the file, the line where there is one, and the next step."""


class GpxPoint(msgspec.Struct, gc=False):
    """A position in degrees (WGS 84) with what the file says about it; None where it says nothing."""

    lat: float
    lon: float
    ele_m: float | None = None
    time_s: float | None = None  # unix seconds
    hr_bpm: int | None = None
    speed_ms: float | None = None
    name: str | None = None


class GpxTrack(msgspec.Struct):
    """A track or a route: its name, its activity type as written, its points in segments (a route has one)."""

    name: str = ""
    type: str = ""
    segments: list[list[GpxPoint]] = msgspec.field(default_factory=list)


class GpxDocument(msgspec.Struct):
    """Everything of a GPX file that Holdback uses, in file order."""

    name: str
    creator: str = ""
    tracks: list[GpxTrack] = msgspec.field(default_factory=list)
    routes: list[GpxTrack] = msgspec.field(default_factory=list)
    waypoints: list[GpxPoint] = msgspec.field(default_factory=list)
    unreadable: int = 0  # elevations, times, heart rates and speeds that were there but cannot be; they are None

    @property
    def notes(self) -> list[str]:
        """What the file says that cannot be, in words."""
        return [f"values that cannot be, left out: {self.unreadable}"] if self.unreadable else []

    @property
    def segments(self) -> list[list[GpxPoint]]:
        """The segments of all tracks that have points; a file of routes only gives its routes."""
        tracks = [part for track in self.tracks for part in track.segments if part]
        return tracks or [part for route in self.routes for part in route.segments if part]


def read_gpx(source: Path | str | bytes, name: str = "") -> GpxDocument:
    """Read a path, or the bytes of a file called `name`. Raises GpxError, or NotFoundError for a missing path."""
    if isinstance(source, bytes):
        return _parse(source, name or "GPX data")
    path = Path(source)
    try:
        size = path.stat().st_size
        _check_size(size, str(path))
        return _parse(path.read_bytes(), name or str(path))
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such file", next_step="check the path, or export the GPX again") from None
    except OSError as error:
        raise GpxError(f"{path}: cannot be read", error.strerror or str(error), "give the path of a GPX file") from None


def _check_size(size: int, name: str) -> None:
    if not size:
        raise GpxError(f"{name}: the file is empty", next_step="export or download the GPX again")
    if size > MAX_BYTES:
        why = f"{size >> 20} MB; the largest that is read is {MAX_BYTES >> 20} MB"
        raise GpxError(f"{name}: too large", why, "export the track alone, without photos or extensions")


def _parse(data: bytes, name: str) -> GpxDocument:
    _check_size(len(data), name)
    reader = _Reader(name)
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        why = f"not well-formed XML: {expat.errors.messages.get(error.code, error.code)}"
        raise GpxError(f"{name}, line {error.lineno}: {why}", next_step="export or download the GPX again") from None
    except (LookupError, ValueError) as error:  # an encoding that Python does not know
        raise GpxError(f"{name}: cannot be decoded", str(error), "save the file as UTF-8") from None
    return reader.document


class _Kinds(dict[str, str]):
    """Tag as written -> the local name if it is one of ours, else "": each spelling is taken apart once."""

    def __missing__(self, tag: str) -> str:
        local = tag.rpartition(":")[2]
        self[tag] = local = local if local in _KINDS else ""
        return local


class _Reader:
    """Handlers for expat; without namespace processing, so that a prefix nobody declared is just a longer tag."""

    def __init__(self, name: str) -> None:
        self.document = GpxDocument(name)
        self._kinds = _Kinds()
        self._texts: list[str] = []
        self._point: GpxPoint | None = None
        self._points = self.document.waypoints  # where the next point goes
        self._track: GpxTrack | None = None
        self._in_extensions = False
        self._seen_root = False
        self._count = self._parts = self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._refuse_entities

    def _fail(self, what: str, why: str = "", next_step: str = "export or download the GPX again") -> NoReturn:
        raise GpxError(f"{self.document.name}, line {self.parser.CurrentLineNumber}: {what}", why, next_step)

    def _refuse_entities(self, *_: object) -> None:
        self._fail("declares an entity", "entities can blow a small file up without bound", "remove the DOCTYPE")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        kind = self._kinds[tag]
        if not self._seen_root:
            self._root(tag, kind, attributes)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail("nested too deeply", f"more than {MAX_DEPTH} elements in each other")
        if kind in _LEAVES:
            self._texts.clear()
            self.parser.CharacterDataHandler = self._texts.append
        elif kind in _POINTS:
            self._start_point(kind, attributes)
        elif kind == "extensions":
            self._in_extensions = True
        elif kind:
            self._start_track(kind)

    def _root(self, tag: str, kind: str, attributes: dict[str, str]) -> None:
        if kind != "gpx":
            local = tag.rpartition(":")[2]
            self._fail("not a GPX file", f"it holds {_OTHER_FORMATS.get(local, f'<{tag}>')}", "give a GPX file")
        self._seen_root = True
        self.document.creator = attributes.get("creator", "")

    def _start_point(self, kind: str, attributes: dict[str, str]) -> None:
        try:
            lat, lon = float(attributes["lat"]), float(attributes["lon"])
        except KeyError as error:
            self._fail(f"a <{kind}> without {error.args[0]}")
        except ValueError:
            self._fail(f"a <{kind}> whose position is no number", f"{attributes}")
        if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0):
            self._fail(f"a <{kind}> off the globe", f"lat {lat:g}, lon {lon:g}; the range is ±90, ±180")
        self._count += 1
        if self._count > MAX_POINTS:
            self._fail("too many points", f"more than {MAX_POINTS}", "export one stage a file")
        self._point = GpxPoint(lat, lon)
        (self.document.waypoints if kind == "wpt" else self._points).append(self._point)

    def _start_track(self, kind: str) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            self._fail(
                "too many tracks", f"more than {MAX_PARTS} tracks, segments and routes", "export one stage a file"
            )
        if kind == "trk":
            self._track = GpxTrack()
            self.document.tracks.append(self._track)
            self._points = []  # points outside a segment are no track: dropped with it
        elif kind == "trkseg" and self._track:
            self._points = []
            self._track.segments.append(self._points)
        elif kind == "rte":
            self._points = []
            self._track = GpxTrack(segments=[self._points])
            self.document.routes.append(self._track)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        kind = self._kinds[tag]
        if kind in _LEAVES:
            self.parser.CharacterDataHandler = None
            if self._point is not None:
                self._set(self._point, kind, "".join(self._texts).strip())
            elif self._track is not None and not self._in_extensions and kind in ("name", "type"):
                setattr(self._track, kind, "".join(self._texts).strip())
        elif kind in _POINTS:
            self._point = None
        elif kind == "extensions":
            self._in_extensions = False
        elif kind in ("trk", "rte"):
            self._track = None

    def _set(self, point: GpxPoint, kind: str, text: str) -> None:
        """A leaf of a point. Extensions repeat names for other things, so only hr and speed are taken from them."""
        if not text or (self._in_extensions and kind not in ("hr", "speed")):
            return
        try:
            if kind == "ele":
                point.ele_m = altitude(text)
            elif kind == "time":
                point.time_s = unix_time(text)
            elif kind == "name":
                point.name = text
            elif kind == "hr":
                point.hr_bpm = heart_rate(text)
            elif kind == "speed":
                point.speed_ms = speed(text)
        except (ValueError, OverflowError):
            self.document.unreadable += 1


def finite(text: str) -> float:
    """A number; ValueError for anything else, NaN and infinities too."""
    value = float(text)
    if value - value != 0.0:
        raise ValueError(text)
    return value


def altitude(text: str) -> float:
    """Metres above the sea. ValueError outside of ALTITUDES_M."""
    value = finite(text)
    if not ALTITUDES_M[0] <= value <= ALTITUDES_M[1]:
        raise ValueError(text)
    return value


def distance(text: str) -> float:
    """Metres since the start. ValueError beyond MAX_DISTANCE_M, either way: some counters fall below zero."""
    value = finite(text)
    if abs(value) > MAX_DISTANCE_M:
        raise ValueError(text)
    return value


def heart_rate(text: str) -> int | None:
    """Beats a minute, 1 to 254; None for the 0 that says "unknown". ValueError for what no heart does."""
    bpm = round(finite(text))
    if not 0 <= bpm < 255:
        raise ValueError(text)
    return bpm or None


def speed(text: str) -> float:
    """Metres a second. ValueError below 0 and beyond MAX_SPEED_MS."""
    value = finite(text)
    if not 0.0 <= value <= MAX_SPEED_MS:
        raise ValueError(text)
    return value


def unix_time(text: str) -> float:
    """Unix seconds of an ISO 8601 time with any zone and fraction; without a zone it is UTC, as GPX says.

    ValueError outside of YEARS.
    """
    moment = datetime.fromisoformat(text)
    if moment.year not in YEARS:
        raise ValueError(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
