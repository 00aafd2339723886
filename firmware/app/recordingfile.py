"""The recording's file: what happens when the flash is full, or fails."""

from micropython import const

_RESERVE = const(16384)  # bytes of flash that samples leave: for the end, the state and the error log


class RecordingFile:
    """A recording that grows: blocks gather in memory and reach the flash with `commit()`.

    `at` is where to go on, 0 for a new one. Where room is short the oldest recording that a host has goes. If there is
    none, or the flash fails, `lost` is set and what comes from then on is forgotten, so that what is kept has no hole.
    """

    def __init__(self, store, stage: int, at: int):
        self._store = store
        self._stage = stage
        self._at = at
        self._file = None
        self._room = 0  # bytes that are known to be free
        self._held = bytearray()
        self.lost = False

    def write(self, block) -> None:
        if not self.lost:
            self._held.extend(block)

    def commit(self) -> None:
        """Write and sync: what is not synced is gone after a power cut."""
        held, self._held = self._held, bytearray()
        if held and not self.lost:
            try:
                self._append(held)
            except OSError as error:
                self.lost = True
                self._store.log("recording", error)
                self.close()  # littlefs takes nothing more

    def _append(self, held) -> None:
        if self._room < len(held):
            if not self._store.make_room(len(held) + _RESERVE):
                raise OSError(28)  # ENOSPC
            self._room = self._store.free_bytes() - _RESERVE
        if self._file is None:
            if not self._at:
                self._store.set_aside(self._stage)
            self._file = open(self._store.rec_path(self._stage), "r+b" if self._at else "wb")
            self._file.seek(self._at)
        self._file.write(held)
        self._file.flush()
        self._at += len(held)
        self._room -= len(held)

    def begin_end(self, journal) -> None:
        """The end of a recording that has stopped before: it stands alone, and the reserve is for it."""
        if self.lost and self._at:
            journal.close()
            self.lost = False
            self._room = _RESERVE

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError:
                pass  # what it held has been lost, or was there before
