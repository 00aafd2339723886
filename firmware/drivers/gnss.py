"""The satellite receiver: a byte stream of NMEA sentences."""

import asyncio

from micropython import const

CHUNK = const(256)  # bytes read at once; a second of RMC and GGA is about 150


class Gnss:
    """Feeds a stream (a UART) into an NMEA parser and calls `on_epoch()` once for each completed epoch."""

    def __init__(self, stream, nmea, on_epoch):
        self._stream = stream
        self.nmea = nmea
        self._on_epoch = on_epoch

    async def run(self) -> None:
        """Read for ever; woken by the stream, never by a timer."""
        reader = asyncio.StreamReader(self._stream)
        buf = bytearray(CHUNK)
        nmea = self.nmea
        while True:
            n = await reader.readinto(buf)
            at = 0
            while n and at < n:
                at = nmea.step(buf, at, n)
                if nmea.epoch:
                    self._on_epoch()
