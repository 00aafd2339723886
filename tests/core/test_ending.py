"""Endings: the line, a rest near the finish, a ride; and a start that was none."""

from pacing.ending import AT_FINISH, AT_LINE, ON_WHEELS, Ending, false_start

try:
    from core.synthetic import plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from synthetic import plan_of, sample  # pyright: ignore[reportMissingImports]

ROAD = [(0, 0), (0, 100000)]  # 10 km


class Scene:
    """A course that says where the runner is, and an ending that is asked each second."""

    def __init__(self):
        self.progress_dm = self.finished = 0
        self.second = 0
        self.ending = Ending(plan_of(ROAD), self)

    def run(self, seconds, speed_cms=0, progress_dms=0, fix=True):
        """The value of the end within `seconds`, or 0."""
        for _ in range(seconds):
            self.second += 1
            self.progress_dm += progress_dms
            now = sample(self.second, speed_cms=speed_cms)
            now.flags = now.flags if fix else 0
            value = self.ending.step(now, 1)
            if value:
                return value
        return 0


def test_the_line():
    scene = Scene()
    scene.run(100, 300, 30)
    scene.finished = 1
    assert scene.run(1) == AT_LINE and scene.ending.end_ms == 101000


def test_ten_minutes_near_the_finish():
    scene = Scene()
    scene.run(3280, 300, 30)  # 160 m before the line
    assert scene.run(595) == 0
    assert scene.run(10) == AT_FINISH
    assert 3277000 <= scene.ending.end_ms <= 3280000


def test_a_long_rest_elsewhere_or_a_slow_end_is_none():
    scene = Scene()
    scene.run(3000, 300, 30)
    assert scene.run(3600) == 0
    scene.progress_dm = 98100
    assert scene.run(1500, 100, 1) == 0  # a metre in ten seconds
    assert scene.run(300, fix=False) == 0


def test_a_bus_ends_where_it_was_boarded():
    scene = Scene()
    scene.run(600, 300, 30)
    assert scene.run(55, 1400) == 0
    assert scene.run(10, 0) == 0  # a traffic light
    assert scene.run(16, 1400) == ON_WHEELS
    assert scene.ending.end_ms == 601000


def test_a_fast_minute_of_bad_fixes_or_a_sprint_is_none():
    scene = Scene()
    assert scene.run(59, 900) == 0
    assert scene.run(60, 300) == 0
    assert scene.run(59, 900) == 0
    scene = Scene()
    assert scene.run(300, 900, fix=False) == 0
    assert scene.run(3600, 820, 0) == 0


def test_forget():
    scene = Scene()
    assert scene.run(70, 900) == ON_WHEELS
    scene.ending.forget()
    assert scene.run(59, 900) == 0


def test_false_start():
    assert false_start(599900, 50000) and false_start(3600000, 9999)
    assert not false_start(600000, 10000)
