"""Cues played on a device: one connection for many of them, made again when the device has hung up meanwhile."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from smp.error import MGMT_ERR
from smpclient.transport.ble import SMPBLETransport

from holdback.device.link import DeviceRefusedError, Link, LinkLostError, TransportFactory
from holdback.device.messages import PlayWrite
from holdback.device.proof import connect

Play = Callable[[int, int], Awaitable[None]]
_WAYS_OUT: dict[int, str] = {
    MGMT_ERR.EACCESSDENIED: "end the stage that runs, or play it here: holdback cues quiz without --device",
    MGMT_ERR.ENOTSUP: "this firmware cannot play cues yet: update it",
}


@asynccontextmanager
async def motor(address: str, *, transport: TransportFactory = SMPBLETransport) -> AsyncIterator[Play]:
    """Connect, and give `play(code, n)`, which returns when the device has begun.

    A device sends a silent host away after two minutes, and somebody who thinks about a cue is silent: `play` connects
    again once. Raises LinkLostError, DeviceRefusedError (11: a stage runs).
    """
    async with AsyncExitStack() as stack:
        link = await stack.enter_async_context(connect(address, transport))

        async def play(code: int, n: int = 0) -> None:
            nonlocal link
            try:
                await _play(link, code, n)
            except LinkLostError:
                await stack.aclose()
                link = await stack.enter_async_context(connect(address, transport))
                await _play(link, code, n)

        yield play


async def _play(link: Link, code: int, n: int) -> None:
    try:
        await link.ask(PlayWrite(cue=code, n=n))
    except DeviceRefusedError as error:
        next_step = _WAYS_OUT.get(int(error.code), "holdback device status")
        raise DeviceRefusedError("the cue was not played", error.code, next_step) from None
