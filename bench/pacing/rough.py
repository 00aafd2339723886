"""Runners who do not exist, as rough as real ones are: eight hours on plan, as a receiver and a strap would tell them.

Everything here is simulated, and every spread is an assumption of this project but for those with a source:
- the 60-s means of effort vary by 4-25 % within a run, median 13 % (15 real runs), autocorrelated over minutes;
- heart rate follows effort with 24.2 +- 8.3 bpm per m/s and a lag of 57.6 +- 23.6 s (Hunt 2015).
The plan and every detector are told his heart at the planned effort and the textbook's slope and lag, the map's grades
and a road's cost; the runner has others.
"""

import math
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from holdback.gpx import GpxPoint
from holdback.planning.course import Course
from holdback.simulation.world.receiver import M_PER_DEG
from holdback.simulation.world.runner import HR_GAIN_BPM_PER_MS, HR_TAU_S
from holdback.simulation.world.stages import Section, StageSketch, make_stage
from pacing.cost import flat_factor_pm
from pacing.sample import FIX_BEST, FIX_MASK, FIX_NONE, FIX_POOR

from bench.pacing.real_runs import ON_PLAN, STANDING_MS, Run

HOURS = 8
MEDIAN_ROUGH, LEAST_ROUGH, MOST_ROUGH = 0.13, 0.04, 0.25
THRESHOLD_BPM = 170.0
LEGS_TAU_S = 6.0
REST_EFFORT = 0.35  # what the heart of somebody who stands at a station is about; assumed


@dataclass(frozen=True)
class Traits:
    """What is drawn for one runner and his day. Fractions unless a unit says otherwise."""

    seed: int
    cs_ms: float
    rough: float  # standard deviation of the 60-s means of effort that he is to show
    hills: float  # standard deviation of the grade of a section
    trees: float  # share of the way under them
    surges: float  # share of his roughness that is his own will; the rest is the path, which slows him unfelt
    ground: float  # what the ground costs above the map's word, all day long
    hr_slope_bpm: float  # bpm for one unit of effort
    hr_lag_s: float
    day_bpm: float
    drift_bpm_h: float  # of a hot day twice or thrice as much


@dataclass
class Rough(Run):
    """Such a run; `flags` are the sample's, `course` is the map that the plan is made of."""

    traits: Traits | None = None
    course: Course | None = None
    flags: list[int] = field(default_factory=list)


def roughness(run: Run) -> tuple[float, float, float, float]:
    """Standard deviation of the 60-s means of effort over their mean; their autocorrelation at 1, 3 and 10 minutes."""
    means = run.minutes()
    spread = statistics.pstdev(means) / statistics.fmean(means)
    return spread, autocorrelation(means, 1), autocorrelation(means, 3), autocorrelation(means, 10)


def autocorrelation(values: list[float], lag: int) -> float:
    """Of a series with itself `lag` steps later."""
    mean = statistics.fmean(values)
    away = [value - mean for value in values]
    return sum(a * b for a, b in zip(away, away[lag:], strict=False)) / sum(a * a for a in away)


def traits_of(seed: int) -> Traits:
    """The runner of this seed."""
    rng = random.Random(f"traits {seed}")
    cs_ms = rng.uniform(3.0, 4.4)
    rough = min(MOST_ROUGH, max(LEAST_ROUGH, MEDIAN_ROUGH * math.exp(rng.gauss(0, 0.42))))
    return Traits(
        seed, cs_ms, rough,
        hills=rng.uniform(0.005, 0.06), trees=rng.uniform(0.0, 0.6), surges=rng.uniform(0.3, 0.8),
        ground=rng.gauss(0, 0.03),
        hr_slope_bpm=max(12.0, rng.gauss(HR_GAIN_BPM_PER_MS, 8.3)) * cs_ms,
        hr_lag_s=max(25.0, rng.gauss(HR_TAU_S, 23.6)),
        day_bpm=rng.gauss(0, 4.0), drift_bpm_h=rng.uniform(0.0, 1.5) * rng.choice((1, 1, 2, 3)),
    )  # fmt: skip


