"""The satellite receiver: a byte stream of NMEA sentences."""

import asyncio

from micropython import const

CHUNK = const(256)  # bytes read at once; a second of RMC and GGA is about 150
_WANTED_BYTES = const(220)  # RMC and GGA have up to 82 each, of some receivers 100; with GSV and GSA it is 400 and more
_NOISE_BYTES = const(4000)  # without one epoch: another baud
_STRANGE_S = const(10)  # seconds in a row: a sentence too many now and then is no fault
_PAUSE_S = const(600)  # where setting up did not help it will not soon


class Gnss:
    """Feeds a stream (a UART) into an NMEA parser and calls `on_epoch()` once for each completed epoch.

    After `wake`, and when sentences come that were switched off (a receiver whose supply has dipped forgets), it finds
    out what the receiver is and sets it up: drivers.receiver. `forget(module)` gives back the memory that takes.
    """

    def __init__(self, stream, nmea, on_epoch, forget):
        self.stream = stream
        self.nmea = nmea
        self.buf = bytearray(CHUNK)
        self.family = 0  # of drivers.receiver, 0 unknown
        self.every_s = 1  # seconds between two fixes, for `wake`
        self._on_epoch = on_epoch
        self._forget = forget
        self._reader = asyncio.StreamReader(stream)
        self._bytes = 0  # since the last epoch
        self._strange = 0  # seconds in a row with more than was asked for

    def wake(self) -> None:
        """Before a stage: the receiver may sleep, or never have been set up. After a reset in mid-stage it has. And
        when `every_s` has changed."""
        self._strange = _STRANGE_S

    async def run(self) -> None:
        """Read for ever; woken by the stream, never by a timer."""
        while True:
            if self._strange >= _STRANGE_S:
                await self._set_up()
            await self.read()

    async def _set_up(self) -> None:
        from drivers.receiver import set_up  # of use for a moment only

        try:
            self.family = await set_up(self)
        finally:
            self._strange = -_PAUSE_S  # what fails here must not fail again at once
            set_up = None  # `run`, of which the build makes this a part, never ends, and would hold it
            self._forget("drivers.receiver")

    async def read(self) -> int:
        """Wait for bytes and take them; how many they are, in `buf`."""
        n = await self._reader.readinto(self.buf) or 0
        nmea = self.nmea
        at = 0
        self._bytes += n
        while at < n:
            at = nmea.step(self.buf, at, n)
            if nmea.epoch:
                self._on_epoch()
                if self._strange < _STRANGE_S:  # else it is to be set up
                    self._strange = self._strange + 1 if self._bytes > _WANTED_BYTES else 0
                self._bytes = n - at
        if self._bytes > _NOISE_BYTES:
            self._bytes = 0
            self._strange = _STRANGE_S
        return n

    def rest(self) -> None:
        """Let the receiver sleep until the next start: it wakes when it is set up."""
        from drivers.receiver import rest

        rest(self)
