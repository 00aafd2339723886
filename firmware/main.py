"""Starts the firmware; in safe mode nothing, so that files can be copied. Of two folders slots.py chooses one.

What is in memory here stays there: slots.py is let go once it has chosen.
"""

import os
import sys

import machine

SAFE = b"safe"


def start() -> None:
    memory = machine.RTC()
    if memory.memory() == SAFE:
        memory.memory(b"")
        print("Holdback: safe mode, nothing is started. Reset to leave it.")
        return
    settle = None
    try:
        if "slot" in os.listdir("/"):
            import slots

            settle = slots.choose(memory)
            del sys.modules["slots"], slots
        from app import supervisor

        from boards.common import Board
    except Exception as error:  # damaged, of another MicroPython, or not there
        import slots

        slots.failed(memory, error, settle is not None)
        return
    supervisor.run(Board(), settle)


start()
