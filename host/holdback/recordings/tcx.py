"""TCX activities through expat; forgiving about namespaces, strict about declared entities."""

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from holdback.gpx import MAX_DEPTH, MAX_POINTS, altitude, distance, finite, heart_rate, speed, unix_time
from holdback.recordings.activity import Activity, ActivityError, DamagedActivityError, Point, position, tidy

_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "Time": ("time_s", unix_time),
    "LatitudeDegrees": ("lat", finite),
    "LongitudeDegrees": ("lon", finite),
    "AltitudeMeters": ("alt_m", altitude),
    "DistanceMeters": ("dist_m", distance),
    "Speed": ("speed_ms", speed),
    "Value": ("hr_bpm", heart_rate),
}
_PATHS = {"Value": "HeartRateBpm", "Name": "Creator"}  # leaves that mean something only inside this parent
_LEAVES = _READERS.keys() | _PATHS.keys()


def read_tcx(data: bytes, name: str) -> list[Activity]:
    """The activities in `data`, read from the file `name`; a file broken half way gives what comes before it.

    Raises ActivityError (an entity, too much in it), DamagedActivityError (nothing readable).
    """
    reader = _Reader(name)
    try:
        reader.parser.Parse(data.lstrip(), True)  # a Polar export begins with spaces, which XML forbids
    except expat.ExpatError as error:
        what = f"damaged at line {error.lineno}: {expat.errors.messages.get(error.code, error.code)}"
        if not any(activity.points for activity in reader.activities):
            raise DamagedActivityError(f"{name}: {what}", next_step="export it again") from None
        reader.activities[-1].notes.append(what)
    except (LookupError, ValueError) as error:  # an encoding that Python does not know
        raise DamagedActivityError(f"{name}: cannot be decoded", str(error), "save the file as UTF-8") from None
    return [tidy(activity) for activity in reader.activities]


class _Reader:
    """Handlers for expat; namespaces are not processed, so an undeclared prefix is just a longer tag."""

    def __init__(self, name: str) -> None:
        self.activities: list[Activity] = []
        self._name = name
        self._path: list[str] = []
        self._text: list[str] = []
        self._point: dict[str, Any] | None = None
        self._count = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append
        self.parser.EntityDeclHandler = self._refuse_entities

    def _refuse_entities(self, *_: object) -> None:
        raise ActivityError(f"{self._name}: declares an entity", next_step="remove the DOCTYPE from the file")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        self._path.append(local)
        self._text.clear()
        self._count += local in ("Activity", "Trackpoint")
        if self._count > MAX_POINTS or len(self._path) > MAX_DEPTH:
            why = f"more than {MAX_POINTS} points, or elements nested more than {MAX_DEPTH} deep"
            raise ActivityError(f"{self._name}: too much in it", why, "give one activity")
        if local == "Activity":
            self.activities.append(Activity([], sport=attributes.get("Sport", "").lower()))
        elif local == "Trackpoint":
            self._point = {}

    def _end(self, tag: str) -> None:
        local = self._path.pop()
        if local == "Trackpoint":
            self._finish_point()
        elif local in _LEAVES and _PATHS.get(local, self._parent) == self._parent:
            self._take(local, "".join(self._text).strip())

    @property
    def _parent(self) -> str:
        return self._path[-1] if self._path else ""

    def _take(self, leaf: str, text: str) -> None:
        if self._point is None or leaf == "Name":
            if leaf == "Name" and self.activities:
                self.activities[-1].source = text
            return
        try:
            field, read = _READERS[leaf]
            self._point[field] = read(text)
        except (ValueError, OverflowError):
            self._note(f"a <{leaf}> that cannot be: left out")

    def _note(self, text: str) -> None:
        if self.activities and text not in self.activities[-1].notes:
            self.activities[-1].notes.append(text)

    def _finish_point(self) -> None:
        point, self._point = self._point, None
        if point is None or not self.activities:
            return
        if "time_s" not in point:
            self._note("points without a time: left out")
            return
        point["lat"], point["lon"] = position(point.get("lat"), point.get("lon"))
        self.activities[-1].points.append(Point(**point))
