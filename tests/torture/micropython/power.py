"""On MicroPython: power fails at operations of the flash while the firmware's own code writes; then it starts again.

Started by cut.py. A line "cuts N of M operations" and one for each broken promise come
back.
"""

import gc
import sys

import chip
from onflash import ROOT, PromiseError, read_file
from scenarios import Deleted, Ended, FalseStart, Recorded, Saved, Uploaded

SIZE = 64  # blocks
FAILING = ("worn", "dead")  # the chip, not the power
TWICE = " twice"  # power fails again while the device starts from what the first cut has left
SCENARIOS = {
    "recording": Recorded, "end": Ended, "false start": FalseStart, "upload": Uploaded, "state": Saved,
    "delete": Deleted,
}  # fmt: skip


class Random:
    """A small generator of chance that is the same everywhere (Numerical Recipes' LCG)."""

    def __init__(self, seed):
        self._x = seed

    def __call__(self):
        """31 bits."""
        self._x = (self._x * 1664525 + 1013904223) & 0xFFFFFFFF
        return self._x >> 8


def points(total, count, random):
    """(operation, way) to try: all, or so many by chance."""
    every = [(k, way) for k in range(total + 1) for way in chip.WAYS if k < total or way == "cut"]
    if not count or count >= len(every):
        return every
    return [every[random() % len(every)] for _ in range(count)]


def worn_or_dead(scenario, base, name, points):
    """Live the scenario on a chip that fails; (what, broken) of each point."""
    for point in points:
        c = chip.mounted(bytearray(base), ROOT)
        if name == "worn":
            c.worn = point
        else:
            c.fails_after = point
        facts = [None]
        try:
            scenario.act(facts.append)
            lost = 0
        except Exception as error:
            print("broken:", name, point, repr(error))
            sys.print_exception(error)
            lost = 1
        chip.off(c, ROOT)
        c.image, image = bytearray(0), c.image
        known = facts[-1]
        if known and name == "dead":
            known = (known[0], known[1], True)
        yield lost or not survived(scenario, image, known, f"{name} {point}")
        gc.collect()


def failing_points(total, name, count, random):
    """Blocks 2 and up, for without the first two there is no file system; or operations."""
    every = list(range(2, SIZE)) if name == "worn" else list(range(total))
    if not count or count >= len(every):
        return every
    return [every[random() % len(every)] for _ in range(count)]


def main(folder, name, seed, count):
    """Record once, then cut."""
    scenario = SCENARIOS.get(name.split(TWICE)[0], Recorded)(read_file(folder + "/old"), read_file(folder + "/new"))
    image = bytearray(chip.ERASED * SIZE)
    c = chip.mounted(image, ROOT, True)
    scenario.before()
    chip.off(c, ROOT)
    base = bytes(image)
    c = chip.mounted(image, ROOT)
    facts = []
    scenario.act(lambda fact: facts.append((len(c.log), fact)))
    log = c.log
    chip.off(c, ROOT)
    random, bad = Random(seed), 0
    if name in FAILING:
        tried = failing_points(len(log), name, count, random)
        print(f"cuts {len(tried)} of {len(log)} operations, {sum(worn_or_dead(scenario, base, name, tried))} broken")
        return
    cuts = 0
    for k, way in points(len(log), count, random):
        known = None
        for at, fact in facts:
            if at <= k:
                known = fact
        images = [(chip.left_of(base, log, k, way, random), f"{name} {k} {way}")]
        if name.endswith(TWICE):
            images = cut_again(scenario, *images[0], 1 if count else 0, random)
        for image, what in images:
            cuts += 1
            bad += not survived(scenario, image, known, what)
        gc.collect()
    print(f"cuts {cuts} of {len(log)} operations, {bad} broken")


def cut_again(scenario, image, what, count, random):
    """What is left when power fails a second time, at each operation of the next start or so many; and its name."""
    base = bytes(image)
    c = chip.mounted(image, ROOT)
    scenario.again()
    log = c.log
    chip.off(c, ROOT)
    for k, way in points(len(log), count, random):
        yield chip.left_of(base, log, k, way, random), f"{what}, then {k} {way}"


def survived(scenario, image, known, what):
    """Start again from this image and check."""
    c = None
    try:
        c = chip.mounted(image, ROOT)
        scenario.check(known)
        return True
    except Exception as error:
        print("broken:", what, repr(error))
        if not isinstance(error, PromiseError):
            sys.print_exception(error)
        return False
    finally:
        if c:
            chip.off(c, ROOT)
