"""`holdback device`: see who is in the air, push plans, pull and delete recordings, pin a strap.

Keys are in cli/key.py, the firmware in cli/flash.py.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter, validators

from holdback.cli import output
from holdback.cli.reach import Reader, Which, reach
from holdback.units import kilobytes

if TYPE_CHECKING:
    from holdback.device.straps import StrapSighting
    from holdback.device.sync import Pulled, Pushed, Sighting, Status


def _listenable(_type: type, seconds: float) -> None:
    """A cyclopts validator: ValueError for times that nobody listens, NaN among them."""
    if not 0 < seconds <= 600:
        raise ValueError("listen for more than 0 s, at most 600 s.")


app = App(
    name="device", help="Find the device, push plans to it, pull recordings from it, delete them there, pin a strap."
)
app.command("holdback.cli.key:app", name="key", help="The key that a device asks for: provision, export, import.")
app.command("holdback.cli.flash:flash", name="flash", help="Put the firmware on the device, by USB.")
app.command("holdback.cli.flash:logs", name="logs", help="Show the faults that the device has written down.")
StageNo = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=99))]
Seconds = Annotated[float, Parameter(validator=_listenable)]


@app.command
async def scan(*, seconds: Seconds = 5.0, json: output.Json = False) -> None:
    """List the devices in the air.

    Example: holdback device scan --seconds 10

    Parameters
    ----------
    seconds
        How long to listen.
    """
    from holdback.device import known, sync

    with output.busy("listening"):
        found = await sync.scan(seconds)
    if json:
        output.document(
            {"devices": [{"id": s.id, "name": s.name, "address": s.address, "rssi_dbm": s.rssi_dbm} for s in found]}
        )
    elif not found:
        output.say(f"no Holdback in the air; {sync.SILENT}")
    else:
        rows = [
            [s.id, s.name, s.address, f"{s.rssi_dbm} dBm", _stages(known.recall(s.id).stages_pulled)] for s in found
        ]
        output.table(["Id", "Name", "Address", "signal", "Pulled before"], rows)


def _stages(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers)) or "-"


@app.command
async def push(*sources: Path, stage: StageNo = 1, which: Which = Which()) -> None:  # noqa: B008 (cyclopts' way)
    """Set the clock, send stage plans, and arm the first of them.

    Example: holdback device push alps

    Parameters
    ----------
    sources
        A race folder or plan files; the folder you are in if there are none.
    stage
        Begin with this stage: earlier plans are not sent.
    """
    from holdback.device import known, plans, sync
    from holdback.race import charging_in

    folders = sources or (Path(),)
    files = plans.load_plans(folders, stage)
    sighting = await reach(which)
    started = asyncio.get_running_loop().time()
    with output.progress("push", sum(len(plan.data) for plan in files)) as progress:
        done = await sync.push(sighting.address, files, progress, charging=all(map(charging_in, folders)))
    seconds = asyncio.get_running_loop().time() - started
    known.remember(sighting, sync.utc_now.get()(), armed=done.armed)
    if which.json:
        output.document(_push_document(sighting, done, seconds))
    else:
        sent = f"{kilobytes(done.bytes_sent)} in {seconds:.1f} s" if done.sent else "nothing to send"
        output.say(f"{sighting.name}: stages {_stages(done.stages)} are on it ({sent}), stage {done.armed} is armed")


def _push_document(sighting: "Sighting", done: "Pushed", seconds: float) -> dict[str, Any]:
    head = {"device": sighting.id, "stages": done.stages, "sent": done.sent, "armed": done.armed}
    return {**head, "bytes": done.bytes_sent, "seconds": round(seconds, 3)}


@app.command
async def pull(dest: Path = Path(), *, stage: StageNo | None = None, which: Reader = Reader()) -> None:  # noqa: B008
    """Bring a recording here, going on where an earlier attempt stopped.

    Example: holdback device pull alps --stage 2

    Parameters
    ----------
    dest
        The folder to put it in; of a race folder, its recordings/.
    stage
        Which stage; the latest if it is not given.
    """
    from holdback.device import known, sync

    folder = dest / "recordings" if (dest / "race.toml").is_file() else dest
    sighting = await reach(which)
    started = asyncio.get_running_loop().time()
    with output.progress("pull") as progress:
        done = await sync.pull(sighting.address, stage, folder, progress)
    seconds = asyncio.get_running_loop().time() - started
    known.remember(sighting, sync.utc_now.get()(), pulled=done.stage_no)
    if which.json:
        output.document(_pull_document(sighting, done, seconds))
    else:
        _tell_pull(done, seconds)


def _pull_document(sighting: "Sighting", done: "Pulled", seconds: float) -> dict[str, Any]:
    return {
        "device": sighting.id,
        "stage": done.stage_no,
        "path": str(done.path),
        "bytes": done.size,
        "received": done.received,
        "resumed_at": done.resumed_at,
        "crc32": f"{done.crc:08x}",
        "kept": str(done.kept) if done.kept else None,
        "seconds": round(seconds, 3),
    }


def _tell_pull(done: "Pulled", seconds: float) -> None:
    if not done.received and done.resumed_at:
        output.say(f"stage {done.stage_no}: {done.path} is already here, {kilobytes(done.size)}, verified")
    else:
        resumed = f", {kilobytes(done.resumed_at)} of it were here" if done.resumed_at else ""
        output.say(f"stage {done.stage_no}: {done.path}, {kilobytes(done.size)} in {seconds:.1f} s{resumed}, verified")
    if done.kept:
        output.note(f"another recording of that name was here: it is now {done.kept}")


@app.command
async def status(*, which: Reader = Reader()) -> None:  # noqa: B008
    """Ask the device how it is and what it holds.

    Example: holdback device status --device C0DE
    """
    from holdback.device import known, sync

    sighting = await reach(which)
    now = await sync.status(sighting.address)
    known.remember(sighting, sync.utc_now.get()())
    if which.json:
        output.document(_status_document(sighting, now))
    else:
        _tell_status(sighting, now)


def _status_document(sighting: "Sighting", now: "Status") -> dict[str, Any]:
    fields = ("state", "stage", "ms", "dist_dm", "effort_pm", "hr", "fix", "batt", "fw", "free", "drain", "hours")
    return {
        "device": sighting.id,
        **{name: getattr(now.live, name) for name in fields},
        "armed": now.held.armed,
        "stages": [{"id": s.id, "bytes": s.len, "crc32": f"{s.crc:08x}", "closed": s.closed} for s in now.held.stages],
        "aside": [{"id": s.id, "kept": s.kept, "bytes": s.len, "crc32": f"{s.crc:08x}"} for s in now.aside],
        "plans": [{"id": plan.id, "crc32": f"{plan.crc:08x}"} for plan in now.held.plans],
        "fault": now.fault,
    }


def _tell_status(sighting: "Sighting", now: "Status") -> None:
    live, held = now.live, now.held
    battery = "" if live.batt is None else f", battery {live.batt} %"
    battery += f" ({live.drain / 10:.1f} % an hour on a stage, measured)" if live.drain else ""
    output.say(f"{sighting.name}: {live.state}{battery}, firmware {live.fw}, {kilobytes(live.free)} free")
    output.say(f"  armed: {f'stage {held.armed}' if held.armed else 'nothing'}")
    output.say(f"  plans: {_stages([plan.id for plan in held.plans])}")
    recordings = [f"stage {s.id} ({kilobytes(s.len)}{'' if s.closed else ', open'})" for s in held.stages]
    output.say(f"  recordings: {', '.join(recordings) or '-'}")
    if now.aside:
        output.say(f"  earlier ones: {', '.join(f'stage {s.id} ({kilobytes(s.len)})' for s in now.aside)}")
    if now.fault:
        output.say(f"  newest fault: {now.fault}; all of them: holdback device logs")


@app.command
async def delete(*recordings: Path, which: Which = Which()) -> None:  # noqa: B008
    """Delete recordings on the device that are here as files; the files stay.

    It is not needed for room: what has been pulled goes by itself. It is for who lends the device, or sells it.

    Example: holdback device delete alps/recordings/stage-01.hbr

    Parameters
    ----------
    recordings
        Pulled recordings. The device lets go of exactly these.
    """
    from holdback.device import deletion, known, sync
    from holdback.errors import UsageError

    if not recordings:
        raise UsageError("no recording is named", "", "holdback device delete alps/recordings/stage-01.hbr")
    here = [deletion.signature(path) for path in recordings]
    sighting = await reach(which)
    gone = await deletion.delete(sighting.address, here)
    known.remember(sighting, sync.utc_now.get()())
    if which.json:
        output.document({"device": sighting.id, "deleted": [{"id": s.id, "crc32": f"{s.crc:08x}"} for s in gone]})
    else:
        output.say(f"{sighting.name}: stage {_stages([s.id for s in gone])} is deleted there, and still here")


@app.command
async def strap(name: str | None = None, *, seconds: Seconds = 5.0, which: Which = Which()) -> None:  # noqa: B008
    """List the heart-rate straps in the air, or pin one: the device then holds no other.

    Straps are heard by this computer. A strap that serves a watch is silent: end that link first.

    Example: holdback device strap "HRM 4711"

    Parameters
    ----------
    name
        The strap to pin, as listed; "" lets the device take any again. Without it, straps are listed.
    seconds
        How long to listen.
    """
    from holdback.device import straps

    if name == "":
        await _pin(which, "")
        return
    with output.busy("listening for straps"):
        heard = await straps.scan_straps(seconds)
    if name is None:
        _tell_straps(heard, as_json=which.json)
    else:
        await _pin(which, straps.the_one(heard, name).name)


async def _pin(which: Which, name: str) -> None:
    from holdback.device import known, straps, sync

    sighting = await reach(which)
    await straps.pin(sighting.address, name)
    known.remember(sighting, sync.utc_now.get()())
    if which.json:
        output.document({"device": sighting.id, "strap": name})
    else:
        output.say(f"{sighting.name} " + (f"holds {name} and no other strap" if name else "takes any strap"))


def _tell_straps(heard: "list[StrapSighting]", *, as_json: bool) -> None:
    from holdback.device import straps

    if as_json:
        output.document({"straps": [{"name": s.name, "address": s.address, "rssi_dbm": s.rssi_dbm} for s in heard]})
        return
    if not heard:
        output.say(f"no strap in the air: {straps.WEAR_IT}")
        return
    output.table(["Name", "Address", "signal"], [[s.name or "-", s.address, f"{s.rssi_dbm} dBm"] for s in heard])
    for twin in sorted(straps.twins(heard)):
        output.note(f"two are called {twin}: the device cannot tell them apart")
    output.say('pin yours: holdback device strap "NAME"')
