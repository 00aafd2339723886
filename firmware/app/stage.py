"""A stage being run: receiver and strap make a sample, the core decides, the journal keeps, the motor speaks."""

from micropython import const
from pacing.cues import CHECK, CHECK_STORAGE, pattern
from pacing.ending import AT_LINE, false_start
from pacing.journal import (
    EV_BATTERY,
    EV_CUE,
    EV_END,
    EV_LEDGER,
    EV_PRESS,
    EV_RESUME,
    EV_START,
    EV_UNEND,
    EV_UTC,
    Journal,
)
from pacing.ledger import carried, share_pm
from pacing.pacer import Pacer
from pacing.sample import Sample, Sampler
from pacing.saving import RADIO, UNPLANNED_S

from app.clock import StageClock
from app.lives import forget
from app.recordingfile import RecordingFile
from app.store import FileBytes, size_of

_LATE_MS = const(2000)  # a resumed clock that is this far behind the satellites' is put right
_BATTERY_STEP = const(5)  # percent between two BATTERY events
_LEAP = const(2)  # percent; more in a minute is a cable that is put in or pulled out, or a load for a moment
_STEADY_S = const(3600)  # no board takes longer for a percent: a cable holds it; and drain is measured over so long
_BUZZ = (200,)  # the stage is over: heard, but no cue


