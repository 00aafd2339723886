"""A stage race in steps of ten seconds, with the real core on the wrist, in worlds that are not the planner's formula.

Everything is simulated. Distances are level equivalents: hills, descents, heat and stations are left out, and so is an
evening's new plan; each runner keeps the plan of the first morning in his head, relative to the legs that he wakes up
with. What a day leaves in the legs is an assumption, so that it is varied: its strength, its shape, how much a night
takes away. See `race.checked` for the same race at 1 Hz.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from holdback.device.plans import open_plan
from holdback.planning import days
from holdback.planning.athlete import Athlete
from holdback.planning.model import Day, StagePlan
from holdback.planning.stage import plan_hours
from holdback.simulation.world.runner import (
    DAMAGE_POWER,
    EASING_S,
    FADE_FLOOR,
    FADE_FROM,
    HR_GAIN_BPM_PER_MS,
    HR_TAU_S,
    KAPPA,
    RHO,
    WALK_BREAK_S,
    RunnerModel,
)
from pacing import cues
from pacing.pacer import Pacer
from pacing.sample import FIX_BEST, Sample

STEP_S = 10
ATHLETE = Athlete(critical_speed_ms=13.3 / 3.6, threshold_hr_bpm=170.0)
EQUATOR_E6_M = 1e6 / 111_195  # 1e-6 degrees of latitude a metre
WALK_MS = 2.0
MOST_FATIGUE = 0.5


@dataclass(frozen=True)
class World:
    """What is true of runner and damage, whatever the plan believes. Fractions unless a unit says otherwise.

    `damage`: how a second's wear grows with effort y (1: all out): `power` y^power, `threshold` none below .85 and
    straight from there, `time` the same at every effort. All three leave the same after an all-out stage.
    `fade`: within the stage he is limited by a reserve that all-out running empties (`reserve`), by critical speed
    that sinks by .055 u^3 an hour (`durability`, fit to Clark 2018-19, Jones 2021-23, Zanini 2025), or by nothing.
    """

    kappa: float = KAPPA
    rho: float = RHO
    power: float = DAMAGE_POWER
    damage: str = "power"
    fade: str = "reserve"
    endurance: float = days.ENDURANCE
    cs_error: float = 0.0  # his critical speed above the plan's
    eagerness: float = 0.10  # how far above the plan he sets out on day 1
    mood: float = 0.08  # wander of his effort within minutes
    spells: float = 0.05  # and within a quarter of an hour
    ground: float = 0.04  # wander of what the ground costs, within ten minutes
    bias: float = 0.0  # what the ground costs above the map's word all race long
    memory_s: float = 600.0  # the laws are those of whole races, rough themselves: they are fed means of so long


def plan_of(distances_km: Sequence[float]) -> list[StagePlan]:
    """The planner's own efforts and caps for these days."""
    critical_kmh = ATHLETE.critical_speed_ms * 3.6
    efforts = days.optimise(distances_km, critical_kmh, [days.DAY_1] + [days.FREE] * (len(distances_km) - 1))
    hours, mornings = days.race_hours(distances_km, efforts, critical_kmh)
    stages = enumerate(zip(efforts, hours, mornings, strict=True), 1)
    return [
        plan_hours(time_h, ATHLETE, Day(stage_no=no, stage_count=len(efforts), effort=effort, fatigue=fatigue))
        for no, (effort, time_h, fatigue) in stages
    ]


@dataclass(frozen=True)
class Ran:
    """A race: seconds of each stage, and EASEs that were given."""

    stages_s: tuple[int, ...]
    eases: int

    @property
    def total_s(self) -> int:
        """All stages."""
        return sum(self.stages_s)


def run_race(
    plans: Sequence[StagePlan], distances_km: Sequence[float], model: RunnerModel, world: World, seed: int,
    *, device: bool,
) -> Ran:  # fmt: skip
    """One race of one runner; with the same seed his moods and the ground are the same with the device and without."""
    fatigue, times, eases = 0.0, [], 0
    for plan, distance_km in zip(plans, distances_km, strict=True):
        racer = Racer(plan, model, world, fatigue, seed)
        wrist = Wrist(plan) if device else None
        while racer.s_m < distance_km * 1000:
            racer.step()
            if wrist and (cue := wrist.step(racer)):
                eases += cue in (cues.EASE, cues.EASE_HARD)
                racer.feel(cue)
        fatigue = racer.fatigue_after()
        times.append(racer.elapsed_s)
    return Ran(tuple(times), eases)


class Wrist:
    """The real core under the real plan, fed a sample each ten seconds: it takes one for no more."""

    def __init__(self, plan: StagePlan) -> None:
        self._pacer = Pacer(open_plan(plan.data))
        self._sample = Sample()
        self._sample.flags = FIX_BEST

    def step(self, racer: "Racer") -> int:
        """The cue that is felt now, or 0."""
        sample = self._sample
        sample.stage_ms = racer.elapsed_s * 1000
        sample.lat_e6 = round(racer.s_m * EQUATOR_E6_M)
        sample.speed_cms = round(racer.speed_ms * 100)
        sample.hr_bpm = round(racer.hr_bpm)
        return self._pacer.step(sample)


