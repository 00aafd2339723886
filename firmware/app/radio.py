"""The one owner of the Bluetooth radio: one IRQ handler, one queue, one pump. docs/architecture.md has the picture."""

import asyncio
from collections import deque

import bluetooth
from micropython import const

_GATTS_WRITE = const(3)
_SCAN_RESULT = const(5)
_PERIPHERAL_CONNECT = const(7)
_PERIPHERAL_DISCONNECT = const(8)
_GATTC_DESCRIPTOR_RESULT = const(13)
_GATTC_NOTIFY = const(18)
_SCAN_RESPONSE = const(4)
_QUEUE = const(24)  # an SMP frame is five writes; discovery a handful
_MTU = const(247)  # one link-layer packet; 498 costs RAM for nothing here, 512 leaves a 14-byte tail

_CCCD = bluetooth.UUID(0x2902)
_FAULTS = (MemoryError, ValueError, OSError)  # made before memory is short: a handler that raises is gone for good


class Radio:
    """Copies what the radio task reports into a queue; `pump()` hands it on in task context.

    `central` and `peripheral` are called as (event, data) with MicroPython's IRQ numbers and copied data. `heard` is
    called as (connection, handle, memoryview) in the IRQ itself: it may only copy. `wanted` is the only name of which
    scan results are handed on, b"" any that tells of a heart rate.
    """

    def __init__(self, name: str):
        self.ble = bluetooth.BLE()
        self.name = name
        self.central = self.peripheral = self.heard = _ignore
        self.wanted = b""
        self.dropped = 0  # events lost to a full queue
        self._queue = deque([], _QUEUE)  # noqa: RUF037 (MicroPython takes no keywords here)
        self._flag = asyncio.ThreadSafeFlag()

    def start(self) -> None:
        """Radio on. Before large allocations: it shares their memory."""
        ble = self.ble
        ble.active(True)
        ble.irq(self._irq)
        ble.config(gap_name=self.name, mtu=_MTU)

    def restart(self) -> None:
        """Down and up again. Services are gone afterwards."""
        self.ble.active(False)
        self.start()

    async def pump(self) -> None:
        """Hand events on for ever."""
        while True:
            await self._flag.wait()
            while self._queue:
                event, data = self._queue.popleft()
                # Central events lie between these two; all others belong to the peripheral.
                if event >= _SCAN_RESULT and event <= _GATTC_NOTIFY:
                    self.central(event, data)
                else:
                    self.peripheral(event, data)

    def _irq(self, event, data):
        # On the radio's task, with the scheduler locked: buffers die on return, and an exception that left here would
        # remove the handler for good.
        try:
            if event == _GATTC_NOTIFY:
                self.heard(data[0], data[1], data[2])
                return
            copied = self._copy(event, data)
            if copied is None:
                return
            if len(self._queue) == _QUEUE:
                self.dropped += 1
                return
            self._queue.append((event, copied))
            self._flag.set()
        except _FAULTS:
            self.dropped += 1

    def _copy(self, event, data):
        """What outlives the IRQ; None for what nobody needs."""
        if event == _GATTS_WRITE:
            return data[0], data[1], self.ble.gatts_read(data[1])
        if event == _SCAN_RESULT:
            return (data[0], bytes(data[1]), data[3]) if self._is_strap(data[2], bytes(data[4])) else None
        if event == _PERIPHERAL_CONNECT:
            return data[0], data[1], bytes(data[2])
        if event == _PERIPHERAL_DISCONNECT:
            return (data[0],)
        if event == _GATTC_DESCRIPTOR_RESULT:
            return data[0], data[1], data[2] == _CCCD
        return tuple(data[:3])  # numbers; a UUID would come fourth

    def _is_strap(self, kind: int, advert: bytes):
        """A start line is full of adverts. Names may come in a scan response (4), which repeats no services."""
        return (kind <= 1 or (kind == _SCAN_RESPONSE and self.wanted)) and _tells(advert, self.wanted)


def _tells(advert: bytes, name: bytes) -> bool:
    """True if the advert's name, complete or shortened, is exactly `name`; without one, if it lists service 180D."""
    at = 0
    while at + 1 < len(advert) and advert[at]:
        end = at + 1 + advert[at]
        kind, value = advert[at + 1], advert[at + 2 : end]
        if name:
            if kind in (8, 9) and value == name:
                return True
        elif kind in (2, 3) and value.find(b"\x0d\x18") % 2 == 0:  # two bytes each; -1 is odd
            return True
        at = end
    return False


def _ignore(*_) -> None:
    """Until somebody listens."""
