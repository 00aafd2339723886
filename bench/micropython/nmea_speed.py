"""Runs under MicroPython: sentences a second and bytes allocated a sentence, ours and a peer's, on the same bytes.

micropython nmea_speed.py [folder with micropyGPS.py]
"""

# pyright: reportAttributeAccessIssue=false

import gc
import sys
import time

from pacing.nmea import Nmea

SECONDS = 20
REPEATS = 7


def stream() -> bytes:
    """Made-up seconds of RMC, GGA, GSA and three GSV, as a receiver at 1 Hz sends them."""
    data = bytearray()
    for second in range(SECONDS):
        at = f"0835{second:02}.00"
        place = f"4717.{11437 + second * 160:05},N,00833.{91522 + second * 20:05},E"
        texts = [
            f"GNRMC,{at},A,{place},5.832,77.52,091226,,,A,V",
            f"GNGGA,{at},{place},1,08,1.01,1499.6,M,48.0,M,,",
            "GNGSA,A,3,80,71,73,79,69,,,,,,,,1.83,1.09,1.47",
        ]
        texts += [f"GPGSV,3,{i},12,10,63,137,17,07,61,098,15,05,59,290,20,08,54,157,30" for i in (1, 2, 3)]
        for text in texts:
            xor = 0
            for c in text.encode():
                xor ^= c
            data.extend(f"${text}*{xor:02X}\r\n".encode())
    return bytes(data)


def measure(name, take, sentences):
    """Print the best rate of a few rounds, and what one round allocates."""
    take()
    best = 1 << 30
    for _ in range(REPEATS):
        gc.collect()
        started = time.ticks_us()
        take()
        best = min(best, time.ticks_diff(time.ticks_us(), started))
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    take()
    allocated = gc.mem_alloc() - before
    gc.enable()
    print(name, sentences * 1000000 // best, allocated // sentences)


def main():
    """Ours whole and in chunks as a UART gives them, then the peer's."""
    data = bytearray(stream())
    sentences = data.count(b"$")
    ours = Nmea()
    chunks = [data[i : i + 64] for i in range(0, len(data), 64)]

    def whole():
        ours.utc_ms_of_day = -1
        if ours.feed(data, len(data)) != SECONDS:
            raise ValueError("epochs are missing")

    def pieces():
        ours.utc_ms_of_day = -1
        for chunk in chunks:
            ours.feed(chunk, len(chunk))

    measure("ours", whole, sentences)
    measure("chunks", pieces, sentences)
    if len(sys.argv) > 1:
        sys.path.append(sys.argv[1])
        from micropyGPS import MicropyGPS  # pyright: ignore[reportMissingImports] - the peer's, given by the caller

        peer = MicropyGPS()
        text = data.decode()

        def beside():
            for c in text:
                peer.update(c)

        measure("micropyGPS", beside, sentences)


main()
