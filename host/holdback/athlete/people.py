"""Whether recordings can be one runner's: by what files say of their wearer, and by heart rate at the same speed."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

from holdback.athlete.heart import Line
from holdback.athlete.run import Run
from holdback.errors import HoldbackError

TALLER_M = 0.06  # of two heights: more than a slip of the hand
APART_BPM = 25.0  # at the same speed: five times what days differ
APART_NEXT = "fit each runner's files on their own"


class TwoPeopleError(HoldbackError):
    """The files can hardly be of one runner; names one of each."""


def same_wearer(runs: Sequence[Run]) -> None:
    """Raises TwoPeopleError if files name different wearers (FIT user_profile: gender, height)."""
    told = [run for run in runs if run.person]
    for field, differ in (("gender", _unlike), ("height", _taller)):
        known = [run for run in told if field in run.person]
        for run in known[1:]:
            if differ(known[0].person[field], run.person[field]):
                what = f"{run.path}: user_profile.{field} is {run.person[field]}"
                raise TwoPeopleError(what, f"in {_name(known[0])} it is {known[0].person[field]}", APART_NEXT)


def _unlike(a: object, b: object) -> bool:
    return a != b


def _taller(a: object, b: object) -> bool:
    return isinstance(a, float) and isinstance(b, float) and abs(a - b) > TALLER_M


def strangers(line: Line) -> list[tuple[Run, float]]:
    """(run, bpm away) of runs whose heart rate at the same speed is another person's, or a bad strap's.

    Raises TwoPeopleError where they are no exception but a second group.
    """
    speed = median(mean for _, mean, _ in line.levels)
    beats = line.at(speed)
    ordered = sorted(zip(beats, (run for run, _, _ in line.levels), strict=True), key=lambda pair: pair[0])
    gaps = [b[0] - a[0] for a, b in pairwise(ordered)]
    cut = max(range(len(gaps)), key=lambda i: gaps[i], default=0)
    if gaps and gaps[cut] >= APART_BPM and min(cut + 1, len(gaps) - cut) >= max(2, len(ordered) / 4):
        low, high = ordered[cut], ordered[cut + 1]
        what = f"{high[1].path}: heart_rate is {high[0]:.0f} bpm at {speed:.1f} m/s"
        raise TwoPeopleError(what, f"in {_name(low[1])} it is {low[0]:.0f}: these look like two runners", APART_NEXT)
    middle = median(beats)
    return [(run, beat - middle) for beat, run in ordered if len(beats) > 2 and abs(beat - middle) > APART_BPM]


def _name(run: Run) -> str:
    return Path(run.path).name
