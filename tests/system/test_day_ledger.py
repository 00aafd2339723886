"""What a day overspends lowers the next day's caps on the device, when no host comes in between."""

import pytest
from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from pacing.journal import EV_CUE, EV_LEDGER
from pacing.journalreader import END, EVENT, SAMPLE, Reader
from pacing.ledger import carried, share_pm
from pacing.pacer import Pacer
from system.firmware_rig import (
    BUTTON,
    WRITE,
    Body,
    Recording,
    host,
    idle_board,
    make_plan,
    open_plan,
    plan_crc,
    reader_of,
    replayed,
)


@pytest.mark.parametrize("known", [0, 1])
def test_the_second_day_after_a_first_one_that_was_too_fast(known: int) -> None:
    """Two presses in the tent arm it. A plan that was made knowing the first day is taken as it is."""

    async def main(air: Air) -> tuple[bytes, bytes, list[bytes]]:
        plans = [make_plan(1, 20_000, hr_cap_bpm=0), make_plan(2, 20_000, hr_cap_bpm=0, after_stage=known)]
        body = await idle_board(air)
        strap = Strap(air.device("strap"))
        await strap.start()
        async with host(body) as h:
            for stage, plan in enumerate(plans, 1):
                await h.upload(f"plan-{stage:02d}", plan)
            assert await h.ours(WRITE, 1, stage=1, crc=plan_crc(plans[0])) == {"rc": 0}
        await a_stage(body, strap, 4.2, 165)
        await body.seconds(70)
        for _ in range(2):
            await body.board.press(BUTTON)
            await air.sleep(200)
        await body.seconds(12)
        await a_stage(body, strap, 2.0, 120)
        async with host(body) as h:
            first, second = [(await h.download(f"stage-{stage:02d}"))[0] for stage in (1, 2)]
        return first, second, plans

    first, second, plans = run(main)
    owed = owed_by(first, plans[0])
    assert owed > 50
    assert Recording(first).of(EV_LEDGER) == []
    assert Recording(second).of(EV_LEDGER) == ([] if known else [(share_pm(carried(0, owed)), 0)])
    assert Recording(second).cues == replayed(second, plans[1])


def owed_by(data: bytes, plan: bytes) -> int:
    """Percent-minutes, as the core counts them on this computer."""
    pacer, reader = Pacer(open_plan(plan)), Reader(reader_of(data), len(data))
    while (kind := reader.next()) != END:
        if kind == SAMPLE:
            pacer.step(reader.sample)
        elif kind == EVENT and reader.event_kind != EV_CUE:
            pacer.event(reader.event_kind, reader.event_value, reader.event_ms)
    return pacer.ledger.owed


async def a_stage(body: Body, strap: Strap, speed_ms: float, hr_bpm: int) -> None:
    """A quarter of an hour, from hand to hand."""
    await body.hold_and_press()
    for _ in range(900):
        await strap.beat(hr_bpm)
        await body.second(speed_ms)
    await body.hold_and_press()
    await body.seconds(3)
