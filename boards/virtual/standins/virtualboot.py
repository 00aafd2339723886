"""What the simulator starts: connects this process, puts virtual time under asyncio, and runs boot.py and the script.

Arguments: event line, call line (file descriptors), script. The environment's HOLDBACK_BOARD holds the settings.
"""

import gc
import os
import sys

import tasks
import virtual


def main():
    event_fd, call_fd, script = sys.argv[1:4]
    sys.argv[:] = sys.argv[3:]
    sys.modules["_asyncio"] = tasks  # the built-in one stamps tasks with real time
    virtual.start(int(event_fd), int(call_fd), eval(os.getenv("HOLDBACK_BOARD")))
    if virtual.config.get("measure"):
        import bluetooth, machine, select, time, blockdev  # noqa: E401, F401, I001

        gc.collect()
        print("heap of the stand-ins:", gc.mem_alloc())
    execfile(script, {"__name__": "__main__"})  # noqa: F821
    while True:  # the script is at its end; as on a device at its prompt, interrupts go on
        virtual.idle(-1)


main()
