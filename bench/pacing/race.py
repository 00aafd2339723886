"""The race: what a stage race costs with the device and without, and in which worlds the device does not help."""

import math
import os
import random
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

from holdback.device.plans import open_plan
from holdback.gpx import GpxPoint
from holdback.planning.course import Course
from holdback.planning.model import StagePlan
from holdback.planning.stage import plan_stage
from holdback.simulation.rehearsal import make_runner
from holdback.simulation.world.receiver import M_PER_DEG
from holdback.simulation.world.runner import OBEDIENT, RUNNERS, Runner
from pacing import cues
from pacing.pacer import Pacer
from pacing.sample import FIX_BEST, Sample

from bench.pacing import charts
from bench.pacing.tables import Table, interval
from bench.pacing.worlds import ATHLETE, Ran, World, plan_of, run_race

RACES = {
    "3 × 50 km": (50, 50, 50),
    "40 / 60 / 30 km": (40, 60, 30),
    "40 / 40 / 40 / 75 / 42 / 20 km": (40, 40, 40, 75, 42, 20),
}
MANNERS = {"obedient": "obedient", "half": "half-obedient", "deaf": "deaf"}
SEEDS, FIXED_SEEDS, SLOW_SEEDS = range(1, 41), range(1, 17), range(1, 7)
SAVED = ("saved min, mean (95 %)", "median (5–95 % of runners)", "sooner", "EASEs")
BELIEVED = World()  # the plan's own assumptions, and a runner who sets out 10 % too fast
VARIED = {
    "as the plan assumes, 10 % too fast on day 1": BELIEVED,
    "an even runner: 0 % too fast": replace(BELIEVED, eagerness=0.0),
    "5 % too slow of himself": replace(BELIEVED, eagerness=-0.05),
    "5 % too fast": replace(BELIEVED, eagerness=0.05),
    "20 % too fast": replace(BELIEVED, eagerness=0.20),
    "damage a fifth as strong (κ .05)": replace(BELIEVED, kappa=0.05),
    "damage less than half as strong (κ .10)": replace(BELIEVED, kappa=0.10),
    "damage twice as strong (κ .50)": replace(BELIEVED, kappa=0.50),
    "a night takes most of it away (ρ .30)": replace(BELIEVED, rho=0.30),
    "a night takes little of it away (ρ .80)": replace(BELIEVED, rho=0.80),
    "damage grows slowly with effort (m 5)": replace(BELIEVED, power=5.0),
    "damage grows steeply with effort (m 20)": replace(BELIEVED, power=20.0),
    "damage only above .85 of all out, straight": replace(BELIEVED, damage="threshold"),
    "damage by the hour, whatever the effort": replace(BELIEVED, damage="time"),
    "he tires by lost critical speed, no reserve": replace(BELIEVED, fade="durability"),
    "he never tires within a stage": replace(BELIEVED, fade="none"),
    "never tires, and damage is weak (κ .05)": replace(BELIEVED, fade="none", kappa=0.05),
    "sustains more for long (exponent .07)": replace(BELIEVED, endurance=0.07),
    "sustains less for long (exponent .11)": replace(BELIEVED, endurance=0.11),
    "critical speed 5 % below the plan's": replace(BELIEVED, cs_error=-0.05),
    "critical speed 5 % above the plan's": replace(BELIEVED, cs_error=0.05),
    "the ground costs 5 % more than the map says": replace(BELIEVED, bias=0.05),
    "the ground costs 5 % less than the map says": replace(BELIEVED, bias=-0.05),
}
AT_1_HZ = World(mood=OBEDIENT.mood, spells=0.0, memory_s=30.0)  # as simulation.world.runner moves, for the check


class Pair(NamedTuple):
    """The same race of the same runner on the same days, without the device and with it."""

    without: Ran
    with_it: Ran

    @property
    def saved_min(self) -> float:
        """Minutes that the device saves; below 0 it costs them."""
        return (self.without.total_s - self.with_it.total_s) / 60


