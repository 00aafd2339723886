"""The flash itself fails: a damaged file system, blocks that take nothing, a chip that is dead, noise."""

import time
from random import Random

from holdback.simulation import Air, Flash
from holdback.simulation.machine.provision import provision
from pacing.cues import CHECK, CHECK_STORAGE
from system.firmware_rig import BUTTON, Body, pulses

from torture.faults import noise, power
from torture.faults.worlds import attack
from torture.rows import Report, Row, Scale

BLOCK = 4096
SCENARIOS = ("worn", "dead")


async def damaged_at_boot(air: Air) -> None:
    """Its first blocks are noise: nothing is formatted, the device starts, tells CHECK ME 4, and stays up."""
    flash = Flash(256 << 10)
    provision(flash)
    image = Random(4).randbytes(2 * BLOCK) + flash.read()[2 * BLOCK :]
    flash.write(image)
    body = Body(air, flash)
    await body.board.start()
    await body.seconds(10)
    told = pulses(CHECK, CHECK_STORAGE)
    assert body.felt()[-len(told) :] == told, f"felt {body.felt()}"
    await body.board.press(BUTTON)
    await body.hold_and_press()
    await body.seconds(60)
    assert body.board.running and not body.board.resets, "it does not stay up"
    assert flash.read() == image, "something was written on it"


CASES = {"file system damaged at boot": (damaged_at_boot, {}), **noise.CASES}


def run(scale: Scale, report: Report) -> Row:
    """A damaged file system; each block worn; the chip dead from each operation on. With a smaller scale so many."""
    start = time.monotonic()
    row = attack("flash", CASES, scale, report)
    for scenario in SCENARIOS:
        tried, _, failures = power.attack(scenario, scale.seed, 0 if scale.inputs >= power.ALL else scale.inputs // 2)
        report(f"flash: {scenario}, {tried} times, {len(failures)} broken")
        row.count(tried, failures)
    row.seconds = time.monotonic() - start
    return row