def rough_run(seed: int, hours: float = HOURS) -> Rough:
    """The run of this seed. His wander is scaled until the roughness that a recording shows is the one he was given."""
    traits = traits_of(seed)
    course = make_course(traits, hours)
    first = _run(traits, course, hours)
    return _run(replace(traits, rough=traits.rough**2 / roughness(first)[0]), course, hours)


def make_course(traits: Traits, hours: float) -> Course:
    """A map of more than he can run: sections of one to four kilometres, with the errors of a real track."""
    rng = random.Random(f"course {traits.seed}")
    sections, length_m, height_m = [], 0.0, 0.0
    while length_m < traits.cs_ms * hours * 3600:
        part_m = rng.uniform(1000, 4000)
        climb_m = rng.gauss(0, traits.hills) * part_m - 0.3 * height_m
        path = "zigzag" if abs(climb_m) > 0.09 * part_m else rng.choice(("road", "trail", "ridge"))
        sections.append(Section(part_m, climb_m, path))
        length_m, height_m = length_m + part_m, height_m + climb_m
    sketch = StageSketch(f"rough {traits.seed}", 46.5, 10.0, 1200.0, rng.uniform(0, 360), tuple(sections))
    return Course([GpxPoint(*place) for place in make_stage(sketch, traits.seed)], name=sketch.name)


def wander(rng: random.Random, sigma: float, tau_s: float, count: int) -> list[float]:
    """First-order Gauss-Markov noise, one value a second."""
    keep = math.exp(-1 / tau_s)
    push, value, out = sigma * math.sqrt(1 - keep * keep), rng.gauss(0, sigma), []
    for _ in range(count):
        out.append(value)
        value = keep * value + rng.gauss(0, push)
    return out


def chosen_effort(traits: Traits, count: int) -> list[float]:
    """Effort as a multiple of the plan, 1 in the mean of the time on the move; 0 where he stands at a station."""
    rng = random.Random(f"will {traits.seed}")
    sigma = traits.rough * math.sqrt(traits.surges)
    fast, slow = wander(rng, 0.8 * sigma, 75, count), wander(rng, 0.6 * sigma, 900, count)
    out = [math.exp(a + b) for a, b in zip(fast, slow, strict=True)]
    for start, end in _spells(rng, count, each_s=1800, least_s=45, most_s=180):
        out[start:end] = [value * (1 - 2 * traits.rough) for value in out[start:end]]  # walks, eats, ties a shoe
    for start, end in _spells(rng, count, each_s=4500, least_s=60, most_s=240):
        out[start:end] = [0.0] * (end - start)
    mean = statistics.fmean(value for value in out if value)
    return [value / mean for value in out]


def path_cost(traits: Traits, count: int) -> list[float]:
    """What the path costs as a multiple of the map's word: stones and mud by the minute, ground by the quarter hour."""
    rng = random.Random(f"path {traits.seed}")
    sigma = traits.rough * math.sqrt(1 - traits.surges)
    fast, slow = wander(rng, 0.8 * sigma, 60, count), wander(rng, 0.6 * sigma, 900, count)
    cost = [math.exp(a + b) for a, b in zip(fast, slow, strict=True)]
    mean = 1 / statistics.fmean(1 / value for value in cost)
    return [value / mean * (1 + traits.ground) for value in cost]


def _spells(
    rng: random.Random, count: int, *, each_s: float, least_s: float, most_s: float
) -> Iterator[tuple[int, int]]:
    """(start, end) of spells that come each `each_s` on average, none in the first ten minutes."""
    at = 600 + rng.expovariate(1 / each_s)
    while at < count:
        end = min(count, round(at + rng.uniform(least_s, most_s)))
        yield round(at), end
        at = end + rng.expovariate(1 / each_s)


