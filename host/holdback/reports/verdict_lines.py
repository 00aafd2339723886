"""The verdict on a stage in words: two lines that a tired runner reads, and at most one more."""

from collections.abc import Iterator

from holdback.recordings.verdict import FIRST_HOUR_MS, Verdict
from holdback.units import Units, clock, duration

REMARK_WIDTH = 110  # what else happened is told as long as the line has room


def verdict_lines(verdict: Verdict, units: Units) -> list[str]:
    """Two lines, and a third if the day was no ordinary one. "3 cues" are the times that the device asked to ease."""
    lines = [_run_line(verdict, units), ", ".join((*_over_words(verdict), *_cue_words(verdict)))]
    return [*lines, remark] if (remark := remark_line(verdict)) else lines


def remark_line(verdict: Verdict) -> str:
    """What the runner should know besides, the weightiest first; "" for nothing."""
    line = ""
    for remark in _remarks(verdict):
        joined = f"{line}; {remark}" if line else remark
        line = joined if not line or len(joined) <= REMARK_WIDTH else line
    return line


def _remarks(verdict: Verdict) -> Iterator[str]:
    if verdict.doubtful_s is not None:
        yield (
            f"the plan asked for less than your heart did: one cue an hour from {duration(verdict.doubtful_s)}; "
            "check result or critical speed in athlete.toml"
        )
    if verdict.low_s is not None:
        yield f"a low moment at {duration(verdict.low_s)}"
    if verdict.rerouted_s is not None:
        yield f"re-route accepted at {duration(verdict.rerouted_s)}"
    if verdict.quiet_s is not None:
        yield f"pacing silenced at {duration(verdict.quiet_s)}"


def _run_line(verdict: Verdict, units: Units) -> str:
    words = f"stage {verdict.stage_no}: {units.away(verdict.distance_m)} in {clock(verdict.elapsed_s)}"
    late_s = verdict.against_plan_s
    if late_s is not None:
        words += f", {_minutes(abs(late_s))} {'behind' if late_s > 0 else 'ahead of'} the plan"
    return words + (" (a false start: it does not count)" if verdict.false_start else "")


def _over_words(verdict: Verdict) -> Iterator[str]:
    if verdict.over_s is None or verdict.over_first_hour_s is None:
        yield "its plan is not here, so no word on effort"
    elif not verdict.over_s:
        yield "never over the cap"
    else:
        later_s = verdict.over_s - verdict.over_first_hour_s
        yield f"{_minutes(verdict.over_first_hour_s)} over in the first hour"
        if later_s and verdict.elapsed_s * 1000 > FIRST_HOUR_MS:
            yield f"{_minutes(later_s)} after it"


def _cue_words(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.cues or 'no'} cue{'' if verdict.cues == 1 else 's'}"
    if verdict.cues:
        yield f"{verdict.heeded or 'none'} heeded"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else "less than a minute"
