"""A day and a season: 24 h of stages with faults by chance, and 64 stages on one file system with a sync each night."""

import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random

from holdback.device import sync
from holdback.device.plans import check_plan
from holdback.simulation import Air, Flash, run
from holdback.simulation.machine.provision import provision, put
from holdback.simulation.world.strap import Strap
from pacing.journal import EV_END
from system.day import Day
from system.firmware_rig import BUTTON, Body, Recording, make_plan, replayed

from torture.faults import sensors, stalls
from torture.rows import Report, Row, Scale

WATCHDOG = 3
DAY_S = 86_400
STAGE_S = 3000
HEALTHY_MS = 20_000  # between two feeds of the watchdog, which waits for 30 s
GROWTH = 2048  # bytes by which a later stage may need more than the first,
MOMENT = 12_288  # but for modules that are loaded for a moment, as the one that tells receivers apart
STAGES = 64
BALLAST = range(91, 100)  # stages whose recordings nobody has
BALLAST_BYTES = 190_000  # of each: 1.7 of the 2 MB
FULL = 100_000  # a scale of so many inputs takes the whole length
# The firmware, telling what is in use and how late the watchdog was fed; each turn of its clock comes to it.
FIRMWARE = """
import gc
import sys
import time
from app import supervisor
from boards.common import Board
from machine import WDT
class Dog:
    def __init__(self):
        self.real = WDT(timeout=30000)
        self.turns = self.most = 0
        self.last = time.ticks_ms()
    def feed(self):
        self.real.feed()
        now = time.ticks_ms()
        self.most = max(self.most, time.ticks_diff(now, self.last))
        self.last = now
        self.turns += 1
        if self.turns % 300 == 0 and "app.trail" in sys.modules:
            gc.collect()
            print("used", gc.mem_alloc(), self.most)
board = Board()
board.watchdog = Dog
supervisor.run(board)
"""
STALLS = ("silent", "no connection", "stuck", "deaf")  # which one is the start's
Fault = Callable[[Day, Random], Awaitable[int]]


async def _sensor(day: Day, rng: Random, fault: Callable[..., Awaitable[None]]) -> int:
    await fault(day, seconds=rng.randrange(5, 240))
    return 0


async def _cut(day: Day, rng: Random) -> int:
    """The power goes, perhaps in the middle of a write; seconds that may be missing."""
    board = day.body.board
    if rng.randrange(2):
        board.flash.cut_after(rng.randrange(12))
        await day.go(150, 3.0)
    off_s = rng.randrange(1, 60)
    await board.stop()
    board.flash.cut_after(-1)
    await day.body.air.sleep(off_s * 1000)
    await board.start()
    if rng.randrange(2):
        return off_s + 230
    board.flash.cut_after(rng.randrange(8))  # and once more, as it begins again
    await day.go(20, 3.0)
    await board.stop()
    board.flash.cut_after(-1)
    await board.start()
    return off_s + 320


async def _reset(day: Day, rng: Random) -> int:
    """As by the watchdog."""
    await day.body.board.restart(cause=WATCHDOG)
    await day.go(rng.randrange(30), 3.0)
    return 70


async def _stall(day: Day, rng: Random) -> int:
    """The strap's radio stalls."""
    stalls.toggle(day.body)
    await day.go(rng.randrange(20, 200), 3.0)
    return 0


async def _presses(day: Day, rng: Random) -> int:
    """A sleeve plays with the button."""
    for _ in range(rng.randrange(1, 9)):
        await day.body.board.press(BUTTON, rng.choice((20, 80, 300, 1200)))
        await day.go(rng.randrange(3), 3.0)
    return 0


FAULTS: tuple[Fault, ...] = (
    *(partial(_sensor, fault=fault) for fault in (
        sensors.silent, sensors.babbling, sensors.restarting, sensors.jumping, sensors.frozen, sensors.strap_gone,
        partial(sensors.heart, rates=(120, 240, 31)), partial(sensors.heart, rates=(0,)),
    )),
    _cut, _reset, _presses, _stall,
)  # fmt: skip


