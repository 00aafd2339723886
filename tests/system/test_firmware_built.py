"""The firmware as it is built for a device: short names, constants in place, the same decisions, in little memory."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from holdback.building.build import PROJECT, build, sources
from holdback.building.names import shorten
from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from pacing.cues import CHECK, CHECK_GPS, EASE, READY
from pacing.journal import EV_PRESS, EV_RESUME
from system.firmware_rig import BUTTON, READ, Body, Recording, armed, host, make_plan, pulled, pulses, replayed

HEAP_KB = 160  # of which the stand-ins take 60; bench/heap.py measures it closely
# What the life on the trail loads. A byte of .mpy takes 1.8 of heap (64-bit words), and a stage 25 kB of data.
TRAIL = ("boards.common", "app.supervisor", "app.trail", "app.ready")
TRAIL_BYTES = 42_000
BOARDS = sorted(path.parent.name for path in (PROJECT / "boards").glob("*/board.py"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """How a board is made that runs the built firmware in little memory."""
    folder = tmp_path_factory.mktemp("built")
    sizes = build("virtual", folder)
    assert sum(sizes[module] for module in TRAIL) < TRAIL_BYTES
    return {"script": folder / "main.py", "mpy_path": [folder], "heapsize": f"{HEAP_KB}K"}


def on_a_stage(built: dict[str, Any], what: Callable[[Body, Strap], Coroutine[Any, Any, None]]) -> tuple[Body, bytes]:
    """Arm, run 200 s too fast, let `what` happen, run 200 s more, finish by hand, pull."""

    async def main(air: Air) -> tuple[Body, bytes]:
        body = Body(air, **built)
        strap = Strap(air.device("strap"))
        await strap.start()
        await body.board.start()
        async with host(body) as h:
            await h.arm(PLAN)
        for second in range(420):
            if second == 220:
                await what(body, strap)
            if strap.present:
                await strap.beat(168)
            await body.second(3.9 if second > 20 else 0.0)
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "finished"
            errors = await h.command(READ, 8, 1, {"name": "errors"})
            assert errors == {"rc": 5}, "a fault was logged"
        return body, await pulled(body)

    return run(main)


PLAN = make_plan(length_m=5000, hr_cap_bpm=0)


async def a_reset(body: Body, _: Strap) -> None:
    await body.board.restart(cause=3)


async def a_lost_strap(body: Body, strap: Strap) -> None:
    strap.vanish()
    await body.seconds(60, 3.9)
    strap.come_back()
    await body.seconds(60, 3.9)


async def presses(body: Body, _strap: Strap) -> None:
    for count in (1, 2, 3):
        for _ in range(count):
            await body.board.press(BUTTON)
            await body.air.sleep(200)
        await body.seconds(20, 3.9)


async def silence(body: Body, _: Strap) -> None:
    await body.seconds(60, 3.9, silent=True)


@pytest.mark.parametrize("what", [a_reset, a_lost_strap, presses, silence])
def test_a_stage_in_little_memory(built: dict[str, Any], what: Any) -> None:
    body, data = on_a_stage(built, what)
    recording = Recording(data)
    assert recording.cues == replayed(data, PLAN)
    assert EASE in [code for _, code, _ in recording.cues]
    assert len(recording.samples) > 300
    assert body.board.log == []
    assert len(recording.of(EV_RESUME)) == (what is a_reset)
    assert [value for value, _ in recording.of(EV_PRESS)] == ([1, 2, 3] if what is presses else [])
    if what is a_lost_strap:
        assert 0 in {sample[3] for sample in recording.samples[200:]} and recording.samples[-5][3] == 168
    if what is silence:
        assert 55 <= sum(not sample[4] & 3 for sample in recording.samples) <= 70


def test_checks_and_the_phone_window(built: dict[str, Any]) -> None:
    """CHECK after three minutes, READY with the fix, the next stage by two presses, a phone by three."""

    async def main(air: Air) -> None:
        body = await armed(air, PLAN, **built)
        await body.seconds(200, fix=False)
        assert body.felt(1000) == pulses(CHECK, CHECK_GPS)
        await body.seconds(20)
        assert body.felt(air.now_ms - 21_000) == pulses(READY, 1)
        for count in (2, 3):
            for _ in range(count):
                await body.board.press(BUTTON)
                await air.sleep(200)
            await body.seconds(8)
        async with host(body) as h:
            status = await h.ours(READ, 3)
            assert (status["state"], status["stage"]) == ("armed", 1)
            await h.upload("plan-02", make_plan(stage_no=2, length_m=20_000))
        await body.seconds(130)
        await body.board.press(BUTTON)
        await body.seconds(10)
        assert body.felt(air.now_ms - 11_000) in (pulses(READY, 1), pulses(CHECK, 1))
        assert body.board.log == []

    run(main)


def test_what_is_ours_has_new_names_and_what_is_not_has_kept_its_own(tmp_path: Path) -> None:
    build("virtual", tmp_path)
    code = (tmp_path / "app" / "trail.mpy").read_bytes()
    assert b"_journal" not in code and b"note_battery" not in code
    assert b"dist_dm" in code  # the status says it to hosts
    assert b"gatts_set_buffer" in (tmp_path / "app" / "camp.mpy").read_bytes()
    assert not list(tmp_path.glob("*/*.py"))
    meanings = json.loads((tmp_path / "names.json").read_text())
    assert "app.stage.note_battery" in [old for olds in meanings["app.trail"].values() for old in olds]
    assert not any(old.endswith(".STATE") for names in meanings.values() for olds in names.values() for old in olds)


def test_what_one_object_has_from_two_modules_keeps_apart() -> None:
    """A class of one module that inherits from another module's: its private names must not be the base's again."""
    base = "class Base:\n    def _one(self): return 1\n    def _two(self): return self._one() + 1\n"
    heir = "from base import Base\nclass Heir(Base):\n    def _three(self): return self._two() + 1\n    four = _three\n"
    modules = {"base": ast.parse(base), "heir": ast.parse(heir)}
    meanings = shorten(modules)
    space: dict[str, Any] = {}
    exec(ast.unparse(modules["base"]), space)
    exec(ast.unparse(modules["heir"]).replace("from base import", "pass  #"), space)
    heirs = [short for short, long in meanings["heir"].items() if long in ("Heir", "_three")]
    (found,) = [space[short] for short in heirs if short in space]
    (three,) = [short for short in heirs if short not in space]
    assert getattr(found(), three)() == 3


@pytest.mark.parametrize("board", BOARDS)
def test_every_name_still_means_something(board: str, tmp_path: Path) -> None:
    """A new name that one place has missed is undefined there, perhaps in a line that no stage reaches."""
    for name, text in sources(board)[0].items():
        (tmp_path / f"{name}.py").write_text(text)
    ruff = Path(sys.executable).parent / "ruff"
    command = [str(ruff), "check", "--isolated", "--select", "F821,F811,F402", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
