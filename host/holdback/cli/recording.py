"""`holdback recording`: look at a recording, and turn it into what other software reads."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from holdback.cli import output
from holdback.errors import HoldbackError, UsageError
from holdback.units import KM, Units, clock, kilobytes

if TYPE_CHECKING:
    from holdback.recordings.activity import Activity
    from holdback.recordings.load import Loaded

app = App(name="recording", help="Look at a recording (.hbr, FIT, GPX, TCX), or export it.")


@app.command
def show(file: Path, *, plan: Path | None = None, json: output.Json = False) -> None:
    """Sum a recording up: when, how far, heart rate, and every cue with its place and reason.

    Example: holdback recording show alps/recordings/stage-01.hbr

    Parameters
    ----------
    file
        A .hbr, FIT, GPX or TCX file.
    plan
        The stage's plan, for places along the course; found by itself in a race folder.
    """
    from holdback.recordings.load import load

    with output.busy("reading"):
        loaded = load(file, plan)
        document = _document(loaded)
    if json:
        output.document(document)
        return
    units = _units(file)
    for activity in document["activities"]:
        _say_activity(activity, units)
    if document["recording"]:
        _say_recording(document["recording"], units)


@app.command
def export(
    file: Path,
    *,
    to: Literal["fit", "gpx", "csv"],
    out: Annotated[Path | None, Parameter(name=("--out", "-o"))] = None,
    leg: int | None = None,
    force: Annotated[bool, Parameter(negative="")] = False,
    json: output.Json = False,
) -> None:
    """Write a recording as FIT, GPX or CSV.

    Example: holdback recording export alps/recordings/stage-01.hbr --to gpx

    Parameters
    ----------
    file
        A .hbr, FIT, GPX or TCX file.
    to
        The format to write.
    out
        File or folder to write to; beside the recording if it is not given.
    leg
        Which leg of a file that holds several, from 1.
    force
        Write over a file that is there.
    """
    from holdback.recordings.load import load
    from holdback.recordings.save import save

    with output.busy("exporting"):
        loaded = load(file)
        activity = _leg(loaded.activities, leg, file)
        target = _target(file, to, out, force)
        size = save(target, to, activity, loaded.recording)
    for note in activity.notes:
        output.note(f"{file}: {note}")
    if json:
        output.document(
            {
                "file": str(file),
                "out": str(target),
                "bytes": size,
                "points": len(activity.points),
                "notes": activity.notes,
            }
        )
    else:
        output.say(f"{target}: {len(activity.points)} points, {kilobytes(size)}")


def _leg(activities: "list[Activity]", leg: int | None, file: Path) -> "Activity":
    if leg is None and len(activities) == 1:
        return activities[0]
    if leg is not None and 1 <= leg <= len(activities):
        return activities[leg - 1]
    names = ", ".join(f"{i} {activity.sport or activity.name}" for i, activity in enumerate(activities, 1))
    what = f"{file}: it has {len(activities)} legs" if leg is None else f"{file}: it has no leg {leg}"
    raise UsageError(what, names, "choose one: --leg 1")


def _target(file: Path, kind: str, out: Path | None, force: bool) -> Path:
    name = file.with_suffix(f".{kind}").name
    target = file.with_name(name) if out is None else out / name if out.is_dir() else out
    if target.exists() and (not force or target.samefile(file)):
        if target.samefile(file):
            raise UsageError(f"{target}: is the recording itself", next_step="choose another file: -o OUT")
        raise UsageError(f"{target}: is there already", next_step="choose another file with -o, or add --force")
    if not target.parent.is_dir():
        raise HoldbackError(f"{target.parent}: no such folder", next_step="make it, or choose another with -o")
    return target


def _document(loaded: "Loaded") -> dict[str, Any]:
    """What `show --json` prints."""
    from msgspec import to_builtins

    from holdback.recordings.summary import summarise
    from holdback.recordings.text import iso_utc

    activities = []
    for activity in loaded.activities:
        totals = {name: _rounded(value) for name, value in to_builtins(summarise(activity.points)).items()}
        head = {"name": activity.name, "sport": activity.sport, "source": activity.source}
        start = iso_utc(totals.pop("start_s") or 0.0)
        activities.append({**head, "start": start, **totals, "points": len(activity.points), "notes": activity.notes})
    return {"file": str(loaded.path), "activities": activities, "recording": _recording(loaded)}


def _units(file: Path) -> Units:
    """Those of the race folder in whose recordings/ the file lies, else kilometres."""
    from holdback.race import units_in

    return units_in(file.resolve().parents[1]) if file.resolve().parent.name == "recordings" else KM


def _rounded(value: float | None) -> float | None:
    return round(value, 3) if isinstance(value, float) else value


def _recording(loaded: "Loaded") -> dict[str, Any] | None:
    from msgspec import to_builtins
    from pacing.journal import EV_PRESS, EV_RESUME

    from holdback.recordings.replay import recorded_cues
    from holdback.recordings.text import iso_utc
    from holdback.recordings.verdict import judge
    from holdback.reports.verdict_lines import remark_line

    recording = loaded.recording
    if recording is None:
        return None
    verdict = judge(recording, loaded.data, loaded.plan)
    kinds = [event.kind for event in recording.events]
    cues = [
        {"time": iso_utc(cue.utc_s), "elapsed_s": cue.stage_ms / 1000, "cue": cue.cue, "reason": cue.reason,
         "dist_m": cue.dist_m, "course_m": cue.course_m, "lat": cue.lat, "lon": cue.lon, "hr_bpm": cue.hr_bpm}
        for cue in recorded_cues(recording, loaded.plan)
    ]  # fmt: skip
    return {
        "stage": recording.stage_no,
        "device": recording.device_id,
        "version": recording.version,
        "plan_crc32": f"{recording.plan_crc:08x}",
        "bytes": recording.size,
        "damage_bytes": recording.damage_bytes,
        "presses": kinds.count(EV_PRESS),
        "resets": kinds.count(EV_RESUME),
        "cues": cues,
        "verdict": to_builtins(verdict),
        "remark": remark_line(verdict),
        "replay_agrees": loaded.replay_agrees(),
    }


def _say_activity(totals: dict[str, Any], units: Units) -> None:
    title = " · ".join(part for part in (totals["name"], totals["sport"], totals["source"]) if part)
    output.say(title or "an activity")
    output.say(f"  start     {totals['start']}")
    output.say(f"  time      {clock(totals['elapsed_s'])}, moving {clock(totals['moving_s'])}")
    output.say(f"  distance  {units.away(totals['distance_m'], 2)}")
    if totals["ascent_m"] is not None:
        output.say(
            f"  climb     +{units.climb(totals['ascent_m'])} {units.up} -{units.climb(totals['descent_m'])} {units.up}"
        )
    heart = (
        "none" if totals["hr_avg_bpm"] is None else f"avg {totals['hr_avg_bpm']:.0f}, max {totals['hr_max_bpm']} bpm"
    )
    output.say(f"  heart     {heart}")
    output.say(f"  points    {totals['points']}")
    for note in totals["notes"]:
        output.note(f"  note: {note}")


def _say_recording(recording: dict[str, Any], units: Units) -> None:
    resets = f", {recording['resets']} resets" if recording["resets"] else ""
    output.say(f"  device    {recording['device']}, {kilobytes(recording['bytes'])}{resets}")
    if recording["remark"]:
        output.say(f"  besides   {recording['remark']}")
    if not recording["cues"]:
        output.say("  no cues")
        return
    rows = [
        [clock(cue["elapsed_s"]), cue["cue"], cue["reason"], _place(cue, units), str(cue["hr_bpm"] or "-")]
        for cue in recording["cues"]
    ]
    output.table(["time", "Cue", "Why", "Where", "hr"], rows)
    agrees = recording["replay_agrees"]
    if agrees is not None:
        output.say(
            "the plan gives the same cues here" if agrees else "the plan gives OTHER cues here: versions differ?"
        )


def _place(cue: dict[str, Any], units: Units) -> str:
    on_course = cue["course_m"] is not None
    along = units.mark(cue["course_m"] if on_course else cue["dist_m"], 2) + " of the course" * on_course
    return f"{along}, {cue['lat']:.5f} {cue['lon']:.5f}" if cue["lat"] is not None else along
