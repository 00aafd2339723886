"""A runner's day as the voice sees it, said by a test second by second. Not a test itself."""

from pacing.checks import BLIND, TRUSTED, Checks, Trust
from pacing.governor import INSIDE
from pacing.sample import Sample
from pacing.voice import Voice

try:
    from core.synthetic import plan_of
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import plan_of  # pyright: ignore[reportMissingImports]


class Scene:
    """A voice, and a governor, a brake and a course that say what the test wants, second by second.

    `said` is [(second, code, reason)].
    """

    def __init__(self, **plan):
        self.state = INSIDE
        self.too_hard = self.hr_high = self.off_course = 0
        self.progress_dm = self.matched = self.grade_pm = 0
        self.speed_cms = 300
        self.hr_bound_bpm = 150
        self.hr_bpm = 140
        self.fix = True
        self.spoken_count = 0
        self.second = 0
        self.due = self.over = self.hushed = 0
        self.strap = Trust(0)
        self.gps = Trust(1)
        self.plan = made = plan_of(None, **plan)
        self.checks = Checks(made, self.strap, self.gps)
        self.voice = Voice(made, self, self, self.checks, self)
        self.sample = Sample()
        self.said = []

    def spoken(self):
        self.spoken_count += 1

    def told(self):
        self.due = 0
        self.hushed = 1

    def run(self, seconds, **now):
        """`seconds` more with the attributes in `now` set; what was said in them."""
        for name, value in now.items():
            setattr(self, name, value)
        first = len(self.said)
        for _ in range(seconds):
            self.strap.step(TRUSTED if self.hr_bpm else BLIND, 1)
            self.gps.step(TRUSTED if self.fix else BLIND, 1)
            self.sample.stage_ms = self.second * 1000
            self.sample.hr_bpm = self.hr_bpm
            self.sample.speed_cms = self.speed_cms
            code = self.voice.step(self.sample, 1)
            if code:
                self.said.append((self.second, code, self.voice.reason))
            self.second += 1
        return self.said[first:]

    def press(self, count=1):
        """The answer to a press now."""
        return self.voice.press(count, self.second * 1000, self.hr_bpm)
