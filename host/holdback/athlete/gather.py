"""Files and folders into runs: each file that gives none is named with its reason, and stops nobody."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from holdback.athlete.run import NotUsableError, Run, on_foot
from holdback.errors import HoldbackError, NotFoundError
from holdback.recordings.files import read_activities

RECORDINGS = {".fit", ".gpx", ".tcx", ".hbr", ".gz"}  # of a folder's other files nobody expects anything


@dataclass
class Gathered:
    """runs: each day's run once, oldest first. left_out: (file, why) of what could not be used."""

    runs: list[Run] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def gather(paths: Iterable[Path]) -> Gathered:
    """Every run in these files and folders. Raises NotFoundError for a path that is not there."""
    found = Gathered()
    for path, named in _files(paths):
        try:
            activities = read_activities(path)
        except HoldbackError as error:
            if named or path.suffix.lower() in RECORDINGS:
                found.left_out.append((str(path), _reason(error, path)))
            continue
        for activity in activities:
            try:
                found.runs.append(on_foot(activity, str(path)))
            except NotUsableError as error:
                found.left_out.append((str(path), str(error)))
    _once_each(found)
    return found


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """(file, whether it was named itself), folders searched to their depth."""
    for path in paths:
        if path.is_dir():
            yield from ((file, False) for file in sorted(path.rglob("*")) if file.is_file())
        elif path.exists():
            yield path, True
        else:
            raise NotFoundError(f"{path}: no such file", next_step="check the path")


def _reason(error: HoldbackError, path: Path) -> str:
    """What is wrong, without the path that stands before it anyway."""
    if path.suffix.lower() == ".gz":
        return "packed with gzip: unpack it first (gunzip)"
    what = error.what.removeprefix(f"{path}: ").removeprefix(f"{path}")
    return ": ".join(filter(None, (what, error.why)))


def _once_each(found: Gathered) -> None:
    """Of several recordings of the same hours the one with heart rate, then the fullest."""
    kept: list[Run] = []
    for run in sorted(found.runs, key=lambda run: (not run.has_hr, -run.points)):
        same = next((other for other in kept if run.overlaps(other)), None)
        if same:
            found.left_out.append((run.path, f"the same run as {Path(same.path).name}: counted once"))
        else:
            kept.append(run)
    found.runs = sorted(kept, key=lambda run: run.start_s)
