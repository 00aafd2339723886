"""More than one host in the air, a radio without memory, a link that becomes slow: the owner's pull ends whole."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from bleak import BleakClient
from bleak.exc import BleakError
from holdback.device import sync
from holdback.errors import HoldbackError
from holdback.simulation import Air
from pacing.journal import EV_RESUME
from smpclient import SMPClient
from smpclient.transport import SMPTransportDisconnected
from smpclient.transport.ble import SMPBLETransport
from system.firmware_rig import BUTTON, READ, Host, Recording, altered, armed, make_plan, pulled

from torture.faults.incamp import fine, in_camp, pulled_whole

LARGE = 60_000
WINDOW_S, STRANGER_S = 120, 40  # a window, and how long a stranger may stay behind it
MOST_TRIES = 12  # of an owner, while somebody takes the device's only connection again and again
SLOW_INTERVAL_S = 0.4  # a packet each; no answer of 32 kB comes through in its ten seconds
# Nothing was queued: three notifications of ten, and for three seconds none.
NO_ROOM = """
import bluetooth, virtual
real, seen = bluetooth.BLE.gatts_notify, [0, 0, 0]
def notify(self, *rest):
    seen[0] += 1
    if seen[0] == 100:
        seen[1] = virtual.now_us + 3000000
    if seen[0] * 7919 % 10 < 3 or virtual.now_us < seen[1]:
        seen[2] += 1
        raise OSError(12)
    return real(self, *rest)
bluetooth.BLE.gatts_notify = notify
"""
# After a watchdog's reset the radio does not start, twice in a row.
NO_RADIO = """
import bluetooth, machine
left = machine.RTC().memory()
failed = left[1] if left and left[0] == 7 else 0
real = bluetooth.BLE.active
def active(self, on=None):
    if on and (failed == 1 or not failed and machine.reset_cause() == 3):
        raise OSError(12)
    return real(self, on)
bluetooth.BLE.active = active
"""


async def no_room(air: Air) -> None:
    """Each byte comes once, though the radio's queue is full again and again."""
    with air.bleak(), TemporaryDirectory() as name:
        body, data = await in_camp(air, LARGE, script=altered(name, NO_ROOM))
        received = await pulled_whole(body, data, Path(name) / "pulled")
        assert received == len(data), f"{received} bytes for {len(data)}"
    fine(body)


async def no_radio(air: Air) -> None:
    """Two starts in a row without a radio, in a stage: it goes on."""
    with TemporaryDirectory() as name:
        body = await armed(air, make_plan(length_m=20_000), script=altered(name, NO_RADIO))
        await body.seconds(5)
        await body.hold_and_press()
        await body.seconds(130, 3.0)
        starts = len(body.board.resets)
        await body.board.restart(cause=3)
        await body.seconds(60, 3.0)
        assert len(body.board.resets) - starts == 2, f"starts: {body.board.resets}"
        await body.hold_and_press()
        await body.seconds(3)
        recording = Recording(await pulled(body))
        assert len(recording.of(EV_RESUME)) == 1, recording.events
        assert len(recording.samples) >= 64 + 50, f"{len(recording.samples)} samples"  # all but the open block
        assert body.board.log.count("OSError: [Errno 12] ENOMEM") == 2, body.board.log


async def two_at_once(air: Air) -> None:
    """A phone tries to come in, again and again, while the laptop pulls: the laptop's link stays."""
    body, data = await in_camp(air, 2 * LARGE)
    refused = 0

    async def phone() -> None:
        nonlocal refused
        while True:
            try:
                async with BleakClient(str(body.board.address), timeout=0.5):
                    await air.sleep(100)
            except (BleakError, TimeoutError):
                refused += 1

    with air.bleak(), TemporaryDirectory() as name:
        laptop = asyncio.ensure_future(pulled_whole(body, data, Path(name)))
        await air.sleep(1500)
        other = asyncio.ensure_future(phone())
        received = await laptop
        other.cancel()
        assert received == len(data) and refused >= 2, f"{received} bytes, {refused} refused"
    fine(body)


async def stranger_first(air: Air) -> None:
    """A stranger reads through the open window for as long as it lets him; then the owner comes in."""
    body, data = await in_camp(air)
    await air.sleep(5000)  # a press right after the start is for the safe mode
    with air.bleak(), TemporaryDirectory() as name:
        for _ in range(3):
            await body.board.press(BUTTON)
            await air.sleep(200)
        await air.sleep(3000)
        opened_ms = air.now_ms
        answers: list[dict[str, Any]] = []

        async def reads() -> None:
            with suppress(SMPTransportDisconnected, BleakError):
                async with SMPClient(SMPBLETransport(), str(body.board.address), timeout_s=10) as client:
                    while True:
                        answers.append(await Host(client).ours(READ, 3))
                        await air.sleep(5000)

        stranger = asyncio.ensure_future(reads())
        await air.sleep(5000)
        await _persistent(partial(pulled_whole, body, data, Path(name)))
        waited_s = (air.now_ms - opened_ms) / 1000
        await stranger
        assert answers[0]["state"] == "idle" and answers[-1] == {"rc": 11}, "a window that is none, or has no end"
        assert waited_s <= WINDOW_S + STRANGER_S, f"the owner waited {waited_s:.0f} s"
    fine(body)


async def looping_beside(air: Air, hold_ms: int, pause_ms: int) -> None:
    """Somebody connects in a loop while the owner wants to pull: the command goes on from where it was."""
    body, data = await in_camp(air, LARGE)
    rng = Random(hold_ms)

    async def loop() -> None:
        while True:
            try:
                async with BleakClient(str(body.board.address), timeout=5):
                    await air.sleep(rng.randrange(hold_ms))
            except (BleakError, TimeoutError):
                pass
            await air.sleep(rng.randrange(pause_ms))

    with air.bleak(), TemporaryDirectory() as name:
        other = asyncio.ensure_future(loop())
        await air.sleep(1000)
        await _persistent(partial(pulled_whole, body, data, Path(name)))
        other.cancel()
    fine(body)


async def _persistent(pull: Callable[[], Awaitable[Any]]) -> None:
    """As an owner who types the command again."""
    for _ in range(MOST_TRIES):
        try:
            await pull()
        except HoldbackError:
            continue
        return
    raise AssertionError(f"not in {MOST_TRIES} tries")


async def becomes_slow(air: Air) -> None:
    """The link slows down a hundredfold when answers are at their longest: that one is lost, the next are short."""
    body, data = await in_camp(air, LARGE)
    with air.bleak(), TemporaryDirectory() as name:
        pull = asyncio.ensure_future(sync.pull(str(body.board.address), 1, Path(name)))
        await air.sleep(4200)
        air.link.packets = 1
        air.link.interval_ms = SLOW_INTERVAL_S * 1000
        for connection in air.link.connections.values():
            connection.interval_s = SLOW_INTERVAL_S
        done = await pull
        assert done.path.read_bytes() == data
        assert done.received <= 2 * len(data), f"{done.received} bytes for {len(data)}"
    fine(body)


CASES: dict[str, tuple[Any, dict[str, Any]]] = {
    "no room to notify": (no_room, {}),
    "no memory for the radio": (no_radio, {}),
    "a phone and a laptop": (two_at_once, {}),
    "a stranger in the window first": (stranger_first, {}),
    "a loop beside the owner": (partial(looping_beside, hold_ms=400, pause_ms=2000), {}),
    "a tight loop beside the owner": (partial(looping_beside, hold_ms=2000, pause_ms=500), {}),
    "the link becomes slow": (becomes_slow, {}),
}
