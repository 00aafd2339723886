"""The receiver: as it talks by itself, what family it is, what it sends once it is set up, and its first fix."""

import asyncio
from time import ticks_add, ticks_diff, ticks_ms

import board as facts
from drivers.gnss import Gnss
from drivers.receiver import rest, set_up
from pacing.nmea import Nmea
from probes.lead import ready_board

_FAMILIES = ("unknown", "u-blox M8", "u-blox M10", "CASIC", "MTK", "Airoha", "UC6580")
_BAUDS = (9600, 38400, 115200)
_LISTEN_MS = 2200  # as the driver listens
_COUNT_MS = 5000


class Ear:
    """Counts what the driver reads."""

    def __init__(self, uart):
        self.epochs = self.bytes = 0
        self.nmea = Nmea()
        self.gnss = Gnss(uart, self.nmea, self._on_epoch, lambda *_: None)

    def _on_epoch(self):
        self.epochs += 1

    async def listen(self, ms, until_fix=False):
        """Read for so long, or until there is a fix."""
        end = ticks_add(ticks_ms(), ms)
        while not (until_fix and self.nmea.valid):
            left = ticks_diff(end, ticks_ms())
            if left <= 0:
                return
            try:
                self.bytes += await asyncio.wait_for_ms(self.gnss.read(), left)
            except asyncio.TimeoutError:
                return


def run(fix_ms):
    """`fix_ms`: how long to wait for the first fix; 0 not at all."""
    ear = Ear(ready_board().uart())
    try:
        return asyncio.run(_run(ear, fix_ms))
    finally:
        rest(ear.gnss)  # as after a stage: between them it costs nothing


async def _run(ear, fix_ms):
    begun_ms = ticks_ms()
    found: dict = {"baud": await _baud(ear)}
    ear.gnss.family = await set_up(ear.gnss)
    found["family"] = _FAMILIES[ear.gnss.family]
    found["set_up_ms"] = ticks_diff(ticks_ms(), begun_ms)
    sentences, bad, ear.epochs, ear.bytes = ear.nmea.sentences, ear.nmea.bad, 0, 0
    await ear.listen(_COUNT_MS)
    found["sentences_in_5_s"] = ear.nmea.sentences - sentences
    found["damaged_in_5_s"] = ear.nmea.bad - bad
    found["epochs_in_5_s"], found["bytes_in_5_s"] = ear.epochs, ear.bytes
    if not ear.epochs:
        found["failed"] = "nothing is heard"
        return found
    if not fix_ms:
        found["fix"] = "not waited for"
        return found
    await ear.listen(fix_ms, until_fix=True)
    found["fix"] = "yes" if ear.nmea.valid else "none in %d s" % (fix_ms // 1000)
    if ear.nmea.valid:
        found["fix_ms"] = ticks_diff(ticks_ms(), begun_ms)
        await ear.listen(_LISTEN_MS)
        found["satellites"], found["hdop_x10"] = ear.nmea.sats, ear.nmea.hdop_x10
    return found


async def _baud(ear):
    """At which it talks by itself, the board's own first; 0 if it does not, and then the board's is set again."""
    for baud in (facts.GNSS_BAUD,) + _BAUDS:
        ear.gnss.stream.init(baudrate=baud)
        heard = ear.nmea.sentences
        await ear.listen(_LISTEN_MS)
        if ear.nmea.sentences != heard:
            return baud
    ear.gnss.stream.init(baudrate=facts.GNSS_BAUD)
    return 0
