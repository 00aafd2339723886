"""From GPX text to plan bytes: a made-up 170 km course of 34 000 points, beside a peer's reader."""

import math
import time
from collections.abc import Callable
from pathlib import Path

from holdback.gpx import read_gpx
from holdback.planning import Athlete, Course, Day, StagePlan, plan_stage

POINTS = 34_000
STEP_DEG = 3.4e-5  # 5 m with the wandering


def course_text() -> bytes:
    """GPX with elevations and times, wandering north."""
    rows = [
        f'<trkpt lat="{46 + i * STEP_DEG:.7f}" lon="{11 + 2e-3 * math.sin(i / 60) + 5e-4 * math.sin(i / 9):.7f}">'
        f"<ele>{1500 + 400 * math.sin(i / 800) + 20 * math.sin(i / 70):.1f}</ele>"
        f"<time>2026-06-05T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z</time></trkpt>"
        for i in range(POINTS)
    ]
    return ('<gpx version="1.1"><trk><trkseg>\n' + "\n".join(rows) + "\n</trkseg></trk></gpx>").encode()


def best_ms(work: Callable[[], object], times: int = 3) -> float:
    """The quickest of a few runs, CPU milliseconds."""
    taken = []
    for _ in range(times):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken) * 1000


def rows(peer: Path | None = None) -> list[tuple[str, str]]:
    """(label, value) of each figure."""
    import gpxpy

    text = course_text()
    document = read_gpx(text)
    course = Course(document.segments)
    plan = plan_stage(course, Athlete(3.3, 168), Day())
    read, theirs = best_ms(lambda: read_gpx(text)), best_ms(lambda: gpxpy.parse(text), 1)
    whole = best_ms(lambda: _whole(text))
    return [
        (f"GPX of {POINTS} points, read", f"{read:.0f} ms, gpxpy {theirs:.0f} ms: {theirs / read:.1f} x"),
        ("course cleaned, resampled, smoothed", f"{best_ms(lambda: Course(document.segments)):.0f} ms"),
        ("stage planned and encoded", f"{best_ms(lambda: plan_stage(course, Athlete(3.3, 168), Day())):.0f} ms"),
        (f"GPX to plan, {course.length_m / 1000:.0f} km (to reach: 500 ms)", f"{whole:.0f} ms"),
        ("plan size per 100 km (to reach: 48 KB)", f"{len(plan.data) / 1024 / course.length_m * 1e5:.1f} KB"),
    ]


def _whole(text: bytes) -> StagePlan:
    return plan_stage(Course(read_gpx(text).segments), Athlete(3.3, 168), Day())
