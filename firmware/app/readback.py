"""Once, after a reset: the core goes where the recording ends. Loaded for this moment only."""

from pacing.journal import EV_CUE, EV_END, EV_LOSS, EV_UNEND
from pacing.journalreader import END, EVENT, SAMPLE, SNAPSHOT, Reader


def read_back(data, pacer, plan_crc: int, last) -> tuple:
    """Load the last snapshot into `pacer` and step what follows; `last` becomes the last sample.

    (reader, now at the end; stage_ms of the last thing; whether the stage has ended). The reader is None if `data` is
    no recording, or another plan's.
    """
    reader = Reader(data.read, data.size)
    if not reader.version or reader.plan_crc != plan_crc:
        return None, 0, False
    last_ms = 0
    ended = False
    known = not reader.seek_last_snapshot(behind=False)  # what is in the snapshot need not be decided again
    kind = reader.next()
    while kind != END:
        if kind == SNAPSHOT and not known:
            pacer.load(reader.snapshot)
            known = True
        elif kind == SAMPLE:
            last.copy_from(reader.sample)
            last_ms = max(last_ms, last.stage_ms)
            if known:
                pacer.step(last)
        elif kind == EVENT:
            last_ms = max(last_ms, reader.event_ms)
            if reader.event_kind in (EV_END, EV_UNEND):
                ended = reader.event_kind == EV_END
            if known and reader.event_kind not in (EV_CUE, EV_LOSS):
                pacer.event(reader.event_kind, reader.event_value, reader.event_ms)
        kind = reader.next()
    return reader, last_ms, ended
