"""The firmware holds a heart rate strap: found, lost, silent, and which of two."""

import asyncio

from bumble.device import Device
from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from pacing.journal import EV_RESUME
from system.firmware_rig import Body, Recording, host, make_plan


class Worn:
    """An armed body that runs with straps around it; each has its own heart rate."""

    def __init__(self, air: Air, **straps: int) -> None:
        self.air = air
        self.body = Body(air)
        self.straps = {name: Strap(air.device(name), name) for name in straps}
        self.bpm = straps

    async def start(self) -> None:
        await self.body.board.start()
        await self.body.seconds(2)
        async with host(self.body) as h:
            await h.arm(make_plan(length_m=20_000, hr_cap_bpm=0))

    async def go(self, seconds: int, speed_ms: float = 0.0, beating: bool = True) -> None:
        for _ in range(seconds):
            for name, strap in self.straps.items():
                if beating and strap.present:
                    await strap.beat(self.bpm[name])
            await self.body.second(speed_ms)

    async def finish(self) -> Recording:
        await self.body.hold_and_press()
        await self.body.seconds(3)
        async with host(self.body) as h:
            return Recording((await h.download("latest"))[0])


def hr_by_second(recording: Recording) -> list[int]:
    return [sample[3] for sample in recording.samples]


def test_a_strap_that_vanishes_is_found_again() -> None:
    async def main(air: Air) -> list[int]:
        worn = Worn(air, mine=141)
        await worn.start()
        await worn.straps["mine"].start()
        await worn.go(40)
        await worn.body.hold_and_press()
        await worn.go(100, 3.0)
        worn.straps["mine"].vanish()
        await worn.go(120, 3.0)
        worn.straps["mine"].come_back()
        await worn.go(100, 3.0)
        return hr_by_second(await worn.finish())

    heart = run(main)
    assert set(heart) == {0, 141}
    assert heart[1:95] == [141] * 94  # nothing beats during the start by hand
    lost = heart.index(0, 1)
    back = heart.index(141, lost)
    assert 98 <= lost <= 110  # at once, or when the last value is 5 s old
    assert 0 <= back - (lost + 115) <= 50  # a pause between scans is 30 s at most
    assert heart[back:].count(0) == 0


def test_a_connected_but_silent_strap_is_reconnected() -> None:
    """Ten seconds without a notification: the link is given up and taken again."""

    async def main(air: Air) -> tuple[list[int], int]:
        worn = Worn(air, mine=141)
        await worn.start()
        strap = worn.straps["mine"]
        await strap.start()
        connections: list[int] = []
        device: Device = strap.device
        device.on("connection", lambda _: connections.append(air.now_ms))
        await worn.go(40)
        await worn.body.hold_and_press()
        await worn.go(60, 3.0)
        await worn.go(25, 3.0, beating=False)
        await worn.go(60, 3.0)
        return hr_by_second(await worn.finish()), len(connections)

    heart, connections = run(main)
    assert connections >= 2
    assert 15 <= heart.count(0) <= 45
    assert heart[-30:] == [141] * 30


def test_the_known_strap_is_preferred() -> None:
    """A neighbour's strap, nearer, must not take the place of the runner's own."""

    async def main(air: Air) -> list[int]:
        worn = Worn(air, mine=141, other=99)
        await worn.start()
        await worn.straps["mine"].start()
        await worn.go(40)
        await worn.body.hold_and_press()
        await worn.go(60, 3.0)
        await worn.straps["other"].start()
        worn.straps["mine"].vanish()
        await worn.go(8, 3.0)
        worn.straps["mine"].come_back()
        await worn.go(60, 3.0)
        return hr_by_second(await worn.finish())

    heart = run(main)
    assert set(heart) <= {0, 141}
    assert heart[-20:] == [141] * 20


def test_a_strap_off_the_skin_is_no_heart_rate() -> None:
    async def main(air: Air) -> list[int]:
        worn = Worn(air, mine=141)
        await worn.start()
        strap = worn.straps["mine"]
        await strap.start()
        await worn.go(40)
        await worn.body.hold_and_press()
        await worn.go(30, 3.0)
        for _ in range(30):
            await strap.beat(60, contact=False)
            await worn.body.second(3.0)
        return hr_by_second(await worn.finish())

    heart = run(main)
    assert heart[1:25] == [141] * 24 and heart[32:55] == [0] * 23


def test_a_strap_that_cannot_be_held_does_not_stop_the_stage() -> None:
    """Seen but never held: the radio is restarted, the stage goes on, and the device is not reset again and again."""

    async def main(air: Air) -> tuple[Recording, int]:
        worn = Worn(air, broken=141)
        await worn.start()
        strap = worn.straps["broken"]
        hang_ups: list[asyncio.Task[None]] = []
        strap.device.on("connection", lambda link: hang_ups.append(asyncio.ensure_future(link.disconnect())))
        await strap.start()
        await worn.go(20, beating=False)
        await worn.body.hold_and_press()
        await worn.go(300, 3.0, beating=False)
        assert len(hang_ups) > 3
        resets = len(worn.body.board.resets)
        return await worn.finish(), resets

    recording, resets = run(main)
    assert len(recording.samples) >= 298
    assert resets == 1  # when it was armed
    assert set(hr_by_second(recording)) == {0}


def test_a_strap_that_dies_is_no_reason_to_reset() -> None:
    async def main(air: Air) -> tuple[Recording, int]:
        worn = Worn(air, mine=141)
        await worn.start()
        await worn.straps["mine"].start()
        await worn.go(40)
        await worn.body.hold_and_press()
        await worn.go(60, 3.0)
        air.set_in_range(worn.straps["mine"].device, False)
        await worn.go(900, 3.0)
        resets = len(worn.body.board.resets)
        return await worn.finish(), resets

    recording, resets = run(main)
    assert resets == 1  # when it was armed
    assert len(recording.samples) >= 955
    assert hr_by_second(recording)[-800:] == [0] * 800


def test_a_strap_that_was_held_and_can_no_longer_be_costs_one_reset() -> None:
    """The last step of the ladder: radio restarted, then the device, and the stage goes on. Never a second time."""

    async def main(air: Air) -> tuple[Recording, list[tuple[int, int]]]:
        worn = Worn(air, mine=141)
        await worn.start()
        strap = worn.straps["mine"]
        await strap.start()
        await worn.go(40)
        await worn.body.hold_and_press()
        await worn.go(60, 3.0)
        strap.device.on("connection", lambda link: asyncio.ensure_future(link.disconnect()))
        strap.vanish()
        await worn.go(5, 3.0)
        strap.come_back()
        await worn.go(600, 3.0, beating=False)
        resets = worn.body.board.resets[1:]
        return await worn.finish(), resets

    recording, resets = run(main)
    assert [cause for _, cause in resets] == [2]
    assert [value for value, _ in recording.of(EV_RESUME)] == [1]
    heart = hr_by_second(recording)
    assert heart[1:50] == [141] * 49 and set(heart[-400:]) == {0}
    assert len(recording.samples) >= 655
