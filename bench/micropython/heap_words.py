"""Runs on MicroPython of either word size: what the built firmware's code takes, and the core's objects on a stage.

heap_words.py FOLDER code PHASE...: loads phases of the built firmware in FOLDER, whatever hardware they ask for.
heap_words.py FOLDER objects: twelve minutes of the core with the plan FOLDER/plan.hbp.
Prints `name bytes`. In parts, because the 32-bit build collects only between them: tests/core/wasm.mjs.
"""

# pyright: reportAttributeAccessIssue=false

import gc
import sys

FOLDER, WHAT = sys.argv[1:3]
WARM_S, STEADY_S = 120, 600


class Hardware:
    """Any module and anything in it."""

    def __getattr__(self, name):
        return Hardware


def load():
    """The phases' code; or what the core is made of, and the file of the plan."""
    if WHAT == "code":
        for name in ("asyncio", "bluetooth", "blockdev", "machine"):
            sys.modules[name] = Hardware()
        sys.path.insert(0, FOLDER)
        for name in sys.argv[3:]:
            __import__(name)
        return None
    for name in ("journal", "nmea", "pacer", "planreader", "sample"):
        __import__("pacing." + name)
    return open(FOLDER + "/plan.hbp", "rb")


def core(file):
    """A core that has run for a while, as the firmware strings it together."""
    from pacing.journal import Journal
    from pacing.nmea import Nmea
    from pacing.pacer import Pacer
    from pacing.planreader import PlanReader
    from pacing.sample import FIX_BEST, Sample, Sampler

    def read(offset, buf):
        file.seek(offset)
        file.readinto(buf)

    plan = PlanReader(read, file.seek(0, 2))
    sample, pacer = Sample(), Pacer(plan)
    journal = Journal(lambda block: None, 1, 0, b"device", 0, pacer.save)
    before = 0
    for second in range(WARM_S + STEADY_S):
        if second == WARM_S:
            gc.collect()
            gc.disable()
            before = gc.mem_alloc()
        sample.stage_ms = second * 1000
        sample.lat_e6, sample.lon_e6 = plan.lat0_e6 + second * 35, plan.lon0_e6
        sample.speed_cms, sample.hr_bpm, sample.flags = 390, 165, FIX_BEST
        pacer.step(sample)
        journal.sample(sample, pacer.dist_dm)
    print("fix", (gc.mem_alloc() - before) // STEADY_S)
    gc.enable()
    return Nmea(), Sampler(), plan, sample, pacer, journal


used = file = kept = None  # made before anything is counted
gc.collect()
# %%
used = gc.mem_alloc()
file = load()
gc.collect()
# %%
if WHAT == "code":
    print("code", gc.mem_alloc() - used)
else:
    used = gc.mem_alloc()
    kept = core(file)
gc.collect()
# %%
if WHAT != "code":
    print("objects", gc.mem_alloc() - used)
