"""A stage's figures as the plan file that the device reads (pacing.planwriter)."""

from collections.abc import Sequence
from typing import Any

from pacing import planwriter

from holdback.planning.athlete import Athlete
from holdback.planning.course import CELL_M, Course
from holdback.planning.guards import guards
from holdback.planning.model import ROLES, Day, Pace, Segment
from holdback.planning.simplify import simplify
from holdback.planning.track import CourseError

ACROSS_M, ALONG_M = 1.5, 6.0  # how far the device's line may lie from the file's; grows until the line fits
CORNERS_PER_KM = 55  # keeps 100 km under 48 KB
CORNERS_RANGE = (500, 12_000)  # short stages need not save; a plan holds 12 800 segments
NO_END_DM = 1 << 29  # a cap that never ends


def encode(
    athlete: Athlete, day: Day, pace: Pace, course: Course | None = None, segments: Sequence[Segment] = ()
) -> bytes:
    """The plan file of a stage, with a course or without. Raises CourseError for what the format cannot hold."""
    spec = _header(athlete, day, pace)
    spec["caps"] = [(round(s.end_m * 10), s.cap_pm, round(s.speed_ms * 100), s.flags) for s in segments]
    spec["stations"] = [(round(item.at_m * 10), item.cutoff_s, item.name) for item in day.stations]
    spec["gun_utc_s"] = day.gun_utc_s
    if athlete.pace_factors:
        spec["factors"] = [round(factor * 1000) for factor in athlete.pace_factors]
    spec |= guards(athlete, day, pace, course, segments)
    if course:
        spec |= _line(course)
    else:
        spec["caps"] = [(NO_END_DM, round(pace.intensity * 1000), 0, 0)]
    try:
        return planwriter.encode(spec)
    except planwriter.PlanError as error:
        raise CourseError(f"{day.name or 'stage'}: no plan can hold it", str(error), "check the course's GPX") from None


def _header(athlete: Athlete, day: Day, pace: Pace) -> dict[str, Any]:
    """The header's fields. Conditions go into the critical speed: where a metre costs more, less speed is as hard."""
    return {
        "race": _short(day.race, 16),
        "stage_no": day.stage_no,
        "stage_count": day.stage_count,
        "role": ROLES.index(day.role),
        "cs_cms": round(athlete.critical_speed_ms / pace.load * 100),
        "ecc_cms": round(pace.descent_ms * 100),
        "hr_a_dbpm": round(athlete.hr_at_zero_bpm * 10),
        "hr_b_dbpm": round(athlete.hr_per_effort_bpm * 10),
        "hr_cap_bpm": pace.hr.cap_bpm,
        "hr_drift_dbpm_h": round(pace.hr.drift_bpm_h * 10),
        "hr_drift_max_dbpm": round(pace.hr.drift_max_bpm * 10),
        "planned_s": round(pace.planned_s),
        "ease_per_h": day.cues.per_h,
        "ease_first_h": day.cues.in_first_hour(day.stage_no),
    }


def _short(text: str, size: int) -> str:
    """At most `size` bytes of UTF-8, cut between characters."""
    return text.encode()[:size].decode(errors="ignore")


def _line(course: Course) -> dict[str, Any]:
    """Origin, simplified polyline with its metres, and the altitude profile."""
    track = course.track
    lat0_e6, lon0_e6, cos_q15 = planwriter.frame_for(track.lat, track.lon)
    points = [(round(track.lat[i] * 1e6), round(track.lon[i] * 1e6), round(track.s_m[i] * 10)) for i in corners(course)]
    heights = [round(alt * 10) for alt in course.alt_m]
    return {
        "lat0_e6": lat0_e6,
        "lon0_e6": lon0_e6,
        "cos_q15": cos_q15,
        "points": points,
        "profile": (round(CELL_M * 10), heights),
    }


def corners(course: Course) -> list[int]:
    """Indices of the track's points that the device gets: as close as ACROSS_M, coarser only where that is too many."""
    track, looser = course.track, 1.0
    fewest, most = CORNERS_RANGE
    most = min(most, max(fewest, int(course.length_m / 1000 * CORNERS_PER_KM)))
    while True:
        keep = simplify(track.x_m, track.y_m, track.s_m, ACROSS_M * looser, ALONG_M * looser)
        if len(keep) <= most:
            return keep
        looser *= 1.5
