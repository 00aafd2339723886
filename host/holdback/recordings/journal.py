"""The device's own recording (.hbr): read through the one decoder, and turned into an activity with UTC times."""

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from pacing.journal import EV_CUE, EV_UTC, MAGIC, VERSION
from pacing.journalreader import DAMAGE, END, EVENT, SAMPLE, Reader
from pacing.sample import ALT_OK, FIX_MASK, JUMP, Odometer

from holdback.errors import HoldbackError, IntegrityError, NotFoundError
from holdback.recordings.activity import Activity, Point, tidy

MAX_BYTES = 16 << 20  # the largest flash of any board
PULL_AGAIN = "pull the stage again: holdback device pull"


class RecordedSample(msgspec.Struct, gc=False):
    """One sample in the units of `pacing.sample.Sample`, with the distance that the device had counted by then."""

    stage_ms: int
    lat_e6: int
    lon_e6: int
    alt_dm: int
    speed_cms: int
    hr_bpm: int
    flags: int
    dist_dm: int

    @property
    def has_place(self) -> bool:
        """Whether the position was measured and believed."""
        return bool(self.flags & FIX_MASK) and not self.flags & JUMP


class RecordedEvent(msgspec.Struct, gc=False):
    """One event (kinds in `pacing.journal`); `index` samples were recorded before it."""

    kind: int
    value: int
    stage_ms: int
    index: int


class Recording(msgspec.Struct):
    """A decoded .hbr. damage_bytes > 0: so much of it is unreadable, and what was in there is missing."""

    version: int = 0
    stage_no: int = 0
    plan_crc: int = 0
    device_id: str = ""
    utc_s: int = 0  # the device's clock when the stage began; EV_UTC events correct it
    samples: list[RecordedSample] = msgspec.field(default_factory=list)
    events: list[RecordedEvent] = msgspec.field(default_factory=list)
    damage_bytes: int = 0
    size: int = 0

    @property
    def cues(self) -> list[RecordedEvent]:
        """The cues that the runner felt; value = cue code | reason << 4."""
        return [event for event in self.events if event.kind == EV_CUE]

    def sample_at(self, event: RecordedEvent) -> RecordedSample | None:
        """The last sample before `event`, the one it was decided on."""
        return self.samples[event.index - 1] if event.index else None


class Clock:
    """UTC of a moment of the stage: counted from the last UTC anchor before it, else from the first one."""

    def __init__(self, recording: Recording) -> None:
        events = (event for event in recording.events if event.kind == EV_UTC and 0 < event.value < 1 << 32)
        anchors = sorted((event.stage_ms, event.value) for event in events)
        self._anchors = anchors or [(0, recording.utc_s)]
        self._times = [stage_ms for stage_ms, _ in self._anchors]

    def utc_s(self, stage_ms: int) -> float:
        """Unix seconds at `stage_ms`."""
        anchor_ms, utc_s = self._anchors[max(0, bisect_right(self._times, stage_ms) - 1)]
        return utc_s + (stage_ms - anchor_ms) / 1000


def looks_like_journal(data: bytes, name: str = "recording") -> bool:
    """True if `data` begins like a recording, however little there is of it, or holds one intact block of one."""
    if len(data) > MAX_BYTES:
        return False
    return (bool(data) and MAGIC.startswith(data[: len(MAGIC)])) or open_reader(data, name).version > 0


def read_recording(path: Path | str) -> Recording:
    """Decode the file at `path`. Raises NotFoundError, HoldbackError (a later version), IntegrityError (nothing)."""
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such recording", next_step="check the path; holdback device pull") from None
    except OSError as error:
        raise HoldbackError(f"{path}: cannot be read", error.strerror or str(error), "give a recording") from None
    return decode(data, str(path))


def decode(data: bytes, name: str = "recording") -> Recording:
    """Decode the bytes of a recording called `name`; damaged blocks are left out and counted."""
    reader = open_reader(data, name)
    recording = Recording(
        reader.version, reader.stage_no, reader.plan_crc, reader.device_id.rstrip(b"\0").hex(), reader.utc_s
    )
    recording.size = len(data)
    _take_all(reader, recording, name)
    if not recording.samples and not recording.events:
        what = "the file is empty" if not data else "no block of it is intact"
        raise IntegrityError(f"{name}: {what}", f"{len(data)} bytes", PULL_AGAIN)
    return recording


def open_reader(data: bytes, name: str) -> Reader:
    """The device's own decoder on `data`, at its start. HoldbackError names `name` if its version is not known."""
    view = memoryview(data)

    def read(offset: int, buffer: memoryview) -> None:
        buffer[:] = view[offset : offset + len(buffer)]

    with _known_version(name):
        return Reader(read, len(data))


@contextmanager
def _known_version(name: str) -> Iterator[None]:
    """Says in words that a recording is of a version that this Holdback does not know yet."""
    try:
        yield
    except ValueError as error:
        why = f"{error}; versions up to {VERSION} are known here"
        raise HoldbackError(f"{name}: written by a newer firmware", why, "upgrade holdback") from None


def _take_all(reader: Reader, recording: Recording, name: str) -> None:
    odometer = Odometer()
    with _known_version(name):
        while (kind := reader.next()) != END:
            if kind == SAMPLE:
                recording.samples.append(_sample(reader, odometer))
            elif kind == EVENT:
                event = RecordedEvent(reader.event_kind, reader.event_value, reader.event_ms, len(recording.samples))
                recording.events.append(event)
            elif kind == DAMAGE:
                recording.damage_bytes += reader.damage_bytes


def _sample(reader: Reader, odometer: Odometer) -> RecordedSample:
    s = reader.sample
    odometer.step(s)
    if reader.is_key:  # what the device had counted: right even behind a damaged block
        odometer.dist_dm = reader.dist_dm
    return RecordedSample(s.stage_ms, s.lat_e6, s.lon_e6, s.alt_dm, s.speed_cms, s.hr_bpm, s.flags, odometer.dist_dm)


def to_activity(recording: Recording) -> Activity:
    """The samples as points; what a sample did not measure is None."""
    clock = Clock(recording)
    notes = [f"{recording.damage_bytes} of {recording.size} bytes are damaged"] if recording.damage_bytes else []
    return Activity(
        [_point(sample, clock) for sample in recording.samples],
        sport="running",
        source=f"Holdback {recording.device_id}".strip(),
        name=f"Stage {recording.stage_no}",
        notes=notes,
    )


def _point(sample: RecordedSample, clock: Clock) -> Point:
    fix, place = sample.flags & FIX_MASK, sample.has_place
    return Point(
        clock.utc_s(sample.stage_ms),
        sample.lat_e6 / 1e6 if place else None,
        sample.lon_e6 / 1e6 if place else None,
        sample.alt_dm / 10 if sample.flags & ALT_OK else None,
        sample.speed_cms / 100 if fix else None,
        sample.dist_dm / 10,
        sample.hr_bpm if 0 < sample.hr_bpm < 255 else None,
    )


def read_as_activities(data: bytes, name: str) -> Iterator[Activity]:
    """The reader of .hbr files for `read_activities`."""
    yield tidy(to_activity(decode(data, name)))
