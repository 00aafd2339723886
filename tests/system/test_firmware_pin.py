"""The motor and the strap as a host sets them, with the real commands; whose strap is held."""

import json
from typing import Any

import pytest
from holdback.cli.app import run_async
from holdback.device import known, sync
from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from pacing.cues import CHECK, CHECK_STRAP, EASE, READY
from pacing.smp import EINVAL
from system.firmware_rig import (
    READ,
    WRITE,
    Body,
    Host,
    Recording,
    armed,
    host,
    idle_board,
    make_plan,
    pulled,
    pulses,
    with_host,
)

NAME = "HRM Zoë 4711"


@pytest.fixture
def hb(capsys, monkeypatch, tmp_path):
    """Run a command inside the running loop; its JSON document."""
    monkeypatch.setattr(known, "user_state_path", lambda _name: tmp_path / "state")

    async def command(*tokens: str) -> Any:
        code = await run_async([*tokens, "--json"])
        out, err = capsys.readouterr()
        assert code == 0, out + err
        return json.loads(out)

    return command


def test_cues_play(hb) -> None:
    async def main(air: Air) -> list[list[int]]:
        body = await idle_board(air)
        sync.utc_now.set(lambda: air.utc_s)
        await air.sleep(1000)
        felt = []
        with air.bleak():
            for name, n in (("ease", 0), ("check-me", 2), ("ready", 12)):
                since_ms = air.now_ms
                played = await hb("cues", "play", name, "--n", str(n))
                assert played["cue"] == name
                await air.sleep(15_000)
                felt.append(body.felt(since_ms))
        return felt

    assert run(main) == [pulses(EASE), pulses(CHECK, 2), pulses(READY, 12)]


@pytest.mark.parametrize("body", [{"cue": 10, "n": 0}, {"cue": 0, "n": 0}, {"cue": -1, "n": 0}, {"cue": 8, "n": 100},
                                  {"cue": "EASE", "n": 0}, {"n": 0}, {"cue": 1}])  # fmt: skip
def test_what_is_no_cue_is_refused(body: dict[str, Any]) -> None:
    async def check(h: Host, board: Body) -> list[int]:
        assert await h.ours(WRITE, 5, **body) == {"rc": EINVAL}
        return board.felt(1000)

    assert with_host(check) == []


def test_names_that_do_not_fit_are_refused() -> None:
    async def check(h: Host, _: Body) -> dict[str, Any]:
        assert await h.ours(WRITE, 6, name="é" * 12) == {}
        for name in ("é" * 12 + "x", 5, b"x"):
            assert await h.ours(WRITE, 6, name=name) == {"rc": EINVAL}
        return await h.ours(READ, 6)

    assert with_host(check) == {"name": "é" * 12, "address": "", "connected": False}


async def heart_rates(body: Body, straps: dict[Strap, int], seconds: int) -> set[int]:
    """Run a stage by hand in the company of straps; the heart rates that the recording has."""

    async def go(count: int, speed_ms: float) -> None:
        for _ in range(count):
            for strap, bpm in straps.items():
                await strap.beat(bpm)
            await body.second(speed_ms)

    await go(40, 0.0)
    await body.hold_and_press()
    await go(seconds, 3.0)
    await body.hold_and_press()
    await body.seconds(3)
    return {sample[3] for sample in Recording(await pulled(body)).samples}


async def worn(air: Air, *names: str) -> list[Strap]:
    straps = [Strap(air.device(f"{name} {i}"), name) for i, name in enumerate(names)]
    for strap in straps:
        await strap.start()
    return straps


def test_device_strap_pins_one_by_name(hb) -> None:
    """It is written, survives a power cut, and no other is held, even if its name only begins with the same words."""

    async def main(air: Air) -> tuple[set[int], set[int], dict[str, Any]]:
        body = await idle_board(air)
        sync.utc_now.set(lambda: air.utc_s)
        mine, longer, other = await worn(air, NAME, NAME + "0", "Other")
        await air.sleep(1000)
        with air.bleak():
            assert (await hb("device", "strap", NAME))["strap"] == NAME
        async with host(body) as h:
            await h.arm(make_plan(length_m=20_000, hr_cap_bpm=0))
        await body.board.cut()
        await body.board.start()
        first = await heart_rates(body, {other: 99, longer: 98, mine: 141}, 60)
        mine.vanish()
        async with host(body) as h:
            pinned = await h.ours(READ, 6)
            await h.arm(make_plan(length_m=20_000, hr_cap_bpm=0))
        body.m = -30.0
        return first, await heart_rates(body, {other: 99, longer: 98}, 60), pinned

    first, second, pinned = run(main)
    assert first <= {0, 141} and 141 in first
    assert second == {0}
    assert pinned["name"] == NAME and len(pinned["address"]) == 17


def test_once_one_was_used_another_runners_strap_in_the_pen_is_not_taken() -> None:
    async def main(air: Air) -> tuple[set[int], set[int]]:
        plan = make_plan(length_m=20_000, hr_cap_bpm=0)
        body = await armed(air, plan)
        (mine,) = await worn(air, "Mine")
        first = await heart_rates(body, {mine: 141}, 60)
        mine.vanish()
        (other,) = await worn(air, "Other")
        async with host(body) as h:
            await h.arm(plan)
        body.m = -30.0
        return first, await heart_rates(body, {other: 99}, 120)

    first, second = run(main)
    assert first <= {0, 141} and 141 in first
    assert second == {0}


def test_of_two_straps_that_nobody_knows_none_is_taken_and_the_runner_is_told() -> None:
    """CHECK ME 1 after three minutes, then READY, for all else is good; also when one of them goes away later."""

    async def main(air: Air) -> tuple[list[int], set[int]]:
        body = await armed(air, make_plan(length_m=20_000, hr_cap_bpm=0))
        one, other = await worn(air, "One", "Other")
        since_ms = air.now_ms
        await body.seconds(200)
        felt = body.felt(since_ms)
        await body.board.restart(cause=3)  # the next device knows none either
        await body.seconds(10)
        await body.hold_and_press()
        for second in range(600):
            if second == 20:
                other.vanish()
            await one.beat(99)
            await body.second(3.0)
        await body.hold_and_press()
        await body.seconds(3)
        return felt, {sample[3] for sample in Recording(await pulled(body)).samples}

    felt, heart = run(main)
    assert felt == pulses(CHECK, CHECK_STRAP) + pulses(READY, 1)
    assert heart == {0}


def test_who_has_no_strap_gets_no_passer_bys() -> None:
    async def main(air: Air) -> set[int]:
        body = await armed(air, make_plan(length_m=20_000, hr_cap_bpm=0))
        await body.seconds(10)
        await body.hold_and_press()
        await body.seconds(340, 3.0)
        (other,) = await worn(air, "Other")
        for _ in range(120):
            await other.beat(99)
            await body.second(3.0)
        await body.hold_and_press()
        await body.seconds(3)
        return {sample[3] for sample in Recording(await pulled(body)).samples}

    assert run(main) == {0}


@pytest.mark.parametrize("pinned, felt", [(True, pulses(CHECK, CHECK_STRAP)), (False, pulses(READY, 1))])
def test_a_runner_whose_strap_is_silent_is_told_so_and_one_without_is_ready(pinned: bool, felt: list[int]) -> None:
    async def main(air: Air) -> list[int]:
        body = await idle_board(air)
        await body.seconds(3)
        async with host(body) as h:
            if pinned:
                await h.ours(WRITE, 6, name=NAME)
            await h.arm(make_plan())
        since_ms = air.now_ms
        await body.seconds(190)
        return body.felt(since_ms)

    assert run(main) == felt
