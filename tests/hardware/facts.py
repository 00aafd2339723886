"""What the probes tell, by the names that they use: what each is called in the report, and in which unit.

A fact that does not stand here is not reported: what a board says is anybody's word until then.
"""

FACTS: dict[str, dict[str, tuple[str, str]]] = {
    "memory": {
        "machine": ("machine", ""),
        "image": ("MicroPython's image", ""),
        "version": ("MicroPython", ""),
        "hz": ("frequency at the prompt", "Hz"),
        "free_before_radio": ("heap free before the radio", "B"),
        "block_before_radio": ("largest block before the radio", "B"),
        "collect_us_before_radio": ("a collection before the radio", "µs"),
        "radio_ms": ("radio on, took", "ms"),
        "free_with_radio": ("heap free with the radio on", "B"),
        "block_with_radio": ("largest block with the radio on", "B"),
        "collect_us_with_radio": ("a collection with the radio on", "µs"),
    },
    "chips": {
        "chips": ("chips on the board's bus", ""),
        "power": ("power management", ""),
        "haptic": ("haptic driver", ""),
        "button_level": ("level of the button's pin, 1 is up", ""),
        "faults": ("faults", ""),
    },
    "receiver": {
        "baud": ("baud at which it talks by itself, 0 is silent", ""),
        "family": ("family", ""),
        "set_up_ms": ("finding and setting it up", "ms"),
        "sentences_in_5_s": ("RMC and GGA in 5 s", ""),
        "damaged_in_5_s": ("damaged ones in 5 s", ""),
        "epochs_in_5_s": ("epochs in 5 s", ""),
        "bytes_in_5_s": ("bytes in 5 s", "B"),
        "fix": ("first fix", ""),
        "fix_ms": ("first fix after", "ms"),
        "satellites": ("satellites", ""),
        "hdop_x10": ("tenths of HDOP", ""),
    },
    "button": {
        "gesture": ("what the driver took it for", ""),
        "edges": ("edges", ""),
        "bounce_ms": ("longest bounce", "ms"),
    },
    "motor": {
        "score_ms": ("length of the score", "ms"),
        "played_ms": ("played in", "ms"),
        "faults": ("faults", ""),
        "felt": ("felt, 0 not at all to 3 strongly", ""),
    },
    "storage": {
        "size_kb": ("file system", "kB"),
        "free_kb": ("free", "kB"),
        "written_b": ("written", "B"),
        "write_us": ("written in", "µs"),
        "longest_stall_us": ("longest block with its flush", "µs"),
        "read_us": ("read with its checksum in", "µs"),
        "read_back": ("read back", ""),
    },
    "straps": {
        "straps": ("straps in the air", ""),
        "first_ms": ("first notification after", "ms"),
        "notifications": ("notifications", ""),
        "lost": ("lost of them", ""),
        "dropped": ("events that found the queue full", ""),
    },
    "notify": {
        "mtu": ("MTU", "B"),
        "sent_b": ("sent", "B"),
        "send_ms": ("sent in", "ms"),
        "queue_full": ("times the radio's queue was full", ""),
        "arrived_b": ("arrived", "B"),
        "arrived_ms": ("arrived in", "ms"),
    },
    "work": {
        "hz": ("frequency", "Hz"),
        "second_us": ("a second of a stage, mean", "µs"),
        "longest_us": ("a second of a stage, longest", "µs"),
        "loops": ("turns of a plain loop", ""),
        "loop_us": ("which took", "µs"),
    },
    "battery": {
        "millivolts": ("voltage", "mV"),
        "percent": ("charge", "%"),
        "charging": ("charging", ""),
        "faults": ("faults", ""),
    },
    "watchdog": {
        "armed_ms": ("armed with", "ms"),
        "restarted": ("restarted by it", ""),
        "memory": ("the RTC's memory outlived that", ""),
    },
    "current": {
        "idle_ma": ("in camp", "mA"),
        "armed_ma": ("armed", "mA"),
        "running_ma": ("running", "mA"),
    },
}
