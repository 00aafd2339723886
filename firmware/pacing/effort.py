"""Effort now, in per mille of critical speed, from grade-adjusted speed and heart rate.

A filter with constant gains (the steady state of a Kalman filter, solved by the host for each athlete) over four
states: u effort, m map and terrain error, c the day's heart-rate offset and drift, h the lagged heart rate. Heart rate
follows effort as a first-order lag of 57.6 s (Hunt 2015). u and m are Q20 fractions of critical speed, c and h Q16 bpm.
"""

from pacing.cost import flat_factor_pm, walk_speed_cms

_STEEP_PM = -80  # steeper descents are limited by legs and nerve: their speed says nothing about effort
_KEEP_S = 60  # effort is trusted so long after the last reading that moved it


class Effort:
    """Effort(plan, start_pm).step(sample, grade_pm, seconds, speed_ok): sets effort_pm and trusted.

    `start_pm` is believed until readings come. `speed_ok`: fix and map are good and the ground is not technical.
    """

    STATE = ("_u", "_m", "_c", "_h", "_heard", "_age_s", "effort_pm", "trusted")

    def __init__(self, plan, start_pm: int = 750):
        self._cs_cms = plan.cs_cms
        self._factors = plan.factors
        self._a_dbpm = plan.hr_a_dbpm
        self._b_dbpm = plan.hr_b_dbpm
        self._ku0, self._ku1, self._km0, self._km1, self._kc0, self._kc1, self._kh0, self._kh1 = plan.gains
        self._u = start_pm * 1048576 // 1000
        self._m = self._c = 0
        self._h = self._target()
        self._heard = 0  # a heart rate has come
        self._age_s = _KEEP_S  # since effort was last corrected by a reading
        self.effort_pm = start_pm
        self.trusted = 0

    def _target(self) -> int:
        """Steady heart rate of the present effort, Q16 bpm."""
        return self._a_dbpm * 65536 // 10 + self._b_dbpm * (self._u >> 4) // 10 + self._c

    def stand(self, hr_bpm: int) -> None:
        """The runner stands: effort is held, h follows the strap, so that setting off again starts from the truth."""
        if hr_bpm:
            self._h += ((hr_bpm << 16) - self._h) >> 3

    def step(self, sample, grade_pm: int, seconds: int, speed_ok: bool) -> None:
        """Take one sample that stands for `seconds`."""
        hr_bpm = sample.hr_bpm
        if hr_bpm and not self._heard:
            self._heard = 1
            self._h = hr_bpm << 16
        use_speed = speed_ok and grade_pm >= _STEEP_PM
        if use_speed and hr_bpm and grade_pm > 0 and sample.speed_cms < walk_speed_cms(grade_pm):
            use_speed = False  # walking uphill costs less than the table of running says; heart rate knows better
        ratio = 0
        if use_speed:
            ratio = min(sample.speed_cms, 1000) * flat_factor_pm(grade_pm, self._factors) // 1000 * 4096 // self._cs_cms
        for _ in range(seconds):
            self._predict()
            self._correct(use_speed, ratio, hr_bpm)
        self._age_s = 0 if use_speed or hr_bpm else min(self._age_s + seconds, 9999)
        self.trusted = 1 if self._age_s < _KEEP_S else 0
        self.effort_pm = (self._u >> 6) * 1000 >> 14

    def _predict(self) -> None:
        self._h += (self._target() - self._h) * 10 // 576
        self._m -= (self._m + 300) // 600
        self._c -= (self._c + 10800) // 21600

    def _correct(self, use_speed: bool, ratio: int, hr_bpm: int) -> None:
        e1 = max(-1023, min(1023, (hr_bpm << 4) - (self._h >> 12))) if hr_bpm else 0  # Q4 bpm
        if not use_speed:
            # The gains share a surprise out between u, m and c, and need speed to settle it. Heart rate alone moves u
            # towards what it says, within a minute or so; map error and the day's offset stay as speed left them.
            self._u += e1 * 40960 // self._b_dbpm  # e1 / (16 b)
            self._h += e1 << 8  # e1 / 16
        else:
            e0 = max(-4095, min(4095, ratio - ((self._u + self._m) >> 8)))  # Q12
            self._u += (self._ku0 * e0 >> 10) + (self._ku1 * e1 >> 6)
            self._m += (self._km0 * e0 >> 10) + (self._km1 * e1 >> 6)
            self._c += (self._kc0 * e0 >> 14) + (self._kc1 * e1 >> 10)
            self._h += (self._kh0 * e0 >> 14) + (self._kh1 * e1 >> 10)
        self._u = max(0, min(3 << 20, self._u))
