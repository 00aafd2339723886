"""Starts a race folder: copies the GPX files in order and writes the two files that the runner fills in."""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from holdback.errors import HoldbackError, NotFoundError, typed
from holdback.gpx import GpxDocument, read_gpx
from holdback.race.folder import FOLDERS
from holdback.race.problems import ATHLETE_FILE, RACE_FILE
from holdback.race.template import athlete_text, race_text


def gpx_files(paths: Sequence[Path]) -> list[Path]:
    """The files that are given, and those in given folders. NotFoundError for a folder without one."""
    found = []
    for path in paths:
        files = sorted(item for item in path.iterdir() if item.suffix.lower() == ".gpx") if path.is_dir() else [path]
        if not files:
            raise NotFoundError(f"{path}: no GPX file in it", next_step="give a folder with *.gpx, or the files")
        found += files
    return found


def init_race(folder: Path | str, gpx_paths: Sequence[Path | str] = (), **fields: str | float) -> Path:
    """Make a race folder and return it; `fields` fills in date, timezone, start, name, distance_km, time, hr_max_bpm.

    Every file is read before anything is written, and nothing that is there is overwritten. Raises HoldbackError.
    """
    folder = Path(folder)
    for name in (RACE_FILE, ATHLETE_FILE):
        if (folder / name).exists():
            what = f"{folder / name}: there is a race here already"
            raise HoldbackError(what, "nothing was changed", typed("race", "check", folder))
    documents = in_order([read_gpx(path) for path in gpx_files([*map(Path, gpx_paths)])])
    copies = _copies(folder, [Path(document.name) for document in documents])
    fields = {"name": folder.resolve().name or "race"} | fields
    stages = [
        (f"stages/{target.name}", _name(document, target))
        for document, (_, target) in zip(documents, copies, strict=True)
    ]
    try:
        _write(folder, copies, race_text(stages, fields), athlete_text(fields))
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
        raise HoldbackError(f"{folder}: cannot be written", why, "choose another folder") from None
    return folder


def _write(folder: Path, copies: list[tuple[Path, Path]], race: str, athlete: str) -> None:
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for source, target in copies:
        if not target.exists():
            shutil.copyfile(source, target)
    for name, text in ((ATHLETE_FILE, athlete), (RACE_FILE, race)):
        with (folder / name).open("x", encoding="utf-8") as file:
            file.write(text)


def in_order(documents: list[GpxDocument]) -> list[GpxDocument]:
    """By the day of their times where each file has its own, else by name as people count: 2 before 10."""
    times = [next((p.time_s for part in document.segments for p in part if p.time_s), None) for document in documents]
    days = {int(moment // 86400) for moment in times if moment}
    if len(days) == len(documents):
        return [document for _, document in sorted(zip(times, documents, strict=True), key=lambda pair: pair[0] or 0)]
    return sorted(documents, key=lambda document: _counted(Path(document.name).name))


def _counted(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part.lower()) for part in re.split(r"(\d+)", name)]


def _copies(folder: Path, sources: list[Path]) -> list[tuple[Path, Path]]:
    """(source, target) for each file; refuses to replace a file by another of the same name."""
    copies, taken = [], set()
    for number, source in enumerate(sources, 1):
        target = folder / "stages" / source.name
        if target.name.lower() in taken:
            target = target.with_name(f"{number}-{source.name}")
        taken.add(target.name.lower())
        if target.exists() and target.read_bytes() != source.read_bytes():
            raise HoldbackError(f"{target}: another file has this name", "nothing was changed", "rename one of them")
        copies.append((source, target))
    return copies


def _name(document: GpxDocument, target: Path) -> str:
    """The track's own name where it has a usable one, else the file's."""
    names = [track.name for track in (*document.tracks, *document.routes) if track.name]
    return " ".join(names[0].split())[:80] if names else target.stem
