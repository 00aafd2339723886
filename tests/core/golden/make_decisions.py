"""Writes decisions.txt, what the core decides on a made-up stage: `python -m core.golden.make_decisions` in tests/.

Every interpreter must decide the same. Make it anew when the core is meant to decide otherwise, and say so.
"""

import binascii

from pacing.journal import EV_PRESS
from pacing.pacer import Pacer
from pacing.sample import JUMP

try:
    from core.synthetic import Runner, along, plan_of
except ImportError:  # on MicroPython the folder above is on the path
    from synthetic import Runner, along, plan_of  # pyright: ignore[reportMissingImports]

CORNERS = [(0, 0), (0, 60000), (50000, 60000), (50000, 130000), (0, 130000), (0, 300000)]
# Rolling hills of 400 m up at 8 % and down again, four level kilometres between.
HEIGHTS = [10000 + 16 * min(i % 240, 20) - 16 * max(0, min(i % 240 - 20, 20)) for i in range(2100)]
SECONDS = 3 * 3600


def spoil(sample, second: int) -> None:
    """What goes wrong on the way: the strap, the receiver, a jump, a wrong turn."""
    if 4000 <= second < 4400:
        sample.hr_bpm = 0
    if 5000 <= second < 5120:
        sample.flags = 0
        sample.speed_cms = 0
    if second % 1777 == 0:
        sample.flags |= JUMP
    if 6000 <= second < 6250:
        sample.lat_e6 += 1500  # 160 m beside the course


def effort_pm(second: int) -> int:
    """12 % too fast at first, then on plan, a rest, and too fast again at the end."""
    if second < 1500:
        return 896
    if 7000 <= second < 7100:
        return 0
    return 790 if second < 9000 else 900


def decisions():
    """Yield (second, code, reason, n), and at the end the CRC of the core's state."""
    pacer = Pacer(plan_of(CORNERS, stage_no=1, hr_cap_bpm=158, profile=(200, HEIGHTS)))
    runner = Runner(along(CORNERS), seed=5, rough_pm=60)
    for second in range(SECONDS):
        sample = runner.run(effort_pm(second))
        spoil(sample, second)
        code = pacer.step(sample)
        if code:
            yield second, code, pacer.reason, pacer.cue_n
        if second % 2000 == 1999:
            code = pacer.event(EV_PRESS, 1, sample.stage_ms)
            yield second, code, pacer.reason, pacer.cue_n
    yield SECONDS, binascii.crc32(pacer.save()) & 0xFFFFFFFF, pacer.course.progress_dm, pacer.dist_dm


def lines() -> str:
    """The decisions as text, one a line."""
    return "".join(["%d %d %d %d\n" % row for row in decisions()])


if __name__ == "__main__":
    from pathlib import Path

    Path(__file__).with_name("decisions.txt").write_text(lines())
