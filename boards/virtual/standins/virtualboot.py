"""What the simulator starts: connects this process, puts virtual time under asyncio, and runs boot.py and the script.

Arguments: event line, call line (file descriptors), script. The environment's HOLDBACK_BOARD holds the settings.
"""

import os
import sys

import virtual


def main():
    event_fd, call_fd, script = sys.argv[1:4]
    virtual.start(int(event_fd), int(call_fd), eval(os.getenv("HOLDBACK_BOARD")))
    import tasks  # the stand-ins need the settings

    sys.modules["_asyncio"] = tasks  # the built-in one stamps tasks with real time
    sys.argv[:] = [script]
    sys.argv.extend(virtual.config["args"])
    for file in (script[: script.rfind("/") + 1] + "boot.py", script):
        if file == script or _exists(file):
            execfile(file, {"__name__": "__main__"})  # noqa: F821
    while True:  # the script is at its end; as on a device at its prompt, interrupts go on
        virtual.idle(-1)


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


main()
