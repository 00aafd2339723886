"""`holdback simulate`: a race folder, or any recorded run, on the virtual board."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from holdback.cli import output
from holdback.cli.background import in_background, steps
from holdback.cli.rehearsing import rehearse_race
from holdback.errors import UsageError
from holdback.units import clock, kilobytes

if TYPE_CHECKING:
    from holdback.recordings.activity import Activity
    from holdback.simulation.replay import PlacedCue, ReplayResult

ESTIMATED = (
    "critical speed, heart rate and plan are estimated from the file itself: an even effort of 0.8 of critical speed"
)


async def simulate(
    folder: Path | None = None,
    *,
    replay: Path | None = None,
    course: Path | None = None,
    leg: int = 1,
    stage: int | None = None,
    eagerness: float = 12.0,
    runner: Literal["obedient", "half", "deaf"] = "obedient",
    seed: int = 0,
    keep: Path | None = None,
    json: output.Json = False,
) -> None:
    """Try a race folder with a simulated runner, or ask of a recorded run: where would it have buzzed?

    Examples: holdback simulate alps --stage 2 | holdback simulate --replay run.fit

    Parameters
    ----------
    folder
        A race folder. Nothing in it is changed.
    replay
        A recorded run: FIT, GPX, TCX or .hbr. No race folder is needed.
    course
        With --replay: the GPX of the course; the run's own track otherwise.
    leg
        With --replay: which activity of the file, for triathlons and the like.
    stage
        With a race folder: only this stage.
    eagerness
        With a race folder: how far above the plan the runner sets out on day 1, percent.
    runner
        With a race folder: obedient, half or deaf.
    seed
        With a race folder: chance.
    keep
        Where the recordings and FIT files go; a temporary folder otherwise.
    """
    if (folder is None) == (replay is None):
        raise UsageError("give a race folder, or --replay FILE", next_step="holdback simulate --help")
    if folder and course:
        raise UsageError("--course belongs to --replay", "a race folder has its own courses")
    if replay and stage is not None:
        raise UsageError(
            "--stage belongs to a race folder", "a file has legs", "holdback simulate --replay FILE --leg 1"
        )
    if folder:
        await _race(folder, keep, stage, json, runner=runner, eagerness=eagerness, seed=seed)
    elif replay:
        await _replay(replay, keep, course, leg, json)


def _target(keep: Path | None) -> Path:
    """Where to write: never among a race's real recordings, which its next plan rests on."""
    if keep and keep.resolve().name == "recordings" and (keep.resolve().parent / "race.toml").is_file():
        raise UsageError(
            f"{keep} holds the race's own recordings", "a simulated one would be taken for real", "--keep simulated"
        )
    return keep or Path(tempfile.mkdtemp(prefix="holdback-simulate-"))


async def _race(folder: Path, keep: Path | None, stage: int | None, json: bool, **how: Any) -> None:
    from holdback.race import load_race

    race = load_race(folder)
    target = _target(keep)
    result = await rehearse_race(race, target, only=stage, **how)
    result.say(output.say)
    if json:
        output.document(result.document())
    else:
        output.say(f"recordings and FIT files: {target}")


async def _replay(file: Path, keep: Path | None, course_file: Path | None, leg: int, json: bool) -> None:
    from holdback.recordings.activity import of_one_day
    from holdback.recordings.files import read_activities
    from holdback.simulation.replay import replay

    activities = read_activities(file)
    if not 1 <= leg <= len(activities):
        raise UsageError(f"{file}: there is no leg {leg}", f"it has {len(activities)}", f"--leg 1 to {len(activities)}")
    activity = of_one_day(activities[leg - 1])
    course = _course(course_file)
    name = f"{file}: leg {leg} of {len(activities)}" if len(activities) > 1 else str(file)
    target = _target(keep)
    with steps() as step:
        result = await in_background(
            lambda stop: replay(activity, target, name=name, course=course, progress=step, stop=stop)
        )
    _say(name, activity, result)
    if json:
        output.document(_document(file, leg, activity, result))
    else:
        output.say(f"recording and FIT file: {result.path.parent}")


def _course(file: Path | None) -> Any:
    if not file:
        return None
    from holdback.gpx import read_gpx
    from holdback.planning import Course

    document = read_gpx(file)
    return Course(document.segments, name=document.name)


def _say(name: str, activity: "Activity", result: "ReplayResult") -> None:
    summary, guess = result.summary, result.estimate
    made = ", ".join(text for text in (activity.sport, activity.source) if text)
    output.say(
        f"{name}: {summary.distance_m / 1000:.2f} km in {clock(summary.elapsed_s)}{f' ({made})' if made else ''}"
    )
    for note in activity.notes:
        output.note(f"note: {note}")
    heart = f", heart rate there {guess.threshold_hr_bpm:.0f} bpm" if guess.threshold_hr_bpm else ""
    output.say(f"estimated: critical speed {guess.critical_speed_ms:.2f} m/s{heart}{_in_brackets(guess.note)}")
    for cue in result.cues:
        output.say(f"  {_line(cue)}")
    count, silent = len(result.cues), sum(cue.in_pause for cue in result.cues)
    pauses = f", {silent} of them in pauses of the file, where it was fed nothing" if silent else ""
    output.say(f"it would have buzzed {count or 'no'} time{'' if count == 1 else 's'}{pauses}")
    samples = len(result.recording.samples)
    output.say(
        f"the virtual device counted {result.device_m / 1000:.2f} km in {samples} samples; "
        f"{kilobytes(result.recording.size)} pulled in {result.pull_s:.1f} s"
    )
    output.say(f"({ESTIMATED}; the firmware is the real one, board and radio are simulated)")


def _in_brackets(note: str) -> str:
    return f" ({note})" if note else ""


def _line(placed: "PlacedCue") -> str:
    cue = placed.cue
    where = f"km {placed.file_m / 1000:6.2f}"
    return f"{clock(placed.elapsed_s)}  {where}  {cue.cue:9}  {cue.reason}{'  (a pause of the file)' * placed.in_pause}"


def _document(file: Path, leg: int, activity: "Activity", result: "ReplayResult") -> dict[str, Any]:
    guess = result.estimate
    return {
        "file": str(file),
        "leg": leg,
        "sport": activity.sport,
        "source": activity.source,
        "notes": activity.notes,
        "simulated": True,
        "estimated": {
            "how": ESTIMATED,
            "critical_speed_ms": round(guess.critical_speed_ms, 3),
            "threshold_hr_bpm": guess.threshold_hr_bpm and round(guess.threshold_hr_bpm, 1),
            "note": guess.note,
        },
        "elapsed_s": result.summary.elapsed_s,
        "distance_m": round(result.summary.distance_m, 1),
        "device_m": result.device_m,
        "samples": len(result.recording.samples),
        "cues": [
            {"at_s": round(placed.elapsed_s, 1), "place_m": round(placed.file_m, 1), "cue": placed.cue.cue,
             "reason": placed.cue.reason, "lat": placed.cue.lat, "lon": placed.cue.lon, "hr_bpm": placed.cue.hr_bpm,
             "in_pause": placed.in_pause}
            for placed in result.cues
        ],
        "pull": {"bytes": result.recording.size, "seconds": result.pull_s},
        "recording": str(result.path),
        "fit": str(result.fit),
    }  # fmt: skip