def drawn(seed: int) -> World:
    """A world of which nobody knows which it is: the plan's assumptions with the spread of ignorance around them."""
    rng = random.Random(f"world {seed}")
    return World(
        kappa=0.25 * math.exp(rng.gauss(0, 0.5)), rho=min(0.8, max(0.3, rng.gauss(0.6, 0.1))),
        power=rng.uniform(5, 15), damage=rng.choice(("power", "threshold")),
        fade=rng.choice(("reserve", "reserve", "durability", "none")), endurance=rng.gauss(0.09, 0.01),
        cs_error=rng.gauss(0, 0.03), eagerness=rng.gauss(0.10, 0.06), mood=rng.uniform(0.04, 0.12),
        bias=rng.gauss(0, 0.02),
    )  # fmt: skip


def raced(distances_km: Sequence[float], manner: str, world: World, seed: int) -> Pair:
    """One runner's race, twice."""
    plans, model = plan_of(distances_km), RUNNERS[manner]
    without = run_race(plans, distances_km, model, world, seed, device=False)
    return Pair(without, run_race(plans, distances_km, model, world, seed, device=True))


def tables(_data: Path | None) -> Iterator[Table]:
    """Nobody knows which world it is; then one thing at a time; then a check against the rehearsal's runner."""
    with Pool(os.cpu_count()) as pool:
        jobs = [(km, manner, drawn(seed), seed) for km in RACES.values() for manner in MANNERS for seed in SEEDS]
        yield _unknown(pool.starmap(raced, jobs, chunksize=4))
        worlds = [(RACES["3 × 50 km"], "obedient", world, seed) for world in VARIED.values() for seed in FIXED_SEEDS]
        yield _varied(pool.starmap(raced, worlds, chunksize=4))
        slow = pool.map(at_1_hz, SLOW_SEEDS, chunksize=1)
        fast = pool.starmap(raced, [(RACES["3 × 50 km"], "obedient", AT_1_HZ, seed) for seed in FIXED_SEEDS])
        yield _checked(slow, fast)


def _unknown(pairs: Sequence[Pair]) -> Table:
    labels = [(race, MANNERS[manner]) for race in RACES for manner in MANNERS]
    groups = [pairs[i * len(SEEDS) : (i + 1) * len(SEEDS)] for i in range(len(labels))]
    rows = [[race, manner, *_cells(group)] for (race, manner), group in zip(labels, groups, strict=True)]
    marks = [(f"{race}, {manner}", group) for (race, manner), group in zip(labels, groups, strict=True)]
    return Table(
        "A stage race with the device and without",
        ["race", "runner", "without, h:min", "with", *SAVED],
        rows,
        [
            f"Simulated: {len(SEEDS)} runners a row, seeds {SEEDS[0]} to {SEEDS[-1]}, each with and without the "
            "device on the same days; in brackets 95 % of the mean by resampling them.",
            "Each seed draws its world: κ .25 times e^±.5, ρ .6 ± .1, m 5 to 15, damage by power or above a threshold, "
            "a runner who tires by reserve, by lost critical speed or (one in four) never, critical speed ± 3 %, "
            "ground ± 2 %, 10 ± 6 % too fast on day 1. All of these are assumed.",
            "The device is the real core under the planner's real caps; a deaf runner heeds nothing. Without it the "
            "runner has the same plan in his head.",
            "Left out: hills, descents, stations, heat, lost sensors, an evening's new plan.",
        ],
        "race",
        _picture("Minutes saved by the device in a race (simulated)", marks, strong="obedient"),
    )


def _cells(group: Sequence[Pair]) -> list[str]:
    saved = sorted(pair.saved_min for pair in group)
    mean, low, high = interval(saved, statistics.fmean)
    low_one, high_one = saved[round(0.05 * (len(saved) - 1))], saved[round(0.95 * (len(saved) - 1))]
    return [
        _clock(statistics.fmean(pair.without.total_s for pair in group)),
        _clock(statistics.fmean(pair.with_it.total_s for pair in group)),
        f"{mean:+.1f} ({low:+.1f} to {high:+.1f})",
        f"{statistics.median(saved):+.0f} ({low_one:+.0f} to {high_one:+.0f})",
        f"{sum(minutes > 0 for minutes in saved) / len(saved):.0%}",
        f"{statistics.fmean(pair.with_it.eases for pair in group):.0f}",
    ]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02d}"


