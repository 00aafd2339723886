"""The firmware's end of the line to the simulator: virtual time, events and calls.

holdback/simulation/machine/wire.py documents the records. This process runs only between a batch of events and its
own IDLE; the clock stands still meanwhile. Handlers run as on ESP32, outside the program's flow with the scheduler
locked, and what the radio gives them is valid only while they run: it is overwritten afterwards.
"""

import struct
import sys

import micropython

_IDLE = const(0)  # noqa: F821
_IRQ = const(100)  # noqa: F821
_HEAD = "<HBiiq"
_HEAD_LEN = 19
_POISON = 0xDB

_events = None  # file objects over the two inherited sockets
_calls = None
_rx = bytearray(1200)  # one chunk of records
_rx_view = memoryview(_rx)
_chunk = bytearray(11)  # its head
_reply = bytearray(_HEAD_LEN)
_record = None  # the record being dispatched
_busy = False  # a handler is running

now_us = 0  # board uptime
config = {}  # what the simulator told this board at its start
handlers = {}  # kind -> function(kind, a, b, c, data)
alarms = []  # objects with .due_us (None: not set) and .ring()


def start(event_fd, call_fd, settings):
    """Connect to the simulator and take the first batch, which sets the time."""
    global _events, _calls
    _events = open(event_fd, "rb")
    _calls = open(call_fd, "r+b")
    config.update(settings)
    _pump()


def send(kind, a=0, b=0, c=0, data=b""):
    """Send one record that has no answer."""
    n = len(data)
    frame = bytearray(_HEAD_LEN + n)
    struct.pack_into(_HEAD, frame, 0, _HEAD_LEN - 2 + n, kind, a, b, c)
    frame[_HEAD_LEN:] = data
    _calls.write(frame)


def call(kind, a=0, b=0, c=0, data=b""):
    """Send one record and wait for its answer: the result, or (result, data) if data came. Raises OSError."""
    send(kind, a, b, c, data)
    _read_exactly(_calls, _reply)
    size, _, result, error, _ = struct.unpack(_HEAD, _reply)
    data = bytearray(size - _HEAD_LEN + 2)
    _read_exactly(_calls, data)
    if error:
        raise OSError(error)
    return (result, data) if data else result


def idle(until_us):
    """Let virtual time pass until `until_us` (-1: no limit), an alarm, or the next events; their handlers have run."""
    if _busy:
        raise RuntimeError("a handler waits: on a device this would stop the radio")
    for alarm in alarms:
        if alarm.due_us is not None and (until_us < 0 or alarm.due_us < until_us):
            until_us = alarm.due_us
    send(_IDLE, 0, 0, until_us)
    _pump()
    for alarm in list(alarms):
        if alarm.due_us is not None and alarm.due_us <= now_us:
            _interrupt((alarm.ring,))


def sleep_until(when_us):
    """Let virtual time pass until `when_us`; handlers run meanwhile."""
    while now_us < when_us:
        idle(when_us)


def stop_for_good():
    """After a reset or a power failure: the simulator ends this process, or is gone."""
    while _events.read(1):
        pass
    sys.exit(86)


def _pump():
    """Work off one batch of events: chunks of records."""
    global now_us
    more = True
    while more:
        _read_exactly(_events, _chunk)
        end, more, now_us = struct.unpack("<HBq", _chunk)
        _read_exactly(_events, _rx_view[:end])
        at = 0
        while at < end:
            size, kind, a, b, c = struct.unpack_from(_HEAD, _rx, at)
            start = at + _HEAD_LEN
            at += size + 2
            handler = handlers.get(kind) or handlers.get(_IRQ if kind >= _IRQ else -1)
            if handler:
                _interrupt((handler, kind, a, b, c, _rx_view[start:at]))
            if kind >= _IRQ:  # what the radio handed over is gone after the handler, as on ESP32
                for i in range(start, at):
                    _rx[i] = _POISON


def _interrupt(record):
    """Call record[0] with the rest as a scheduled function, so with the scheduler locked, now."""
    global _record, _busy
    _record = record
    _busy = True
    micropython.schedule(_deliver, None)
    for _ in range(4):  # the interpreter looks for scheduled functions at each jump
        if _record is None:
            break
    _deliver(None)  # still there: the program itself sleeps inside a scheduled function
    _busy = False


def _deliver(_):
    global _record
    record = _record
    if record is None:
        return
    _record = None
    try:
        record[0](*record[1:])
    except Exception as error:
        print("Unhandled exception in a handler")
        sys.print_exception(error)


def _read_exactly(line, buf):
    if line.readinto(buf) != len(buf):
        sys.exit(86)  # the simulator is gone
