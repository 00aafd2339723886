"""The flash loses what it has while a stage runs: noise in all of it or in a part, or reads that fail."""

import re
from collections.abc import Callable
from functools import partial
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from holdback.building.build import PROJECT
from holdback.simulation import Air, Flash
from pacing.cues import CHECK, CHECK_STORAGE, CLEAR, EASE, LOOK
from pacing.journal import MAGIC
from system.day import Day, points_of
from system.firmware_rig import BATTERY, BUTTON, READ, Body, Recording, altered, armed, host, make_plan, pulled, pulses

from torture.faults.worlds import begun

BLOCK = 4096
BEFORE_S, AFTER_S, HARD_S = 130, 400, 240
HALF_MV = 1930  # at the ADC
FORESEEN = re.compile("OSError|ImportError")  # in the log
# A chip that takes nothing more once the test has said so; littlefs takes a number, not an exception. And one that
# gives nothing either, nor what a board's firmware would load from it.
DEAF = """
import blockdev
import sys
import virtual
dead = [False]
def switch(*_):
    dead[0] = True
    for name in GONE:
        sys.modules[name].__path__ = "/nowhere"
def deaf(real):
    def call(*args):
        return -5 if dead[0] else real(*args)
    return call
def ioctl(self, request, arg, real=blockdev.FlashDevice.ioctl):
    return -5 if dead[0] and request == 6 else real(self, request, arg)
blockdev.FlashDevice.__init__ = lambda self, path, size, real=blockdev.FlashDevice.__init__: (
    real(self, path, size), virtual.handlers.update({4: switch}))[0]
blockdev.FlashDevice.writeblocks = deaf(blockdev.FlashDevice.writeblocks)
blockdev.FlashDevice.ioctl = ioctl
"""
MUTE = (
    "GONE = ('app', 'drivers', 'pacing')"
    + DEAF
    + "blockdev.FlashDevice.readblocks = deaf(blockdev.FlashDevice.readblocks)\n"
)
Rot = Callable[[Body, bytes, int], None]  # spoil the flash of a body that runs this plan, by this seed


def everywhere(body: Body, _plan: bytes, seed: int) -> None:
    """Noise in every block."""
    body.board.flash.write(Random(seed).randbytes(body.board.flash.size))


def _noise_where(flash: Flash, seed: int, chosen: Callable[[bytes], bool]) -> int:
    """Noise in the blocks that are chosen by what is in them; how many."""
    rng, image, count = Random(seed), bytearray(flash.read()), 0
    for at in range(2 * BLOCK, len(image), BLOCK):
        if chosen(bytes(image[at : at + BLOCK])):
            image[at : at + BLOCK] = rng.randbytes(BLOCK)
            count += 1
    flash.write(bytes(image))
    return count


def in_plan(body: Body, plan: bytes, seed: int) -> None:
    """Noise in the blocks that hold the plan."""
    assert _noise_where(body.board.flash, seed, lambda block: block[64:160] in plan) > 1, "no plan found"


def in_recording(body: Body, plan: bytes, seed: int) -> None:
    """Noise in the blocks that hold the recording."""
    assert _noise_where(body.board.flash, seed, lambda block: MAGIC in block and block[64:160] not in plan), "no block"


def deaf(body: Body, _plan: bytes, _seed: int) -> None:
    """From now on each read and each write fails, and so does each import; the battery falls, which needs one."""
    body.board.flash.cut_after(0)
    body.board.adc_mv[BATTERY] = HALF_MV


async def rotten(air: Air, rot: Rot, after_s: int, seed: int = 1, *, told: bool = True, boots: bool = False) -> None:
    """The stage goes on over the next tiles and is ended by hand: told once (not `told`: at most), no exception, no
    restart, no LOOK, presses are answered, and heart rate is guarded. Then a start: `boots` if the file system does."""
    with TemporaryDirectory() as name:
        plan = make_plan(1, 6000, points=points_of([(0, m) for m in range(0, 6001, 5)]))
        script = altered(name, MUTE if rot is deaf else "")
        day = await begun(air, plan, 15, script=script)
        body = day.body
        await day.go(after_s, 3.0)
        since_ms = air.now_ms
        rot(body, plan, seed)
        await _goes_on(day, since_ms, told=told)
        await _next_start(day, boots=boots)


