"""Courses, plans and runners made up in integers, the same on every interpreter. Not a test itself."""

from pacing.plan import Plan
from pacing.planwriter import encode
from pacing.sample import ALT_OK, FIX_BEST, Sample

CS_CMS = 370
HR_A_DBPM = 805
HR_B_DBPM = 895


class Noise:
    """A linear congruential generator and a slow wander of per mille: real running's 60-s means vary by 4-25 %."""

    def __init__(self, seed: int):
        self._state = seed * 2654435 % 134456
        self.wander_pm = 0

    def next(self, spread: int) -> int:
        """Uniform in -spread..spread."""
        self._state = (self._state * 8121 + 28411) % 134456
        return self._state * (2 * spread + 1) // 134456 - spread

    def step(self, spread_pm: int) -> int:
        """The next second of the wander: autocorrelated over a minute, deviation about `spread_pm`."""
        self.wander_pm += self.next(spread_pm * 225 // 1000) - (self.wander_pm + 30) // 60
        return self.wander_pm


def lat_lon(x_dm: int, y_dm: int) -> tuple:
    """Coordinates of a place in a frame at 0 N 0 E."""
    return y_dm * 32768 // 36477, x_dm * 32768 // 36477


def along(corners) -> list:
    """[(x, y, s)] of corners [(x, y)], dm; each leg runs along an axis, so lengths are exact."""
    out = []
    s = 0
    for i, (x, y) in enumerate(corners):
        if i:
            s += abs(x - corners[i - 1][0]) + abs(y - corners[i - 1][1])
        out.append((x, y, s))
    return out


def place(line, s_dm: int) -> tuple:
    """(x, y) at `s_dm` of a line from `along`."""
    for (ax, ay, a_s), (bx, by, b_s) in [(line[i], line[i + 1]) for i in range(len(line) - 1)]:
        if s_dm <= b_s:
            part = s_dm - a_s
            return ax + (bx - ax) * part // (b_s - a_s), ay + (by - ay) * part // (b_s - a_s)
    return line[-1][0], line[-1][1]


def spec_of(corners, **more) -> dict:
    """A plan's spec for the course through `corners`, level, with one cap of 800 per mille unless `more` differs."""
    spec: dict = {"stage_no": 2, "cs_cms": CS_CMS, "hr_a_dbpm": HR_A_DBPM, "hr_b_dbpm": HR_B_DBPM}
    if corners:
        line = along(corners)
        places = [lat_lon(x, y) for x, y, _ in line]
        spec["points"] = [(places[i][0], places[i][1], line[i][2]) for i in range(len(line))]
        spec["profile"] = (200, [5000] * (line[-1][2] // 200 + 2))
    spec["caps"] = [(1 << 29, 800, 0, 0)]
    spec.update(more)
    return spec


def open_plan(data: bytes) -> Plan:
    """The plan in `data`."""

    def read(offset, buf):
        buf[:] = data[offset : offset + len(buf)]

    return Plan(read, len(data))


def plan_of(corners, **more) -> Plan:
    """A plan for the course through `corners` (see `spec_of`)."""
    return open_plan(encode(spec_of(corners, **more)))


def sample(second: int, x_dm: int = 0, y_dm: int = 0, speed_cms: int = 296, hr_bpm: int = 0) -> Sample:
    """A sample with the best fix at a place of the frame."""
    made = Sample()
    made.stage_ms = second * 1000
    made.lat_e6, made.lon_e6 = lat_lon(x_dm, y_dm)
    made.alt_dm = 5000
    made.speed_cms = speed_cms
    made.hr_bpm = hr_bpm
    made.flags = FIX_BEST | ALT_OK
    return made


class Runner:
    """Runs along a line, second by second, at an effort; heart rate lags behind it as in the plan's model."""

    def __init__(self, line, seed: int = 1, rough_pm: int = 0, strap: bool = True):
        self.line = line
        self.s_cm = 0
        self.second = -1
        self._noise = Noise(seed)
        self._rough_pm = rough_pm
        self._strap = strap
        self._hr_q16 = 120 << 16

    def run(self, effort_pm: int) -> Sample:
        """The next second at `effort_pm` of critical speed."""
        self.second += 1
        now_pm = max(0, effort_pm * (1000 + (self._noise.step(self._rough_pm) if self._rough_pm else 0)) // 1000)
        speed_cms = CS_CMS * now_pm // 1000
        self.s_cm += speed_cms
        steady_q16 = (HR_A_DBPM * 1000 + HR_B_DBPM * now_pm) * 8192 // 1250
        self._hr_q16 += (steady_q16 - self._hr_q16) * 10 // 576
        x, y = place(self.line, self.s_cm // 10)
        hr_bpm = (self._hr_q16 >> 16) + self._noise.next(1) if self._strap else 0
        return sample(self.second, x + self._noise.next(20), y + self._noise.next(20), speed_cms, hr_bpm)
