"""The evidence's own machinery: runners are as rough as they say, races obey their laws, the page is renewed."""

import math
import random
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from core.interpreters import MICROPYTHONS, Interpreter
from holdback.planning import days
from holdback.simulation.world.runner import DEAF, OBEDIENT

import bench
from bench.__main__ import modules
from bench.pacing import charts, core_cost, page, race, simulated, tables
from bench.pacing.real_runs import ON_PLAN
from bench.pacing.rough import MOST_ROUGH, rough_run, roughness, traits_of
from bench.pacing.tables import Table
from bench.pacing.worlds import World, plan_of, run_race, wear

DOCS = Path(bench.__path__[0]).parent / "docs"
CALM = World(mood=0.0, spells=0.0, ground=0.0, eagerness=0.0)
SHORT = (12.0, 12.0)


def sound(svg: str) -> int:
    """The number of dots and bars in a picture that a browser can show."""
    root = ElementTree.fromstring(svg)
    assert "nan" not in svg and "inf" not in svg
    return sum(1 for item in root.iter() if item.tag.endswith(("circle", "rect")))


def whole(table: Table) -> None:
    """Every row has a cell for each column, and none of them is no number."""
    assert table.rows and all(len(row) == len(table.columns) for row in table.rows)
    assert not any("nan" in cell for row in table.rows for cell in row)


# --- what is printed ---


def test_a_table_is_aligned_and_becomes_markdown() -> None:
    table = Table("T", ["method", "n"], [["a", "1"], ["longer", "10"]], ["a note"])
    assert table.text().splitlines() == ["T", "  method   n", "  a        1", "  longer  10", "* a note"]
    assert table.markdown().splitlines()[1:3] == ["|---|---:|", "| a | 1 |"]


def test_an_interval_holds_its_figure_and_repeats() -> None:
    rng = random.Random(1)
    values = [rng.gauss(10, 2) for _ in range(50)]
    figure, low, high = tables.interval(values, lambda found: sum(found) / len(found))
    assert low < figure < high and 0.7 < high - low < 1.6  # 2 * 1.96 * 2 / sqrt(50) = 1.1
    assert tables.interval(values, max) == tables.interval(values, max)


def test_what_lies_beyond_an_axis_is_drawn_open_at_its_edge() -> None:
    row = charts.Row("never", [charts.Mark(math.inf, 5.0, math.inf)])
    drawn = charts.dots("a & b", [charts.Panel("minutes", [row], log=True, least=1, most=100)])
    assert sound(drawn) == 2
    assert 'fill="#fff" stroke' in drawn.splitlines()[-2]


def test_the_page_takes_a_table_where_its_marks_are() -> None:
    table = Table("T", ["a"], [["new"]], (), "slug", "<svg/>")
    text = page.renewed("before\n<!-- slug -->\nold\n<!-- /slug -->\nafter", table)
    assert "old" not in text and "| new |" in text and "![T](evidence/slug.svg)" in text
    assert text.startswith("before\n<!-- slug -->") and text.endswith("<!-- /slug -->\nafter")
    with pytest.raises(ValueError, match="no place for slug"):
        page.renewed("nothing", table)


