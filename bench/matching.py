"""Map-matching of real runs on their own tracks, thinned to a corner each 30 m: how well progress is known."""

from collections.abc import Iterator
from pathlib import Path

from pacing import cues
from pacing.course import Course
from pacing.pacer import Pacer
from pacing.sample import Sample

from bench.pacing.detectors import fill, stage_plan
from bench.pacing.real_runs import ON_PLAN, Run, recorded_runs


def followed(run: Run) -> str:
    """Share of the fixes that were placed, worst error of progress, LOOK cues, and whether the finish was seen."""
    plan = stage_plan(run, ON_PLAN, with_course=True)
    pacer, course, sample = Pacer(plan), Course(plan), Sample()
    placed = fixes = looks = 0
    worst_m = 0.0
    for second, known in enumerate(run.known):
        fill(sample, run, second)
        looks += pacer.step(sample) == cues.LOOK
        course.step(sample)
        fixes += known
        placed += course.matched
        if course.matched:
            worst_m = max(worst_m, abs(course.progress_dm / 10 - run.along_m[second]))
    finish = "finish seen" if pacer.finished else "finish missed"
    return f"{placed / fixes:6.1%} placed, progress off by {worst_m:.0f} m at most, {looks} LOOK, {finish}"


def rows(_peer: Path | None) -> Iterator[tuple[str, str]]:
    """A line for each run."""
    found = recorded_runs()
    if not found:
        yield "matching", "not measured: HOLDBACK_DATA names no folder with runs"
    for run in found:
        yield f"{run.along_m[-1] / 1000:.1f} km in {len(run.known) / 3600:.1f} h", followed(run)
