"""On MicroPython: power fails at operations of the flash while the firmware's own code writes; then it starts again.

Started by cut.py, which stops the clock first. A line "cuts N of M operations" and one for each broken promise come
back.
"""

import gc
import sys

import chip
import faketime
from app.smp_groups import Groups
from app.stage import Stage
from app.store import FileBytes, Store, size_of
from pacing.journalreader import END, EVENT, Reader
from pacing.pacer import Pacer
from pacing.planreader import PlanReader
from pacing.replay import replay

ROOT = "/flash"
SIZE = 64  # blocks
SECONDS = 330  # with a snapshot, after 300
MORE_S = 70
LAT, LON = 47000000, 11000000
CUE = 3


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


def finish(device, stage):
    """As app.trail ends a stage."""
    stage.finish(2)
    state = device.store.state
    state.last, state.armed = 1, 0
    device.store.save()


class Scenario:
    """`before()` makes the flash, `act(note)` is cut, `check(known)` looks at what is left.

    `note(fact)` says what holds from then on, and `known` is what was said last.
    """

    def __init__(self, old, new):
        self.old, self.new = old, new

    def before(self):
        """A device with a plan, armed."""
        device = Device()
        write_file(device.store.plan_path(1), self.old)
        state = device.store.state
        state.armed, state.armed_crc = 1, plan_in(device.store.plan_path(1)).crc
        device.store.save()


class Recorded(Scenario):
    """A stage from its start to its close, where an earlier start of it lies."""

    def before(self):
        """And a recording of the stage, which may not be lost."""
        super().before()
        write_file(ROOT + "/rec/stage-01.hbr", b"an earlier start")

    def act(self, note):
        """Run it."""
        device, runner = Device(), Runner()
        stage = stage_of(device, runner)
        stage.start(1)

        def kept():
            note((stage._file._at, stage.pacer.dist_dm, False))

        go(stage, runner, SECONDS, kept)
        note((stage._file._at, stage.pacer.dist_dm, True))  # from here on it may have ended
        finish(device, stage)

    def check(self, known):
        """It goes on with all that was committed, in the state that a replay finds, and all cues are a replay's."""
        device, runner = Device(), Runner()
        earlier = (read_file(ROOT + "/rec/stage-01.hbr"), read_file(ROOT + "/rec/stage-01.1"))
        promise(b"an earlier start" in earlier, "an earlier recording is lost")
        at, _, may_end = known or (0, 0, False)
        state = device.store.state
        promise(state.armed == 1 or (may_end and state.last == 1), "the state is lost")
        promise(max(0, size_of(device.store.rec_path(1))) >= at, "committed blocks are lost")
        if state.armed:
            self._go_on(device, runner, at, may_end)
        if at:
            cues, replayed = cues_of(device.store)
            promise(cues == replayed, f"replay: {cues} {replayed}")

    def _go_on(self, device, runner, at, may_end):
        stage = stage_of(device, runner)
        if not stage.resume(False):
            promise(may_end or not at, "the stage does not go on")
            return
        promise(stage._file._at >= at, "committed blocks are not read")
        promise(stage.pacer.save() == replayed_state(device.store), "another state than a replay's")
        runner.dm = stage.pacer.dist_dm
        go(stage, runner, MORE_S)
        finish(device, stage)


def cues_of(store):
    """(stage_ms, code, reason) as recorded, and as a replay has them."""
    data = FileBytes(store.rec_path(1))
    reader = Reader(data.read, data.size)
    recorded = []
    kind = reader.next()
    while kind != END:
        promise(kind != 4, "damage in a recording")
        if kind == EVENT and reader.event_kind == CUE:
            recorded.append((reader.event_ms, reader.event_value & 15, reader.event_value >> 4))
        kind = reader.next()
    reader.rewind()
    replayed = list(replay(plan_in(store.plan_path(1)), reader))
    data.close()
    return recorded, replayed


