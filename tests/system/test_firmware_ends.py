"""How stages end and begin again: by hand and taken back, false starts, a bus, the finish near by, which stage."""

import pytest
from holdback.simulation import Air, run
from pacing.cues import READY
from pacing.ending import AT_FINISH, AT_LINE, BY_HAND, ON_WHEELS
from pacing.journal import EV_END, EV_RESUME, EV_START, EV_UNEND
from system.firmware_rig import READ, Body, Recording, armed, host, make_plan, pulled, pulses, replayed


async def state_of(body: Body) -> str:
    async with host(body) as h:
        return (await h.ours(READ, 3))["state"]


async def ended_by_hand(air: Air, plan: bytes, seconds: int = 700) -> Body:
    body = await armed(air, plan)
    await body.seconds(5)
    await body.hold_and_press()
    await body.seconds(seconds, 2.0)
    await body.hold_and_press()
    await body.seconds(3)
    return body


@pytest.mark.parametrize("minutes, on", [(1, True), (28, True), (31, False)])
def test_an_end_by_hand_is_taken_back_by_the_same_gesture_for_half_an_hour(minutes: int, on: bool) -> None:
    """Later it begins a run of its own, and leaves the stage alone."""

    async def main(air: Air) -> tuple[str, bytes]:
        plan = make_plan(length_m=20_000)
        body = await ended_by_hand(air, plan)
        assert await state_of(body) == "finished"
        await body.seconds(minutes * 60)
        await body.hold_and_press()
        await body.seconds(100, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        state = await state_of(body)
        data = await pulled(body, "latest" if on else "stage-01")
        assert Recording(data).cues == replayed(data, plan)
        return state, data

    state, data = run(main)
    recording = Recording(data)
    ends = [value for value, _ in recording.of(EV_END)]
    if not on:
        assert (state, ends, recording.of(EV_UNEND)) == ("finished", [BY_HAND], [])
        return
    assert (state, ends) == ("finished", [BY_HAND, BY_HAND])
    assert len(recording.of(EV_UNEND)) == len(recording.of(EV_RESUME)) == 1
    before = max(sample[0] for sample in recording.samples if sample[0] <= recording.of(EV_END)[0][1])
    after = min(sample[0] for sample in recording.samples if sample[0] > before)
    # the stage's clock went on in camp: the gesture takes 4.7 s, the restart 2
    assert abs(after - before - (minutes * 60_000 + 10_000)) < 8000


def test_a_false_start_is_kept_and_the_stage_armed_again() -> None:
    """Off with the wrong gun: ended by hand after two minutes, back at the line, and the stage begins for good."""

    async def main(air: Air) -> None:
        plan = make_plan(length_m=20_000)
        body = await armed(air, plan)
        await body.seconds(10)
        await body.seconds(130, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        first = await pulled(body)
        await body.seconds(60)
        body.m = -30.0
        since_ms = air.now_ms
        await body.seconds(100)
        assert body.felt(since_ms) == pulses(READY, 1)
        await body.seconds(760, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            assert (await h.ours(READ, 0))["armed"] == 0
            assert (await h.download("stage-01.1"))[0] == first
        second = Recording(await pulled(body))
        assert [v for v, _ in Recording(first).of(EV_START)] == [v for v, _ in second.of(EV_START)] == [AT_LINE]
        assert min(sample[0] for sample in second.samples) < 2000 and len(second.samples) > 730

    run(main)


def test_an_end_by_hand_within_ten_minutes_is_taken_back_too() -> None:
    async def main(air: Air) -> Recording:
        body = await ended_by_hand(air, make_plan(length_m=20_000), 120)
        await body.seconds(20)
        await body.hold_and_press()
        await body.seconds(700, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body))

    recording = run(main)
    assert len(recording.of(EV_UNEND)) == 1 and len(recording.samples) > 815


def test_a_bus_ends_the_stage_where_the_running_did() -> None:
    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=20_000))
        await body.seconds(10)
        await body.seconds(800, 2.0)
        await body.seconds(70, 14.0)
        await body.seconds(3)
        assert await state_of(body) == "finished"
        return Recording(await pulled(body))

    recording = run(main)
    ((how, at_ms),) = recording.of(EV_END)
    assert how == ON_WHEELS
    assert abs(at_ms - 785_000) <= 3000  # the line is crossed 15 s after the runner sets out
    assert recording.samples[-1][0] - at_ms >= 59_000


def test_ten_minutes_beside_the_finish_end_the_stage() -> None:
    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=2000))
        await body.seconds(10)
        await body.seconds(965, 2.0)
        await body.seconds(620)
        return Recording(await pulled(body))

    recording = run(main)
    ((how, at_ms),) = recording.of(EV_END)
    assert how == AT_FINISH
    assert abs(at_ms - 950_000) <= 8000
