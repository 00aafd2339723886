"""A whole race on the virtual board: each morning the plan goes over the air, each evening the recording comes back.

And the same race by the same runner without the device, for the difference. Nothing here prints.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from holdback.device import sync
from holdback.device.plans import check_plan, open_plan
from holdback.planning.athlete import Athlete
from holdback.planning.model import StagePlan
from holdback.planning.segments import WARM_UP_S, WARM_UP_SHARE
from holdback.race import Race
from holdback.race.replan import Replanned, courses_of, replan
from holdback.recordings import fit
from holdback.recordings.journal import read_recording, to_activity
from holdback.recordings.replay import Cue, recorded_cues
from holdback.simulation.air import Air, run
from holdback.simulation.machine.flash import Flash
from holdback.simulation.machine.provision import hold_simulated_keys
from holdback.simulation.world.receiver import ReceiverModel
from holdback.simulation.world.runner import Runner, RunnerModel
from holdback.simulation.world.wrist import LEAD_S, StageRun, Wrist, run_stage

MORNING_S = 180  # the plan is pushed so long before the gun
HR_CS_BPM = 170.0  # of a runner whose file does not say
DROPOUTS = ReceiverModel(dropouts_per_h=2.0)  # a gorge or a wood now and then

Progress = Callable[[str, int, int | None], None]  # what is going on, how far, of how much


def no_progress(what: str, done: int, total: int | None) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Transfer:
    """One way over the air: bytes of the file, virtual seconds from looking for the device to the verified file."""

    size: int
    seconds: float


@dataclass(frozen=True)
class StageResult:
    """A stage that was run with the device. `cues` are the recording's; `felt` is how many of them the motor played.

    `night` is what it changed in the plans of the stages to come, None after the last.
    """

    plan: StagePlan
    elapsed_s: int
    cues: list[Cue]
    felt: int
    push: Transfer
    pull: Transfer
    recording: Path
    fit: Path
    night: Replanned | None = None


@dataclass
class RaceResult:
    """A race with and without the device: seconds of each stage."""

    stages: list[StageResult] = field(default_factory=list)
    without_device_s: list[int] = field(default_factory=list)

    @property
    def total_s(self) -> int:
        """With the device."""
        return sum(stage.elapsed_s for stage in self.stages)


def runner_of(athlete: Athlete, model: RunnerModel, eagerness: float) -> RunnerModel:
    """The runner who is as the planner believes, but for his eagerness (fraction above the plan on day 1)."""
    hr = athlete.threshold_hr_bpm or HR_CS_BPM
    return replace(model, cs_ms=athlete.critical_speed_ms, hr_cs_bpm=hr, eagerness=eagerness)


def make_runner(plan: StagePlan, model: RunnerModel, fatigue: float, seed: int) -> Runner:
    """The runner of one stage, who has its plan in mind: relative to the tired legs that it expects."""
    day = _PlannedDay(plan)
    share = plan.pace.intensity / (1 - plan.day.fatigue)
    return Runner(
        model, day, lambda s_m: share * day.warmth_at(s_m),
        stage_no=plan.stage_no, descent_ms=plan.pace.descent_ms, fatigue=fatigue, seed=seed,
    )  # fmt: skip


class _PlannedDay:
    """A course in the air, heat and light that its plan expects, and how warm the plan's legs are along it."""

    def __init__(self, plan: StagePlan) -> None:
        assert plan.course
        self._course, self._plan = plan.course, plan
        self.length_m = plan.course.length_m
        self.grade_at, self.alt_at = plan.course.grade_at, plan.course.alt_at
        self.position_at = plan.course.position_at
        self._ends = [part.end_m for part in plan.segments]
        self._starts_s = list(accumulate((part.time_s for part in plan.segments), initial=0.0))

    def _number(self, s_m: float) -> int:
        return min(bisect_right(self._ends, s_m), len(self._ends) - 1)

    def factor_at(self, s_m: float) -> float:
        """Cost relative to a level road by the sea, in the cool and by day."""
        return self._course.slope_at(s_m) * self._plan.segments[self._number(s_m)].load

    def warmth_at(self, s_m: float) -> float:
        """The share of the cap that the first minutes of a later day allow."""
        if self._plan.stage_no == 1:
            return 1.0
        number = self._number(s_m)
        part = self._plan.segments[number]
        elapsed_s = self._starts_s[number] + (s_m - part.start_m) / part.speed_ms
        return min(1.0, WARM_UP_SHARE + (1.0 - WARM_UP_SHARE) * elapsed_s / WARM_UP_S)