def test_every_picture_of_the_page_is_there() -> None:
    text = (DOCS / "evidence.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text)
    assert len(pictures) >= 4
    for picture in pictures:
        assert sound((DOCS / picture).read_text(encoding="utf-8"))


def test_make_bench_passes_the_evidence_over() -> None:
    assert "pacing" not in modules("") and "heap" in modules("")


# --- simulated runners ---


@pytest.mark.parametrize("seed", [3, 7])
def test_a_rough_runner_is_as_rough_as_he_was_drawn_and_on_plan(seed: int) -> None:
    run = rough_run(seed, hours=1.0)
    assert roughness(run)[0] == pytest.approx(traits_of(seed).rough, rel=0.15)
    moving = [effort for effort, live in zip(run.effort, run.live, strict=True) if live]
    # But for what the ground costs above the map's word, which is what he was drawn with.
    assert sum(moving) / len(moving) * (1 + traits_of(seed).ground) == pytest.approx(ON_PLAN, rel=0.06)


def test_runners_differ_and_repeat() -> None:
    drawn = [traits_of(seed) for seed in range(200)]
    assert traits_of(5) == drawn[5]
    rough = sorted(traits.rough for traits in drawn)
    assert 0.11 < rough[100] < 0.15 and rough[-1] <= MOST_ROUGH


def test_the_simulated_tables(tmp_path: Path) -> None:
    rough, delays = simulated.tables(recorded_folder(tmp_path), seeds=range(1, 3), hours=0.6)
    assert [row[0] for row in rough.rows] == ["simulated", "recorded"]
    assert [row[0] for row in delays.rows][-2:] == [simulated.OURS, simulated.FELT]
    for table in (rough, delays):
        whole(table)
    assert sound(delays.chart) > 5 * len(delays.rows)


def recorded_folder(folder: Path) -> Path:
    """A runner with one recording of 65 minutes: a point each five seconds, on rolling ground, with heart rate."""
    rng = random.Random("recorded")
    lat, points = 46.0, []
    for i in range(65 * 12):
        lat += max(0.5, rng.gauss(2.8, 0.5)) * 5 / 111_195
        clock = f"2026-05-01T{8 + i // 720:02}:{i // 12 % 60:02}:{i % 12 * 5:02}Z"
        points.append(
            f'<trkpt lat="{lat:.6f}" lon="10"><ele>{500 + 20 * math.sin(i / 60):.1f}</ele><time>{clock}</time>'
            f"<extensions><hr>{140 + i % 9}</hr></extensions></trkpt>"
        )
    (folder / "ann").mkdir()
    head = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
    (folder / "ann" / "run.gpx").write_text(head + "".join(points) + "</trkseg></trk></gpx>")
    return folder


# --- races ---


def test_a_calm_runner_in_the_plans_own_world_runs_the_plan() -> None:
    plans = plan_of((50, 50))
    ran = run_race(plans, (50, 50), OBEDIENT, CALM, 1, device=False)
    for seconds, plan in zip(ran.stages_s, plans, strict=True):
        assert seconds == pytest.approx(plan.planned_s, rel=0.01)


def test_the_next_morning_is_the_planners_only_with_its_constants() -> None:
    plans = plan_of((50, 50))
    second = [run_race(plans, (50, 50), OBEDIENT, world, 1, device=False).stages_s[1] for world in worse()]
    assert second == sorted(second) and second[0] < second[-1] - 600


def worse() -> list[World]:
    """Worlds in which the same day leaves more and more in the legs."""
    return [replace(CALM, kappa=kappa) for kappa in (0.05, 0.25, 0.5)]


@pytest.mark.parametrize("damage", ["power", "threshold", "time"])
def test_all_out_wears_the_same_in_every_world(damage: str) -> None:
    assert wear(World(damage=damage), 1.0) == pytest.approx(1.0)
    assert wear(World(damage=damage), 0.9) <= 1.0


def test_who_heeds_nothing_gains_nothing_and_who_heeds_loses_where_nothing_tires() -> None:
    plans, tireless = plan_of(SHORT), World(fade="none", kappa=0.0, eagerness=0.2)
    without = run_race(plans, SHORT, DEAF, tireless, 1, device=False)
    deaf, heeds = (run_race(plans, SHORT, model, tireless, 1, device=True) for model in (DEAF, OBEDIENT))
    assert deaf.stages_s == without.stages_s and deaf.eases > 0
    assert heeds.total_s > without.total_s


def test_a_drawn_world_repeats_and_differs_from_the_plans() -> None:
    assert race.drawn(4) == race.drawn(4)
    assert len({race.drawn(seed).kappa for seed in range(20)}) == 20
    assert any(race.drawn(seed).damage != "power" for seed in range(20))
    assert race.BELIEVED.kappa == days.KAPPA and race.BELIEVED.rho == days.RHO


# --- what a fix costs ---


@pytest.mark.parametrize("interpreter", MICROPYTHONS, ids=lambda interpreter: interpreter.name)
def test_a_fix_allocates_nothing_in_the_core(interpreter: Interpreter) -> None:
    if interpreter.missing:
        pytest.skip(interpreter.missing)
    figures = core_cost.measured(interpreter.command, names=("pacer",))
    assert figures["pacer"][0] == 0
