"""The cues of a recording: those that were felt, and those that the same core gives for it on this computer."""

import msgspec
from pacing import cues
from pacing.course import Course
from pacing.plan import Plan
from pacing.replay import replay

from holdback.recordings.journal import Clock, RecordedEvent, Recording, open_reader

CUES = {
    cues.EASE: "ease",
    cues.EASE_HARD: "ease hard",
    cues.CLEAR: "clear",
    cues.HIKE: "hike",
    cues.EAT: "eat",
    cues.LOOK: "look",
    cues.CUTOFF: "cut-off",
    cues.CHECK: "check me",
    cues.READY: "ready",
}
REASONS = {
    cues.BY_EFFORT: "effort above the cap",
    cues.BY_HEART_RATE: "heart rate above its bound",
    cues.OBEYED: "eased off",
    cues.BY_PRESS: "asked by a press",
    cues.OFF_COURSE: "off course",
    cues.STRAP_LOST: "strap lost",
    cues.GPS_LOST: "GPS lost",
    cues.REPEATED: "still too fast",
    cues.DOUBTFUL: "effort above the cap at a low heart rate again: the plan is doubtful",
    cues.CLIMB: "a climb to walk",
    cues.MEAL: "time to eat",
    cues.LOW_MOMENT: "low moment",
    cues.CUTOFF_NEAR: "cut-off near",
    cues.CUTOFF_MISSED: "cut-off out of reach",
    cues.BATTERY_LOW: "battery low",
    cues.HOURS_OVER: "three hours are over",
    cues.BY_DESCENT: "descents run too fast",
}


class Cue(msgspec.Struct, frozen=True):
    """A cue in words, with where it came. course_m is None without the plan, lat and lon without a fix."""

    stage_ms: int
    utc_s: float
    cue: str
    reason: str
    dist_m: float
    course_m: float | None
    lat: float | None
    lon: float | None
    hr_bpm: int | None


def recorded_cues(recording: Recording, plan: Plan | None = None) -> list[Cue]:
    """The cues that the runner felt; with the stage's plan also how far along the course each came."""
    clock = Clock(recording)
    progress = _progress_dm(recording, plan) if plan and plan.has_course else None
    return [_cue(recording, clock, event, progress) for event in recording.cues]


def _cue(recording: Recording, clock: Clock, event: RecordedEvent, progress: list[int] | None) -> Cue:
    sample = recording.sample_at(event)
    place = sample if sample and sample.has_place else None
    code, reason = event.value & 15, event.value >> 4
    return Cue(
        event.stage_ms,
        clock.utc_s(event.stage_ms),
        CUES.get(code, f"cue {code}"),
        REASONS.get(reason, f"reason {reason}"),
        sample.dist_dm / 10 if sample else 0.0,
        progress[event.index - 1] / 10 if progress and event.index else None,
        place.lat_e6 / 1e6 if place else None,
        place.lon_e6 / 1e6 if place else None,
        (sample.hr_bpm or None) if sample else None,
    )


def _progress_dm(recording: Recording, plan: Plan) -> list[int]:
    """Progress along the course at each sample, as the device matched it."""
    course = Course(plan)
    progress = []
    for sample in recording.samples:
        course.step(sample)
        progress.append(course.progress_dm)
    return progress


def computed_cues(data: bytes, plan: Plan, name: str = "recording") -> list[tuple[int, int, int]]:
    """(stage_ms, code, reason) of each cue that `plan` gives on the bytes of a recording."""
    return list(replay(plan, open_reader(data, name)))


def felt_cues(recording: Recording) -> list[tuple[int, int, int]]:
    """(stage_ms, code, reason) of each recorded cue: equal to `computed_cues` if firmware and laptop agree."""
    return [(event.stage_ms, event.value & 15, event.value >> 4) for event in recording.cues]
