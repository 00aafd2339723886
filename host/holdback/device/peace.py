"""A device in peace: at its prompt, without watchdog and radio, and back in its firmware whatever happens meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from holdback.device import cable
from holdback.device.images import Image, check, check_board
from holdback.errors import HoldbackError

BOOT_S = 3.0  # from a restart until the port is there again
TRIES = 5  # to find the device at its prompt after a restart

Tell = Callable[[str], object]


@contextmanager
def peace(port: str, image: Image, tell: Tell, *, other_board: bool = False) -> Iterator[cable.Look]:
    """Restart the device at `port` without watchdog and radio; when all is done, or fails, into its firmware again.

    Raises NotFoundError, HoldbackError (another image or board, a stage is open, it does not come up).
    """
    found = cable.look(port)
    try:
        _refuse(found, image, port)
        if not other_board:
            check_board(image, found)
        tell("the device restarts without watchdog and radio")
        ready = enter(port)
        if ready.serial != found.serial:
            why = f"first {found.serial}, after its restart {ready.serial}"
            raise HoldbackError(f"another device answers at {port}", why, "leave one plugged in, or name its --port")
        yield ready
    except BaseException:
        with suppress(HoldbackError):
            cable.restart(port, safe=False)
        raise
    cable.restart(port, safe=False)


def _refuse(found: cable.Look, image: Image, port: str) -> None:
    check(image, found, port)
    if found.open_stage:
        why = "its recording has begun and not ended; it goes on now"
        next_step = "end it (hold three seconds, feel the buzz, let go, press), pull it, and try again then"
        raise HoldbackError(f"stage {found.open_stage} is open", why, next_step)


def enter(port: str) -> cable.Look:
    """Restart in safe mode. A watchdog that is armed goes on at the prompt, and would end what is done there."""
    for _ in range(TRIES):
        cable.restart(port, safe=True)
        found = again(port)
        if not found.running:
            return found
    what = "the device does not come up without its watchdog"
    raise HoldbackError(what, f"tried {TRIES} times", "press its button within 3 s of the boot buzz, and begin again")


def again(port: str) -> cable.Look:
    """Look at a device that has just restarted: its port may be away for a moment."""
    for _ in range(TRIES - 1):
        time.sleep(BOOT_S)
        with suppress(HoldbackError):
            return cable.look(port)
    return cable.look(port)
