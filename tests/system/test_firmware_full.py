"""A full flash: the stage goes on, what fits is kept, what a host has makes room, and nothing else goes."""

import os
from itertools import pairwise
from typing import Any

from holdback.simulation import Air, Flash, run
from holdback.simulation.machine.provision import provision, put
from pacing.cues import CHECK, CHECK_STORAGE, CLEAR, READY
from pacing.journal import EV_END, EV_START
from system.firmware_rig import (
    BUTTON,
    READ,
    WRITE,
    Body,
    Recording,
    armed,
    crc32,
    host,
    idle_board,
    make_plan,
    pulled,
    pulses,
    replayed,
    with_host,
)

SMALL = 80 << 10
PLAN = make_plan(length_m=20_000, planned_s=60)


def filled(*ballast: tuple[str, int], size: int = SMALL) -> Flash:
    """A small flash with a key and files of chance."""
    flash = Flash(size)
    provision(flash)
    for name, length in ballast:
        put(flash, name, os.urandom(length))
    return flash


def counted(felt: list[int], cue: list[int]) -> int:
    return sum(felt[i : i + len(cue)] == cue for i in range(len(felt)))


async def run_and_fill(air: Air, flash: Flash, seconds: int) -> tuple[Body, list[int]]:
    """A stage by hand on a flash with little room: the body at its end, and what was felt on the way."""
    body = await armed(air, PLAN, flash=flash)
    await body.seconds(5)
    await body.hold_and_press()
    since_ms = air.now_ms
    await body.seconds(seconds, 1.2)
    return body, body.felt(since_ms)


def test_a_full_flash_keeps_what_fits_and_paces_on() -> None:
    """Told once; presses are answered; the end is kept, by hand as ever; a host comes in; and then the next stage."""

    async def main(air: Air) -> None:
        body, felt = await run_and_fill(air, filled(("rec/stage-09.hbr", 12_000)), 3000)
        assert counted(felt, pulses(CHECK, CHECK_STORAGE)) == 1
        asked_ms = air.now_ms
        await body.board.press(BUTTON)
        await body.seconds(5, 1.2)
        assert body.felt(asked_ms) == pulses(CLEAR)
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            data, _ = await h.download("latest")
            listed = await h.ours(READ, 0)
            assert (await h.ours(READ, 3))["free"] < SMALL
        recording = Recording(data)
        assert [stage["id"] for stage in listed["stages"]] == [1, 9]  # that one nobody has: it may not go
        assert 500 < len(recording.samples) < 2900
        assert recording.damaged == 0
        assert recording.cues == replayed(data, PLAN)
        ((_, ended_ms),) = recording.of(EV_END)
        assert ended_ms > 3_000_000 > recording.samples[-1][0]

    run(main)


def test_what_a_host_has_makes_room_and_the_whole_stage_is_kept() -> None:
    async def main(air: Air) -> None:
        flash = filled(("rec/stage-08.hbr", 4000), ("rec/stage-09.hbr", 4000), size=SMALL + 8192)
        body = await armed(air, PLAN, flash=flash)
        await body.seconds(5)
        await body.hold_and_press()
        await body.seconds(3)
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            data, _ = await h.download("stage-09")
            assert await h.ours(WRITE, 7, stage=9, crc=crc32(data) ^ 1) == {"rc": 11}
            assert await h.ours(WRITE, 7, stage=9, crc=crc32(data)) == {"rc": 0}
            assert await h.ours(WRITE, 7, stage=7, crc=0) == {"rc": 5}
        await body.seconds(70)  # a false start: armed again
        await body.hold_and_press()
        since_ms = air.now_ms
        await body.seconds(2400, 1.2)
        assert counted(body.felt(since_ms), pulses(CHECK, CHECK_STORAGE)) == 0
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            assert [stage["id"] for stage in (await h.ours(READ, 0))["stages"]] == [1, 8]
        recording = Recording(await pulled(body))
        assert len(recording.samples) > 2390 and recording.of(EV_END)

    run(main)


