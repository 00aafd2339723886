"""A stage on the real firmware: start, cues, losses, presses, and what the recording says."""

from itertools import pairwise
from pathlib import Path

from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from pacing.cues import CLEAR, EASE, EAT, READY
from pacing.journal import EV_BATTERY, EV_END, EV_PRESS, EV_START, EV_UTC
from system.firmware_rig import (
    BATTERY,
    BUTTON,
    READ,
    Body,
    Recording,
    armed,
    crc32,
    host,
    make_plan,
    plan_crc,
    pulled,
    pulses,
    replayed,
)

BUZZ = 200


def test_a_whole_stage() -> None:
    """Armed, READY, over the line, too fast, EASE, obeyed, CLEAR, a press, the finish: all in the recording."""

    async def main(air: Air) -> None:
        plan = make_plan(length_m=2500, hr_cap_bpm=0)
        body = await armed(air, plan)
        strap = Strap(air.device("strap"))
        await strap.start()

        async def go(seconds: int, speed_ms: float, hr: int) -> None:
            for _ in range(seconds):
                await strap.beat(hr)
                await body.second(speed_ms)

        await go(30, 0.0, 90)
        assert body.felt(1000) == pulses(READY, 1)
        await go(210, 3.9, 168)
        await go(150, 2.5, 130)
        await body.board.press(BUTTON)
        await go(20, 2.5, 130)
        while body.m < 2510:
            await go(1, 2.6, 130)
        await go(5, 0.0, 120)
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "finished"
            assert (await h.ours(READ, 0))["armed"] == 0
        await go(60, 0.0, 110)
        async with host(body) as h:
            assert (await h.ours(READ, 3))["state"] == "idle"
        data = await pulled(body)
        recording = Recording(data)
        assert recording.damaged == 0
        assert recording.reader.plan_crc == plan_crc(plan)
        assert recording.of(EV_START) == [(1, 0)]
        assert recording.of(EV_PRESS)[0][0] == 1
        assert len(recording.of(EV_UTC)) == len(recording.of(EV_END)) == 1
        assert recording.of(EV_END)[0][0] == 1
        times = [sample[0] for sample in recording.samples]
        assert all(900 <= b - a <= 1100 for a, b in pairwise(times))
        heart = [sample[3] for sample in recording.samples]
        assert heart[:200].count(168) >= 195
        cues = recording.cues
        assert [code for _, code, _ in cues] == [EASE, EASE, CLEAR, CLEAR]  # told twice before he eases
        assert cues == replayed(data, plan)
        gun_ms = next(at for at, _ in body.pulses if at > 40_000) - cues[0][0]
        felt = [length for at, length in body.pulses if at >= gun_ms]
        assert felt == pulses(EASE) * 2 + pulses(CLEAR) * 2 + [BUZZ]

    run(main)


def test_utc_of_the_recording_is_that_of_the_world() -> None:
    async def main(air: Air) -> tuple[Recording, float]:
        body = await armed(air, make_plan(length_m=400))
        await body.seconds(10)
        while body.m < 410:
            await body.second(3.0)
        await body.seconds(3)
        return Recording(await pulled(body)), air.start_utc

    recording, start_utc = run(main)
    (utc_s, at_ms), = recording.of(EV_UTC)  # fmt: skip
    assert abs(utc_s - at_ms / 1000 - recording.reader.utc_s) <= 1
    assert start_utc < recording.reader.utc_s < start_utc + 60


def test_the_receiver_falls_silent() -> None:
    """No bytes for 20 s: samples without a fix go on each second, at the last place."""

    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=800))
        await body.seconds(10)
        await body.seconds(100, 3.0)
        await body.seconds(20, 3.0, silent=True)
        while body.m < 810:
            await body.second(3.0)
        await body.seconds(3)
        return Recording(await pulled(body))

    recording = run(main)
    lost = [sample for sample in recording.samples if not sample[4] & 3]
    assert 18 <= len(lost) <= 20
    assert len({sample[1] for sample in lost}) == 1 and {sample[2] for sample in lost} == {0}
    times = [sample[0] for sample in recording.samples]
    # nothing is left out when it is back: the first fix comes half a second after the last sample without one
    assert max(b - a for a, b in pairwise(times)) <= 1600
    back_ms = min(ms for ms in times if ms > lost[-1][0])
    assert 400 <= back_ms - lost[-1][0] <= 600


