"""What a runner is told of the battery in the evening: whether it holds, what the device will do, what helps.

The device decides by the same rule when the stage begins (firmware/app/lasting.py), with what is left then.
"""

from collections.abc import Sequence

import msgspec
from pacing.saving import UNPLANNED_S, level, wanted

from holdback.device.messages import StatusResponse
from holdback.recordings.plans import open_plan

SAVES = ("nothing", "rate", "radio", "all, and it is not enough")  # by pacing.saving's level
_WILL = (
    "",
    "else the device takes a fix each 2 s to save",
    "else the device takes a fix each 2 s to save, and wakes the strap's radio less often",
    "else it ends early, for all that the device saves (a fix each 2 s, the strap's radio less often)",
)


class Battery(msgspec.Struct, frozen=True):
    """percent: of charge. drain: percent an hour; measured: on a stage, else estimated for the board."""

    percent: int
    drain: float
    measured: bool


class Outlook(msgspec.Struct, frozen=True):
    """stages: those before the next charge. wants: percent for them with what is kept back. saves: one of SAVES.
    holds: those of them that go through without, from the first on.
    """

    battery: Battery
    stages: list[int]
    wants: int
    saves: str
    holds: list[int]


def battery_of(live: StatusResponse) -> Battery | None:
    """What the device says of it; None for a firmware that does not."""
    if live.batt is None or not (live.drain or live.hours):
        return None
    return Battery(live.batt, (live.drain or 1000 // live.hours) / 10, bool(live.drain))


def outlook(battery: Battery, plans: Sequence[bytes], *, charging: bool) -> Outlook:
    """`plans`: of the stages to come, the next one first, at least one. charging: there is some between them."""
    opened = [open_plan(plan) for plan in (plans[:1] if charging else plans)]
    seconds = [plan.planned_s or UNPLANNED_S for plan in opened]
    stages = [plan.stage_no for plan in opened]
    drain = round(battery.drain * 10)
    saves = level(battery.percent, drain, sum(seconds))
    holds = [no for at, no in enumerate(stages, 1) if not level(battery.percent, drain, sum(seconds[:at]))]
    return Outlook(battery, stages, wanted(drain, sum(seconds)), SAVES[saves], holds)


def sentence(found: Outlook) -> str:
    """One line; empty if the battery holds and nothing is to be said."""
    will = _WILL[SAVES.index(found.saves)]
    if not will:
        return ""
    one, last = found.stages[0], found.stages[-1]
    battery = found.battery
    drained = "was drained on a stage (measured)" if battery.measured else "is drained (estimated)"
    which = f"stage {one} wants" if one == last else f"stages {one} to {last}, without charging, want"
    holds = "" if one == last else f", it holds {_named(found.holds)}"
    now = f"battery: {battery.percent} % is left, {battery.drain:.1f} % an hour {drained}"
    return f"{now}; {which} {found.wants} %{holds}: {_help(found.wants)}; {will}"


def _named(stages: Sequence[int]) -> str:
    if not stages:
        return "none of them"
    return f"stage {stages[0]}" if len(stages) == 1 else f"stages {stages[0]} to {stages[-1]}"


def _help(wants: int) -> str:
    if wants <= 100:
        return f"charge it to {wants} % before the start, or carry a power bank"
    return "charge it full, carry a power bank and plug it in on the way, it goes on recording"
