"""The evening after a stage: what is missing here, where it belongs, what is next. Every step leaves its state on disk:
recordings/ says what was pulled, results.toml what was answered, recordings/device.txt which device is this race's.
"""

from binascii import crc32
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from holdback.device.messages import StageOnDevice
from holdback.device.pull import aside_of, put_in_place
from holdback.errors import HoldbackError, IntegrityError, NotFoundError
from holdback.race import RaceError, load_race, load_results, planned
from holdback.race.replan import courses_of, replan
from holdback.recordings.journal import Clock, Recording, read_recording
from holdback.recordings.load import Loaded, load
from holdback.recordings.plans import open_plan, tail_crc, unplanned_with
from holdback.recordings.save import save
from holdback.recordings.verdict import Verdict, judge
from holdback.reports import night
from holdback.writing import write_whole

ANOTHER_RACE = timedelta(days=2)  # a recording so far from its stage's gun, under an unknown plan, is of another race
_DEVICE_FILE = "device.txt"


class Judged(msgspec.Struct, frozen=True):
    """A stage's recording here and what it came to."""

    path: Path
    verdict: Verdict


class Next(msgspec.Struct, frozen=True):
    """The stage to run next (0: none is left), whether its caps are others than before the evening, what has changed
    and why (empty where no stage was run yet, or where all of it was said before), and the figures of that.
    """

    stage_no: int
    changed: bool
    says: tuple[str, ...] = ()
    replanned: dict[str, Any] | None = None


