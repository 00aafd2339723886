"""What the planner knows of a runner: critical speed, the heart rate that belongs to it, and limits derived of both."""

from dataclasses import dataclass

from holdback.planning.days import sustainable_fraction

BPM_PER_MS = 24.2  # heart rate against running speed, Hunt et al. 2015: 24.2 ± 8.3 bpm per m/s
HR_LAG_S = 57.6  # how it follows, ± 23.6 s: the same
THRESHOLD_OF_MAX = 0.90  # heart rate at critical speed as a share of the maximum; an assumption of this project
FLAT_M_PER_CLIMB_M = 4.3  # what a metre of climb, and its descent, costs at ±10 % by the pacing table
ASSUMED_HR_BPM = 170.0  # at critical speed, where nothing is known: the device then learns the offset itself
DRIFT_BPM_H = 1.5
DRIFT_MAX_BPM = 8.0
HR_MARGIN = 1.03  # the heart rate of 3 % above plan: inside that nobody is told anything
DAY_1_SHARE = ((5.0, 0.88), (8.0, 0.84), (float("inf"), 0.80))  # of threshold heart rate, by the stage's hours


@dataclass(frozen=True)
class Athlete:
    """A runner in numbers. None: not known, and a default of the project stands in.

    critical_speed_ms: on a level road. threshold_hr_bpm: heart rate at that speed. hr_max_bpm: the highest seen.
    hr_slope_bpm: heart rate that one unit of effort adds, effort = grade-adjusted speed / critical speed.
    pace_factors: own f(grade) from -45 to +45 % in steps of 5 %, 1 on the level. durability: share of critical speed
    lost for each hour of effort^3. heat_per_c: time lost for each degree of WBGT above 15. downhill_m_21d: metres of
    descent in the last 21 days. kappa, rho: what a stage costs the next morning, and what of it stays a day later.
    """

    critical_speed_ms: float = 3.3
    threshold_hr_bpm: float | None = None
    descent_limit_ms: float | None = None
    hr_max_bpm: float | None = None
    hr_slope_bpm: float | None = None
    pace_factors: tuple[float, ...] | None = None
    durability: float = 0.055
    heat_per_c: float = 0.008
    downhill_m_21d: float | None = None
    kappa: float = 0.25
    rho: float = 0.6

    @property
    def hr_per_effort_bpm(self) -> float:
        """b of the steady heart rate a + b * u, u = speed over critical speed."""
        return self.hr_slope_bpm or BPM_PER_MS * self.critical_speed_ms

    @property
    def hr_at_zero_bpm(self) -> float:
        """a of the steady heart rate a + b * u: where the line meets u = 0, not a resting pulse."""
        return (self.threshold_hr_bpm or ASSUMED_HR_BPM) - self.hr_per_effort_bpm


@dataclass(frozen=True)
class HrBound:
    """The upper bound of heart rate: `cap_bpm` at the start, rising each hour by `drift_bpm_h` to `drift_max_bpm`."""

    cap_bpm: int = 0  # 0: none
    drift_bpm_h: float = DRIFT_BPM_H
    drift_max_bpm: float = 0.0


def critical_speed(distance_m: float, time_s: float, climb_m: float = 0.0) -> float:
    """Critical speed, m/s, from one race run all out: its level speed over the fraction that its hours allow."""
    level_m = distance_m + FLAT_M_PER_CLIMB_M * climb_m
    return level_m / time_s / sustainable_fraction(time_s / 3600)


def hr_bound(athlete: Athlete, effort: float, hours: float, *, first_day: bool) -> HrBound:
    """min(a + b * 1.03 u + drift, day-1 clamp), for a planned effort u in fractions of critical speed.

    The clamp halves the drift allowance at most, and never bounds what the plan itself asks for: three hours at 83 %
    of critical speed are 91 % of threshold heart rate before any drift, and a bound below that would call every
    kilometre of an obeyed day 1 too fast. (On stage 1 of the 2010 Transalpine runners averaged 81 % of maximum, which
    is 90 % of a threshold at .9 of maximum: PubMed 23207885.)
    """
    if athlete.threshold_hr_bpm is None:
        return HrBound()
    base = athlete.hr_at_zero_bpm + athlete.hr_per_effort_bpm * HR_MARGIN * effort
    drift = DRIFT_MAX_BPM
    if first_day:
        share = next(share for limit, share in DAY_1_SHARE if hours < limit)
        drift = min(drift, max(DRIFT_MAX_BPM / 2, share * athlete.threshold_hr_bpm - base))
    return HrBound(round(base), DRIFT_BPM_H, drift)
