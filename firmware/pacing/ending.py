"""When a stage is over without a press: the finish, a runner who stays there, a ride."""

from pacing.sample import FIX_GOOD, FIX_MASK

# Values of EV_END.
AT_LINE = 1
BY_HAND = 2
OTHER = 3
AT_FINISH = 4  # ten minutes without progress on the last 200 m
ON_WHEELS = 5  # 60 s faster than anybody runs

NEAR_DM = 2000
PROGRESS_DM = 100  # less of it is the receiver's noise
STILL_MS = 600000
WHEELS_CMS = 833  # 30 km/h
WHEELS_S = 60
TRAIN = 3  # the role of a plan that no race stands behind: nobody is brought home, and a training ride is fast
UNEND_MS = 1800000  # an end can be taken back so long
FALSE_MS = 600000
FALSE_DM = 10000


def false_start(elapsed_ms: int, dist_dm: int) -> bool:
    """An end so early, before 10 minutes or 1 km, was no stage: kept, not charged, armed again."""
    return elapsed_ms < FALSE_MS or dist_dm < FALSE_DM


class Ending:
    """Ending(plan, course).step(...) is the value of EV_END once the stage is over, else 0; then `end_ms` is when the
    running ended, which is before the ten minutes or the ride. The course has taken the sample before.
    """

    STATE = ("end_ms", "_mark_dm", "_mark_ms", "_fast_s", "_fast_ms")

    def __init__(self, plan, course):
        self._near_dm = plan.length_dm - NEAR_DM
        self._race = plan.role != TRAIN
        self._course = course
        self.end_ms = 0
        self.forget()

    def forget(self) -> None:
        """Begin anew: nothing has been seen of an end."""
        self._mark_dm = -PROGRESS_DM  # progress on the last metres, and when it was made
        self._mark_ms = 0
        self._fast_s = 0  # faster than a runner, less the seconds since that were slower
        self._fast_ms = 0  # when that began

    def step(self, sample, seconds: int) -> int:
        """Take a sample that stands for `seconds`."""
        if self._course.finished:
            self.end_ms = sample.stage_ms
            return AT_LINE
        if sample.flags & FIX_MASK < FIX_GOOD:
            return 0
        return (self._race and self._ride(sample, seconds)) or self._stay(sample.stage_ms)

    def _ride(self, sample, seconds: int) -> int:
        """Speed alone tells: a bus may take the course's own road. Its stops delay the end and do not prevent it."""
        if sample.speed_cms < WHEELS_CMS:
            self._fast_s = max(0, self._fast_s - seconds)
            return 0
        if not self._fast_s:
            self._fast_ms = sample.stage_ms
        self._fast_s += seconds
        if self._fast_s < WHEELS_S:
            return 0
        self.end_ms = self._fast_ms
        return ON_WHEELS

    def _stay(self, now_ms: int) -> int:
        progress_dm = self._course.progress_dm
        if self._near_dm <= 0 or progress_dm < self._near_dm:
            self._mark_dm = -PROGRESS_DM
        elif progress_dm >= self._mark_dm + PROGRESS_DM:
            self._mark_dm = progress_dm
            self._mark_ms = now_ms
        elif now_ms - self._mark_ms >= STILL_MS:
            self.end_ms = self._mark_ms
            return AT_FINISH
        return 0
