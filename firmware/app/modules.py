"""Modules that are there only while they work: a host and a stage are never served at once, so they share memory."""

import gc
import sys

SYNC = ("app.smp_server", "app.smp_groups", "pacing.smp", "pacing.cbor")
RESUME = ("pacing.journalreader",)
STAGE = (
    "app.stage", "app.ready", "pacing.pacer", "pacing.voice", "pacing.governor", "pacing.effort", "pacing.course",
    "pacing.cost", "pacing.geo", "pacing.state", "pacing.journal", "pacing.sample", "pacing.plan", "pacing.planformat",
)  # fmt: skip


def forget(names) -> None:
    """Drop modules from memory; whoever needs one imports it again. Nothing of theirs may be held any more."""
    for name in names:
        if sys.modules.pop(name, None) is not None:
            package, _, module = name.partition(".")
            delattr(sys.modules[package], module)
    gc.collect()
