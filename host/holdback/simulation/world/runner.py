"""A runner who does not exist: what he wants, what he can, what his heart shows, and whether he listens.

Where the constants come from: heart rate follows speed with a gain of 24.2 bpm per m/s and a time constant of 57.6 s
(Hunt 2015); an all-out effort of T hours is x(T) = (T/0.6)^-0.09 of critical speed; tired legs carry over as
F' = rho (F + kappa T/6 y^m). **How much an overspent day costs the next one is not known**: kappa, rho and m are this
project's assumption, and so is the way the runner fades inside a stage. Everything that comes out is simulated.
"""

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pacing import cost, cues

from holdback.simulation.world.receiver import Truth

HR_GAIN_BPM_PER_MS = 24.2
HR_TAU_S = 57.6
ALL_OUT_H, ALL_OUT_EXPONENT = 0.6, 0.09
KAPPA, RHO, DAMAGE_POWER = 0.25, 0.6, 10.0  # assumed
FADE_FLOOR = 0.72  # share of critical speed that is left when nothing is left; assumed
FADE_FROM = 0.25  # share of the reserve below which the legs decide; assumed
LEGS_TAU_S = 6.0  # how quickly a change of mind becomes a change of speed
MEMORY_S = 60  # effort that counts as spent is a mean of this long, not a step
STEEP_TO_WALK = 0.08
EASING_S = 240  # how long he holds back below the plan when no all-clear comes
WALK_BREAK_S = 60


class Trail(Protocol):
    """What the runner has under his feet; `planning.Course` is one."""

    @property
    def length_m(self) -> float: ...
    def position_at(self, s_m: float) -> tuple[float, float]: ...
    def alt_at(self, s_m: float) -> float: ...
    def grade_at(self, s_m: float) -> float: ...
    def factor_at(self, s_m: float) -> float: ...


@dataclass(frozen=True)
class RunnerModel:
    """One runner. Fractions unless a unit says otherwise."""

    cs_ms: float = 3.7  # critical speed, rested
    hr_cs_bpm: float = 170.0  # heart rate at critical speed
    eagerness: float = 0.12  # how far above the plan he sets out on day 1
    eagerness_kept: float = 0.6  # share of it that is left on each next day
    obeys: float = 1.0  # share of his eagerness that an EASE takes away; 0 is deaf
    hears: float = 1.0  # chance that he notices a cue at all
    reacts_s: float = 15.0
    remembers_s: float = 5400.0  # time constant with which his eagerness returns
    mood: float = 0.03  # wander of the effort he chooses, over a minute or so
    ground: float = 0.04  # wander of what the ground costs against the map, over ten minutes
    day_hr_bpm: float = 2.5  # day-to-day offset of his heart rate, standard deviation
    later_days_hr_bpm: float = -2.5  # heart rate sinks as a race goes on (Kerhervé 2015)
    drift_bpm_h: float = 0.5


OBEDIENT = RunnerModel()
HALF = RunnerModel(obeys=0.5, hears=0.7, reacts_s=40.0, remembers_s=2700.0)
DEAF = RunnerModel(obeys=0.0)
RUNNERS = {"obedient": OBEDIENT, "half": HALF, "deaf": DEAF}


def all_out(hours: float) -> float:
    """The share of critical speed that can be held for so long and not longer."""
    return (hours / ALL_OUT_H) ** -ALL_OUT_EXPONENT


class _Wander:
    """A factor whose logarithm wanders about 0 (first-order Gauss-Markov, stepped once a second)."""

    def __init__(self, rng: random.Random, sigma: float, tau_s: float) -> None:
        self._gauss, self._keep = rng.gauss, math.exp(-1 / tau_s)
        self._push = sigma * math.sqrt(1 - self._keep**2)
        self._log = rng.gauss(0, sigma)

    def step(self) -> float:
        self._log = self._keep * self._log + self._gauss(0, self._push)
        return math.exp(self._log)


