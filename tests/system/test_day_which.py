"""Which stage: the morning's place and day tell, unless the runner has."""

from collections.abc import Callable
from typing import Any

import pytest
from holdback.simulation import Air, run
from pacing.cues import READY
from system.firmware_rig import (
    BUTTON,
    LAT,
    LON,
    M_PER_DEG,
    READ,
    WRITE,
    Body,
    host,
    idle_board,
    make_plan,
    plan_crc,
    pulses,
)

HOUR_S, DAY_S = 3600, 86_400


def from_here(stage: int, north_m: int, **more: Any) -> bytes:
    """A plan of 2 km whose start is so far north of the first one's."""
    lats = [round((LAT + (north_m + i * 50) / M_PER_DEG) * 1e6) for i in range(41)]
    return make_plan(stage, points=[(lat, round(LON * 1e6), i * 500) for i, lat in enumerate(lats)], **more)


async def with_plans(air: Air, plans: list[bytes], arm: int = 1) -> Body:
    """A board with these stages, one of which is armed."""
    body = await idle_board(air)
    async with host(body) as h:
        for stage, plan in enumerate(plans, 1):
            await h.upload(f"plan-{stage:02d}", plan)
        assert await h.ours(WRITE, 1, stage=arm, crc=plan_crc(plans[arm - 1])) == {"rc": 0}
    return body


def morning(place_m: float, plans: Callable[[int], list[bytes]], story: Any = None, seconds: int = 150) -> list[int]:
    """What the runner feels there, from the arming on, without a strap. `plans` is given the time."""

    async def main(air: Air) -> list[int]:
        body = await with_plans(air, plans(round(air.utc_s)))
        body.m = place_m
        await body.seconds(5, fix=False)
        if story:
            await story(body)
        since_ms = air.now_ms
        await body.seconds(seconds)
        return body.felt(since_ms)

    return run(main)


def three_starts(_now_s: int) -> list[bytes]:
    return [from_here(1, 0), from_here(2, 20_000), from_here(3, 45_000)]


@pytest.mark.parametrize("place_m, stage", [(-30.0, 1), (20_100.0, 2), (44_600.0, 3), (10_000.0, 1), (44_400.0, 1)])
def test_the_morning_of_a_later_day(place_m: float, stage: int) -> None:
    """At its start; 400 m from it; and where no stage starts within 500 m the armed one stays. It is told once."""
    assert morning(place_m, three_starts) == pulses(READY, stage)


def test_two_stages_from_one_village_on_different_days() -> None:
    """The one that was not run yesterday is armed; today's gun tells."""

    def plans(now_s: int) -> list[bytes]:
        return [from_here(1, 0, gun_utc_s=now_s - DAY_S), from_here(2, 0, gun_utc_s=now_s + HOUR_S)]

    assert morning(-30.0, plans) == pulses(READY, 2)


def test_the_evening_before_at_the_start_of_another_day() -> None:
    """At the start of the day after tomorrow, whose gun is known: that day is not today's."""

    def plans(now_s: int) -> list[bytes]:
        return [from_here(1, 0, gun_utc_s=now_s + HOUR_S), from_here(2, 20_000, gun_utc_s=now_s + 2 * DAY_S)]

    assert morning(20_000.0, plans) == pulses(READY, 1)


def test_what_the_runner_has_chosen_stays() -> None:
    """Two presses arm the second stage; the place, which is the first one's, does not take it back after a reset."""

    async def story(body: Body) -> None:
        for _ in range(2):
            await body.board.press(BUTTON)
            await body.air.sleep(200)
        await body.seconds(12, fix=False)
        await body.board.restart(cause=3)
        await body.seconds(5, fix=False)

    assert morning(-30.0, three_starts, story) == pulses(READY, 2)


def test_a_stage_that_has_been_run_is_not_armed_again() -> None:
    async def main(air: Air) -> tuple[list[int], int]:
        body = await with_plans(air, three_starts(0))
        await body.seconds(10)
        await body.hold_and_press()
        await body.seconds(700, 2.0)
        await body.hold_and_press()
        await body.seconds(70)
        async with host(body) as h:
            assert await h.ours(WRITE, 1, stage=2, crc=plan_crc(three_starts(0)[1])) == {"rc": 0}
        body.m = -30.0
        since_ms = air.now_ms
        await body.seconds(150)
        felt = body.felt(since_ms)
        await body.hold_and_press()
        await body.seconds(5, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        async with host(body) as h:
            return felt, (await h.ours(READ, 3))["stage"]

    assert run(main) == (pulses(READY, 2), 2)