def test_a_reset_on_a_full_flash_goes_on_where_the_recording_ends() -> None:
    async def main(air: Air) -> None:
        body, _ = await run_and_fill(air, filled(("rec/stage-09.hbr", 12_000)), 3000)
        await body.board.restart(cause=3)
        since_ms = air.now_ms
        await body.seconds(100, 1.2)
        assert counted(body.felt(since_ms), pulses(CHECK, CHECK_STORAGE)) == 1
        await body.hold_and_press()
        await body.seconds(3)
        data = await pulled(body)
        recording = Recording(data)
        assert recording.of(EV_END) and recording.cues == replayed(data, PLAN)

    run(main)


TEN_DAYS = [make_plan(number, 20_000, planned_s=36_000, hr_cap_bpm=0) for number in range(1, 11)]


async def armed_for_ten_days(air: Air) -> Body:
    """With 1.4 MB free: they do not fit at one sample a second."""
    flash = Flash()
    provision(flash)
    for number in range(91, 94):
        put(flash, f"rec/stage-{number}.hbr", os.urandom(150_000))
    body = await idle_board(air, flash=flash)
    async with host(body) as h:
        for number, plan in enumerate(TEN_DAYS[1:], 2):
            await h.upload(f"plan-{number:02d}", plan)
        await h.arm(TEN_DAYS[0])
    return body


def test_thin_samples_are_told_behind_ready_and_not_again_at_the_start() -> None:
    async def main(air: Air) -> list[int]:
        body = await armed_for_ten_days(air)
        await body.seconds(110)
        told = pulses(READY, 1) + pulses(CHECK, CHECK_STORAGE)
        assert body.felt(1000) == told
        await body.hold_and_press()
        await body.seconds(10, 2.0)
        return body.felt(1000)[len(told) :]

    assert run(main)[1:] == pulses(CLEAR)  # behind the hold's buzz


def test_ten_days_of_ten_hours_are_sampled_more_thinly_and_the_replay_is_exact() -> None:
    """Who starts before READY is told behind the start."""
    plans = TEN_DAYS

    async def main(air: Air) -> Recording:
        body = await armed_for_ten_days(air)
        await body.seconds(10)
        since_ms = air.now_ms
        await body.hold_and_press()
        await body.seconds(600, 3.9)
        assert counted(body.felt(since_ms), pulses(CHECK, CHECK_STORAGE)) == 1
        await body.board.restart(cause=3)
        await body.seconds(200, 3.9)
        await body.hold_and_press()
        await body.seconds(3)
        data = await pulled(body)
        recording = Recording(data)
        assert recording.cues == replayed(data, plans[0]) and recording.cues
        return recording

    recording = run(main)
    times = [sample[0] for sample in recording.samples if 20_000 < sample[0] < 600_000]
    steps = {round((b - a) / 1000) for a, b in pairwise(times)}
    assert len(steps) == 1 and 2 <= steps.pop() <= 5


def test_a_full_flash_has_no_room() -> None:
    """littlefs counts the blocks in use up to more than there are."""

    async def check(h: Any, body: Body) -> int:
        return (await h.ours(READ, 3))["free"]

    assert 0 <= with_host(check) <= 2 << 20

    async def main(air: Air) -> int:
        body = Body(air, filled(("rec/stage-09.hbr", 46_000)))
        await body.board.start()
        await body.seconds(2)
        async with host(body) as h:
            return await check(h, body)

    assert run(main) < SMALL


def test_no_start_writes_over_an_earlier_one(starts: int = 12) -> None:
    async def main(air: Air) -> None:
        body = await armed(air, PLAN)
        await body.seconds(5)
        for n in range(starts):
            await body.hold_and_press()
            await body.seconds(3)
            await body.hold_and_press()
            if n < starts - 1:
                await body.seconds(70)  # a false start: armed again
        async with host(body) as h:
            names = ["stage-01", *(f"stage-01.{k}" for k in range(1, starts))]
            kept = [(await h.download(name))[0] for name in names]
            assert await h.command(READ, 8, 1, {"name": f"stage-01.{starts}"}) == {"rc": 5}
            assert await h.command(READ, 8, 1, {"name": "stage-1"}) == {"rc": 5}
        assert len(set(kept)) == starts
        assert all(len(Recording(data).of(EV_START)) == 1 for data in kept)

    run(main)
