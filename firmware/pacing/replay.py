"""What the core decides on a recording, on any interpreter: the check that device and laptop agree."""

from pacing.journal import EV_CUE, EV_LOSS
from pacing.journalreader import EVENT, SAMPLE
from pacing.pacer import Pacer


def replay(plan, reader):
    """Yield (stage_ms, cue, reason) for each cue that `plan` gives on the recording that `reader` is at the start of.

    The recording's own cues and losses are outputs and are passed over. A reset needs nothing special: the device
    went on from the snapshot and what followed it, which is the state that an unbroken run has there.
    """
    pacer = Pacer(plan)
    while True:
        kind = reader.next()
        if kind == 0:
            return
        code = 0
        stage_ms = 0
        if kind == SAMPLE:
            stage_ms = reader.sample.stage_ms
            code = pacer.step(reader.sample)
        elif kind == EVENT and reader.event_kind not in (EV_CUE, EV_LOSS):
            stage_ms = reader.event_ms
            code = pacer.event(reader.event_kind, reader.event_value, stage_ms)
        if code:
            yield stage_ms, code, pacer.reason
