"""The made-up stages: the same for a seed, and like mountains."""

import math
from itertools import pairwise
from pathlib import Path

import pytest
from holdback.gpx import read_gpx
from holdback.simulation.world.stages import SKETCHES, make_stage, write_stages


def test_a_seed_gives_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (write_stages(tmp_path / str(i), seed) for i, seed in enumerate((0, 0, 1)))
    assert [p.name for p in first] == ["stage-1.gpx", "stage-2.gpx", "stage-3.gpx"]
    for a, b, c in zip(first, again, other, strict=True):
        assert a.read_bytes() == b.read_bytes() != c.read_bytes()


def test_the_files_are_gpx_with_elevation(tmp_path: Path) -> None:
    for path, sketch in zip(write_stages(tmp_path), SKETCHES, strict=True):
        document = read_gpx(path.read_bytes(), path.name)
        (track,) = document.tracks
        assert track.name == sketch.name
        assert all(point.ele_m is not None for point in track.segments[0])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("sketch", SKETCHES, ids=lambda sketch: sketch.name)
def test_a_stage_climbs_like_its_sketch(sketch, seed: int) -> None:
    places = make_stage(sketch, seed)
    length_m = sum(section.length_m for section in sketch.sections)
    steps = [
        math.hypot((b.lat_deg - a.lat_deg) * 111_195, (b.lon_deg - a.lon_deg) * 111_195 * math.cos(0.81))
        for a, b in pairwise(places)
    ]
    assert max(steps) < 25
    assert sum(steps) == pytest.approx(length_m, rel=0.06)
    net_m = sum(section.climb_m for section in sketch.sections)
    assert places[-1].alt_m - places[0].alt_m == pytest.approx(net_m, abs=250)
    grades = [abs(b.alt_m - a.alt_m) / 200 for a, b in zip(places[::16], places[16::16], strict=False)]
    assert max(grades) < 0.5
