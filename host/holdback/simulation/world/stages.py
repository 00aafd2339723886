"""Three mountain stages that nobody has run, as GPX: `python -m holdback.simulation.world.stages DIR [--seed N]`.

A stage is a list of sections (how long, how much up or down, what kind of path). The path is walked in small steps:
wandering on trails, zigzagging where it is steep. Then it is "recorded" with the errors of a real track.
The same seed gives the same files.
"""

import argparse
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from holdback.simulation.world.receiver import M_PER_DEG

STEP_M = 4.0
POINT_M = (9.0, 16.0)  # spacing of the written points, as a track drawn from a recording has it
GRADE_BLEND_M = 120.0  # a path does not change its grade at a point
UNDULATION = 0.03  # short ups and downs, standard deviation of the grade
LENGTH_SPREAD = 0.04  # how far another seed stretches a section
HAIRPIN_DEG = 68.0  # how far a zigzag swings off the fall line
HAIRPIN_LEG_M = (70.0, 150.0)
TURN_RADIUS_M = 9.0
WANDER = {"road": 0.0008, "trail": 0.004, "ridge": 0.002}  # curvature noise, 1/m
NOISE_M, NOISE_TAU_M = 1.2, 150.0  # horizontal error of the written track, per axis
ALTITUDE_NOISE_M, ALTITUDE_TAU_M = 1.5, 400.0


class Section(NamedTuple):
    """`zigzag` sections swing around the general direction, the others wander about it."""

    length_m: float
    climb_m: float
    path: str  # road, trail, ridge or zigzag


@dataclass(frozen=True)
class StageSketch:
    """What a stage looks like before its path is walked."""

    name: str
    lat_deg: float
    lon_deg: float
    alt_m: float
    bearing_deg: float
    sections: tuple[Section, ...]


class Place(NamedTuple):
    """A point of a stage: degrees and metres above sea level."""

    lat_deg: float
    lon_deg: float
    alt_m: float


SKETCHES = (
    StageSketch(
        "Lake to Alp", 46.4310, 9.7640, 1180.0, 35.0,
        (
            Section(2600, 30, "road"), Section(2900, 380, "zigzag"), Section(2300, 60, "trail"),
            Section(2500, 360, "zigzag"), Section(1700, -40, "ridge"), Section(3600, -470, "zigzag"),
            Section(2600, -60, "road"), Section(2400, 240, "trail"), Section(2500, 30, "ridge"),
        ),
    ),
    StageSketch(
        "Two Passes", 46.5270, 9.9080, 1600.0, 110.0,
        (
            Section(2200, 60, "road"), Section(3400, 470, "zigzag"), Section(900, 20, "ridge"),
            Section(3600, -430, "trail"), Section(2700, -30, "road"), Section(3200, 410, "zigzag"),
            Section(1500, 30, "ridge"), Section(4100, -520, "zigzag"), Section(3700, -60, "road"),
        ),
    ),
    StageSketch(
        "Home over the Ridge", 46.4660, 10.1900, 1590.0, 240.0,
        (
            Section(1900, 20, "road"), Section(2700, 390, "zigzag"), Section(3100, 40, "ridge"),
            Section(1300, 110, "trail"), Section(3700, -460, "zigzag"), Section(4700, -70, "road"),
        ),
    ),
)  # fmt: skip


def make_stage(sketch: StageSketch, seed: int = 0) -> list[Place]:
    """The points of one stage as a GPX would hold them, errors included."""
    rng = random.Random(f"{sketch.name} {seed}")
    return _recorded(sketch, list(_walk(sketch, rng)), rng)


