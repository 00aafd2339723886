"""What every command for one device shares: which one is meant, and finding it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from holdback.cli import output

if TYPE_CHECKING:
    from holdback.device.sync import Sighting


@Parameter(name="*")
@dataclass
class Which:
    """Options that every command for one device has."""

    device: Annotated[str, Parameter(help="id, name or address, where several devices are in the air")] = ""
    json: output.Json = False


@Parameter(name="*")
@dataclass
class Reader(Which):
    """And of those that only read."""

    window: Annotated[
        bool, Parameter(help="without a key, through the window: three presses on its button open it", negative="")
    ] = False


async def reach(which: Which) -> "Sighting":
    """The device that is meant, if it is in the air. Raises NotFoundError, UsageError."""
    from holdback.device import proof, sync

    proof.through_window.set(isinstance(which, Reader) and which.window)
    with output.busy("looking for the device"):
        return await sync.find(which.device)
