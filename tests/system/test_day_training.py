"""A run without a race: with no plan at all, and with an effort that was set on the host."""

from pathlib import Path

from holdback.recordings.fit import encode
from holdback.recordings.load import Loaded, load
from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from pacing.cues import BY_HEART_RATE, CLEAR, EASE, EASE_HARD
from pacing.ending import BY_HAND, TRAIN
from pacing.journal import EV_END, EV_RESUME, EV_START
from system.firmware_rig import READ, Body, Recording, armed, host, idle_board, make_plan, pulled, pulses, replayed


def loaded(data: bytes, folder: Path) -> Loaded:
    path = folder / "stage.hbr"
    path.write_bytes(data)
    return load(path)


async def running(body: Body, strap: Strap, seconds: int, speed_ms: float, hr_bpm: int) -> None:
    for _ in range(seconds):
        await strap.beat(hr_bpm)
        await body.second(speed_ms)


def test_a_run_with_no_plan(tmp_path: Path) -> None:
    """Hold and press in camp: CLEAR says that it has begun; a reset goes on; short as it is, it is no false start."""

    async def main(air: Air) -> bytes:
        body = await idle_board(air)
        strap = Strap(air.device("strap"))
        await strap.start()
        await body.seconds(5)
        since_ms = air.now_ms
        await body.hold_and_press()
        await running(body, strap, 100, 3.0, 150)
        assert body.felt(since_ms) == [200, *pulses(CLEAR)]
        await body.board.restart(cause=3)
        await running(body, strap, 120, 3.0, 190)
        await body.hold_and_press()
        await body.seconds(70)
        async with host(body) as h:
            status = await h.ours(READ, 3)
            assert (status["state"], (await h.ours(READ, 0))["armed"]) == ("idle", 0)
        return await pulled(body, "stage-01")

    data = run(main)
    recording = Recording(data)
    assert (recording.of(EV_START), len(recording.of(EV_RESUME))) == ([(BY_HAND, 0)], 1)
    assert [value for value, _ in recording.of(EV_END)] == [BY_HAND]
    assert recording.samples[40][3] == 150 and recording.samples[-10][3] == 190
    assert len(recording.samples) > 120 + 35 and recording.samples[-1][0] > 215_000  # the open block is lost
    assert recording.cues == []
    found = loaded(data, tmp_path)
    assert found.plan and not found.plan.has_course and found.plan.hr_cap_bpm == 0
    assert found.replay_agrees()
    assert encode(found.activities[0].points)


def test_after_the_race_the_last_bound_of_heart_rate_goes_on(tmp_path: Path) -> None:
    async def main(air: Air) -> bytes:
        body = await armed(air, make_plan(length_m=20_000, hr_cap_bpm=150))
        strap = Strap(air.device("strap"))
        await strap.start()
        await body.hold_and_press()
        await running(body, strap, 640, 2.0, 120)
        await body.hold_and_press()
        await body.seconds(3)
        await body.board.restart()
        await body.seconds(5)
        await body.hold_and_press()
        await running(body, strap, 400, 2.5, 172)
        await body.hold_and_press()
        await body.seconds(3)
        return await pulled(body, "stage-02")

    found = loaded(run(main), tmp_path)
    assert found.plan and found.plan.hr_cap_bpm == 150
    cues = Recording(found.data).cues
    assert cues and {code for _, code, _ in cues} <= {EASE, EASE_HARD} and cues[0][2] == BY_HEART_RATE
    assert found.replay_agrees()


def test_while_a_stage_is_to_come_nothing_begins_without_it() -> None:
    async def main(air: Air) -> list[dict[str, int]]:
        body = await idle_board(air)
        async with host(body) as h:
            await h.upload("plan-03", make_plan(3))
        await body.hold_and_press()
        await body.seconds(5)
        async with host(body) as h:
            listed = await h.ours(READ, 0)
        assert listed["stages"] == []
        return listed["plans"]

    assert [plan["id"] for plan in run(main)] == [3]


def test_hours_at_an_effort() -> None:
    """A stage of hours without a course: begun and ended by hand, the effort is held all the same."""
    plan = make_plan(points=[], profile=None, caps=[(1 << 29, 800, 0, 0)], hr_cap_bpm=0, role=TRAIN, planned_s=7200)

    async def main(air: Air) -> bytes:
        body = await armed(air, plan)
        strap = Strap(air.device("strap"))
        await strap.start()
        await running(body, strap, 20, 0.0, 90)
        await body.hold_and_press()
        await running(body, strap, 700, 3.9, 168)
        await body.hold_and_press()
        await body.seconds(3)
        return await pulled(body)

    data = run(main)
    recording = Recording(data)
    assert recording.of(EV_START) == [(BY_HAND, 0)]
    assert EASE in {code for _, code, _ in recording.cues}
    assert recording.cues == replayed(data, plan)
