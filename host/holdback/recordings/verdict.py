"""What a stage came to, judged by the core that guarded it: minutes over the cap, cues, and which were heeded."""

from collections.abc import Callable, Iterable

import msgspec
from pacing import cues
from pacing.ending import false_start
from pacing.governor import OVER
from pacing.journal import EV_CUE, EV_END, EV_LOSS, EV_PRESS
from pacing.journalreader import END, EVENT, SAMPLE, Reader
from pacing.pacer import MOST_S, Pacer
from pacing.plan import Plan

from holdback.recordings.journal import RecordedEvent, Recording, open_reader

FIRST_HOUR_MS = 3_600_000
AT_FINISH = (1, 4)  # EV_END's values for the finish line, and for somebody who stayed near it
WENT_ON = 60  # an end with so many samples after it was taken back
NEAR_THE_END_DM = 1000  # ended by hand so close to the finish, the course was run
_EASES = (cues.EASE, cues.EASE_HARD)


class Verdict(msgspec.Struct, frozen=True):
    """A stage in figures. over: effort more than 3 % above the cap, the governor's own bound, seconds; None without
    the plan. cues: EASEs that began an episode, as felt. heeded: those that a CLEAR for easing followed.
    planned_s: None without the plan, or if it says no time. whole: the course's end was reached.

    The last four are seconds of the stage, None for never: since when the plan counted as doubtful (effort too high for
    it three times in an hour, the heart below its bound), a re-route was accepted (not known without the plan), pacing
    was silenced by two presses, a low moment began.
    """

    stage_no: int
    elapsed_s: float
    distance_m: float
    over_first_hour_s: int | None
    over_s: int | None
    cues: int
    heeded: int
    planned_s: int | None
    whole: bool
    false_start: bool
    doubtful_s: float | None = None
    rerouted_s: float | None = None
    quiet_s: float | None = None
    low_s: float | None = None

    @property
    def against_plan_s(self) -> float | None:
        """Seconds behind the plan (negative: ahead); None for a stage that was not run to its end."""
        return self.elapsed_s - self.planned_s if self.planned_s and self.whole else None


def judge(recording: Recording, data: bytes, plan: Plan | None) -> Verdict:
    """The verdict on a recording and its bytes; `plan` is the one it was run with, None if that was not found."""
    asked, heeded = heeding([(event.value & 15, event.value >> 4) for event in recording.cues])
    end = _end(recording)
    end_ms = end.stage_ms if end else recording.samples[-1].stage_ms if recording.samples else 0
    distance_dm = max((sample.dist_dm for sample in recording.samples if sample.stage_ms <= end_ms), default=0)
    run = _Replay(end_ms)
    arrived = run.through(plan, open_reader(data, f"stage {recording.stage_no}")) if plan else False
    return Verdict(
        stage_no=recording.stage_no,
        elapsed_s=end_ms / 1000,
        distance_m=distance_dm / 10,
        over_first_hour_s=run.first_hour_s if plan else None,
        over_s=run.all_s if plan else None,
        cues=asked,
        heeded=heeded,
        planned_s=plan.planned_s or None if plan else None,
        whole=arrived or (end is not None and end.value in AT_FINISH),
        false_start=false_start(end_ms, distance_dm),
        doubtful_s=_first_s(recording.cues, lambda cue: cue.value >> 4 == cues.DOUBTFUL),
        rerouted_s=run.rerouted_s,
        quiet_s=_first_s(recording.events, lambda event: event.kind == EV_PRESS and event.value == 2),
        low_s=_first_s(recording.cues, lambda cue: cue.value >> 4 == cues.LOW_MOMENT),
    )


def _first_s(events: Iterable[RecordedEvent], fits: Callable[[RecordedEvent], bool]) -> float | None:
    return next((event.stage_ms / 1000 for event in events if fits(event)), None)


def _end(recording: Recording) -> RecordedEvent | None:
    """The end that holds, if any; its time may lie before the last samples (a bus is noticed late)."""
    ends = [event for event in recording.events if event.kind == EV_END]
    return ends[-1] if ends and len(recording.samples) - ends[-1].index < WENT_ON else None


def heeding(felt: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """(episodes, heeded) of cues as (code, reason) in time order. A repeated EASE and an answer to a press begin none.

    An EASE on a press is not asked for by the device; a CLEAR heeds an episode only if easing was its reason.
    """
    asked = heeded = 0
    open_one = False
    for code, reason in felt:
        if code in _EASES and reason not in (cues.REPEATED, cues.BY_PRESS):
            asked += 1
            open_one = True
        elif code == cues.CLEAR and reason == cues.OBEYED and open_one:
            heeded += 1
            open_one = False
    return asked, heeded


class _Replay:
    """What only the core can tell, by replaying a recording through it: seconds above the cap, an accepted re-route."""

    def __init__(self, end_ms: int) -> None:
        self._end_ms = end_ms
        self.first_hour_s = self.all_s = 0
        self.rerouted_s: float | None = None

    def through(self, plan: Plan, reader: Reader) -> bool:
        """Step through all of it; whether that led to the end of the course."""
        pacer = Pacer(plan)
        last_ms: int | None = None
        while (kind := reader.next()) != END:
            if kind == SAMPLE:
                s = reader.sample
                pacer.step(s)
                seconds = 1 if last_ms is None else min(MOST_S, (s.stage_ms - last_ms + 500) // 1000)
                last_ms = s.stage_ms
                self._count(pacer.governor.state == OVER, seconds, s.stage_ms)
            elif kind == EVENT and reader.event_kind not in (EV_CUE, EV_LOSS):
                self._press(reader, pacer)
                pacer.event(reader.event_kind, reader.event_value, reader.event_ms)
        return bool(plan.has_course) and pacer.course.progress_dm >= plan.length_dm - NEAR_THE_END_DM

    def _press(self, reader: Reader, pacer: Pacer) -> None:
        """A press off the course says that the route is another; three presses say something else."""
        if reader.event_kind == EV_PRESS and reader.event_value < 3 and pacer.course.off_course:
            self.rerouted_s = self.rerouted_s or reader.event_ms / 1000

    def _count(self, is_over: bool, seconds: int, stage_ms: int) -> None:
        if is_over and stage_ms <= self._end_ms:
            self.all_s += seconds
            self.first_hour_s += seconds if stage_ms <= FIRST_HOUR_MS else 0
