"""Whether a board lasts: battery and flash against all that the race needs until a sync. Everything is estimated."""

from collections.abc import Iterator, Sequence
from math import ceil

from pacing.saving import SPARE_PERCENT

from holdback.board import Board
from holdback.planning import StagePlan
from holdback.race.folder import Race
from holdback.race.problems import RACE_FILE
from holdback.race.timetable import arrivals
from holdback.units import duration, megabytes

FILES_BYTES = 2 << 20  # what MicroPython leaves to files on 4 MB of flash
FIRMWARE_BYTES = 160_000  # of them: two folders of 64 kB compiled, in blocks of 4 kB
SAMPLE_BYTES, WORST_BYTES = 4.4, 7.2  # a second: measured on real runs, and what the device counts with
ROOM_BYTES = 65_536  # the device wants so much more before it says READY
SPARE = SPARE_PERCENT / 100  # of the battery, more than the stage takes


def lasting(board: Board, race: Race, plans: Sequence[StagePlan]) -> tuple[list[str], list[str]]:
    """(what to know, what to do something about): sentences on battery and flash for the whole race, never synced."""
    out_s = [arrivals(plan, race.stage(plan.stage_no).start)[-1].after_s for plan in plans]
    know = [_battery(board, out_s), _flash(board, out_s, plans)]
    return know, [*_uncharged(board, race, out_s), *_too_long(board, plans, out_s), *_full(plans, out_s)]


def _battery(board: Board, out_s: Sequence[float]) -> str:
    charges = ceil(sum(out_s) / 3600 / (board.battery_hours * (1 - SPARE))) - 1
    often = "one charge would do" if not charges else f"charge it at least {charges} time{'s' * (charges > 1)} between"
    stages = f"the longest of {len(out_s)} stages takes {duration(max(out_s))}, all of them {duration(sum(out_s))}"
    return f"battery of {board.name}, estimated: a charge lasts {board.battery_hours} h; {stages}: {often}"


def _flash(board: Board, out_s: Sequence[float], plans: Sequence[StagePlan]) -> str:
    seconds, held = sum(out_s), FIRMWARE_BYTES + sum(len(plan.data) for plan in plans)
    low, high = (megabytes(round(seconds * each)) for each in (SAMPLE_BYTES, WORST_BYTES))
    words = f"recordings of {duration(seconds)} take {low} to {high} MB, plans and firmware {megabytes(held)} MB"
    return f"flash of {board.name}, estimated: {words}, of {megabytes(FILES_BYTES)} MB"


def _uncharged(board: Board, race: Race, out_s: Sequence[float]) -> Iterator[str]:
    """A race without charging that one charge does not last for."""
    if not race.charging and sum(out_s) / 3600 > board.battery_hours * (1 - SPARE):
        yield (
            f"{RACE_FILE} says charging = false; all stages take {duration(sum(out_s))}, and a charge lasts "
            f"{board.battery_hours} h (estimated): carry a power bank, what the device saves will not do"
        )


def _too_long(board: Board, plans: Sequence[StagePlan], out_s: Sequence[float]) -> Iterator[str]:
    """Stages for which a full battery is not enough to be READY."""
    for plan, seconds in zip(plans, out_s, strict=True):
        if seconds / 3600 > board.battery_hours * (1 - SPARE):
            yield (
                f"stage {plan.stage_no} takes about {duration(seconds)}, and a charge lasts {board.battery_hours} h "
                "(estimated): carry a power bank and plug it in on the way, it goes on recording; without one CHECK ME "
                "with three pulses comes before the start, and the end may be lost"
            )


def _full(plans: Sequence[StagePlan], out_s: Sequence[float]) -> Iterator[str]:
    """The first stage for which there may be no room, if nothing was synced before."""
    free = FILES_BYTES - FIRMWARE_BYTES - sum(len(plan.data) for plan in plans)
    for plan, seconds in zip(plans, out_s, strict=True):
        needed = seconds * WORST_BYTES
        if free < needed + ROOM_BYTES:
            yield (
                f"the flash may be full before stage {plan.stage_no} (estimated), and CHECK ME with four pulses comes "
                "instead of READY: begin the race with no old recordings on the device"
            )
            return
        free -= needed
