"""The firmware as it is built for a device: names shortened, constants in place, and the same decisions."""

from pathlib import Path

from holdback.device.build import build
from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from system.firmware_rig import Body, Recording, host, make_plan, replayed

HEAP_KB = 200  # of which the stand-ins take 60; bench/heap.py measures it closely


def test_built_firmware_runs_a_stage_and_a_reset_in_little_memory(tmp_path: Path) -> None:
    sizes = build("virtual", tmp_path)
    assert sum(sizes.values()) < 60_000

    async def main(air: Air) -> None:
        plan = make_plan(length_m=5000, hr_cap_bpm=0)
        body = Body(air, script=tmp_path / "main.py", mpy_path=[tmp_path], heapsize=f"{HEAP_KB}K")
        strap = Strap(air.device("strap"))
        await strap.start()
        await body.board.start()
        async with host(body) as h:
            await h.arm(plan)
        for second in range(400):
            if second == 300:
                await body.board.restart(cause=3)
            await strap.beat(168)
            await body.second(3.9 if second > 20 else 0.0)
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            data = (await h.download("latest"))[0]
        recording = Recording(data)
        assert recording.cues == replayed(data, plan) and recording.cues
        assert len(recording.samples) > 300
        assert body.board.log == []

    run(main)


def test_nothing_private_is_left_long(tmp_path: Path) -> None:
    build("virtual", tmp_path)
    code = (tmp_path / "app" / "stage.mpy").read_bytes()
    assert b"_journal" not in code and b"_note_utc" not in code
    assert b"pacer" in code  # public: other modules ask for it
    assert not list(tmp_path.glob("*/*.py"))