def without_device(plans: Sequence[StagePlan], model: RunnerModel, seed: int) -> list[int]:
    """Seconds of each stage when nobody speaks to the runner."""
    fatigue, times = plans[0].day.fatigue, []
    for plan in plans:
        runner = make_runner(plan, model, fatigue, seed)
        while not runner.done:
            runner.step()
        fatigue = runner.fatigue_after()
        times.append(runner.elapsed_s)
    return times


def rehearse(
    race: Race,
    plans: Sequence[StagePlan],
    model: RunnerModel,
    folder: Path,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
    stop: Callable[[], bool] = lambda: False,
    **air: Any,
) -> RaceResult:
    """Run the planned stages (each with a course) with the device, then without. Each evening what is left is planned
    anew. Recordings and FIT files go to `folder`; `air` to `simulation.run`. `stop` is asked each virtual second:
    StoppedError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    start_utc = round(race.stage(plans[0].stage_no).start.timestamp()) - MORNING_S

    async def main(air: Air) -> list[StageResult]:
        sync.utc_now.set(lambda: air.utc_s)
        hold_simulated_keys()
        wrist = Wrist(air, Flash(), seed=seed, receiver=DROPOUTS, stop=stop)
        days = _Rehearsal(wrist, model, folder, seed, progress)
        return await _all_days(race, days, plans, folder)

    with_device = run(main, seed=seed, start_utc=start_utc, **air)
    return RaceResult(with_device, without_device(plans, model, seed))


async def _all_days(race: Race, days: "_Rehearsal", plans: Sequence[StagePlan], folder: Path) -> list[StageResult]:
    """Stage after stage, each with the plan that the evening before has left of it."""
    done: list[StageResult] = []
    courses, latest = courses_of(race, plans), {plan.stage_no: plan for plan in plans}
    for number in list(latest):
        result = await days.run(race.stage(number).start.timestamp(), latest[number])
        if number != plans[-1].stage_no:
            night = replan(race, number, courses, folder)
            latest |= {plan.stage_no: plan for plan in night.plans}
            result = replace(result, night=night)
        done.append(result)
    return done


class _Rehearsal:
    """The days of one race, one after the other."""

    def __init__(self, wrist: Wrist, model: RunnerModel, folder: Path, seed: int, progress: Progress) -> None:
        self._wrist, self._model, self._folder, self._seed = wrist, model, folder, seed
        self._progress = progress
        self._fatigue: float | None = None

    async def run(self, gun_utc_s: float, plan: StagePlan) -> StageResult:
        """The night, which costs nothing; then morning, stage, evening."""
        wrist = self._wrist
        await wrist.until_utc(gun_utc_s - MORNING_S)
        await wrist.power_on()
        push = await self._push(plan)
        runner = make_runner(
            plan, self._model, plan.day.fatigue if self._fatigue is None else self._fatigue, self._seed
        )
        metres = round(plan.length_m)
        told = lambda share: self._progress(f"stage {plan.stage_no}", round(share * metres), metres)  # noqa: E731
        await wrist.until_utc(gun_utc_s - LEAD_S)
        stage = await run_stage(wrist, runner, told)
        self._fatigue = runner.fatigue_after()
        path, pull = await self._pull(plan)
        await wrist.power_off()
        return self._result(plan, stage, push, pull, path)

    async def _push(self, plan: StagePlan) -> Transfer:
        air = self._wrist.air
        began_ms = air.now_ms
        with air.bleak():
            device = await sync.find()
            file = check_plan(plan.data)
            pushed = await sync.push(device.address, [file], self._telling(f"push {plan.stage_no}"))
        return Transfer(pushed.bytes_sent, (air.now_ms - began_ms) / 1000)

    async def _pull(self, plan: StagePlan) -> tuple[Path, Transfer]:
        air = self._wrist.air
        began_ms = air.now_ms
        with air.bleak():
            device = await sync.find()
            pulled = await sync.pull(
                device.address, plan.stage_no, self._folder, self._telling(f"pull {plan.stage_no}")
            )
        return pulled.path, Transfer(pulled.size, (air.now_ms - began_ms) / 1000)

    def _telling(self, what: str) -> sync.Progress:
        return lambda done, total: self._progress(what, done, total)

    def _result(self, plan: StagePlan, stage: StageRun, push: Transfer, pull: Transfer, path: Path) -> StageResult:
        recording = read_recording(path)
        cues = recorded_cues(recording, open_plan(plan.data))
        fit_path = path.with_suffix(".fit")
        fit_path.write_bytes(fit.encode(to_activity(recording).points))
        return StageResult(plan, stage.elapsed_s, cues, len(stage.cues), push, pull, path, fit_path)
