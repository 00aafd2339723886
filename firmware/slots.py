"""Which of the folders /a and /b holds the firmware to start. docs/flashing.md tells an owner of it.

/slot is a folder, the number of its next try, 0 when it has settled, and then its version: "b 1", later "b 0 0.1.0". A
firmware that three starts have not brought to run for a while gives way to the other folder's, and that has settled.
main.py of another version may call this: `choose` and `failed` stay what they are.
"""

import os
import sys

import machine

SAFE = b"safe"  # as in main.py
FAILED = 7  # as in app.lives: what a start leaves that got nowhere, and how often
TRIES = 3


def choose(memory):
    """Put the chosen folder on the path. Returns what a firmware on trial calls with its version when it has run for a
    while, else None. `memory`: the RTC's; a restart that the firmware asked for is no try.
    """
    folders = [name for name in os.listdir("/") if name in ("a", "b")]
    folder, tries = _read()
    if folder not in folders:
        folder, tries = (folders or ["a"])[0], 0
    left = memory.memory()
    if tries and (not left or left[0] == FAILED):
        tries += 1
        if tries > TRIES + 1:
            folder, tries = folders[-1] if folder == folders[0] else folders[0], 0
            memory.memory(b"")  # the other one has not failed
        _keep(folder, tries)
    sys.path.insert(0, "/" + folder)
    return (lambda version: _keep(folder, 0, version)) if tries else None


def failed(memory, error, on_trial: bool) -> None:
    """The firmware could not be loaded: start again; the third time one that had settled gives way to safe mode."""
    sys.print_exception(error)
    try:
        if "slot" in os.listdir("/"):
            with open("/errors.log", "a") as f:
                f.write("start: ")
                sys.print_exception(error, f)
    except OSError:
        pass  # there is nobody else to tell
    left = memory.memory()
    count = left[1] + 1 if left and left[0] == FAILED else 1
    memory.memory(bytes((FAILED, count)) if on_trial or count < TRIES else SAFE)
    machine.reset()


def _read():
    try:
        with open("/slot") as f:
            folder, tries = f.read().split()[:2]
        return folder, int(tries)
    except (OSError, ValueError):  # damaged
        return "", 0


def _keep(folder, tries, version="") -> None:
    try:
        with open("/slot.new", "w") as f:
            f.write("%s %d %s" % (folder, tries, version))
        os.rename("/slot.new", "/slot")
    except OSError as error:  # a flash that takes nothing must not keep the firmware from running
        print(error)