def _run(traits: Traits, course: Course, hours: float) -> Rough:
    """One pass: the legs, then what receiver and strap make of it."""
    count = round(hours * 3600)
    rng = random.Random(f"grade {traits.seed}")
    efforts, costs, grade_error = (
        chosen_effort(traits, count), path_cost(traits, count), wander(rng, 0.012, 60, count),
    )  # fmt: skip
    run = Rough(0.0, count, cs_ms=traits.cs_ms, traits=traits, course=course)
    run.hr_a_bpm = THRESHOLD_BPM - HR_GAIN_BPM_PER_MS * traits.cs_ms
    s_m = speed_ms = 0.0
    for second in range(count):
        grade = course.grade_at(s_m)
        factor = flat_factor_pm(round((grade + grade_error[second]) * 1000)) / 1000 * costs[second]
        speed_ms += (ON_PLAN * efforts[second] * traits.cs_ms / factor - speed_ms) / LEGS_TAU_S
        s_m = min(s_m + speed_ms, course.length_m - 100)
        run.along_m.append(s_m)
        run.speed_ms.append(speed_ms)
        run.grade_pm.append(round(grade * 1000))
    _receive(run, course, traits)
    run.hr_bpm = heart(traits, [ON_PLAN * value or REST_EFFORT for value in efforts])
    run.known = [bool(flags & FIX_MASK) for flags in run.flags]
    run.live = [known and speed > STANDING_MS for known, speed in zip(run.known, run.speed_ms, strict=True)]
    adjusted = [v * flat_factor_pm(g) / 1000 for v, g in zip(run.speed_ms, run.grade_pm, strict=True)]
    run.effort = [v / run.cs_ms for v in adjusted]
    return run


def _receive(run: Rough, course: Course, traits: Traits) -> None:
    """Places, speeds and fixes as a receiver tells them: under trees it wanders, is slow by 1 % and loses the sky."""
    rng = random.Random(f"sky {traits.seed}")
    count = len(run.along_m)
    under = _under_trees(rng, course.length_m, traits.trees)
    east, north, doppler = wander(rng, 1, 60, count), wander(rng, 1, 60, count), wander(rng, 1, 4, count)
    blind = 0
    for second, s_m in enumerate(run.along_m):
        shade = under[int(s_m / 100)]
        blind = blind - 1 if blind else rng.randint(5, 40) if shade and rng.random() < 1 / 600 else 0
        spread_m = 7.0 if shade else 1.8
        lat, lon = course.position_at(s_m)
        run.lat.append(lat + east[second] * spread_m / M_PER_DEG)
        run.lon.append(lon + north[second] * spread_m / M_PER_DEG / math.cos(math.radians(lat)))
        noise = 0.3 * doppler[second] if shade else rng.gauss(0, 0.06)
        run.speed_ms[second] = abs(run.speed_ms[second] * (0.99 if shade else 1.0) + noise)
        run.flags.append(FIX_NONE if blind else FIX_POOR if shade > 1 else FIX_BEST)


def _under_trees(rng: random.Random, length_m: float, share: float) -> list[int]:
    """For each 100 m: 0 open, 1 under trees, 2 under such that the receiver calls its fix poor."""
    out: list[int] = []
    while len(out) <= length_m / 100:
        shade = (1 if rng.random() < 0.8 else 2) if rng.random() < share else 0
        out += [shade] * rng.randint(2, 20)
    return out


def heart(traits: Traits, efforts: list[float]) -> list[int]:
    """What the strap tells, 0 without contact: his own line and lag, a day's offset, drift, spikes and dropouts."""
    rng = random.Random(f"strap {traits.seed}")
    noise = wander(rng, 1.5, 20, len(efforts))
    # At the planned effort the plan knows his heart, but for the day's offset, as one does from own recordings.
    level = THRESHOLD_BPM - HR_GAIN_BPM_PER_MS * traits.cs_ms * (1 - ON_PLAN) + traits.day_bpm
    beat, out = 0.8 * level, []
    for second, effort in enumerate(efforts):
        drift = min(second / 3600 * traits.drift_bpm_h, 14.0)
        beat += (level + traits.hr_slope_bpm * (effort - ON_PLAN) + drift - beat) / traits.hr_lag_s
        out.append(max(40, min(205, round(beat + noise[second]))))
    for start, end in _spells(rng, len(out), each_s=3600, least_s=5, most_s=60):
        out[start:end] = [rng.randint(165, 195)] * (end - start)  # counts steps, or its own static
    for start, end in _spells(rng, len(out), each_s=5400, least_s=10, most_s=180):
        out[start:end] = [0] * (end - start)
    return out
