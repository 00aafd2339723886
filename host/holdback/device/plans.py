"""Plan files on their way to the device: read and checked by the very code that will read them there."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import msgspec

from holdback.errors import NotFoundError, UsageError, typed
from holdback.recordings.plans import MAKE_ONE, open_plan


class PlanFile(msgspec.Struct, frozen=True):
    """A checked plan. crc: the CRC-32 that the file ends with, its name on the device."""

    stage_no: int
    data: bytes
    crc: int
    source: str = ""

    @property
    def name(self) -> str:
        """What the device calls it."""
        return f"plan-{self.stage_no:02d}"


def check_plan(data: bytes, source: str = "plan") -> PlanFile:
    """Read `data` as the device would. IntegrityError names `source` if the device would not take it."""
    plan = open_plan(data, source)
    return PlanFile(plan.stage_no, data, plan.crc, source)


def load_plans(paths: Iterable[Path], first_stage: int = 0) -> list[PlanFile]:
    """The plans in files or in race folders, by stage, from `first_stage` on. Raises NotFoundError, IntegrityError,
    UsageError (two plans for one stage)."""
    files = [file for path in paths for file in _plan_files(path)]
    plans = sorted((_load(file) for file in files), key=lambda plan: plan.stage_no)
    plans = [plan for plan in plans if plan.stage_no >= first_stage]
    if not plans:
        raise NotFoundError("no plan to push", f"none for stage {first_stage} or later" if files else "", MAKE_ONE)
    for one, other in pairwise(plans):
        if one.stage_no == other.stage_no:
            raise UsageError(f"two plans for stage {one.stage_no}", f"{one.source}, {other.source}", "name one of them")
    return plans


def _plan_files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(path.glob("plans/*.hbp")) or sorted(path.glob("*.hbp"))
    if not files:
        raise NotFoundError(
            f"{path}: no plans in it",
            "looked for plans/*.hbp and *.hbp",
            f"make them first: {typed('race', 'plan', path)}",
        )
    return files


def _load(path: Path) -> PlanFile:
    try:
        return check_plan(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such plan", next_step=MAKE_ONE) from None
    except OSError as error:
        raise NotFoundError(f"{path}: cannot be read", error.strerror or str(error), "give a .hbp file") from None
