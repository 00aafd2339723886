"""What the simulator starts: connects this process, puts virtual time under asyncio, and runs boot.py and the script.

Arguments: event line, call line (file descriptors), script. The environment's HOLDBACK_BOARD holds the settings.
With none it prints how many bytes of the heap the stand-ins take: they are in a device's ROM, and here come on top of
what the firmware needs.
"""

import gc
import os
import sys

gc.collect()
_bare = gc.mem_alloc()

import virtual  # noqa: E402


def preload():
    """All stand-ins, before the firmware: their part of the heap is then the same for every firmware. They need the
    settings."""
    import bluetooth, blockdev, machine, select, tasks, time  # noqa: E401, F401, I001

    sys.modules["_asyncio"] = tasks  # the built-in one stamps tasks with real time
    gc.collect()


def main():
    if len(sys.argv) < 4:
        virtual.config.update({"adc": {}, "pins": {}})
        preload()
        return print(gc.mem_alloc() - _bare)
    event_fd, call_fd, script = sys.argv[1:4]
    virtual.start(int(event_fd), int(call_fd), eval(os.getenv("HOLDBACK_BOARD")))
    preload()
    if virtual.config.get("cable"):
        return run_from_flash()
    sys.argv[:] = [script]
    sys.argv.extend(virtual.config["args"])
    for file in (script[: script.rfind("/") + 1] + "boot.py", script):
        if file == script or _exists(file):
            execfile(file, {"__name__": "__main__"})  # noqa: F821
    while True:  # the script is at its end; as on a device at its prompt, interrupts go on
        virtual.idle(-1)


def run_from_flash():
    """On a cable: the flash holds all the files there are, and its own boot.py and main.py run. Then comes the prompt.

    After a soft reset from the raw prompt only boot.py does.
    """
    import blockdev
    import vfs

    files = blockdev.files()  # while the image can still be opened
    vfs.umount("/")
    vfs.mount(files, "/")
    os.chdir("/")
    sys.path[:] = ["", ".frozen", "/lib"]
    for file in ("boot.py", "main.py")[: virtual.config["cable"]]:
        if _exists(file):
            execfile(file, {"__name__": "__main__"})  # noqa: F821


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


main()