class Stage:
    """The stage of `plan`. Call `start` or `resume` first; then `sample` each second, and `note` for what happens.

    `device` bundles what a stage works with: store, motor, clock, device_id.
    """

    def __init__(self, device, strap, plan):
        self._device = device
        self._strap = strap
        self.no = plan.stage_no
        self.plan = plan
        self.pacer = None  # until the stage begins: its memory is that of the wait for the start
        self._file = None
        self._journal = None
        self._block_due = False  # a closed block waits for the motor to end
        self._battery = -1
        self._told = self._due = False  # CHECK ME 4 for a lost recording has been decided on; is to be played
        self.every_s = 1  # seconds between two samples
        self._after_s = 0  # seconds of the stages to come
        self._saving = 0  # level of pacing.saving
        self._low = -100  # percent of the battery, and when it was first that low
        self._low_s = self._lost = self._lost_s = 0  # percent, and seconds in which they were lost
        self._start_utc_s = 0  # unix seconds at stage_ms 0, 0 unknown
        self._utc_known = False  # the receiver's date has been noted since the start or the reset
        self.resumed = False

    def _begin(self) -> None:
        """Nothing has been run yet."""
        self.pacer = Pacer(self.plan)
        self._sample = Sample()
        self._sampler = Sampler()
        self._clock = StageClock()

    # --- beginnings ---

    def start(self, how: int, told: bool = False) -> None:
        """Begin a recording; `how` is 1 for the start line, 2 by hand. `told`: the runner knows if samples are thin."""
        device = self._device
        self._begin()
        self._start_utc_s = device.clock.utc_s()
        self._file = RecordingFile(device.store, self.no, 0)
        self._journal = Journal(
            self._file.write, self.no, self.plan.crc, device.device_id, self._start_utc_s, self.pacer.save
        )
        state = device.store.state
        state.running, state.boots, state.start_utc_s, state.strap = self.no, 0, self._start_utc_s, self._strap.keep()
        state.held &= ~(1 << self.no)
        self._open_ledger(state)
        device.store.save()
        self._thin()
        self._due = self.every_s > 1 and not told
        self.note(EV_START, how)

    def _open_ledger(self, state) -> None:
        """What the stages before have overspent lowers the caps, unless the host has planned with it."""
        after, owed = state.owed_after, state.owed
        if after == self.no:  # begun anew
            after, owed = self.no - 1, state.owed_before
        if after > self.no or self.plan.after_stage >= after:
            owed = 0
        state.owed_after, state.owed_before, state.owed = self.no, owed, carried(owed, 0)
        if owed:
            self.note(EV_LEDGER, share_pm(owed))

    def resume(self, back: bool) -> bool:
        """Go on where the journal of a reset stage ends: load its last snapshot, step what follows, write RESUME.

        With `back` an end is taken back. False if there is nothing to go on with: no recording, one of another plan, or
        one that has ended. If that end has not been kept yet, for power failed, it is now, and `pacer` is there.
        """
        device = self._device
        store = device.store
        path = store.rec_path(self.no)
        if size_of(path) <= 0:
            return False
        self._begin()
        data = FileBytes(path)
        try:
            goes_on = self._read(data, back)
        finally:
            data.close()
            forget("app.readback", "pacing.journalreader")
        if not goes_on:
            if self.pacer.finished and store.state.running == self.no:
                self._over()
            else:
                self.pacer = None  # what a recording that has ended has left in it is of no use
            return False
        self._start_utc_s = store.state.start_utc_s
        self._put_clock_right(device.clock.utc_s())
        store.state.running = self.no
        store.state.boots += 1
        store.state.held &= ~(1 << self.no)
        store.save()
        self.resumed = True
        self._thin()
        self.note(EV_RESUME, store.state.boots)
        if back:
            self.note(EV_UNEND, 0)
        return True

    def _read(self, data, back: bool) -> bool:
        """Bring core and journal to where the recording ends. False if there is nothing to go on with."""
        from app.readback import read_back  # of use for this moment only

        reader, last_ms, ended = read_back(data, self.pacer, self.plan.crc, self._sample)
        if reader is None or ended != back:
            return False
        self._clock = StageClock(last_ms + 1000)
        self._sampler = Sampler(last_ms, self._sample)
        self._file = RecordingFile(self._device.store, self.no, reader.valid_end)
        self._journal = Journal.resume(self._file.write, reader, self.pacer.save)
        return True

    def _thin(self) -> None:
        """If room is short: what is not recorded the core does not see either, so that a replay decides as it did."""
        from app.thinning import thinned  # of use for this moment only

        self.every_s, self._after_s = thinned(self._device.store, self.plan)
        forget("app.thinning")

    # --- every second ---

    def sample(self, nmea) -> None:
        """Take one second of `every_s`; `nmea` is the receiver just after an epoch, None when it is silent."""
        if nmea is not None and not self._utc_known:
            self._note_utc(nmea)
        s = self._sample
        self._sampler.take(s, nmea, self._strap.hr_bpm(), self._clock.ms())
        cue = self.pacer.step(s)
        self._written(self._journal.sample(s, self.pacer.dist_dm))
        if cue:
            self._cue(cue, s.stage_ms)
        self._flush()
        if (self._file.lost or self.plan.lost) and not self._told:
            self._told = self._due = True
            if self.plan.lost:
                self._device.store.log("plan", OSError(5))  # EIO
        if self._due and not self._device.motor.busy:
            self._due = False
            self._device.motor.play(pattern(CHECK, CHECK_STORAGE))

    def note(self, kind: int, value: int, ms: int = -1) -> None:
        """An event that the core is told of, too; now, or at an earlier stage time."""
        if ms < 0:
            ms = self._now_ms()
        cue = self.pacer.event(kind, value, ms)
        self._written(self._journal.event(kind, value, ms))
        if cue:
            self._cue(cue, ms)
        self._flush()

    def press(self, count: int) -> None:
        self.note(EV_PRESS, count)

    def note_battery(self, percent: int) -> None:
        """About each minute. Keep the battery's course, in steps of 5 %, and what is drained while nothing is saved.

        At the first and with each step it is seen whether what is left lasts. What was given up stays so to the end.
        """
        now_s = self._clock.ms() // 1000
        fell = self._low - percent
        if 0 < fell <= _LEAP and now_s - self._low_s <= _STEADY_S and not self._saving:
            self._lost += fell
            self._lost_s += now_s - self._low_s
        if fell > 0 or fell < -_LEAP:
            self._low, self._low_s = percent, now_s
        if self._battery < 0 or abs(percent - self._battery) >= _BATTERY_STEP:
            self._battery = percent
            self.note(EV_BATTERY, percent)
            from app.lasting import lasting  # of use for this moment only

            left_s = max((self.plan.planned_s or UNPLANNED_S) - now_s, 0)
            if self._device.store.state.uncharged:
                left_s += self._after_s
            self._saving = max(self._saving, lasting(self._device, left_s)[0])
            forget("app.lasting")
            if self._saving:
                self.every_s = max(self.every_s, 2)
            self._strap.sparing = self._saving >= RADIO

    def finish(self, how: int) -> None:
        """End the stage; `how` is EV_END's value. What the core has found is dated back to the last running."""
        self._file.begin_end(self._journal)
        self.note(EV_END, how, self.pacer.ending.end_ms if self.pacer.finished else -1)
        self._journal.close()
        self._file.commit()
        self._file.close()
        self._over()
        self._device.motor.play(_BUZZ)

    def _over(self) -> None:
        """Keep that the stage has ended. A false start stays armed; a run that nobody planned is none."""
        state = self._device.store.state
        pacer = self.pacer
        state.last, state.running = self.no, 0
        early = pacer.finished != AT_LINE and false_start(pacer.ending.end_ms, pacer.dist_dm)
        if not (early and self.plan.planned_s):
            state.armed = state.chosen = 0
            state.owed = carried(state.owed_before, pacer.ledger.owed)
        if self._lost_s >= _STEADY_S:
            state.drain = min(self._lost * 36_000 // self._lost_s, 255)
        self._device.store.save()

    def park(self) -> None:
        """Bring the open block to the flash: a reset comes."""
        self._journal.close()
        self._file.commit()

    def ms(self) -> int:
        return self._sample.stage_ms

    def fix(self) -> int:
        """Quality of the last sample's fix, 0 none to 3 best."""
        return self._sample.flags & 3

    # --- helpers ---

    def _now_ms(self) -> int:
        return self._clock.ms() // 100 * 100

    def _cue(self, cue: int, ms: int) -> None:
        # A flush stalls everything for 80-200 ms: it comes before the motor, or waits until the motor has ended.
        self._written(self._journal.event(EV_CUE, cue | self.pacer.reason << 4, ms))
        self._flush()
        self._device.motor.play(pattern(cue, self.pacer.cue_n))

    def _written(self, closed: bool) -> None:
        self._block_due = self._block_due or closed

    def _flush(self) -> None:
        if self._block_due and not self._device.motor.busy:
            self._file.commit()
            self._block_due = False

    def _note_utc(self, nmea) -> None:
        """The receiver's date, once: an anchor in the recording, and the truth for a clock that a reset has stopped."""
        utc_s = self._device.clock.take(nmea)
        if not utc_s:
            return
        self._utc_known = True
        if self.resumed:
            self._put_clock_right(utc_s)
        ms = self._now_ms()
        self.note(EV_UTC, utc_s)
        start_utc_s = utc_s - ms // 1000
        state = self._device.store.state
        if abs(start_utc_s - state.start_utc_s) * 1000 > _LATE_MS and not self.resumed:
            self._start_utc_s = state.start_utc_s = start_utc_s
            self._device.store.save()

    def _put_clock_right(self, utc_s: int) -> None:
        """After a reset: the stage went on while the device did not."""
        if utc_s and self._start_utc_s:
            late_ms = (utc_s - self._start_utc_s) * 1000 - self._clock.ms()
            if late_ms > _LATE_MS:
                self._clock.advance(late_ms)
