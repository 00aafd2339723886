"""A day on the virtual board: what the scenario tests share. Each test's expected output is its cue timeline."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from holdback.simulation import Air, run
from holdback.simulation.world.strap import Strap
from pacing import cues
from pacing.journal import EV_START
from system.firmware_rig import LAT, LON, M_PER_DEG, Body, Recording, armed, make_plan, pulled, replayed

NAMES = {value: name for name, value in vars(cues).items() if name in (
    "EASE", "EASE_HARD", "CLEAR", "HIKE", "EAT", "LOOK", "CUTOFF", "CHECK")}  # fmt: skip
Timeline = list[tuple[int, str]]


class Day:
    """A runner with a strap; `go` lets seconds pass on the straight course, `way` on any."""

    def __init__(self, body: Body, plan: bytes, strap: Strap) -> None:
        self.body, self.plan, self.strap = body, plan, strap

    async def go(self, seconds: int, speed_ms: float = 0.0, hr: int = 120, **how: bool) -> None:
        for _ in range(seconds):
            if hr:
                await self.strap.beat(hr)
            await self.body.second(speed_ms, **how)

    async def way(self, corners: list[tuple[int, int]], speed_ms: float, hr: int = 120) -> None:
        """Run along corners (m east, m north of the start)."""
        body = self.body
        for a, b in pairwise(corners):
            steps = round(math.dist(a, b) / speed_ms)
            for i in range(1, steps + 1):
                body.east_m = a[0] + (b[0] - a[0]) * i / steps
                body.m = a[1] + (b[1] - a[1]) * i / steps - speed_ms  # which `second` adds
                await self.go(1, speed_ms, hr)


def a_day(story: Callable[[Day], Any], gun_in_s: int = 0, **plan_how: Any) -> Recording:
    """Live it, end by hand unless it has ended, pull; the recording, whose cues are the laptop's own."""

    async def main(air: Air) -> Recording:
        gun = {"gun_utc_s": round(air.utc_s) + gun_in_s} if gun_in_s else {}
        plan = make_plan(**{"length_m": 20_000, "hr_cap_bpm": 0} | gun | plan_how)
        body = await armed(air, plan)
        strap = Strap(air.device("strap"))
        await strap.start()
        day = Day(body, plan, strap)
        await day.go(40, 0.0, 90)
        ends_itself = await story(day)
        if not ends_itself:
            await body.hold_and_press()
        await body.seconds(3)
        data = await pulled(body)
        recording = Recording(data)
        assert recording.cues == replayed(data, plan)
        assert recording.of(EV_START)
        return recording

    return run(main)


def timeline(recording: Recording) -> Timeline:
    """(whole minute of the stage, cue)."""
    return [(ms // 60_000, NAMES[code]) for ms, code, _ in recording.cues]


def points_of(corners: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """A plan's points (lat_e6, lon_e6, s_dm) of corners (m east, m north) of the start."""
    points, s_m = [], 0.0
    for i, (east_m, north_m) in enumerate(corners):
        s_m += math.dist(corners[i - 1], corners[i]) if i else 0.0
        lat, lon = LAT + north_m / M_PER_DEG, LON + east_m / M_PER_DEG / math.cos(math.radians(LAT))
        points.append((round(lat * 1e6), round(lon * 1e6), round(s_m * 10)))
    return points