def write_stages(folder: Path, seed: int = 0) -> list[Path]:
    """Write stage-1.gpx to stage-3.gpx into `folder` and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, sketch in enumerate(SKETCHES, 1):
        path = folder / f"stage-{number}.gpx"
        path.write_text(gpx_text(sketch.name, make_stage(sketch, seed)), encoding="utf-8")
        paths.append(path)
    return paths


def gpx_text(name: str, places: list[Place]) -> str:
    """A GPX 1.1 document with one track of one segment."""
    points = "\n".join(
        f'   <trkpt lat="{p.lat_deg:.6f}" lon="{p.lon_deg:.6f}"><ele>{p.alt_m:.1f}</ele></trkpt>' for p in places
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="holdback simulation" xmlns="http://www.topografix.com/GPX/1/1">\n'
        f" <trk>\n  <name>{name}</name>\n  <trkseg>\n{points}\n  </trkseg>\n </trk>\n</gpx>\n"
    )


def _walk(sketch: StageSketch, rng: random.Random) -> Iterator[tuple[float, float, float]]:
    """(east, north, altitude) in metres, each STEP_M along the true path."""
    east_m = north_m = grade = undulation = 0.0
    alt_m = sketch.alt_m
    blend = 1 - math.exp(-STEP_M / GRADE_BLEND_M)
    for section in sketch.sections:
        length_m = section.length_m * rng.uniform(1 - LENGTH_SPREAD, 1 + LENGTH_SPREAD)
        for heading in _headings(section, sketch.bearing_deg, length_m, rng):
            yield east_m, north_m, alt_m
            east_m += STEP_M * math.sin(heading)
            north_m += STEP_M * math.cos(heading)
            grade += blend * (section.climb_m / length_m - grade)
            undulation += -undulation * STEP_M / 60 + rng.gauss(0, UNDULATION * math.sqrt(2 * STEP_M / 60))
            alt_m += STEP_M * (grade + undulation)


def _headings(section: Section, bearing_deg: float, length_m: float, rng: random.Random) -> Iterator[float]:
    """Headings in radians, one for each step of the section."""
    steps = round(length_m / STEP_M)
    bearing = math.radians(bearing_deg)
    if section.path == "zigzag":
        yield from _zigzag(bearing, steps, rng)
        return
    heading, curvature = bearing, 0.0
    for _ in range(steps):
        yield heading
        curvature += -0.1 * curvature + rng.gauss(0, WANDER[section.path])
        # A weak pull back to the bearing keeps the stage from biting its own tail.
        heading += STEP_M * curvature - 0.01 * math.sin(heading - bearing)


def _zigzag(bearing: float, steps: int, rng: random.Random) -> Iterator[float]:
    side, heading, leg_m = 1, bearing, rng.uniform(*HAIRPIN_LEG_M) / 2
    most = STEP_M / TURN_RADIUS_M
    for _ in range(steps):
        yield heading
        leg_m -= STEP_M
        if leg_m < 0:
            side, leg_m = -side, rng.uniform(*HAIRPIN_LEG_M)
        turn = bearing + side * math.radians(HAIRPIN_DEG) - heading
        heading += max(-most, min(most, turn)) + rng.gauss(0, 0.02)


def _recorded(sketch: StageSketch, walked: list[tuple[float, float, float]], rng: random.Random) -> list[Place]:
    """Pick points at irregular spacing and add errors that wander with distance."""
    cos_lat = math.cos(math.radians(sketch.lat_deg))
    errors = [0.0, 0.0, 0.0]
    spread = (NOISE_M, NOISE_M, ALTITUDE_NOISE_M)
    tau_m = (NOISE_TAU_M, NOISE_TAU_M, ALTITUDE_TAU_M)
    places, index = [], 0
    while index < len(walked):
        east_m, north_m, alt_m = (true + error for true, error in zip(walked[index], errors, strict=True))
        places.append(
            Place(sketch.lat_deg + north_m / M_PER_DEG, sketch.lon_deg + east_m / (M_PER_DEG * cos_lat), alt_m)
        )
        hop = round(rng.uniform(*POINT_M) / STEP_M)
        index += hop
        for axis in range(3):
            keep = math.exp(-hop * STEP_M / tau_m[axis])
            errors[axis] = keep * errors[axis] + rng.gauss(0, spread[axis] * math.sqrt(1 - keep * keep))
    return places


def main() -> None:
    """Write the stages and say where."""
    parser = argparse.ArgumentParser(description="write the three made-up stages of the demo as GPX")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0, help="another seed stretches and bends them differently")
    options = parser.parse_args()
    for path in write_stages(options.folder, options.seed):
        print(path)


if __name__ == "__main__":
    main()
