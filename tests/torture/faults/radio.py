"""The link fails: cut at each k-th packet of a pull and of a push, lossy, slow, and hosts that want nothing."""

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from bleak import BleakClient
from holdback.device import sync
from holdback.device.link import LinkLostError
from holdback.device.plans import check_plan
from holdback.simulation import Air
from holdback.simulation.radio.link import AirConnection
from system.firmware_rig import BUTTON, make_plan, plan_crc

from torture.faults import crowd, stalls
from torture.faults.incamp import BYTES, fine, in_camp, pulled_whole
from torture.faults.worlds import Case, attack
from torture.rows import Report, Row, Scale

LARGE = 120_000
PULL, PUSH = 80, 40  # packets that one takes at least
GROUP = 12  # cuts lived in one world: to start one takes longer than a transfer


class Cutter:
    """Counts the packets that arrive on the air, and ends their connection at the `at`-th (-1: never).

    Once, or `again` and again.
    """

    def __init__(self, *, again: bool = False) -> None:
        self.count = 0
        self.at = -1
        self.again = again
        self.cuts = 0

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """While it does."""
        deliver = AirConnection._deliver

        def counted(connection: AirConnection, *args: Any) -> None:
            self.count += 1
            if self.count == self.at:
                self.cuts += 1
                self.count = 0 if self.again else self.count
                asyncio.get_running_loop().call_soon(connection.drop)
                return
            deliver(connection, *args)

        AirConnection._deliver = counted  # type: ignore[method-assign]
        try:
            yield
        finally:
            AirConnection._deliver = deliver  # type: ignore[method-assign]

    def arm(self, at: int) -> None:
        """From the next packet on."""
        self.count, self.at = 0, at


async def pull_cut(air: Air, cuts: range, packets: int) -> None:
    """A pull with the link cut at these packets, one pull for each. It goes on where it was: no byte comes thrice."""
    body, data = await in_camp(air)
    cutter = Cutter()
    with air.bleak(), cutter.watching(), tempfile.TemporaryDirectory() as name:
        for k in cuts:
            cutter.arm(k)
            received = await pulled_whole(body, data, Path(name) / str(k))
            assert received <= 2 * len(data), f"cut at {k}: {received} bytes for {len(data)}"
            await air.sleep(3000)
    assert cutter.cuts >= len([k for k in cuts if k <= packets]), "no link was cut"
    fine(body)


async def pull_cut_often(air: Air, every: int) -> None:
    """Each connection dies after so many packets; what has come is kept, and it ends."""
    body, data = await in_camp(air, LARGE)
    cutter = Cutter(again=True)
    with air.bleak(), cutter.watching(), tempfile.TemporaryDirectory() as name:
        cutter.arm(every)
        received = await pulled_whole(body, data, Path(name))
    assert cutter.cuts > 3 and received < 2 * len(data), f"{cutter.cuts} cuts, {received} bytes"
    fine(body)


async def push_cut(air: Air, cuts: range, packets: int) -> None:
    """A push with the link cut at these packets: at its end the plan is there, whole, and armed; if the very last
    answer was lost the host says so."""
    body, _ = await in_camp(air)
    cutter = Cutter()
    with air.bleak(), cutter.watching():
        for k in cuts:
            plan = make_plan(2, 3000, debt_limit=30 + k % 200)
            cutter.arm(k)
            try:
                assert (await sync.push(str(body.board.address), [check_plan(plan)])).armed == 2
            except LinkLostError as error:  # of the last answer alone
                assert "confirm" in error.what, f"cut at {k}: {error.what}"
            cutter.at = -1
            await air.sleep(6000)
            for _ in range(3):  # the phone window: armed it does not listen
                await body.board.press(BUTTON)
                await air.sleep(200)
            await air.sleep(4000)
            now = await sync.status(str(body.board.address))
            assert [(one.id, one.crc) for one in now.held.plans] == [(2, plan_crc(plan))], f"cut at {k}: another plan"
            assert now.held.armed == 2, f"cut at {k}: not armed"
            await air.sleep(3000)
    assert cutter.cuts >= len([k for k in cuts if k <= packets]), "no link was cut"
    fine(body)


async def both(air: Air, size: int = LARGE) -> None:
    """Pull and push over whatever air there is."""
    body, data = await in_camp(air, size)
    plan = make_plan(2, 30_000)
    with air.bleak(), tempfile.TemporaryDirectory() as name:
        await pulled_whole(body, data, Path(name))
        assert (await sync.push(str(body.board.address), [check_plan(plan)])).armed == 2
    fine(body)


async def idlers(air: Air, count: int = 30) -> None:
    """Hosts that connect and say nothing, one after another: each is sent away, and then the owner comes in."""
    body, data = await in_camp(air)
    with air.bleak(), tempfile.TemporaryDirectory() as name:
        for _ in range(count):
            since_ms = air.now_ms
            client = BleakClient(str(body.board.address))
            await client.connect()
            while client.is_connected:
                await air.sleep(1000)
                assert air.now_ms - since_ms < 45_000, "an idle stranger stays"
            await air.sleep(1000)
        await pulled_whole(body, data, Path(name))
    fine(body)


async def looping(air: Air, count: int = 200) -> None:
    """A host that connects and hangs up in a loop."""
    body, data = await in_camp(air)
    rng = Random(count)
    with air.bleak(), tempfile.TemporaryDirectory() as name:
        for _ in range(count):
            async with BleakClient(str(body.board.address)):
                await air.sleep(rng.choice((0, 10, 50, 200, 1000)))
            await air.sleep(rng.choice((20, 100, 500)))
        await air.sleep(2000)
        await pulled_whole(body, data, Path(name))
    fine(body)


def _cases() -> dict[str, tuple[Case, dict[str, Any]]]:
    """Each packet of a pull and of a push, and a few beyond."""
    cases: dict[str, tuple[Case, dict[str, Any]]] = {
        "loss of 10 %": (both, {"loss": 0.1}),
        "loss of 30 %": (partial(both, size=BYTES), {"loss": 0.3}),
        "slow link": (partial(both, size=40_000), {"interval_ms": 400, "packets": 1}),
        "idle hosts": (idlers, {}),
        "connecting in a loop": (looping, {}),
        "pull cut every 100 packets": (partial(pull_cut_often, every=100), {}),
        "pull cut every 200 packets": (partial(pull_cut_often, every=200), {}),
    }
    for name, story, packets in (("pull", pull_cut, PULL), ("push", push_cut, PUSH)):
        for first in range(1, packets + 1, GROUP):
            cuts = range(first, first + GROUP)
            cases[f"{name} cut at packets {first} to {cuts[-1]}"] = (partial(story, cuts=cuts, packets=packets), {})
    return {**cases, **stalls.CASES, **crowd.CASES}


CASES = _cases()


def run(scale: Scale, report: Report) -> Row:
    """All of them, or some."""
    return attack("radio", CASES, scale, report)