class Racer:
    """One stage of one runner, STEP_S at a time; `simulation.world.runner.Runner` in large steps and other worlds."""

    def __init__(self, plan: StagePlan, model: RunnerModel, world: World, fatigue: float, seed: int) -> None:
        self.model, self.world, self.fatigue = model, world, fatigue
        number = plan.stage_no
        rng = random.Random(f"racer {seed} {number}")
        self._gauss = rng.gauss
        self._ears = random.Random(f"racer's ears {seed} {number}")  # a cue must not change the weather
        self.cs_ms = ATHLETE.critical_speed_ms * (1 + world.cs_error) * (1 - fatigue)
        self._share = plan.pace.intensity / (1 - plan.day.fatigue)
        self._all_out = days.sustainable_fraction(plan.planned_s / 3600)
        self.eagerness = world.eagerness * model.eagerness_kept ** (number - 1)
        self._wanders = [
            [0.0, math.exp(-STEP_S / tau_s), sigma * math.sqrt(1 - math.exp(-2 * STEP_S / tau_s))]
            for sigma, tau_s in ((world.mood, 75), (world.spells, 900), (world.ground, 600))
        ]
        self.s_m = self.speed_ms = 0.0
        self.elapsed_s = 0
        self.reserve, self.restraint = 1.0, 0.0
        self._worn = 0.0
        self._mean = self._share  # of effort, over memory_s
        self._easing_s = self._walk_s = 0.0
        self._pending: list[tuple[float, int]] = []
        offset = rng.gauss(0, model.day_hr_bpm) + model.later_days_hr_bpm * (number - 1)
        self._hr_cs_bpm = (ATHLETE.threshold_hr_bpm or 0) + offset
        self.hr_bpm = 95.0

    def step(self) -> None:
        """STEP_S of running."""
        self.elapsed_s += STEP_S
        while self._pending and self._pending[0][0] <= self.elapsed_s:
            self._obey(self._pending.pop(0)[1])
        for wander in self._wanders:
            wander[0] = wander[1] * wander[0] + self._gauss(0, wander[2])
        effort = min(self._wish() * math.exp(self._wanders[0][0] + self._wanders[1][0]), self._can())
        factor = math.exp(self._wanders[2][0]) * (1 + self.world.bias)
        self.speed_ms = effort * self.cs_ms / factor
        if self._walk_s > 0:
            self._walk_s -= STEP_S
            self.speed_ms = min(self.speed_ms, WALK_MS)
        self.s_m += self.speed_ms * STEP_S
        self._spend(self.speed_ms * factor)

    def feel(self, cue: int) -> None:
        """The motor spoke. He notices or not, and reacts after a while."""
        if self._ears.random() < self.model.hears:
            self._pending.append((self.elapsed_s + self.model.reacts_s, cue))

    def fatigue_after(self) -> float:
        """F with which he starts tomorrow."""
        world = self.world
        return min(MOST_FATIGUE, world.rho * (self.fatigue + world.kappa / 6 * self._worn / 3600))

    def _wish(self) -> float:
        """The share of today's critical speed that he wants."""
        self.restraint *= math.exp(-STEP_S / self.model.remembers_s)
        wish = self._share * (1 + self.eagerness * (1 - self.restraint))
        if self._easing_s > 0:
            self._easing_s -= STEP_S
            wish *= 1 - 0.05 * self.model.obeys
        return wish

    def _can(self) -> float:
        """The share of today's critical speed that is left to him."""
        if self.world.fade == "reserve":
            return FADE_FLOOR + (1.2 - FADE_FLOOR) * min(1.0, max(0.0, self.reserve) / FADE_FROM)
        return 1.2

    def _obey(self, cue: int) -> None:
        if cue in (cues.EASE, cues.EASE_HARD):
            self.restraint = max(self.restraint, self.model.obeys)
            self._easing_s = EASING_S
        if cue == cues.EASE_HARD and self.model.obeys:
            self._walk_s = WALK_BREAK_S
        if cue == cues.CLEAR:
            self._easing_s = 0.0

    def _spend(self, v_ga_ms: float) -> None:
        """Book the step: what is left of the day, what it leaves for tomorrow, the heart."""
        world = self.world
        effort = v_ga_ms / self.cs_ms
        self._mean += (effort - self._mean) * (1 - math.exp(-STEP_S / world.memory_s))
        self.reserve -= self._mean ** (1 / world.endurance) * STEP_S / (days.REFERENCE_H * 3600)
        if world.fade == "durability":
            self.cs_ms *= 1 - ATHLETE.durability * self._mean**3 * STEP_S / 3600
        self._worn += wear(world, self._mean / self._all_out) * STEP_S
        target = self._hr_cs_bpm + HR_GAIN_BPM_PER_MS * (effort - 1) * ATHLETE.critical_speed_ms
        target += min(self.elapsed_s / 3600 * self.model.drift_bpm_h, 6.0)
        self.hr_bpm += (target - self.hr_bpm) * (1 - math.exp(-STEP_S / HR_TAU_S))


def wear(world: World, y: float) -> float:
    """What a second at effort y (1: all out) wears, 1 when all out."""
    if world.damage == "time":
        return 1.0
    if world.damage == "threshold":
        return max(0.0, y - 0.85) / 0.15
    return y**world.power
