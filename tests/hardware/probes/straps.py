"""The heart-rate strap, held by the firmware's own code: how long until it speaks, and what is lost in a minute.

What it says is not told: neither heart rates nor its name.
"""

import asyncio
from time import ticks_diff, ticks_ms

from app.radio import Radio
from app.strap import Strap
from micropython import const
from pacing.heartrate import HeartRate

_SCAN_RESULT = const(5)
_SECOND_MS = const(1000)


class Counter:
    """Counts between the radio and the strap's code."""

    def __init__(self, radio, strap):
        self.first_ms = self.last_ms = None
        self.notifications = self.lost = 0
        self.straps = set()
        self._heard, self._central = radio.heard, radio.central
        radio.heard, radio.central = self.heard, self.central

    def heard(self, conn, handle, data):
        """A notification, in the IRQ. Straps send one a second: one that is late by more than half was lost."""
        now = ticks_ms()
        if self.last_ms is None:
            self.first_ms = now
        else:
            self.lost += max(0, (ticks_diff(now, self.last_ms) + _SECOND_MS // 2) // _SECOND_MS - 1)
        self.last_ms = now
        self.notifications += 1
        self._heard(conn, handle, data)

    def central(self, event, data):
        """What else the radio tells, in the pump's task."""
        if event == _SCAN_RESULT:
            self.straps.add(data[1])
        self._central(event, data)


def run(find_ms, hold_ms):
    """`find_ms`: for a strap's first word; `hold_ms`: then it is listened to."""
    radio = Radio("Holdback-test")
    radio.start()
    try:
        return asyncio.run(_run(radio, find_ms, hold_ms))
    finally:
        radio.ble.active(False)


async def _run(radio, find_ms, hold_ms):
    strap = Strap(radio, HeartRate(), b"", b"", lambda: None)
    counter = Counter(radio, strap)
    begun_ms = ticks_ms()
    tasks = [asyncio.create_task(radio.pump()), asyncio.create_task(strap.run())]
    while counter.first_ms is None and ticks_diff(ticks_ms(), begun_ms) < find_ms:
        await asyncio.sleep_ms(50)
    found = {"straps": len(counter.straps), "dropped": radio.dropped}
    if counter.first_ms is None:
        found["failed"] = "several straps are in the air, so none is taken" if strap.crowded else "no strap is heard"
    else:
        found["first_ms"] = ticks_diff(counter.first_ms, begun_ms)
        await asyncio.sleep_ms(hold_ms)
        found["notifications"], found["lost"], found["dropped"] = counter.notifications, counter.lost, radio.dropped
    for task in tasks:
        task.cancel()
    return found