class Runner:
    """One stage of one runner, a second at a time.

    `caps(s_m)` and `descent_ms` are the plan in his head: the share of today's critical speed that it allows there, and
    the speed downhill; his eagerness goes beyond both. `fatigue` is F of the days before: today's critical speed is
    the model's, less that.
    """

    def __init__(
        self,
        model: RunnerModel,
        trail: Trail,
        caps: Callable[[float], float],
        *,
        stage_no: int = 1,
        descent_ms: float = 3.3,
        fatigue: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.model, self.trail, self.fatigue = model, trail, fatigue
        self._caps, self._descent_ms = caps, descent_ms
        rng = random.Random(f"runner {seed} {stage_no}")
        self._ears = random.Random(f"ears {seed} {stage_no}")  # dice of their own: a cue must not change the weather
        self._mood = _Wander(rng, model.mood, 75)
        self._ground = _Wander(rng, model.ground, 600)
        self.cs_ms = model.cs_ms * (1 - fatigue)
        self.eagerness = model.eagerness * model.eagerness_kept ** (stage_no - 1)
        self.s_m = self.speed_ms = 0.0
        self.elapsed_s = 0
        self.walking = False
        self.reserve = 1.0
        self.restraint = 0.0
        self._easing_s = self._walk_s = 0.0
        self._pending: list[tuple[float, int]] = []
        self._recent: deque[float] = deque(maxlen=MEMORY_S)
        self._recent_sum = self._damage = 0.0
        self._hr_offset = rng.gauss(0, model.day_hr_bpm) + model.later_days_hr_bpm * (stage_no - 1)
        self.hr_bpm = 95.0

    @property
    def done(self) -> bool:
        """Over the finish line."""
        return self.s_m >= self.trail.length_m

    def step(self) -> None:
        """One second of running."""
        self.elapsed_s += 1
        self._answer_cues()
        grade = self.trail.grade_at(self.s_m)
        factor = self.trail.factor_at(self.s_m) * self._ground.step()
        wish_ms = self._wish() * self._mood.step() * self.cs_ms / factor
        wish_ms = min(wish_ms, self._descent_ms * self._zeal()) if grade < 0 else self._on_foot(wish_ms, grade)
        self.speed_ms += (wish_ms - self.speed_ms) / LEGS_TAU_S
        self.s_m = min(self.s_m + self.speed_ms, self.trail.length_m)
        self._spend(self.speed_ms * factor)

    def stand(self) -> None:
        """One second of waiting: before the start, or after the finish."""
        self.speed_ms = 0.0
        self._beat(0.9)

    def feel(self, cue: int) -> None:
        """The motor spoke. He notices or not, and reacts after a while."""
        if self._ears.random() < self.model.hears:
            self._pending.append((self.elapsed_s + self.model.reacts_s, cue))

    def truth(self) -> Truth:
        """Where he is, for the receiver."""
        lat_deg, lon_deg = self.trail.position_at(self.s_m)
        ahead = min(self.s_m + 3, self.trail.length_m)
        behind = max(0.0, ahead - 6)
        course_deg = _bearing_deg(self.trail.position_at(behind), self.trail.position_at(ahead))
        return Truth(lat_deg, lon_deg, self.trail.alt_at(self.s_m), self.speed_ms, course_deg)

    def fatigue_after(self) -> float:
        """F with which he starts tomorrow, from what he spent second by second today (assumed damage)."""
        hours = max(self.elapsed_s, 1) / 3600
        spent = self._damage / all_out(hours) ** DAMAGE_POWER / 3600
        return RHO * (self.fatigue + KAPPA / 6 * spent)

    def _wish(self) -> float:
        """The share of today's critical speed that he wants, and still can."""
        model = self.model
        self.restraint *= 1 - 1 / model.remembers_s
        wish = self._caps(self.s_m) * self._zeal()
        if self._easing_s > 0:
            self._easing_s -= 1
            wish *= 1 - 0.05 * model.obeys
        can = FADE_FLOOR + (1.2 - FADE_FLOOR) * min(1.0, self.reserve / FADE_FROM)
        return min(wish, can)

    def _zeal(self) -> float:
        return 1 + self.eagerness * (1 - self.restraint)

    def _on_foot(self, wish_ms: float, grade: float) -> float:
        """Uphill: walk where walking is cheaper, or where he was told to."""
        self._walk_s -= 1
        walk_ms = cost.walk_speed_cms(round(grade * 1000)) / 100
        self.walking = self._walk_s > 0 or (grade > STEEP_TO_WALK and wish_ms < walk_ms)
        return min(wish_ms, walk_ms) if self.walking else wish_ms

    def _answer_cues(self) -> None:
        while self._pending and self._pending[0][0] <= self.elapsed_s:
            self._obey(self._pending.pop(0)[1])

    def _obey(self, cue: int) -> None:
        if cue in (cues.EASE, cues.EASE_HARD):
            self.restraint = max(self.restraint, self.model.obeys)
            self._easing_s = EASING_S
        if cue in (cues.EASE_HARD, cues.HIKE) and self.model.obeys:
            self._walk_s = WALK_BREAK_S
        if cue == cues.CLEAR:
            self._easing_s = 0.0

    def _spend(self, v_ga_ms: float) -> None:
        """Book one second: the reserve by the all-out law, the damage for tomorrow, the heart."""
        if len(self._recent) == MEMORY_S:
            self._recent_sum -= self._recent[0]
        self._recent.append(v_ga_ms / self.cs_ms)
        self._recent_sum += self._recent[-1]
        effort = self._recent_sum / len(self._recent)
        # Holding x(T) for T empties the reserve exactly, whatever T: linear damage (Miner's rule).
        self.reserve = max(0.0, self.reserve - effort ** (1 / ALL_OUT_EXPONENT) / (ALL_OUT_H * 3600))
        self._damage += effort**DAMAGE_POWER
        self._beat(v_ga_ms)

    def _beat(self, v_ga_ms: float) -> None:
        model = self.model
        drift = min(self.elapsed_s / 3600 * model.drift_bpm_h, 6.0)
        target = model.hr_cs_bpm + HR_GAIN_BPM_PER_MS * (v_ga_ms - model.cs_ms) + self._hr_offset + drift
        self.hr_bpm += (target - self.hr_bpm) / HR_TAU_S


def _bearing_deg(a: tuple[float, float], b: tuple[float, float]) -> float:
    north = b[0] - a[0]
    east = (b[1] - a[1]) * math.cos(math.radians(a[0]))
    return math.degrees(math.atan2(east, north)) % 360
