"""A run that no plan is for: the device makes itself one. Loaded for that moment only."""

import os

from pacing.planreader import PlanReader
from pacing.unplanned import unplanned

from app.shelf import stages
from app.store import FileBytes

_LAST = 99


def make_plan(store) -> int:
    """Write a plan without a course, with the last plan's bound of heart rate; its stage number.

    OSError if there is no number left, or no room.
    """
    plans = stages(store.root, "plans")
    used = plans + stages(store.root, "rec")
    stage = max(used or [0]) + 1
    if stage > _LAST:
        raise OSError(28)  # ENOSPC
    new = store.root + "/plans/new"
    with open(new, "wb") as f:
        f.write(unplanned(stage, _bound_bpm(store.plan_path(plans[-1])) if plans else 0))
    os.rename(new, store.plan_path(stage))
    return stage


def _bound_bpm(path: str) -> int:
    data = FileBytes(path)
    try:
        return PlanReader(data.read, data.size).hr_cap_bpm
    finally:
        data.close()
