"""What `demo` and `simulate` share: running a race folder on the virtual board, and saying how it went."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdback.cli import output
from holdback.cli.background import in_background, steps
from holdback.errors import UsageError
from holdback.race import Race, plan_race
from holdback.reports import night
from holdback.units import Units, clock, kilobytes, units_of

if TYPE_CHECKING:
    from holdback.planning import StagePlan
    from holdback.recordings.replay import Cue
    from holdback.simulation.rehearsal import RaceResult, StageResult
    from holdback.simulation.world.runner import RunnerModel

PROMPTS = ("hike", "eat")
MAX_EAGERNESS = 50.0  # percent; beyond it nobody runs
ASSUMED = (
    "simulated runner; how much an overspent day costs the next one, and how he fades within a stage, "
    "are assumptions of this project"
)


@dataclass(frozen=True)
class Rehearsal:
    """A simulated race and who ran it."""

    race: Race
    result: "RaceResult"
    model: "RunnerModel"
    runner: str
    seed: int

    def say(self, say: Callable[[str], None]) -> None:
        """The whole story in lines."""
        units = units_of(self.race.units)
        for stage, without_s in zip(self.result.stages, self.result.without_device_s, strict=True):
            for line in stage_lines(stage, without_s, units):
                say(line)
            if stage.night:
                what, why = night.sentences(self.race, stage.night)
                say(f"  night  {what}")
                say(f"         {why}")
        with_s, without_s = self.result.total_s, sum(self.result.without_device_s)
        say("")
        say(f"with the device {clock(with_s)}, the same runner without it {clock(without_s)}")
        say(difference(with_s, without_s))
        say(f"({ASSUMED})")

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        pairs = zip(self.result.stages, self.result.without_device_s, strict=True)
        return {
            "race": self.race.name,
            "folder": str(self.race.folder),
            "simulated": True,
            "assumed": ASSUMED,
            "runner": self.runner,
            "eagerness_percent": self.model.eagerness * 100,
            "seed": self.seed,
            "stages": [
                stage_document(stage, without_s)
                | {"night": night.as_dict(self.race, stage.night) if stage.night else None}
                for stage, without_s in pairs
            ],
            "total_s": self.result.total_s,
            "without_device_s": sum(self.result.without_device_s),
        }


async def rehearse_race(
    race: Race, folder: Path, *, runner: str, eagerness: float, seed: int, only: int | None = None
) -> Rehearsal:
    """Plan the race, run its stages (or stage `only`) on the virtual board; recordings and FIT files in `folder`."""
    from holdback.simulation.rehearsal import rehearse, runner_of
    from holdback.simulation.world.runner import RUNNERS

    if not 0 <= eagerness <= MAX_EAGERNESS:
        raise UsageError(
            f"--eagerness {eagerness:g} is out of range",
            f"0 to {MAX_EAGERNESS:g} percent",
            "choose one, or leave it out",
        )
    plans = _runnable(race, only)
    model = runner_of(race.athlete, RUNNERS[runner], eagerness / 100)
    with steps() as step:
        result = await in_background(
            lambda stop: rehearse(race, plans, model, folder, seed=seed, progress=step, stop=stop)
        )
    return Rehearsal(race, result, model, runner, seed)


def _runnable(race: Race, only: int | None) -> list["StagePlan"]:
    if only is not None:
        race.stage(only)
    plans = plan_race(race)
    runnable = [plan for plan in plans if plan.course and only in (None, plan.stage_no)]
    for plan in plans:
        if not plan.course:
            output.note(f"stage {plan.stage_no} has no course: it cannot be simulated and is left out")
    if not runnable:
        raise UsageError("there is no stage to simulate", "none has a course", "give stages a gpx in race.toml")
    return runnable


def stage_lines(stage: "StageResult", without_s: int, units: Units) -> list[str]:
    """One stage, for people."""
    plan = stage.plan
    lines = [
        "",
        f"Stage {plan.stage_no}  {plan.name}: {units.away(plan.length_m)}, {units.climb(plan.climb_m)} {units.up} up, "
        f"planned {clock(plan.planned_s)} at {plan.pace.intensity:.0%} of critical speed",
        f"  push   {kilobytes(stage.push.size)} of plan in {stage.push.seconds:.1f} s",
    ]
    cues, prompts = _apart(stage.cues)
    lines += [f"  cue    {clock(cue.stage_ms / 1000)}  {_place(cue, units)}  {cue.cue:9}  {cue.reason}" for cue in cues]
    for name in PROMPTS:
        places = [units.distance(_place_m(cue)) for cue in prompts if cue.cue == name]
        if places:
            lines.append(f"  plan   {name} at {units.far} {', '.join(places)}")
    lines += [
        f"  run    {clock(stage.elapsed_s)}, {_signed(stage.elapsed_s - plan.planned_s)} against the plan; "
        f"{len(cues) or 'no'} cue{'' if len(cues) == 1 else 's'}; without the device {clock(without_s)}",
        f"  pull   {kilobytes(stage.pull.size)} of recording in {stage.pull.seconds:.1f} s -> {stage.recording.name}, "
        f"{stage.fit.name}",
    ]
    return lines


def stage_document(stage: "StageResult", without_s: int) -> dict[str, Any]:
    """One stage, for programs. `cues` say that something is wrong or right again, `prompts` remind of the plan."""
    cues, prompts = _apart(stage.cues)
    return {
        "stage": stage.plan.stage_no,
        "name": stage.plan.name,
        "length_m": round(stage.plan.length_m, 1),
        "planned_s": round(stage.plan.planned_s),
        "elapsed_s": stage.elapsed_s,
        "without_device_s": without_s,
        "cues": [_cue_document(cue) for cue in cues],
        "prompts": [_cue_document(cue) for cue in prompts],
        "felt": stage.felt,
        "push": {"bytes": stage.push.size, "seconds": stage.push.seconds},
        "pull": {"bytes": stage.pull.size, "seconds": stage.pull.seconds},
        "recording": str(stage.recording),
        "fit": str(stage.fit),
    }  # fmt: skip


def _apart(cues: Sequence["Cue"]) -> tuple[list["Cue"], list["Cue"]]:
    """Cues, and the plan's own prompts: meals and hikes come to whoever runs, however well."""
    return [cue for cue in cues if cue.cue not in PROMPTS], [cue for cue in cues if cue.cue in PROMPTS]


def _cue_document(cue: "Cue") -> dict[str, Any]:
    return {
        "at_s": cue.stage_ms / 1000, "place_m": round(_place_m(cue), 1), "cue": cue.cue, "reason": cue.reason,
        "lat": cue.lat, "lon": cue.lon, "hr_bpm": cue.hr_bpm,
    }  # fmt: skip


def _place_m(cue: Any) -> float:
    return cue.dist_m if cue.course_m is None else cue.course_m


def _place(cue: Any, units: Units) -> str:
    return f"{units.far} {units.distance(_place_m(cue)):>5}"


def _signed(seconds: float) -> str:
    return ("-" if seconds < 0 else "+") + clock(abs(seconds))


def difference(with_s: float, without_s: float) -> str:
    """Who was faster, in words."""
    gained = without_s - with_s
    if abs(gained) < 1:
        return "no difference"
    return f"the device {'saves' if gained > 0 else 'costs'} {clock(abs(gained))}"
