"""The power key behind a power management chip, as a pin that drivers.button can watch."""

from micropython import const

_READS = const(2)  # drivers.button looks twice until a level counts


class PmuKey:
    """`pmu` tells what the key has done; `line` is the pin of its interrupt, low while there is something to tell.

    Level 0 is pressed. A press and its release that have come between two looks are told one after the other, so that
    a press in a flash flush is not lost. If the chip does not answer, `note(what, error)` is told and the key is up.
    """

    IRQ_FALLING = 1
    IRQ_RISING = 2

    def __init__(self, pmu, line, note):
        self._pmu = pmu
        self._line = line
        self._note = note
        self._level = 1
        self._late = 0  # looks until a release that is known counts
        pmu.watch_key()

    def irq(self, handler, trigger) -> None:
        """`handler` runs at each edge of the key, whatever `trigger`: the line falls for both."""
        self._line.irq(handler, self._line.IRQ_FALLING)

    def value(self) -> int:
        if self._late:
            self._late -= 1
            self._level = 0 if self._late else 1
        try:
            events = 0 if self._line.value() else self._pmu.key_events()
        except OSError as error:
            self._note("key", error)
            self._level = 1
            return 1
        if events == 3:
            self._late = _READS
            self._level = 0
        elif events:
            self._late = 0
            self._level = 2 - events
        return self._level
