"""Our parser against gpsd's: every TPV that an RMC or GGA can give, in every log that gpsd has checked.

A `.chk` holds the sentences of a log, and behind each what gpsd concluded. The two need not agree: gpsd fuses every
sentence of a receiver, ours believes RMC and GGA alone. Where they differ, one of REASONS holds, or the test fails.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pacing.nmea import NO_TIME, Nmea

DATA = os.environ.get("HOLDBACK_DATA")
FOLDER = Path(DATA or ".") / "nmea" / "gpsd"
LOGS = sorted(FOLDER.glob("*.chk")) if DATA else [FOLDER]
SENTENCE = re.compile(rb"\$[A-Z]{2}(RMC|GGA),([^$*\x00-\x1f\x7f-\xff]*)\*[0-9A-Fa-f]{2}")
FIXES = ("1", "2", "3", "4", "5", "9")  # qualities of GGA that are one
WEEKS_AROUND = 1024 * 7  # days until a receiver's count of weeks begins again

needs_data = pytest.mark.skipif(not DATA, reason="HOLDBACK_DATA is not set: nothing that gpsd has checked")


@dataclass
class Sentence:
    """An RMC or GGA: its fields behind the type, and whether ours took it."""

    kind: str
    fields: list[str]
    ms: int  # of the day; NO_TIME without
    taken: bool = True

    @property
    def has_fix(self) -> bool:
        """As it says itself."""
        return self.fields[1] == "A" if self.kind == "RMC" else self.fields[5] in FIXES

    @property
    def place(self) -> list[str]:
        """As it is written."""
        return self.fields[2:6] if self.kind == "RMC" else self.fields[1:5]


@dataclass
class Epoch:
    """What ours concluded, and from what."""

    valid: int
    lat_e6: int
    lon_e6: int
    speed_cms: int
    ms: int
    date_ddmmyy: int
    of: list[Sentence] = field(default_factory=list)


@dataclass
class Told:
    """A TPV: the last RMC or GGA before it, the sentences since, and what ours makes of that moment."""

    tpv: dict[str, Any]
    last: Sentence
    since: list[str]
    epoch: Epoch | None = None

    @property
    def known_speed(self) -> bool:
        """An RMC of this moment had come by then."""
        return self.epoch is not None and any(s.kind == "RMC" for s in self.before)

    @property
    def before(self) -> list[Sentence]:
        """The sentences of the epoch up to the TPV."""
        assert self.epoch
        at = next(i for i, s in enumerate(self.epoch.of) if s is self.last)
        return self.epoch.of[: at + 1]


def ms_of(text: str) -> int:
    """Milliseconds of the day of hhmmss.sss."""
    if not text:
        return NO_TIME
    return (int(text[:2]) * 3600 + int(text[2:4]) * 60) * 1000 + round(float(text[4:]) * 1000)


class Walk:
    """Goes through a `.chk` line by line and lets ours hear the sentences."""

    def __init__(self, data: bytes) -> None:
        self.told: list[Told] = []
        self.sentences: list[Sentence] = []
        self._nmea = Nmea()
        self._open: list[Sentence] = []  # of an epoch that is not complete
        self._last: Epoch | None = None
        self._since: list[str] = []
        for line in data.splitlines():
            if line.startswith(b"$"):
                self._hear(line)
            elif line.startswith(b"{"):
                self._hear_gpsd(line)
            elif line and not line.startswith(b"#"):
                self._since.append("binary")
        self._hear(b"$GPGGA,,,,,,0,,,,,,,,*66")  # ends the last epoch

    def _hear(self, line: bytes) -> None:
        found = SENTENCE.match(line)
        data, at, taken = line + b"\r\n", 0, self._nmea.sentences
        sentence = None
        if found:
            fields = found[2].decode().split(",")
            sentence = Sentence(found[1].decode(), fields, ms_of(fields[0]))
            self.sentences.append(sentence)
            self._since = []
        else:
            self._since.append(line[3:6].decode("latin-1"))
        while at < len(data):
            at = self._nmea.step(data, at, len(data))
            if self._nmea.epoch:
                self._conclude(sentence)
        if sentence:
            sentence.taken = self._nmea.sentences > taken
            self._keep(sentence)

    def _keep(self, sentence: Sentence) -> None:
        """It belongs to the epoch under way, or to the last one, if that had been told when it came."""
        last = self._last
        if not sentence.taken or (last and any(s is sentence for s in last.of)):
            return
        if last and not self._open and sentence.ms == last.ms != NO_TIME:
            last.of.append(sentence)
        else:
            self._open.append(sentence)

    def _conclude(self, sentence: Sentence | None) -> None:
        nmea = self._nmea
        complete = sentence is not None and sentence.ms == nmea.utc_ms_of_day and len(self._open) > 0
        complete = complete and any(s.kind != sentence.kind for s in self._open) if sentence else False
        self._last = Epoch(
            nmea.valid, nmea.lat_e6, nmea.lon_e6, nmea.speed_cms, nmea.utc_ms_of_day, nmea.date_ddmmyy,
            self._open + ([sentence] if complete and sentence else []),
        )  # fmt: skip
        self._open = []
        for told in self.told:
            if told.epoch is None and any(s is told.last for s in self._last.of):
                told.epoch = self._last

    def _hear_gpsd(self, line: bytes) -> None:
        try:
            tpv = json.loads(line)
        except ValueError:
            return
        if tpv.get("class") == "TPV" and self.sentences:
            last = self.sentences[-1]
            here = self._last if self._last and any(s is last for s in self._last.of) else None
            self.told.append(Told(tpv, last, list(self._since), here))


@cache
def walk(log: Path) -> Walk:
    """A log, gone through once."""
    return Walk(log.read_bytes())


def differences(told: Told) -> list[str]:
    """Which of time, date, mode, place and speed are not the same."""
    tpv, epoch, found = told.tpv, told.epoch, []
    if epoch is None:
        return ["epoch"]
    if "time" in tpv:
        moment = datetime.fromisoformat(tpv["time"]).astimezone(UTC)
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        if round((moment - midnight).total_seconds() * 1000) != epoch.ms:
            return ["time"]
        if epoch.date_ddmmyy and moment.date() != day_of(epoch.date_ddmmyy):
            found.append("date")
    has_fix = tpv.get("mode", 0) >= 2
    if has_fix != bool(epoch.valid):
        return [*found, "mode"]
    if has_fix and "lat" in tpv:
        apart = max(abs(tpv["lat"] * 1e6 - epoch.lat_e6), abs(tpv["lon"] * 1e6 - epoch.lon_e6))
        found += ["place"] if apart > 0.6 else []
    if has_fix and "speed" in tpv and abs(tpv["speed"] * 100 - epoch.speed_cms) > 1.0:
        found.append("speed")
    return found


def day_of(ddmmyy: int) -> date:
    """The day; two digits of a year are of this century below 80."""
    year = ddmmyy % 100
    return date(year + (2000 if year < 80 else 1900), ddmmyy // 100 % 100, ddmmyy // 10000)


def contradict(told: Told) -> bool:
    """RMC and GGA of one moment say different things of the fix."""
    return bool(told.epoch) and len({s.has_fix for s in told.epoch.of}) == 2


def weeks_around(told: Told) -> bool:
    """The two days are a whole count of weeks apart."""
    assert told.epoch
    apart = datetime.fromisoformat(told.tpv["time"]).date() - day_of(told.epoch.date_ddmmyy)
    return apart.days != 0 and apart.days % WEEKS_AROUND == 0


Reason = tuple[str, str, Callable[[Told], bool]]
REASONS: tuple[Reason, ...] = (  # what differs, why, and how that is known
    ("epoch", "the sentence is damaged, or has too few fields: ours refuses it", lambda t: not t.last.taken),
    ("time", "GLL, ZDA, GNS or GBS has told gpsd of another moment since", lambda t: has(t, "GLL ZDA GNS GBS")),
    ("time", "the sentence has no time; gpsd has it from another", lambda t: t.last.ms == NO_TIME),
    ("time", "gpsd takes no time from an RMC without a fix", lambda t: t.last.kind == "RMC" and not t.last.has_fix),
    ("date", "a receiver's weeks have begun again; gpsd adds 1024 of them", weeks_around),
    ("mode", "GSA or GNS says something else, since", lambda t: has(t, "GSA GNS")),
    ("mode", "RMC and GGA contradict each other; ours believes the doubter", contradict),
    ("mode", "a simulated fix (quality 8) is none for ours", lambda t: gga(t, 5) == "8"),
    ("mode", "a GGA that leaves the quality open is a fix for gpsd, RMC says V", lambda t: gga(t, 5) == ""),
    ("mode", "with 0 satellites, or none given, gpsd takes no fix; ours takes the receiver's word",
     lambda t: gga(t, 6) in ("", "00", "0") and bool(t.epoch and t.epoch.valid)),
    ("place", "RMC and GGA of one moment name two places; gpsd had heard one",
     lambda t: bool(t.epoch) and len({tuple(s.place) for s in t.epoch.of}) > 1),
    ("speed", "no RMC of this moment yet, or ever: gpsd divides the way by the time", lambda t: not t.known_speed),
)  # fmt: skip


def has(told: Told, kinds: str) -> bool:
    """One of these sentences has come since."""
    return any(kind in told.since for kind in kinds.split())


def gga(told: Told, number: int) -> str | None:
    """A field of the GGA of that moment; None without one."""
    return next((s.fields[number] for s in told.epoch.of if s.kind == "GGA"), None) if told.epoch else None


def reason(told: Told, what: str) -> str:
    """Why they differ; "" if nobody knows."""
    return next((why for name, why, holds in REASONS if name == what and holds(told)), "")


@needs_data
@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_gpsd_says_the_same_or_we_know_why(log):
    for told in walk(log).told:
        for what in differences(told):
            assert reason(told, what), (what, told)


def own_words(log: Path) -> list[str]:
    """RMC and GGA in the `.chk` that the receiver never sent: gpsd writes them from binary messages."""
    sent = {found[2].decode() for found in SENTENCE.finditer(log.with_suffix("").read_bytes())}
    return [text for s in walk(log).sentences[:-1] if (text := ",".join(s.fields)) not in sent]


@needs_data
@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_the_sentences_are_the_receivers_own(log):
    """Or gpsd's, where the receiver speaks a binary language too: then ours must read what gpsd writes."""
    assert not own_words(log) or max(log.with_suffix("").read_bytes()) > 127


@needs_data
def test_most_agree():
    counts: Counter[str] = Counter()
    for log in LOGS:
        own = set(own_words(log))
        for told in walk(log).told:
            found = differences(told)
            words = "the same, in gpsd's own sentence" if ",".join(told.last.fields) in own else "the same"
            counts.update([reason(told, what) for what in found] or [words])
    for why, count in counts.most_common():
        print(f"{count:5} {why}")
    assert counts["the same"] > 1000 and counts["the same"] > 0.7 * counts.total()
