"""`holdback demo`: the whole loop on the virtual board, with no hardware and no files of one's own."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from holdback.cli import output
from holdback.cli.rehearsing import rehearse_race
from holdback.race import init_race, load_race
from holdback.race.start import gpx_files

RACE = {
    "name": "Holdback demo",
    "date": "2026-07-03",
    "timezone": "Europe/Zurich",
    "start": "08:00",
    "distance_km": 42.2,
    "time": "3:43:00",
    "hr_max_bpm": 188,
}
RunnerName = Literal["obedient", "half", "deaf"]


async def demo(
    *,
    eagerness: float = 12.0,
    runner: RunnerName = "obedient",
    seed: int = 0,
    stages: Annotated[tuple[Path, ...], Parameter(consume_multiple=True, negative="")] = (),
    keep: Path | None = None,
    json: output.Json = False,
) -> None:
    """Run three made-up mountain stages: plan, push, run, pull, FIT. No hardware is needed; everything is simulated.

    Example: holdback demo --eagerness 20 --runner half --seed 3

    Parameters
    ----------
    eagerness
        How far above the plan the runner sets out on day 1, percent. 0 is an even runner.
    runner
        Whether the runner listens: obedient, half (hears 7 of 10 cues and gives up half), deaf.
    seed
        Chance: another seed is another day, another sky and other stages.
    stages
        GPX files, or a folder of them, instead of the made-up ones.
    keep
        A new folder for the race and its recordings; a temporary one otherwise.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="holdback-demo-"))
    with tempfile.TemporaryDirectory(
        prefix="holdback-stages-"
    ) as made:  # copied from there: init_race overwrites nothing
        race = load_race(init_race(folder, _courses(stages, Path(made), seed), **RACE))
    output.say(f"{RACE['name']}: the real firmware on a virtual board and a virtual radio. Everything is simulated.")
    result = await rehearse_race(race, folder / "recordings", runner=runner, eagerness=eagerness, seed=seed)
    race.write_plans([stage.plan for stage in result.result.stages])
    result.say(output.say)
    if json:
        output.document(result.document())
    else:
        output.say(f"the race folder with plans, recordings and FIT files: {folder}")


def _courses(given: Sequence[Path], folder: Path, seed: int) -> list[Path]:
    """The files that were given, or made-up ones in `folder`."""
    if not given:
        from holdback.simulation.world.stages import write_stages

        return write_stages(folder, seed)
    return gpx_files(given)