class Evening:
    """The race folder at night. NotFoundError where there is none; a race.toml in disorder keeps no recording out."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "race.toml").is_file():
            what = f"{folder}: no race.toml in it"
            raise NotFoundError(what, "sync works in a race folder", "name it: holdback sync RACE_DIR")
        self.folder = folder
        self.recordings = folder / "recordings"
        self.arriving = self.recordings / "arriving"
        self.other = self.recordings / "other"
        self._guns = _guns(folder)

    @property
    def device(self) -> str:
        """The id of the device that this race was synced with before; "" for none."""
        path = self.recordings / _DEVICE_FILE
        return path.read_text(encoding="utf-8").strip() if path.is_file() else ""

    def remember(self, device_id: str) -> None:
        """The next evening needs no choice."""
        with _writing(self.recordings):
            self.recordings.mkdir(exist_ok=True)
            (self.recordings / _DEVICE_FILE).write_text(device_id + "\n", encoding="utf-8")

    def missing(self, held: Iterable[StageOnDevice]) -> list[StageOnDevice]:
        """The closed recordings on the device that are not here under any name, told by length and checksum."""
        here = {_fingerprint(path) for folder in self._folders() for path in folder.glob("*.hbr")}
        return [stage for stage in held if stage.closed and (stage.len, stage.crc) not in here]

    def _folders(self) -> tuple[Path, ...]:
        return self.recordings, self.arriving, self.other

    def put_away(self) -> list[Path]:
        """Give what has arrived its place: recordings/, or recordings/other/ for another race's. Their new paths."""
        arrived = sorted(self.arriving.glob("*.hbr"))
        with _writing(self.recordings):
            places = [self._put_away(path) for path in arrived]
            if self.arriving.is_dir() and not any(self.arriving.iterdir()):
                self.arriving.rmdir()
        return places

    def _put_away(self, path: Path) -> Path:
        """An earlier recording of a stage, stage-NN.k, never takes the place of one that is here."""
        folder = self.recordings if self._is_ours(path) else self.other
        folder.mkdir(exist_ok=True)
        own = folder / f"{path.name[:8]}.hbr"
        place = own if path.name == own.name else aside_of(own)
        put_in_place(path, place)
        return place

    def _is_ours(self, path: Path) -> bool:
        """Whether a recording is of this race: by its plan, else by its day. What cannot be told is ours."""
        recording = _decoded(path)
        if recording is not None and unplanned_with(recording.plan_crc, recording.stage_no):
            return False  # a run without a plan
        if recording is None or not self._guns or self._plan_of(recording):
            return True
        gun = self._guns.get(recording.stage_no)
        return gun is not None and abs(Clock(recording).utc_s(0) - gun.timestamp()) <= ANOTHER_RACE.total_seconds()

    def _plan_of(self, recording: Recording) -> Path | None:
        plans = [*self.recordings.glob("*.hbp"), *self.folder.glob("plans/*.hbp")]
        return next((path for path in sorted(plans) if tail_crc(path) == recording.plan_crc), None)

    def judge_all(self) -> list[Judged]:
        """Every stage's recording with its verdict; its FIT and the plan that it was run with are put beside it."""
        return [Judged(path, self._judge(path)) for path in sorted(self.recordings.glob("stage-??.hbr"))]

    def _judge(self, path: Path) -> Verdict:
        loaded = load(path)
        assert loaded.recording is not None
        with _writing(self.recordings):
            self._keep_plan(path, loaded.recording)
            _keep_fit(path, loaded)
        return judge(loaded.recording, loaded.data, loaded.plan)

    def _keep_plan(self, path: Path, recording: Recording) -> None:
        """Plans are made anew as a race goes on; the one that was run with stays readable beside its recording."""
        kept, plan = path.with_suffix(".hbp"), self._plan_of(recording)
        if plan and not (kept.is_file() and tail_crc(kept) == recording.plan_crc):
            write_whole(kept, plan.read_bytes())

    def unanswered(self, stages: list[Judged]) -> list[Judged]:
        """Those whose ending nobody has told yet; false starts are not asked for."""
        told = {entry.stage for entry in load_results(self.folder)}
        return [one for one in stages if one.verdict.stage_no not in told and not one.verdict.false_start]

    def plan_next(self, stages: list[Judged]) -> Next:
        """Plan what is left anew, with what the stages that were run have shown, and write it. Raises what planning
        raises.
        """
        race, plans = planned(self.folder)
        told = [entry.stage for entry in load_results(self.folder)]
        last = max([*told, *(one.verdict.stage_no for one in stages if not one.verdict.false_start)], default=0)
        done = replan(race, last, courses_of(race, plans)) if last else None
        left = done.plans if done else plans
        if not left:
            return Next(0, False)
        path, number = race.plan_path(left[0].stage_no), left[0].stage_no
        before = path.read_bytes() if path.is_file() else b""
        with _writing(self.folder / "plans"):
            race.write_plans(left)
        says = night.sentences(race, done) if done and before != left[0].data else ()
        return Next(number, _other_caps(before, left[0].data), says, night.as_dict(race, done) if done else None)


def _other_caps(before: bytes, after: bytes) -> bool:
    """Whether both are plans, and the later one holds the runner at another effort."""
    try:
        one, two = open_plan(before), open_plan(after)
    except IntegrityError:
        return False
    return (one.cs_cms, one.hr_cap_bpm, bytes(one.cap_table)) != (two.cs_cms, two.hr_cap_bpm, bytes(two.cap_table))


def _guns(folder: Path) -> dict[int, datetime]:
    try:
        return {stage.no: stage.start for stage in load_race(folder).stages}
    except RaceError:
        return {}


def _fingerprint(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    return len(data), crc32(data)


def _decoded(path: Path) -> Recording | None:
    try:
        return read_recording(path)
    except IntegrityError:
        return None


def _keep_fit(path: Path, loaded: Loaded) -> None:
    """The FIT beside a recording, unless a newer one is there."""
    fit = path.with_suffix(".fit")
    if not fit.exists() or fit.stat().st_mtime_ns < path.stat().st_mtime_ns:
        save(fit, "fit", loaded.activities[0], loaded.recording)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise HoldbackError(f"{folder}: cannot be written", why, "free some space, or change its rights") from None
