"""The SMP server: pieces of requests in, answers out, one at a time. The commands are in smp_groups."""

import asyncio
from time import ticks_diff, ticks_ms

from micropython import const
from pacing import smp

BUFFER_BYTES = const(1032)  # one request with its header: what a client may send at once
_REST_MS = const(5000)  # the rest of a request that has not come by then never will
_QUIET_MS = const(120_000)  # a host that says nothing keeps the device from arming: send it away
_WORDS_MS = const(300)  # a refusal goes out before the host is sent away
_FIRST_BYTES = const(2048)  # of a download's first answer; the next ones grow,
_GROWTH = const(8)
_MOST_BYTES = const(32768)
_ANSWER_MS = const(700)  # up to what the link carries in this time: slow links must not time out


class SmpServer:
    """Answers one host's requests, which arrive over `link` (a Peripheral), from `groups` (smp_groups.Groups)."""

    def __init__(self, link, groups):
        self._link = link
        self._groups = groups
        self._request = smp.Assembler(BUFFER_BYTES - smp.HEADER_BYTES)
        self._fed_ms = 0
        self.answer_bytes = _FIRST_BYTES
        self._sent_bytes = self._sent_ms = 0  # of the last answer to a download, and when it began

    async def run(self) -> None:
        """Answer until the host has gone."""
        while True:
            try:
                piece = await asyncio.wait_for_ms(self._link.receive(), _QUIET_MS)
            except asyncio.TimeoutError:
                self._link.hang_up()
                continue
            if piece is None:
                return
            await self._take(piece)

    async def _take(self, piece) -> None:
        now = ticks_ms()
        if ticks_diff(now, self._fed_ms) > _REST_MS:
            self._request.reset()
        self._fed_ms = now
        if not self._request.feed(piece):
            return
        try:
            await self._answer(self._request)
        except OSError as error:
            if self._link.connected:
                raise error  # not the link: a fault of ours, for the log

    async def _answer(self, request) -> None:
        try:
            answer = self._groups.answer(request)
        except Refusal as refusal:
            await self._send(smp.respond(request, {"rc": refusal.rc}))
            if refusal.rc == smp.EBUSY:  # too many wrong keys
                await asyncio.sleep_ms(_WORDS_MS)
                self._link.hang_up()
            return
        if isinstance(answer, Download):
            await self._stream(request, answer)
        else:
            await self._send(smp.respond(request, answer))

    async def _send(self, frame) -> None:
        room = self._link.mtu - 3
        view = memoryview(frame)
        for at in range(0, len(frame), room):
            await self._link.send(view[at : at + room])

    async def _stream(self, request, download) -> None:
        """Send head and file as one answer, a notification's worth in memory at a time."""
        self._grow()
        started = ticks_ms()
        count = min(self.answer_bytes, download.size - download.off)
        head = smp.download_head(request, download.off, count, download.size)
        room = self._link.mtu - 3
        view = memoryview(bytearray(room))
        at = len(head)
        view[:at] = head
        with open(download.path, "rb") as f:  # noqa: ASYNC230 (flash: there is nothing to wait for)
            f.seek(download.off)
            left = count
            while left or at:
                n = min(left, room - at)
                if f.readinto(view[at : at + n]) != n:
                    raise OSError(5)  # EIO: the file is shorter than it was
                await self._link.send(view[: at + n])
                left -= n
                at = 0
        self._sent_bytes, self._sent_ms = count, started

    def _grow(self) -> None:
        """Size the next answer: four times the last, but not longer than the link carries in the time for an answer.

        The last one took until now: the request that follows it says that all of it has arrived. A file's end is too
        short to measure by. A host that paused in between makes the link look slow, and costs one small answer.
        """
        if self._sent_bytes == self.answer_bytes:
            carried = self._sent_bytes * _ANSWER_MS // max(ticks_diff(ticks_ms(), self._sent_ms), 1)
            self.answer_bytes = max(_FIRST_BYTES, min(self.answer_bytes * _GROWTH, carried, _MOST_BYTES))
        self._sent_bytes = 0


class Refusal(Exception):  # noqa: N818 (an answer, not a fault)
    """A command that is not done; `rc` is one of pacing.smp's return codes."""

    def __init__(self, rc: int):
        super().__init__(rc)
        self.rc = rc


class Download:
    """An answer that is streamed: the file at `path` from `off`."""

    def __init__(self, path: str, off: int, size: int):
        self.path = path
        self.off = off
        self.size = size
