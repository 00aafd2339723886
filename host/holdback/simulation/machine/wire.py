"""The line between the simulator and one firmware process: fixed records over two socket pairs.

One record is `<HBiiq` (the length of what follows it in bytes, kind, a, b, c) and then data. On the *event* line the
simulator sends a batch of chunks, each `<HBq` (length, whether more chunks follow, the firmware's uptime in us) and
records. The firmware works them off and answers on the *call* line, where it sends calls (those from REPLIES up are
answered there) and at last IDLE. So exactly one side runs at a time, a reply never mixes with an event, and no count
of frames is needed. boards/virtual/standins/virtual.py is the other end.
"""

import errno
import struct

RECORD = struct.Struct("<HBiiq")
CHUNK = struct.Struct("<HBq")
CHUNK_BYTES = 1200  # the firmware's receive buffer

# simulator -> firmware, event line
UART = 1  # a: uart, data: bytes received
PIN = 2  # a: pin, b: level
ADC = 3  # a: pin, b: millivolts
FLASH_CUT = 4  # a: program and erase operations left before power fails, -1: no limit
READ = 5  # a: connection, b: value handle; answered by READ_VALUE
IRQ = 100  # + MicroPython's event number; a: connection, b, c: numbers, data: what the event carries
WRITE = IRQ + 3  # a: connection, b: value handle, data: written value

# firmware -> simulator, call line
IDLE = 0  # c: until when, us; -1: until an event
UART_TX = 1  # a: uart, data
PIN_OUT = 2  # a: pin, b: level
PWM = 3  # a: pin, b: duty_u16, c: frequency, Hz
RTC_OFFSET = 4  # c: microseconds to add to the board's uptime for the time since 2000
RTC_MEMORY = 5  # data
RESET = 6  # a: cause (RESET_CAUSES); nothing follows
POWER_FAIL = 7  # the flash reached its cut; nothing follows
READ_VALUE = 8  # a: ATT error or 0, data
WATCHDOG = 9  # a: ms; it is armed from now on
REPLIES = 64  # calls from here up are answered with a record: a: result, b: errno or 0, data
BLE_ACTIVE = 64  # a: 1 on, 0 off -> data: address
# a: interval us or -1 stop, b: bit 0 connectable, 1 new data, 2 new response; data: u8 length, data, response
BLE_ADVERTISE = 65
BLE_SCAN = 66  # a: duration ms, -1 stop; b: interval us, c: window us << 1 | active
BLE_CONNECT = 67  # a: address type or -1 cancel; b: ms, c: min interval us, data: address
BLE_DISCONNECT = 68  # a: connection
BLE_REGISTER = 69  # data: literal list of services -> data: u16 handles
BLE_NOTIFY = 70  # a: connection, b: value handle, c: 0 notify 1 indicate 2 all subscribers, data
BLE_DISCOVER = (
    71  # a: connection, b: first handle << 16 | last, c: 0 services 1 characteristics 2 descriptors, data: uuid or b""
)
BLE_READ = 72  # a: connection, b: value handle
BLE_WRITE = 73  # a: connection, b: value handle, c: 1 with response, data
BLE_MTU = 74  # a: -1 and b: preferred MTU, or a: connection to exchange it
BLE_NAME = 75  # data: name


class CallError(Exception):
    """A call fails with an errno, which the firmware gets as OSError."""

    def __init__(self, number: int) -> None:
        super().__init__(errno.errorcode.get(number, number))
        self.errno = number


def pack(kind: int, a: int = 0, b: int = 0, c: int = 0, data: bytes = b"") -> bytes:
    """One record as bytes. `data` up to 1024 bytes: a chunk holds at least one record."""
    return RECORD.pack(RECORD.size - 2 + len(data), kind, a, b, c) + data


def batch(now_us: int, records: list[bytes]) -> bytes:
    """All events of one instant as the event line carries them: chunks of whole records, each with its head."""
    chunks = [b""]
    for record in records:
        if len(chunks[-1]) + len(record) > CHUNK_BYTES:
            chunks.append(b"")
        chunks[-1] += record
    last = len(chunks) - 1
    return b"".join(CHUNK.pack(len(chunk), i < last, now_us) + chunk for i, chunk in enumerate(chunks))
