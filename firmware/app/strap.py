"""The heart rate strap: the device is its central. Scan, connect, subscribe, and notice silence."""

import asyncio
from time import ticks_diff, ticks_ms

import bluetooth
from micropython import const

_SCAN_RESULT = const(5)
_SCAN_DONE = const(6)
_CONNECT = const(7)
_DISCONNECT = const(8)
_SERVICE_RESULT = const(9)
_SERVICE_DONE = const(10)
_CHARACTERISTIC_RESULT = const(11)
_CHARACTERISTIC_DONE = const(12)
_DESCRIPTOR_RESULT = const(13)
_DESCRIPTOR_DONE = const(14)
_WRITE_DONE = const(17)

_HEART_RATE = const(0x180D)
_MEASUREMENT = const(0x2A37)

_STALE_MS = const(5000)  # straps notify each second: five lost in a row is a loss, not jitter
_SILENCE_MS = const(10_000)  # then the link is dead even if the radio says otherwise
_STEP_MS = const(5000)  # one GATT step at the slowest connection interval, with losses
_SCAN_MS = const(10_000)
_CHOOSE_MS = const(5000)  # with no strap known: who is alone in the air so long
_LATE_MS = const(300_000)  # into a stage: who has put none on by then has none, and a neighbour's is not it
_SCAN_EVERY_US = const(110_000)  # not a part of a second: adverts come at round intervals,
_SCAN_FOR_US = const(70_000)  # and must not always fall between two windows
_PAUSE_MS = const(3000)  # between attempts; a scan costs as much as the receiver, so the pauses double
_MOST_PAUSE_MS = const(30_000)
_SPARING_PAUSE_MS = const(300_000)
_SPARING_US = const(400_000)  # between two connection events; 0: as the radio likes, which wakes it 20 times as often
_FAILS_TO_RESTART = const(3)  # a strap was seen and could not be held: restart the radio,
_FAILS_TO_RESET = const(6)  # then the device
_EMPTY_TO_RESTART = const(4)  # scans in a row that have not found it: once, for a radio that is deaf, or still holds it


