"""results.toml: how each stage ended and how hard it felt, as the runner said it in the evening.

    [[results]]
    stage = 1
    ended = "finished"   # finished, shortened or dnf
    rating = 7           # 1 = a stroll, 10 = all that was there; may be left out

One entry a stage. Speed alone cannot tell a tired runner from a careful one; the rating can.
"""

from pathlib import Path
from typing import Literal

import msgspec

from holdback.errors import UsageError
from holdback.race.problems import Problem, RaceError, build, read_toml
from holdback.race.schema import MAX_STAGES, ResultsEntry, ResultsFile
from holdback.writing import write_whole

RESULTS_FILE = "results.toml"
ENDINGS = ("finished", "shortened", "dnf")
HEAD = (
    "# How the stages ended. Written by holdback sync; may be corrected by hand: ended = finished, shortened or dnf,\n"
)
HEAD += "# rating = 1 (a stroll) to 10 (all that was there).\n"

Ending = Literal["finished", "shortened", "dnf"]


def load_results(folder: Path | str) -> list[ResultsEntry]:
    """The entries in the order of the stages; none where no file is yet. Raises RaceError with every problem."""
    path = Path(folder) / RESULTS_FILE
    if not path.exists():
        return []
    problems: list[Problem] = []
    table = read_toml(path, problems)
    written = build(ResultsFile, table, RESULTS_FILE, problems) if table is not None else None
    entries = written.results if written else []
    for number, entry in enumerate(entries, 1):
        if entry.stage in [other.stage for other in entries[: number - 1]]:
            what = f"stage {entry.stage} stands here twice"
            problems.append(Problem(RESULTS_FILE, f"results[{number}].stage", what, "remove one of the two"))
    if problems:
        raise RaceError(problems, folder)
    return sorted(entries, key=lambda entry: entry.stage)


def add_result(folder: Path | str, stage: int, ended: str, rating: int | str | None = None) -> ResultsEntry:
    """Write how a stage ended; an earlier entry of that stage is replaced. The file is whole at every moment.

    `rating` may be what a runner typed. Raises UsageError for a value out of range, RaceError for a file that cannot
    be read: then it is left as it is.
    """
    entry = ResultsEntry(_stage_no(stage), parse_ending(ended), parse_rating(rating))
    others = [other for other in load_results(folder) if other.stage != stage]
    _write(Path(folder) / RESULTS_FILE, sorted([*others, entry], key=lambda item: item.stage))
    return entry


def parse_rating(text: int | str | None) -> int | None:
    """A rating from 1 to 10; None for None and for an empty answer. Raises UsageError for anything else."""
    if text is None or (isinstance(text, str) and not text.strip()):
        return None
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 1 <= value <= 10:
        what = f'rating: "{text}" is no number from 1 to 10'
        raise UsageError(what, "1 is a stroll, 10 is all that was there", "give a number, or leave it empty")
    return value


def parse_ending(text: str) -> Ending:
    """An ending, its first letter is enough. Raises UsageError for anything else."""
    word = text.strip().lower()
    for ending in ("finished", "shortened", "dnf"):
        if word and ending.startswith(word):
            return ending
    raise UsageError(f'ended: "{text}" is none of {", ".join(ENDINGS)}', "dnf is: did not finish", "give one of them")


def _stage_no(stage: int) -> int:
    if not 1 <= stage <= MAX_STAGES:
        raise UsageError(f"stage: {stage} is no stage", f"a race has 1 to {MAX_STAGES}", "give the stage's number")
    return stage


def _write(path: Path, entries: list[ResultsEntry]) -> None:
    rows = [msgspec.to_builtins(entry) for entry in entries]
    parts = ["\n[[results]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in row.items()) for row in rows]
    write_whole(path, (HEAD + "".join(parts)).encode())


def _toml(value: int | str) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
