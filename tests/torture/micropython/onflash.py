"""What the scenarios of power.py are made of: a runner, a device without a radio, and the files on its flash."""

import faketime
from app.stage import Stage
from app.store import FileBytes, Store, size_of
from pacing.planreader import PlanReader

ROOT = "/flash"
LAT, LON = 47000000, 11000000


class PromiseError(Exception):
    """What was promised did not hold."""


def promise(holds, what):
    """Promise that this holds."""
    if not holds:
        raise PromiseError(what)


class Runner:
    """Receiver and strap: along the course, sometimes too fast."""

    valid = has_alt = True
    hdop_x10 = 9
    alt_dm = 5000
    lon_e6 = LON
    date_ddmmyy = 10726
    crowded = False
    address = b""

    def __init__(self):
        self.dm = 0
        self.lat_e6 = LAT
        self.speed_cms = 0
        self.utc_ms_of_day = 21600000

    def move(self, second):
        """A second passes."""
        self.speed_cms = 380 + 40 * (second // 40 % 3)
        self.dm += self.speed_cms // 10
        self.lat_e6 = LAT + self.dm * 1000000 // 1113200
        self.utc_ms_of_day += 1000

    def hr_bpm(self):
        """Of the strap."""
        return 150

    def keep(self):
        """A stage begins."""
        return b"\x01strap!"


class Device:
    """What a stage works with."""

    device_id = b"torture!"
    busy = False

    def __init__(self):
        self.store = Store(ROOT)
        self.motor = self.clock = self

    def play(self, _score):
        """No motor."""

    def utc_s(self):
        """No clock."""
        return 0

    def take(self, nmea):
        """The receiver's date."""
        return 1782885600 + nmea.utc_ms_of_day // 1000

    def plan_replaced(self, _stage):
        """Of the camp."""


class Doors:
    """Open."""

    challenge = prove = None

    def check(self, _request):
        """All may."""


def read_file(path):
    """All of it, b"" if it is not there."""
    if size_of(path) < 0:
        return b""
    with open(path, "rb") as f:
        return f.read()


def write_file(path, data):
    """Write and close."""
    with open(path, "wb") as f:
        f.write(data)


def plan_in(path):
    """The plan that a stage reads."""
    data = FileBytes(path)
    return PlanReader(data.read, data.size)


def stage_of(device, runner):
    """A stage as the trail makes it."""
    return Stage(device, runner, plan_in(device.store.plan_path(1)))


def go(stage, runner, seconds, note=None):
    """Run."""
    for second in range(seconds):
        faketime.clock.now_ms += 1000
        runner.move(second)
        stage.sample(runner)
        if note:
            note()