class World:
    """A device on a runner, its key and its strap; `faults` lived, `lost_s` the seconds that they may have cost."""

    def __init__(self, air: Air, flash: Flash, folder: Path) -> None:
        script = folder / "told.py"
        script.write_text(f"import time\nKIND = {STALLS}[time.time() % {len(STALLS)}]\n" + stalls.SCRIPT + FIRMWARE)
        self.air, self.folder = air, folder
        self.body = Body(air, flash, script=script)
        self.strap = Strap(air.device("strap"))
        self.faults = self.lost_s = self.injected = 0
        sync.utc_now.set(lambda: air.utc_s)

    async def start(self) -> None:
        await self.strap.start()
        await self.body.board.start()
        await self.body.seconds(3)

    async def stage(self, number: int, seconds: int, rng: Random | None) -> Recording:
        """Push, run, end, pull: the recording, which must be whole."""
        plan = make_plan(number, 30_000, hr_cap_bpm=0, planned_s=600, stage_count=STAGES)
        await self._push(plan)
        body = self.body
        body.m, body.east_m, self.lost_s = -30.0, 0.0, 0
        day = Day(body, plan, self.strap)
        await day.go(20, 0.0, 90)
        await body.hold_and_press()
        begun_ms = self.air.now_ms
        while self.air.now_ms - begun_ms < seconds * 1000:
            await day.go(60 if rng is None else rng.randrange(30, 300), 3.0)
            if rng is not None:
                self.faults += 1
                self.lost_s += await rng.choice(FAULTS)(day, rng)
        await day.go(70, 3.0)
        ran_s = (self.air.now_ms - begun_ms) // 1000
        await body.hold_and_press()
        await body.seconds(3)
        return await self._pull(number, plan, ran_s)

    async def _push(self, plan: bytes) -> None:
        with self.air.bleak():
            await sync.push(str(self.body.board.address), [check_plan(plan)])
        await self.air.sleep(4000)

    async def _pull(self, number: int, plan: bytes, ran_s: int) -> Recording:
        with self.air.bleak():
            done = await sync.pull(str(self.body.board.address), number, self.folder)
        await self.air.sleep(2000)
        data = done.path.read_bytes()
        recording = Recording(data)
        assert recording.damaged == 0, f"stage {number}: {recording.damaged} bytes damaged"
        assert recording.of(EV_END), f"stage {number}: no end"
        assert recording.cues == replayed(data, plan), f"stage {number}: a replay has other cues"
        least = ran_s - self.lost_s - 20
        assert len(recording.samples) >= least, f"stage {number}: {len(recording.samples)} samples, not {least}"
        return recording

    def told(self) -> tuple[list[int], int]:
        """Bytes in use at each look, and the longest wait of the watchdog in ms."""
        lines = [line.split() for line in self.body.board.log if line.startswith("used ")]
        return [int(line[1]) for line in lines], max([0, *(int(line[2]) for line in lines)])


async def a_day(air: Air, seconds: int, seed: int, report: Report) -> str:
    """Stages with faults until the time is over; what is to be told."""
    with tempfile.TemporaryDirectory() as name:
        world, rng, number = World(air, Flash(), Path(name)), Random(seed), 0
        await world.start()
        least: list[int] = []  # bytes in use, of each stage
        most: list[int] = []
        while air.now_ms < seconds * 1000:
            number += 1
            before = len(world.told()[0]) if number > 1 else 0
            await world.stage(number, min(STAGE_S, seconds), rng)
            used = world.told()[0][before:]
            least.append(min(used, default=0))
            most.append(max(used, default=0))
            report(f"soak: {air.now_ms / 3.6e6:.1f} h, stage {number}, {world.faults} faults, {most[-1]} bytes in use")
        gap_ms = world.told()[1]
        bitten = [cause for _, cause in world.body.board.resets if cause == WATCHDOG]
        errors = [line for line in world.body.board.log if "Error" in line]
        assert not bitten, f"{len(bitten)} times the watchdog"
        assert gap_ms < HEALTHY_MS, f"the watchdog waited {gap_ms} ms"
        assert max(least) <= least[0] + GROWTH and max(most) <= least[0] + MOMENT, f"memory grows: {least}, {most}"
        assert not errors, errors[-3:]
        told = f"{air.now_ms / 3.6e6:.1f} h, {number} stages, {world.faults} faults"
        return (
            f"{told}, watchdog fed each {gap_ms} ms, {least[0]} to {max(least)} bytes in use, for moments {max(most)}"
        )


async def a_season(air: Air, stages: int, report: Report) -> str:
    """Stage after stage on a flash that is nearly full of what nobody has."""
    flash = Flash()
    provision(flash)
    for number in BALLAST:
        put(flash, f"rec/stage-{number}.hbr", Random(number).randbytes(BALLAST_BYTES))
    with tempfile.TemporaryDirectory() as name:
        world = World(air, flash, Path(name))
        await world.start()
        for number in range(1, stages + 1):
            await world.stage(number, 660, None)
            report(f"season: stage {number} of {stages}")
        with air.bleak():
            now = await sync.status(str(world.body.board.address))
            left = [one.id for one in now.held.stages]
            for number in BALLAST:
                done = await sync.pull(str(world.body.board.address), number, Path(name))
                assert done.path.read_bytes() == Random(number).randbytes(BALLAST_BYTES), "what nobody had is another"
        assert left[-10:] == [stages, *BALLAST], f"left: {left}"
        return f"{stages} stages, {len(left) - len(BALLAST)} still there, {now.live.free} B free"


def run_day(scale: Scale, report: Report) -> Row:
    """24 h; with a smaller scale as many seconds as it has inputs."""
    seconds = DAY_S if scale.inputs >= FULL else scale.inputs
    return _row("soak", scale, report, partial(a_day, seconds=seconds, seed=scale.seed, report=report))


def run_season(scale: Scale, report: Report) -> Row:
    """64 stages, or as many as the scale has inputs."""
    return _row("season", scale, report, partial(a_season, stages=min(STAGES, scale.inputs), report=report))


def _row(name: str, scale: Scale, report: Report, story: Callable[[Air], Awaitable[str]]) -> Row:
    row, start = Row(name, scale.seed, inputs=1), time.monotonic()
    try:
        report(f"{name}: {run(story, seed=scale.seed)}")
        row.taken = 1
    except Exception as error:
        row.crashes = 1
        row.failures.append(f"{name}: {type(error).__name__}: {error}")
    row.seconds = time.monotonic() - start
    return row
