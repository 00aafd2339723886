"""Going on after the device vanished: find it again, and start where the last attempt stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from smpclient.transport.ble import SMPBLETransport

from holdback.device.link import Link, LinkLostError, TransportFactory
from holdback.device.proof import connect

T = TypeVar("T")
ATTEMPTS = 3  # in a row without a byte of progress; each looks for the device for up to 15 s


def pause_s(failures: int) -> float:
    """Seconds before the next attempt: 1, 2, 4. A device that was reset needs about one to advertise again."""
    return float(2 ** (failures - 1))


async def persistently(
    address: str,
    work: Callable[[Link], Awaitable[T]],
    progressed: Callable[[], bool],
    transport: TransportFactory = SMPBLETransport,
) -> T:
    """Connect and do `work`, again whenever the link is lost; LinkLostError after ATTEMPTS without progress.

    `progressed()` says whether anything was won since it was asked last.
    """
    failures = 0
    while True:
        try:
            async with connect(address, transport) as link:
                return await work(link)
        except LinkLostError:
            failures = 1 if progressed() else failures + 1
            if failures >= ATTEMPTS:
                raise
        await asyncio.sleep(pause_s(failures))