class Strap:
    """Holds one strap. `hr_bpm()` is the newest heart rate, 0 when there is none.

    `address` is the strap of the stage before (type and address, 7 bytes; b"" none): once there is one no other is
    held, so that a neighbour's does not take its place. `name` is the pinned one's: then the name alone tells, and a
    strap that changes its address is found again. Where neither tells, one that is alone in the air is taken; of
    several none is, and `crowded` is set. `reset()` resets the device.
    """

    def __init__(self, radio, heart, address: bytes, name: bytes, reset):
        self._radio = radio
        self._heart = heart
        self._reset = reset
        self._raw = bytearray(20)
        self._raw_len = 0
        self._heard_ms = 0
        self._conn = -1
        self._value = self._cccd = self._start = self._end = 0
        self._awaited = self._arrived = self._status = 0
        self._wake = asyncio.Event()
        self._best = None  # (rssi, type and address) of the strap to connect to
        self.crowded = False  # it cannot be told whose strap is the runner's
        self._begun = None  # ticks when the stage began
        self._fails = 0
        self.held = False  # a strap has spoken since the device started
        self.sparing = False  # from the next connection on, for the battery
        self.address = address
        self._only = bool(address) and not name
        radio.wanted = name
        radio.central = self._on_event
        radio.heard = self._on_notify

    def hr_bpm(self) -> int:
        """The newest heart rate, 0 if it is older than 5 s or the strap has lost the skin."""
        if not self._raw_len or ticks_diff(ticks_ms(), self._heard_ms) > _STALE_MS:
            self._raw_len = 0
            return 0
        heart = self._heart
        return heart.hr_bpm if heart.parse(memoryview(self._raw)[: self._raw_len]) and heart.contact != 1 else 0

    # --- the radio's side ---

    def _on_notify(self, conn, handle, data) -> None:
        # In the IRQ: copy and go. Nobody is woken; the next sample takes the newest.
        if conn == self._conn and handle == self._value:
            n = min(len(data), len(self._raw))
            self._raw[:n] = data[:n]
            self._raw_len = n
            self._heard_ms = ticks_ms()

    def _on_event(self, event, data) -> None:
        if event == _SCAN_RESULT:
            self._consider(data[2], bytes((data[0],)) + data[1])
        elif event == _CONNECT:
            self._conn = data[0]
        elif event == _SERVICE_RESULT:
            self._start, self._end = data[1], data[2]
        elif event == _CHARACTERISTIC_RESULT:
            self._end, self._value = data[1], data[2]
        elif event == _DESCRIPTOR_RESULT and data[2] and not self._cccd:
            self._cccd = data[1]
        if event == _DISCONNECT:
            self._conn = -1
        if event in (self._awaited, _DISCONNECT):
            self._arrived = event
            self._status = data[-1] if event >= _SERVICE_DONE else 0
            self._wake.set()

    def _consider(self, rssi: int, address: bytes) -> None:
        known = address == self.address
        if self._only and not known:
            return
        best = self._best
        if best is not None and not self.address and not self._radio.wanted and best[1] != address:
            self.crowded = True
        if best is None or known or (rssi > best[0] and best[1] != self.address):
            self._best = rssi, address
            if known:
                self._wake.set()

    def keep(self) -> bytes:
        """A stage begins: from now on the strap held last is the runner's. Its address."""
        self._only = bool(self.address) and not self._radio.wanted
        self._begun = ticks_ms()
        return self.address

    async def _until(self, event: int, timeout_ms: int) -> None:
        """Wait for `event`; OSError when the link ends first, or time is up."""
        self._awaited = event
        self._arrived = 0
        self._wake.clear()
        try:
            await asyncio.wait_for_ms(self._wake.wait(), timeout_ms)
        except asyncio.TimeoutError:
            raise OSError(110)  # ETIMEDOUT
        finally:
            self._awaited = 0
        if self._arrived != event or self._status:
            raise OSError(107)  # ENOTCONN

    # --- the task's side ---

    async def run(self) -> None:
        """Hold a strap for ever."""
        pause_ms = _PAUSE_MS
        empty = 0
        while True:
            known = self.address or self._radio.wanted
            if self._begun is not None and not known and ticks_diff(ticks_ms(), self._begun) > _LATE_MS:
                pause_ms = _MOST_PAUSE_MS  # and each scan is saved
            elif await self._find():
                pause_ms = _PAUSE_MS
                empty = 0
                await self._hold()
            else:
                empty += 1
                if empty == _EMPTY_TO_RESTART:
                    self._radio.restart()
                    pause_ms = _PAUSE_MS
            await asyncio.sleep_ms(pause_ms)
            pause_ms = min(2 * pause_ms, _SPARING_PAUSE_MS if self.sparing else _MOST_PAUSE_MS)

    async def _find(self) -> bool:
        """Scan; True with a strap in `_best`. The scan has stopped on return: it must before a connection."""
        ble = self._radio.ble
        self._best = None
        ble.gap_scan(None)  # one that a fault has left behind
        ble.gap_scan(_SCAN_MS, _SCAN_EVERY_US, _SCAN_FOR_US, bool(self._radio.wanted))
        try:
            await self._until(_SCAN_DONE, _SCAN_MS if self.address else _CHOOSE_MS)
        except OSError:
            pass  # time is up, or the known strap was heard
        if self._arrived != _SCAN_DONE:
            ble.gap_scan(None)
            try:
                await self._until(_SCAN_DONE, 1000)
            except OSError:
                pass  # some stacks end a stopped scan without a word
        if self.crowded and not self.address:
            self._best = None
        return self._best is not None

    async def _hold(self) -> None:
        """Connect to the strap found, subscribe, and stay until silence or loss."""
        try:
            await self._connect()
            await self._subscribe()
            self.address = self._best[1]
            await self._listen()
        except OSError:
            self._failed()
        finally:
            await self._hang_up()

    async def _connect(self) -> None:
        address = self._best[1]
        apart_us = _SPARING_US if self.sparing else 0
        self._radio.ble.gap_connect(address[0], address[1:], _STEP_MS, apart_us, apart_us)
        try:
            await self._until(_CONNECT, _STEP_MS + 1000)
        except OSError:
            self._radio.ble.gap_connect(None)
            raise

    async def _subscribe(self) -> None:
        ble, conn = self._radio.ble, self._conn
        self._value = self._cccd = self._start = 0
        ble.gattc_discover_services(conn, bluetooth.UUID(_HEART_RATE))
        await self._until(_SERVICE_DONE, _STEP_MS)
        ble.gattc_discover_characteristics(conn, self._start, self._end, bluetooth.UUID(_MEASUREMENT))
        await self._until(_CHARACTERISTIC_DONE, _STEP_MS)
        ble.gattc_discover_descriptors(conn, self._value, self._end)
        await self._until(_DESCRIPTOR_DONE, _STEP_MS)
        ble.gattc_write(conn, self._cccd, b"\x01\x00", 1)
        await self._until(_WRITE_DONE, _STEP_MS)

    async def _listen(self) -> None:
        """Stay while the strap speaks. OSError after 10 s of silence; a link that ends is no failure of ours."""
        self._heard_ms = since = ticks_ms()
        while self._conn >= 0:
            left = _SILENCE_MS - ticks_diff(ticks_ms(), self._heard_ms)
            if left <= 0:
                raise OSError(110)
            if self._heard_ms != since:
                self._fails = 0
                self.held = True
            try:
                await self._until(_DISCONNECT, left)
            except OSError:
                pass  # time to look again

    async def _hang_up(self) -> None:
        if self._conn >= 0:
            self._radio.ble.gap_disconnect(self._conn)
            try:
                await self._until(_DISCONNECT, _STEP_MS)
            except OSError:
                self._conn = -1  # the radio will tell, or be restarted

    def _failed(self) -> None:
        """A strap that was heard could not be held: the radio is suspect, then the device.

        The device is reset only for a strap that it has held since it started, so that a broken strap costs one reset.
        """
        self._fails += 1
        if self._fails >= _FAILS_TO_RESET and self.held:
            self._reset()
        elif self._fails % _FAILS_TO_RESTART == 0:
            self._radio.restart()
            self._conn = -1
