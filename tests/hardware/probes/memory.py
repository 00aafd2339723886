"""What is free on the heap before the radio and with it. Sent as text: nothing else has been loaded."""

import gc
import sys
from time import ticks_diff, ticks_ms, ticks_us

import bluetooth
import machine


def run():
    this = sys.implementation
    facts = {
        "machine": getattr(this, "_machine", ""),
        "image": getattr(this, "_build", ""),
        "version": ".".join([str(part) for part in this.version[:3]]),
        "hz": machine.freq(),
    }
    facts.update(heap("before_radio"))
    ble = bluetooth.BLE()
    begun_ms = ticks_ms()
    ble.active(True)
    facts["radio_ms"] = ticks_diff(ticks_ms(), begun_ms)
    facts.update(heap("with_radio"))
    ble.active(False)
    return facts


def heap(when):
    """Free bytes; the ESP32's own count of its largest block; how long a collection takes."""
    begun_us = ticks_us()
    gc.collect()
    took_us = ticks_diff(ticks_us(), begun_us)
    found = {"free_" + when: gc.mem_free(), "collect_us_" + when: took_us}
    try:
        import esp32
    except ImportError:  # the virtual board
        return found
    found["block_" + when] = max([block[2] for block in esp32.idf_heap_info(esp32.HEAP_DATA)])
    return found
