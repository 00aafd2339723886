"""A recording of any kind with what belongs to it: for a .hbr its events, and its plan if that can be found."""

from pathlib import Path

import msgspec
from pacing.plan import Plan

from holdback.errors import IntegrityError, NotFoundError, UsageError
from holdback.recordings.activity import Activity, tidy
from holdback.recordings.files import read_activities, read_file
from holdback.recordings.journal import Recording, decode, looks_like_journal, to_activity
from holdback.recordings.plans import open_plan, tail_crc, unplanned_with
from holdback.recordings.replay import computed_cues, felt_cues


class Loaded(msgspec.Struct):
    """activities: at least one. recording, plan and data only for a .hbr; plan is None if it was not found."""

    path: Path
    activities: list[Activity]
    recording: Recording | None = None
    plan: Plan | None = None
    data: bytes = b""

    def replay_agrees(self) -> bool | None:
        """Whether the core decides here what it decided on the wrist; None if that cannot be said."""
        if self.recording is None or self.plan is None or self.recording.damage_bytes:
            return None
        return computed_cues(self.data, self.plan, str(self.path)) == felt_cues(self.recording)


def load(path: Path, plan: Path | None = None) -> Loaded:
    """Read `path`, and for a .hbr the plan at `plan`, or the one that lies in its race folder.

    Raises what `read_activities` and `decode` raise; UsageError if `plan` is not the one that was run.
    """
    data = read_file(path)
    if not looks_like_journal(data, str(path)):
        return Loaded(path, read_activities(path))
    recording = decode(data, str(path))
    activity = tidy(to_activity(recording))
    if not activity.points:
        raise IntegrityError(f"{path}: no sample in it is intact", f"{len(data)} bytes", "pull the stage again")
    crc = recording.plan_crc
    found = _given(plan, crc) if plan else _nearby(path, crc, activity.notes) or unplanned_with(crc, recording.stage_no)
    return Loaded(path, [activity], recording, found, data)


def _nearby(path: Path, crc: int, notes: list[str]) -> Plan | None:
    """The plan in the recording's race folder. One that cannot be read is noted: the recording is shown without."""
    for file in sorted([*path.parent.glob("../plans/*.hbp"), *path.parent.glob("*.hbp")]):
        try:
            if file.is_file() and tail_crc(file) == crc:
                return open_plan(file.read_bytes(), str(file))
        except (OSError, IntegrityError) as error:
            notes.append(f"{file}: its plan cannot be read: {getattr(error, 'why', error)}")
    return None


def _given(given: Path, crc: int) -> Plan:
    try:
        plan = open_plan(given.read_bytes(), str(given))
    except OSError as error:
        raise NotFoundError(f"{given}: cannot be read", error.strerror or str(error), "give a .hbp file") from None
    if plan.crc != crc:
        raise UsageError(
            f"{given}: not the plan of this recording", f"it is {plan.crc:08x}, {crc:08x} was run", "leave --plan out"
        )
    return plan
