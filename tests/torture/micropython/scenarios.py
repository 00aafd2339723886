"""What happens on the flash when power fails or the chip does, and what has to hold afterwards."""

from app.smp_groups import Groups
from app.store import FileBytes, Store, size_of
from onflash import (
    ROOT,
    Device,
    Doors,
    Runner,
    go,
    plan_in,
    promise,
    read_file,
    stage_of,
    write_file,
)
from pacing.ending import AT_LINE, BY_HAND
from pacing.journalreader import END, EVENT, Reader
from pacing.pacer import Pacer
from pacing.replay import replay

SECONDS = 330  # with a snapshot, after 300
MORE_S = 70
CUE = 3


class Scenario:
    """`before()` makes the flash, `act(note)` is cut, `again()` starts from what is left, `check(known)` looks at it.

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

    def again(self):
        """The next start, and the first thing that it keeps."""
        Store(ROOT).save()


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
        stage.finish(AT_LINE)

    def again(self):
        """It goes on for a moment."""
        device, runner = Device(), Runner()
        stage = stage_of(device, runner)
        if device.store.state.armed and stage.resume(False):
            go(stage, runner, 2)

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
            promise(stage.pacer or not at, "an end that is not kept")
            promise(
                not stage.pacer or (Store(ROOT).state.last == 1 and not Store(ROOT).state.armed), "armed at its end"
            )
            return
        promise(stage._file._at >= at, "committed blocks are not read")
        promise(stage.pacer.save() == replayed_state(device.store), "another state than a replay's")
        runner.dm = stage.pacer.dist_dm
        go(stage, runner, MORE_S)
        stage.finish(AT_LINE)
        promise(Store(ROOT).state.armed == 0, "armed at its end")


class Ended(Recorded):
    """Its last moments: once the end is written it has ended, whatever was kept of that."""

    HOW = AT_LINE

    def before(self):
        """A stage under way."""
        super().before()
        device, runner = Device(), Runner()
        stage = stage_of(device, runner)
        stage.start(1)
        go(stage, runner, 20)
        stage.park()

    def act(self, note):
        """Go on after a reset, and end."""
        device, runner = Device(), Runner()
        stage = stage_of(device, runner)
        stage.resume(False)
        note((stage._file._at, stage.pacer.dist_dm, True))
        go(stage, runner, 2)
        stage.finish(self.HOW)


class FalseStart(Ended):
    """An end so early that the stage stays armed, and its next start keeps this one."""

    HOW = BY_HAND

    def check(self, known):
        """Ended and armed, or on its way."""
        device, runner = Device(), Runner()
        was = read_file(device.store.rec_path(1))
        stage = stage_of(device, runner)
        if stage.resume(False):
            stage.finish(BY_HAND)
            was = read_file(device.store.rec_path(1))
        store = Store(ROOT)
        promise((store.state.armed, store.state.running, store.state.last) == (1, 0, 1), "not armed again")
        promise(not stage_of(device, runner).resume(False), "goes on after its end")
        stage_of(device, runner).start(1)
        promise(was in (read_file(ROOT + "/rec/stage-01.1"), read_file(ROOT + "/rec/stage-01.2")), "not kept")


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

    def again(self):
        """Send it again."""
        self.act(id)

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