def _varied(pairs: Sequence[Pair]) -> Table:
    count = len(FIXED_SEEDS)
    groups = [pairs[i * count : (i + 1) * count] for i in range(len(VARIED))]
    named = list(zip(VARIED, groups, strict=True))
    return Table(
        "3 × 50 km, obedient: what if the world is another one",
        ["what is true", "without, h:min", "with", *SAVED],
        [[name, *_cells(group)] for name, group in named],
        [
            f"Simulated: {count} runners a row, seeds {FIXED_SEEDS[0]} to {FIXED_SEEDS[-1]}; each row changes what it "
            "names and leaves the rest as the plan assumes. The plan knows nothing of it.",
            "Where overspending costs little, holding back costs time: there the device does not help.",
        ],
        "worlds",
        _picture("Minutes saved in 3 × 50 km, by what is true (simulated)", named, strong=next(iter(VARIED))),
    )  # fmt: skip


def _picture(title: str, named: Sequence[tuple[str, Sequence[Pair]]], strong: str) -> str:
    means, spreads = [], []
    for name, group in named:
        saved = sorted(pair.saved_min for pair in group)
        bold = name.split(", ")[-1] == strong or name == strong
        last = len(saved) - 1
        means.append(charts.Row(name, [charts.Mark(*interval(saved, statistics.fmean))], bold))
        ends = (saved[round(0.05 * last)], saved[round(0.95 * last)])
        spreads.append(charts.Row(name, [charts.Mark(statistics.median(saved), *ends)], bold))
    return charts.dots(
        title,
        [charts.Panel("mean, 95 % of the mean", means), charts.Panel("runners: median, 5 to 95 % of them", spreads)],
    )


# --- the check ---


def at_1_hz(seed: int) -> Pair:
    """3 x 50 km by the runner of the rehearsal, second by second, on a course that is matched, under the same days."""
    plans = [plan_stage(level_course(50.0), ATHLETE, plan.day) for plan in plan_of(RACES["3 × 50 km"])]
    return Pair(_run_at_1_hz(plans, seed, device=False), _run_at_1_hz(plans, seed, device=True))


def level_course(length_km: float) -> Course:
    """A level road north, too low for altitude to cost anything."""
    points = [GpxPoint(46.0 + m / M_PER_DEG, 10.0, 100.0) for m in range(0, round(length_km * 1000) + 1, 50)]
    return Course(points, name="level")


def _run_at_1_hz(plans: Sequence[StagePlan], seed: int, *, device: bool) -> Ran:
    model = replace(
        OBEDIENT, cs_ms=ATHLETE.critical_speed_ms, hr_cs_bpm=ATHLETE.threshold_hr_bpm or 0, eagerness=BELIEVED.eagerness
    )
    fatigue, times, eases = 0.0, [], 0
    for plan in plans:
        runner, pacer, sample = make_runner(plan, model, fatigue, seed), Pacer(open_plan(plan.data)), Sample()
        while not runner.done:
            runner.step()
            cue = pacer.step(_sampled(runner, sample)) if device else cues.NONE
            if cue:
                eases += cue in (cues.EASE, cues.EASE_HARD)
                runner.feel(cue)
        fatigue = runner.fatigue_after()
        times.append(runner.elapsed_s)
    return Ran(tuple(times), eases)


def _sampled(runner: Runner, sample: Sample) -> Sample:
    """What an exact receiver and strap say of him."""
    lat, lon = runner.trail.position_at(runner.s_m)
    sample.stage_ms = runner.elapsed_s * 1000
    sample.lat_e6, sample.lon_e6 = round(lat * 1e6), round(lon * 1e6)
    sample.speed_cms, sample.hr_bpm = round(runner.speed_ms * 100), round(runner.hr_bpm)
    sample.flags = FIX_BEST
    return sample


def _checked(slow: Sequence[Pair], fast: Sequence[Pair]) -> Table:
    rows = [["this model, steps of 10 s", str(len(fast)), *_cells(fast)]]
    rows.append(["the rehearsal's runner, 1 Hz, course matched", str(len(slow)), *_cells(slow)])
    return Table(
        "3 × 50 km, obedient, 10 % too fast: the model against the rehearsal's runner",
        ["", "n", "without, h:min", "with", *SAVED],
        rows,
        [
            "Both with the plan's own damage and the rehearsal's moods (3 %), without radio and virtual board.",
        ],
        "check",
    )