def test_by_hand_needs_hold_and_press() -> None:
    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=5000))
        await body.seconds(10)
        await body.board.press(BUTTON, 3300)  # a sleeve: held, but no press within 5 s
        await body.seconds(10)
        await body.hold_and_press()
        await body.seconds(40, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body))

    recording = run(main)
    assert recording.of(EV_START) == [(2, 0)]
    assert [value for value, _ in recording.of(EV_END)] == [2]
    assert 40 <= len(recording.samples) <= 50


def test_presses_while_running_are_answered_and_counted() -> None:
    async def main(air: Air) -> tuple[Recording, Body]:
        body = await armed(air, make_plan(length_m=5000))
        await body.seconds(10)
        await body.seconds(60, 2.0)
        for count in (1, 2, 3):
            for _ in range(count):
                await body.board.press(BUTTON)
                await air.sleep(200)
            await body.seconds(30, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body)), body

    recording, body = run(main)
    assert [value for value, _ in recording.of(EV_PRESS)] == [1, 2, 3]
    assert [code for _, code, _ in recording.cues] == [CLEAR, CLEAR, EAT]  # three begin a low moment: eat
    assert body.felt().count(400) >= 2


def test_no_flush_inside_a_cue() -> None:
    """Writes to the flash stall everything: none lies between a cue's edges, even if a press is counted."""

    async def main(air: Air) -> tuple[list[bool], list[int]]:
        body = await armed(air, make_plan(length_m=20_000))
        before = [0]
        unchanged: list[bool] = []

        def on_pwm(_t_ms: int, _pin: int, duty: int) -> None:
            image = crc32(body.board.flash.read())
            if duty:
                before[0] = image
            else:
                unchanged.append(image == before[0])

        body.board.on_pwm.append(on_pwm)
        await body.seconds(10)
        pulses_so_far = len(body.pulses)
        while len(body.pulses) == pulses_so_far:  # the first pulse of EASE has just ended
            await body.second(3.9)
        started = crc32(body.board.flash.read())
        await body.board.press(BUTTON, 50)
        await air.sleep(100)
        quiet = [started == crc32(body.board.flash.read())]
        await air.sleep(5000)
        assert crc32(body.board.flash.read()) != started  # in the end it is written
        return unchanged + quiet, body.felt()

    unchanged, felt = run(main)
    assert felt.count(800) >= 1 and len(unchanged) > 3
    assert all(unchanged)


def test_battery_is_kept_in_steps() -> None:
    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=5000))
        await body.seconds(10)
        for mv in (2050, 2040, 1950, 1900):
            body.board.adc_mv[BATTERY] = mv
            await body.seconds(70, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body))

    percents = [value for value, _ in run(main).of(EV_BATTERY)]
    assert len(percents) >= 3 and percents == sorted(percents, reverse=True)
    assert all(a - b >= 5 for a, b in pairwise(percents))


FAULTS = """
from app import store, supervisor
from boards.common import Board
from drivers import gnss
def log(self, where, error):
    raise MemoryError
store.Store.log = log
run = gnss.Gnss.run
faults = [b""] * 3
async def failing(self):
    if faults:
        faults.pop()
        raise ValueError
    await run(self)
gnss.Gnss.run = failing
supervisor.run(Board())
"""


def test_a_fault_that_cannot_even_be_logged_does_not_end_the_stage(tmp_path: Path) -> None:
    script = tmp_path / "faults.py"
    script.write_text(FAULTS)

    async def main(air: Air) -> Recording:
        body = await armed(air, make_plan(length_m=5000), script=script)
        await body.seconds(10)
        await body.hold_and_press()
        await body.seconds(40, 2.0)
        await body.hold_and_press()
        await body.seconds(3)
        return Recording(await pulled(body))

    assert sum(sample[4] & 3 > 0 for sample in run(main).samples) >= 38
