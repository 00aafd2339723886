"""What a stage came to, judged by the core that guarded it: minutes over the cap, cues, and which were heeded."""

from collections.abc import Iterable

import msgspec
from pacing import cues
from pacing.governor import OVER
from pacing.journal import EV_CUE, EV_END, EV_LOSS
from pacing.journalreader import END, EVENT, SAMPLE, Reader
from pacing.pacer import MOST_S, Pacer
from pacing.plan import Plan

from holdback.recordings.journal import RecordedEvent, Recording, open_reader

FIRST_HOUR_MS = 3_600_000
AT_FINISH = (1, 4)  # EV_END's values for the finish line, and for somebody who stayed near it
WENT_ON = 60  # an end with so many samples after it was taken back
NEAR_THE_END_DM = 1000  # ended by hand so close to the finish, the course was run
FALSE_START_MS, FALSE_START_DM = 600_000, 10_000  # ended before 10 minutes or before 1 km
_EASES = (cues.EASE, cues.EASE_HARD)


class Verdict(msgspec.Struct, frozen=True):
    """A stage in figures. over: effort more than 3 % above the cap, the governor's own bound, seconds; None without
    the plan. cues: EASEs that began an episode, as felt. heeded: those that a CLEAR for easing followed.
    planned_s: None without the plan, or if it says no time. whole: the course's end was reached.
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

    @property
    def against_plan_s(self) -> float | None:
        """Seconds behind the plan (negative: ahead); None for a stage that was not run to its end."""
        return self.elapsed_s - self.planned_s if self.planned_s and self.whole else None

    def lines(self) -> tuple[str, str]:
        """The two lines that a tired runner reads; "3 cues" are the times that the device asked to ease."""
        return self._run_line(), ", ".join((*self._over_words(), *self._cue_words()))

    def _run_line(self) -> str:
        words = f"stage {self.stage_no}: {self.distance_m / 1000:.1f} km in {_clock(self.elapsed_s)}"
        late_s = self.against_plan_s
        if late_s is not None:
            words += f", {_minutes(abs(late_s))} {'behind' if late_s > 0 else 'ahead of'} the plan"
        return words + (" (a false start: it does not count)" if self.false_start else "")

    def _over_words(self) -> Iterable[str]:
        if self.over_s is None or self.over_first_hour_s is None:
            yield "its plan is not here, so no word on effort"
        elif not self.over_s:
            yield "never over the cap"
        else:
            later_s = self.over_s - self.over_first_hour_s
            yield f"{_minutes(self.over_first_hour_s)} over in the first hour"
            if later_s and self.elapsed_s * 1000 > FIRST_HOUR_MS:
                yield f"{_minutes(later_s)} after it"

    def _cue_words(self) -> Iterable[str]:
        yield f"{self.cues or 'no'} cue{'' if self.cues == 1 else 's'}"
        if self.cues:
            yield f"{self.heeded or 'none'} heeded"


def judge(recording: Recording, data: bytes, plan: Plan | None) -> Verdict:
    """The verdict on a recording and its bytes; `plan` is the one it was run with, None if that was not found."""
    asked, heeded = heeding([(event.value & 15, event.value >> 4) for event in recording.cues])
    end = _end(recording)
    end_ms = end.stage_ms if end else recording.samples[-1].stage_ms if recording.samples else 0
    distance_dm = max((sample.dist_dm for sample in recording.samples if sample.stage_ms <= end_ms), default=0)
    over = _Over(end_ms)
    arrived = over.replay(plan, open_reader(data, f"stage {recording.stage_no}")) if plan else False
    return Verdict(
        stage_no=recording.stage_no,
        elapsed_s=end_ms / 1000,
        distance_m=distance_dm / 10,
        over_first_hour_s=over.first_hour_s if plan else None,
        over_s=over.all_s if plan else None,
        cues=asked,
        heeded=heeded,
        planned_s=plan.planned_s or None if plan else None,
        whole=arrived or (end is not None and end.value in AT_FINISH),
        false_start=end_ms < FALSE_START_MS or distance_dm < FALSE_START_DM,
    )


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


class _Over:
    """Seconds above the cap, counted by replaying a recording through the core."""

    def __init__(self, end_ms: int) -> None:
        self._end_ms = end_ms
        self.first_hour_s = self.all_s = 0

    def replay(self, plan: Plan, reader: Reader) -> bool:
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
                pacer.event(reader.event_kind, reader.event_value, reader.event_ms)
        return bool(plan.has_course) and pacer.course.progress_dm >= plan.length_dm - NEAR_THE_END_DM

    def _count(self, is_over: bool, seconds: int, stage_ms: int) -> None:
        if is_over and stage_ms <= self._end_ms:
            self.all_s += seconds
            self.first_hour_s += seconds if stage_ms <= FIRST_HOUR_MS else 0


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 60 else "less than a minute"


def _clock(seconds: float) -> str:
    minutes = int(seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02d}:{int(seconds) % 60:02d}"
