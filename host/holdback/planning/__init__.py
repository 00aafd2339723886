"""From a course and a runner to stage plans: cost of gradient, days of a race, caps within a stage."""

from holdback.planning.athlete import Athlete, critical_speed
from holdback.planning.course import Course
from holdback.planning.model import CueBudget, Day, StagePlan, Station
from holdback.planning.stage import plan_course, plan_hours, plan_stage
from holdback.planning.track import CourseError

__all__ = [
    "Athlete",
    "Course",
    "CourseError",
    "CueBudget",
    "Day",
    "StagePlan",
    "Station",
    "critical_speed",
    "plan_course",
    "plan_hours",
    "plan_stage",
]
