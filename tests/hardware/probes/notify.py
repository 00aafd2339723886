"""A peripheral that notifies as fast as it can once a host has asked; what arrives the host counts."""

from time import sleep_ms, ticks_diff, ticks_ms

import bluetooth
from micropython import const

_CONNECT = const(1)
_DISCONNECT = const(2)
_WRITE = const(3)
_MTU_EXCHANGED = const(21)
_ENOMEM = const(12)
_RETRY_MS = const(5)  # as app.peripheral waits
_MTU = const(247)
NAME = "Holdback-test"
SERVICE, TOLD, ASKED = (0x7E57, 0x7E58, 0x7E59)


class Host:
    """Who has connected, and whether it has asked."""

    def __init__(self):
        self.conn, self.mtu, self.asked = -1, 23, False

    def event(self, event, data):
        """In the IRQ: note, and return."""
        if event == _CONNECT:
            self.conn = data[0]
        elif event == _MTU_EXCHANGED:
            self.mtu = data[1]
        elif event == _WRITE:
            self.asked = True
        elif event == _DISCONNECT:
            self.conn = -1


def run(wait_ms, send_ms):
    """`wait_ms`: for a host to ask; `send_ms`: then notifications go out."""
    ble = bluetooth.BLE()
    ble.active(True)
    try:
        return _serve(ble, wait_ms, send_ms)
    finally:
        ble.active(False)


def _serve(ble, wait_ms, send_ms):
    ble.config(gap_name=NAME, mtu=_MTU)
    uuid = bluetooth.UUID
    service = (uuid(SERVICE), ((uuid(TOLD), bluetooth.FLAG_NOTIFY), (uuid(ASKED), bluetooth.FLAG_WRITE)))
    ((told, _),) = ble.gatts_register_services((service,))
    host = Host()
    ble.irq(host.event)
    name = NAME.encode()
    ble.gap_advertise(100_000, b"\x02\x01\x06" + bytes((len(name) + 1, 9)) + name)
    begun_ms = ticks_ms()
    while not host.asked:
        if ticks_diff(ticks_ms(), begun_ms) > wait_ms:
            return {"skipped": "no host has asked"}
        sleep_ms(20)
    return _send(ble, host, told, send_ms)


def _send(ble, host, told, send_ms):
    chunk = bytes(host.mtu - 3)
    sent = full = 0
    begun_ms = ticks_ms()
    while host.conn >= 0 and ticks_diff(ticks_ms(), begun_ms) < send_ms:
        try:
            ble.gatts_notify(host.conn, told, chunk)
            sent += len(chunk)
        except OSError as error:
            if error.errno != _ENOMEM:
                raise
            full += 1
            sleep_ms(_RETRY_MS)
    found = {"sent_b": sent, "send_ms": ticks_diff(ticks_ms(), begun_ms), "mtu": host.mtu, "queue_full": full}
    sleep_ms(1000)  # what is queued goes out
    return found