async def _goes_on(day: Day, since_ms: int, *, told: bool) -> None:
    body = day.body
    resets = len(body.board.resets)
    await day.go(AFTER_S, 3.0)
    await body.board.press(BUTTON)
    await day.go(5, 3.0)
    felt = _known(body.felt(since_ms))
    if told or pulses(CHECK, CHECK_STORAGE) in felt:
        felt.remove(pulses(CHECK, CHECK_STORAGE))
    assert felt == [pulses(CLEAR)], f"felt {felt}"
    hard_ms = body.air.now_ms
    await day.go(HARD_S, 3.0, hr=178)
    assert pulses(EASE) in _known(body.felt(hard_ms)), "heart rate is not guarded"
    assert pulses(LOOK) not in _known(body.felt(since_ms)), "a flash that fails is no wrong way"
    assert len(body.board.resets) == resets, f"restarts: {body.board.resets}"
    raised = [line for line in body.board.log if "Error" in line and not FORESEEN.search(line)]
    assert not raised, raised


def _known(felt: list[int]) -> list[list[int]]:
    """The cues in a row of pulses."""
    cues = [pulses(CHECK, CHECK_STORAGE), pulses(LOOK), pulses(EASE), pulses(CLEAR)]
    found, at = [], 0
    while at < len(felt):
        cue = next((cue for cue in cues if felt[at : at + len(cue)] == cue), felt[at : at + 1])
        found.append(cue)
        at += len(cue)
    return found


async def _next_start(day: Day, *, boots: bool) -> None:
    body = day.body
    await body.hold_and_press()
    await body.seconds(5)
    await body.board.stop()
    image = body.board.flash.read()
    body.board.script = PROJECT / "firmware" / "main.py"
    body.board.flash.cut_after(-1)
    since_ms = body.air.now_ms
    await body.board.start()
    await body.seconds(30)
    assert body.board.running, "it does not stay up"
    if not boots:
        assert body.felt(since_ms)[-len(pulses(CHECK, CHECK_STORAGE)) :] == pulses(CHECK, CHECK_STORAGE)
        assert body.board.flash.read() == image, "something was written on it"


async def refused(air: Air) -> None:
    """A chip that takes nothing any more, also not the end: the stage has ended all the same, and a host comes in."""
    with TemporaryDirectory() as name:
        script = altered(name, "GONE = ()" + DEAF)
        body = await armed(air, make_plan(1, 20_000), script=script)
        await body.seconds(5)
        await body.hold_and_press()
        await body.seconds(660, 2.0)
        body.board.flash.cut_after(0)
        await body.seconds(100, 2.0)
        await body.hold_and_press()
        await body.seconds(5)
        body.board.flash.cut_after(0)
        await body.seconds(120)
        async with host(body) as h:
            status, listed = await h.ours(READ, 3), await h.ours(READ, 0)
        assert (status["state"], listed["armed"]) == ("idle", 0), f"{status} {listed}"
        assert len(Recording(await pulled(body, "stage-01")).samples) > 600


def _case(rot: Rot, after_s: int, **how: Any) -> tuple[Any, dict[str, Any]]:
    return partial(rotten, rot=rot, after_s=after_s, **how), {}


MOMENTS = (3, 64, 65, 130, 200)  # just begun, about a flush, before and behind the end of a tile
CASES = {
    **{f"noise everywhere after {s} s": _case(everywhere, s) for s in MOMENTS},
    **{f"noise in the plan after {s} s": _case(in_plan, s, boots=True) for s in MOMENTS},
    **{f"noise in the recording after {s} s": _case(in_recording, s, told=False, boots=True) for s in MOMENTS},
    "writes fail to the end": (refused, {}),
    **{f"reads and writes fail after {s} s": _case(deaf, s, boots=True) for s in MOMENTS},
}
