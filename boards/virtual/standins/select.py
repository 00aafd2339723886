"""`select` on the virtual clock. Knows streams written in Python (machine.UART, asyncio.ThreadSafeFlag); the cable, of
which mpremote asks when a folder is mounted, is always said to be readable: whoever asks then waits for it."""

import virtual

POLLIN = const(1)  # noqa: F821
POLLOUT = const(4)  # noqa: F821
POLLERR = const(8)  # noqa: F821
POLLHUP = const(16)  # noqa: F821
_MP_STREAM_POLL = const(3)  # noqa: F821


class _Poll:
    def __init__(self):
        self._streams = []  # [stream, events] each, in the order of registration

    def register(self, stream, events=POLLIN | POLLOUT):
        for entry in self._streams:
            if entry[0] is stream:
                entry[1] = events
                return
        self._streams.append([stream, events])

    def unregister(self, stream):
        self._streams = [entry for entry in self._streams if entry[0] is not stream]

    def modify(self, stream, events):
        self.register(stream, events)

    def poll(self, timeout=-1):
        """Wait up to `timeout` virtual ms (-1: until something is ready). Returns [(stream, events)]."""
        until_us = -1 if timeout < 0 else virtual.now_us + timeout * 1000
        ready = self._ready()
        while not ready and (until_us < 0 or virtual.now_us < until_us):
            virtual.idle(until_us)
            ready = self._ready()
        return ready

    def ipoll(self, timeout=-1, flags=0):
        return iter(self.poll(timeout))

    def _ready(self):
        found = ()
        for stream, events in self._streams:
            ioctl = getattr(stream, "ioctl", None)
            state = ioctl(_MP_STREAM_POLL, events | POLLERR | POLLHUP) if ioctl else events & POLLIN
            if state:
                found += ((stream, state),)
        return found


def poll():
    return _Poll()