def replayed_state(store):
    """The core's state where the recording ends."""
    data = FileBytes(store.rec_path(1))
    reader = Reader(data.read, data.size)
    pacer = Pacer(plan_in(store.plan_path(1)))
    kind = reader.next()
    while kind != END:
        if kind == 1:
            pacer.step(reader.sample)
        elif kind == EVENT and reader.event_kind not in (CUE, 8):
            pacer.event(reader.event_kind, reader.event_value, reader.event_ms)
        kind = reader.next()
    data.close()
    return pacer.save()


class Uploaded(Scenario):
    """A plan takes another's place, in pieces, as a host sends it."""

    def act(self, note):
        """Send it."""
        device, at = Device(), 0
        groups = Groups(device, device, Doors())
        while at < len(self.new):
            piece = self.new[at : at + 500]
            groups._take_upload({"name": "plan-01", "off": at, "len": len(self.new), "data": piece})
            at += len(piece)
        note(self.new)

    def check(self, known):
        """The old one whole, or the new one."""
        store = Store(ROOT)
        plan = read_file(store.plan_path(1))
        promise(plan in ((known,) if known else (self.old, self.new)), "the plan is neither the old nor the new one")
        promise(store.state.armed == 1, "the state is lost")
        groups = Groups(Device(), Device(), Doors())
        groups._take_upload({"name": "plan-01", "off": 0, "len": len(self.new), "data": self.new})
        promise(read_file(store.plan_path(1)) == self.new, "the next upload fails")


class Saved(Scenario):
    """The state with the ledger, often."""

    def act(self, note):
        """Save it as after so many stages."""
        store = Store(ROOT)
        for owed in range(1, 21):
            store.state.owed_after, store.state.owed = owed, owed * 7
            store.save()
            note(owed)

    def check(self, known):
        """One of the two that were there."""
        state = Store(ROOT).state
        known = known or 0
        promise(state.owed_after in (known, known + 1), f"ledger {state.owed_after} after {known}")
        promise(state.owed == 7 * state.owed_after and state.armed == 1, "half a state")


class Deleted(Scenario):
    """A recording that the host has, beside one that it has not; by its word, and to make room."""

    def before(self):
        """Two recordings."""
        super().before()
        for stage in (2, 3, 4):
            write_file(f"{ROOT}/rec/stage-0{stage}.hbr", bytes((stage,)) * 9000)

    def act(self, note):
        """Delete one, let one go."""
        device = Device()
        groups = Groups(device, device, Doors())
        note(0)
        groups._keep({"stage": 2, "crc": groups._recording(2)["crc"]})
        note(2)
        groups._delete({"stage": 3, "crc": groups._recording(3)["crc"]})
        note(3)
        device.store.make_room(device.store.free_bytes() + 1)
        note(4)

    def check(self, known):
        """Whole or gone, and none but those."""
        store = Store(ROOT)
        there = [read_file(store.rec_path(stage)) for stage in (2, 3, 4)]
        for i in range(3):
            promise(there[i] in (b"", bytes((2 + i,)) * 9000), "half a recording")
        promise(there[2], "a recording is lost that nobody has")
        promise(there[1] or known is None or known >= 2, "lost before it was deleted")
        promise(there[0] or (known is not None and known >= 3), "lost before there was need")
        promise(store.state.armed == 1, "the state is lost")
        promise(not (known == 4 and (there[0] or there[1])), "not deleted")


SCENARIOS = {"recording": Recorded, "upload": Uploaded, "state": Saved, "delete": Deleted}


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


def main(folder, name, seed, count):
    """Record once, then cut."""
    scenario = SCENARIOS[name](read_file(folder + "/old"), read_file(folder + "/new"))
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
    tried = points(len(log), count, random)
    for k, way in tried:
        known = None
        for at, fact in facts:
            if at <= k:
                known = fact
        bad += not survived(scenario, chip.left_of(base, log, k, way, random), known, f"{name} {k} {way}")
        gc.collect()
    print(f"cuts {len(tried)} of {len(log)} operations, {bad} broken")


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
