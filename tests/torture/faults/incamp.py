"""A device in camp with a recording that a host pulls: what the attacks on its radio share."""

from pathlib import Path
from random import Random
from typing import Any

from holdback.device import sync
from holdback.simulation import Air, Flash
from holdback.simulation.machine.provision import provision, put
from system.firmware_rig import Body

BYTES = 12_000  # a recording of half an hour


async def in_camp(air: Air, size: int = BYTES, **board: Any) -> tuple[Body, bytes]:
    """An idle device that holds a recording of that many bytes, and those."""
    data = Random(size).randbytes(size)
    flash = Flash()
    provision(flash)
    put(flash, "rec/stage-01.hbr", data)
    body = Body(air, flash, **board)
    sync.utc_now.set(lambda: air.utc_s)
    await body.board.start()
    await air.sleep(2000)
    return body, data


async def pulled_whole(body: Body, data: bytes, folder: Path) -> int:
    """Pull into an empty folder with the real command's code; bytes that came over the air."""
    done = await sync.pull(str(body.board.address), 1, folder)
    assert _files(folder) == [data], "another file, or a part is left"
    return done.received


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


def fine(body: Body) -> None:
    """Nothing has raised, and no watchdog has bitten."""
    raised = [line for line in body.board.log if "Error" in line]
    assert not raised, raised
    assert 3 not in [cause for _, cause in body.board.resets], "a watchdog"
