"""What cannot be right, or looks as if it were not: hours, days and courses that contradict each other.

Contradictions are Problems. What may well be meant, but is more often a slip, is a sentence that ends in advice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from holdback.gpx import GpxDocument
from holdback.planning import Course, StagePlan
from holdback.planning.track import distance_m
from holdback.race.folder import Race
from holdback.race.problems import RACE_FILE, Problem
from holdback.race.schedule import FINISH, Stage
from holdback.race.timetable import arrivals
from holdback.units import Units, units_of

ZONE_LIMIT_H = 3.25  # no clock on land is further from its sun: the west of China is 3.2 h ahead of it
JOINED_M = 2_000.0  # a stage that starts this close to the last finish goes on from there
APART_M = 5_000.0
NEXT_DAY_S = 18 * 3600  # a cut-off this long after the planned arrival was meant for the day before
REST_DAYS = 3
MORNING, AFTERNOON = 3, 15  # guns outside of these hours are asked about
MEND_CUTOFF = 'correct the times; a later day is written like "Sun 16:30"'


@dataclass(frozen=True)
class StageFiles:
    """What was read for a stage: its course, and the first and last time of the file, unix seconds."""

    course: Course | None
    first_s: float | None = None
    last_s: float | None = None

    @classmethod
    def of(cls, course: Course | None, document: GpxDocument) -> "StageFiles":
        """With the times of the file where it has any."""
        times = [point.time_s for part in document.segments for point in part if point.time_s]
        return cls(course, times[0], times[-1]) if times else cls(course)


def far_zone(race: Race, files: Sequence[StageFiles]) -> Iterator[Problem]:
    """A time zone in which the course does not lie."""
    for stage, file in zip(race.stages, files, strict=True):
        offset = stage.start.utcoffset()
        if not file.course or offset is None:
            continue
        lon = file.course.position_at(0)[1]
        clock_h, sun_h = offset.total_seconds() / 3600, lon / 15
        off_h = (clock_h - sun_h + 12) % 24 - 12
        if abs(off_h) > ZONE_LIMIT_H:
            what = f"{stage.start.tzinfo} has UTC{clock_h:+g} on that day, but stage {stage.no} starts at {_lon(lon)}"
            why = f"the gun, and every cut-off, would be about {abs(off_h):.0f} h off"
            next_step = 'write the time zone of the place, like timezone = "Europe/Vienna"'
            yield Problem(RACE_FILE, "timezone", f"{what}, where the clock is near UTC{sun_h:+.0f}", next_step, why)
            return


def _lon(lon: float) -> str:
    return f"{abs(lon):.0f}° {'west' if lon < 0 else 'east'}"


def overlaps(race: Race, plans: Sequence[StagePlan]) -> Iterator[Problem]:
    """Stages that are planned to end after the next gun."""
    for before, after in pairwise(plans):
        start = race.stage(after.stage_no).start
        finish = arrivals(before, race.stage(before.stage_no).start)[-1].clock
        if finish.timestamp() > start.timestamp():
            what = f"the gun is {_moment(start)}, but stage {before.stage_no} is planned to end {_moment(finish)}"
            why = (
                "you cannot run two stages at once, and without a night between them the plan of the second is fiction"
            )
            next_step = "correct date or start of one of them; or hours, if that is how long you are out"
            yield Problem(RACE_FILE, f"stages[{after.stage_no}].start", what, next_step, why)


def _moment(moment: datetime) -> str:
    return f"{moment:%a %d %b %H:%M}"


def bad_cutoffs(race: Race, plans: Sequence[StagePlan]) -> Iterator[Problem]:
    """Cut-offs that only make sense a day late: before the gun, or before the station in front closes."""
    for plan in plans:
        gun = race.stage(plan.stage_no).start
        for station, stop in zip(plan.day.stations, arrivals(plan, gun), strict=False):
            next_day = stop.cutoff and not station.dated and stop.cutoff.date() > gun.date()
            if next_day and stop.cutoff and stop.margin_s and stop.margin_s > NEXT_DAY_S:
                field = "cutoff" if stop.name == FINISH else "stations"
                early = stop.cutoff - timedelta(days=1)
                what = f"{stop.name} closes at {stop.cutoff:%H:%M}, before "
                what += f"the gun at {gun:%H:%M}" if early <= gun else "a station that comes before it"
                why = "taken for the next day, it would never warn you"
                yield Problem(RACE_FILE, f"stages[{plan.stage_no}].{field}", what, MEND_CUTOFF, why)


def odd_hours(race: Race, today: date) -> Iterator[str]:
    """Guns at hours and on days that are seldom meant."""
    for stage in race.stages:
        if not MORNING <= stage.start.hour < AFTERNOON:
            yield f"stage {stage.no}: the gun is at {stage.start:%H:%M}: if the other half of the day is meant, mend it"
    for before, after in pairwise(race.stages):
        gap = (after.start.date() - before.start.date()).days
        if gap > REST_DAYS:
            yield f"{gap} days from stage {before.no} to stage {after.no}, planned like one night: is the date right?"
    last = race.stages[-1].start.date()
    if last < today:
        ago = (today - last).days
        yield f"the race was over {ago} days ago, on {last:%d %b %Y}: if it is still to come, correct date"


def odd_files(race: Race, files: Sequence[StageFiles]) -> Iterator[str]:
    """Courses that lie, or were recorded, as if they belonged to another day."""
    run = [(stage, file) for stage, file in zip(race.stages, files, strict=True) if file.course]
    yield from _wrong_places(run, units_of(race.units))
    yield from _wrong_times(race, run)


def _wrong_places(run: Sequence[tuple[Stage, StageFiles]], units: Units) -> Iterator[str]:
    for (before, one), (after, two) in pairwise(run):
        apart_m = gap_m(one, two)
        if apart_m < APART_M:
            continue
        fits = [other.no for other, file in run if other not in (before, after) and gap_m(one, file) < JOINED_M]
        text = f"stage {after.no} starts {units.away(apart_m, 0)} from where stage {before.no} ends"
        if fits:
            text += f", but stage {fits[0]} starts just there: is {_file(after)} the file of another day?"
        else:
            text += ": fine if a bus takes you there, else it is the wrong file"
        yield text
    for index, (stage, file) in enumerate(run):
        for other, same in run[:index]:
            if _same(file.course, same.course):
                yield f"stages {other.no} and {stage.no} are the same course: is {_file(stage)} the right file?"


def _file(stage: Stage) -> str:
    return stage.gpx.name if stage.gpx else stage.name


def gap_m(one: StageFiles, two: StageFiles) -> float:
    """From the finish of one to the start of the other."""
    assert one.course and two.course
    return distance_m(one.course.position_at(one.course.length_m), two.course.position_at(0))


def _same(one: Course | None, two: Course | None) -> bool:
    return one is not None and two is not None and (one.track.lat, one.track.lon) == (two.track.lat, two.track.lon)


def _wrong_times(race: Race, run: Sequence[tuple[Stage, StageFiles]]) -> Iterator[str]:
    for stage, file in run:
        if file.first_s is None or file.last_s is None:
            continue
        if file.last_s < file.first_s:
            yield f"stage {stage.no}: {_file(stage)} has its finish before its start, by its times: is it reversed?"
        day = datetime.fromtimestamp(file.first_s, stage.start.tzinfo or UTC).date()
        owner = next((other.no for other in race.stages if other.start.date() == day), stage.no)
        if owner != stage.no:
            yield f"stage {stage.no}: {_file(stage)} carries times of {day:%d %b %Y}, which is the day of stage {owner}"
    dated = [(stage, file) for stage, file in run if file.first_s]
    for (before, one), (after, two) in pairwise(dated):
        if (two.first_s or 0) < (one.first_s or 0) - 12 * 3600:
            yield f"{_file(after)} was recorded days before {_file(before)}: are the stages in order?"
