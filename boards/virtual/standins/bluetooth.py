"""`bluetooth` of the virtual board: MicroPython's BLE class as it behaves on ESP32, with the simulator as the radio.

Attribute values live here. What the radio does is asked of the simulator (holdback/simulation/machine/bridge.py); what
happens comes back as events, given to the handler of `irq`. As on ESP32 a handler's buffers are valid only while it
runs, and an exception in it stops all further events.
"""

import struct
import sys

import virtual
from ble_values import Values
from uuids import UUID

FLAG_BROADCAST = const(0x0001)  # noqa: F821
FLAG_READ = const(0x0002)  # noqa: F821
FLAG_WRITE_NO_RESPONSE = const(0x0004)  # noqa: F821
FLAG_WRITE = const(0x0008)  # noqa: F821
FLAG_NOTIFY = const(0x0010)  # noqa: F821
FLAG_INDICATE = const(0x0020)  # noqa: F821
FLAG_AUTHENTICATED_SIGNED_WRITE = const(0x0040)  # noqa: F821

_ENODEV = const(19)  # noqa: F821
_EINVAL = const(22)  # noqa: F821
_ENOMEM = const(12)  # noqa: F821

# records of the line to the simulator
_READ = const(5)  # noqa: F821
_IRQ = const(100)  # noqa: F821
_READ_VALUE = const(8)  # noqa: F821
_BLE_ACTIVE = const(64)  # noqa: F821
_BLE_ADVERTISE = const(65)  # noqa: F821
_BLE_SCAN = const(66)  # noqa: F821
_BLE_CONNECT = const(67)  # noqa: F821
_BLE_DISCONNECT = const(68)  # noqa: F821
_BLE_REGISTER = const(69)  # noqa: F821
_BLE_NOTIFY = const(70)  # noqa: F821
_BLE_DISCOVER = const(71)  # noqa: F821
_BLE_READ = const(72)  # noqa: F821
_BLE_WRITE = const(73)  # noqa: F821
_BLE_MTU = const(74)  # noqa: F821
_BLE_NAME = const(75)  # noqa: F821

# MicroPython's event numbers
_CENTRAL_CONNECT = const(1)  # noqa: F821
_CENTRAL_DISCONNECT = const(2)  # noqa: F821
_GATTS_WRITE = const(3)  # noqa: F821
_GATTS_READ_REQUEST = const(4)  # noqa: F821
_SCAN_RESULT = const(5)  # noqa: F821
_SCAN_DONE = const(6)  # noqa: F821
_PERIPHERAL_CONNECT = const(7)  # noqa: F821
_PERIPHERAL_DISCONNECT = const(8)  # noqa: F821
_SERVICE_RESULT = const(9)  # noqa: F821
_CHARACTERISTIC_RESULT = const(11)  # noqa: F821
_DESCRIPTOR_RESULT = const(13)  # noqa: F821
_READ_RESULT = const(15)  # noqa: F821
_READ_DONE = const(16)  # noqa: F821
_WRITE_DONE = const(17)  # noqa: F821
_NOTIFY = const(18)  # noqa: F821
_INDICATE = const(19)  # noqa: F821
_INDICATE_DONE = const(20)  # noqa: F821
_CONNECTION_UPDATE = const(27)  # noqa: F821

_ble = None


class BLE:
    """The one radio of the board; BLE() always gives the same object."""

    def __new__(cls):
        global _ble
        if _ble is None:
            _ble = object.__new__(cls)
            _ble._handler = None
            _ble._on = False
            _ble._mac = None
            _ble._name = b"MPY ESP32"
            _ble._mtu = 256
            _ble._values = Values()
            virtual.handlers[_IRQ] = _ble._event
            virtual.handlers[_READ] = _ble._read_by_peer
        return _ble

    def __init__(self):
        pass

    def active(self, on=None):
        if on is None:
            return self._on
        if on and not self._on:
            self._mac = bytes(virtual.call(_BLE_ACTIVE, 1)[1])
        elif self._on and not on:
            virtual.call(_BLE_ACTIVE, 0)
            self._values = Values()
        self._on = bool(on)
        return self._on

    def config(self, *args, **kwargs):
        if args:
            return self._get_config(args[0])
        for key, value in kwargs.items():
            if key == "mtu":
                self._call(_BLE_MTU, -1, value)
                self._mtu = value
            elif key == "gap_name":
                self._name = value.encode() if isinstance(value, str) else bytes(value)
                self._call(_BLE_NAME, 0, 0, 0, self._name)
            elif key not in ("addr_mode", "bond", "mitm", "io", "le_secure"):
                raise ValueError("unknown config param")  # rxbuf too: ESP32 does not have it

    def _get_config(self, key):
        self._check()
        if key == "mac":
            return (1, self._mac)
        if key == "gap_name":
            return self._name
        if key == "mtu":
            return self._mtu
        raise ValueError("unknown config param")

    def irq(self, handler):
        self._handler = handler

    def _check(self):
        if not self._on:
            raise OSError(_ENODEV)

    def _call(self, *record):
        self._check()
        return virtual.call(*record)

    # GAP

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        """None stops. Data that is not given stays as it was."""
        if interval_us is None:
            return self._call(_BLE_ADVERTISE, -1)
        data = b"" if adv_data is None else bytes(adv_data)
        answer = b"" if resp_data is None else bytes(resp_data)
        if len(data) > 31 or len(answer) > 31:
            raise OSError(_EINVAL)
        flags = (1 if connectable else 0) | (0 if adv_data is None else 2) | (0 if resp_data is None else 4)
        self._call(_BLE_ADVERTISE, interval_us, flags, 0, bytes([len(data)]) + data + answer)

    def gap_scan(self, duration_ms=0, interval_us=1280000, window_us=11250, active=False):
        """None stops; 0 scans until stopped. Both ways end with SCAN_DONE."""
        if duration_ms is None:
            return self._call(_BLE_SCAN, -1)
        self._call(_BLE_SCAN, duration_ms, interval_us, window_us << 1 | (1 if active else 0))

    def gap_connect(self, addr_type, addr=None, scan_duration_ms=2000, min_conn_interval_us=0, max_conn_interval_us=0):
        """gap_connect(None) gives up the connection that is pending."""
        if addr_type is None:
            return self._call(_BLE_CONNECT, -1)
        self._call(_BLE_CONNECT, addr_type, scan_duration_ms, min_conn_interval_us, bytes(addr))

    def gap_disconnect(self, conn_handle):
        """False if there is no such connection."""
        return self._call(_BLE_DISCONNECT, conn_handle) == 1

    # GATT server

    def gatts_register_services(self, services):
        """Replaces all services. Returns a tuple of value handles (descriptors after theirs) for each service."""
        self._check()
        text = repr([[bytes(uuid), [_plain(item) for item in items]] for uuid, items in services])
        _, data = virtual.call(_BLE_REGISTER, 0, 0, 0, text.encode())
        handles = struct.unpack("<%dH" % (len(data) // 2), data)
        self._values.clear(handles)
        at = 0
        found = []
        for _, items in services:
            n = sum(1 + (len(item[2]) if len(item) > 2 else 0) for item in items)
            found.append(handles[at : at + n])
            at += n
        return tuple(found)

    def gatts_read(self, value_handle):
        self._check()
        return self._values.read(value_handle)

    def gatts_write(self, value_handle, data, send_update=False):
        self._check()
        self._values.write(value_handle, data)
        if send_update:
            virtual.call(_BLE_NOTIFY, -1, value_handle, 2, data)
        return len(data)

    def gatts_set_buffer(self, value_handle, length, append=False):
        self._check()
        self._values.resize(value_handle, length, append)

    def gatts_notify(self, conn_handle, value_handle, data=None):
        """Sends whether subscribed or not, cut to MTU - 3. OSError(12): nothing was queued, about ten are in flight."""
        self._send(conn_handle, value_handle, data, 0)

    def gatts_indicate(self, conn_handle, value_handle, data=None):
        self._send(conn_handle, value_handle, data, 1)

    def _send(self, conn_handle, value_handle, data, how):
        if data is None:
            data = self._values.peek(value_handle)
        try:
            self._call(_BLE_NOTIFY, conn_handle, value_handle, how, data)
        except OSError as error:
            if error.errno == _ENOMEM and not virtual._busy:
                virtual.sleep_until(virtual.now_us + 1000)  # or a loop that retries would stop the clock
            raise

    # GATT client

    def gattc_discover_services(self, conn_handle, uuid=None):
        self._call(_BLE_DISCOVER, conn_handle, 0x0001FFFF, 0, b"" if uuid is None else bytes(uuid))

    def gattc_discover_characteristics(self, conn_handle, start_handle, end_handle, uuid=None):
        span = start_handle << 16 | end_handle
        self._call(_BLE_DISCOVER, conn_handle, _signed(span), 1, b"" if uuid is None else bytes(uuid))

    def gattc_discover_descriptors(self, conn_handle, start_handle, end_handle):
        self._call(_BLE_DISCOVER, conn_handle, _signed(start_handle << 16 | end_handle), 2)

    def gattc_read(self, conn_handle, value_handle):
        self._call(_BLE_READ, conn_handle, value_handle)

    def gattc_write(self, conn_handle, value_handle, data, mode=0):
        self._call(_BLE_WRITE, conn_handle, value_handle, mode, data)

    def gattc_exchange_mtu(self, conn_handle):
        self._call(_BLE_MTU, conn_handle)

    # events

    def _read_by_peer(self, kind, conn_handle, value_handle, c, data):
        result = self._notify_handler(_GATTS_READ_REQUEST, (conn_handle, value_handle))
        error = result if isinstance(result, int) else 0
        virtual.send(_READ_VALUE, error, 0, 0, b"" if error else self._values.peek(value_handle))

    def _event(self, kind, a, b, c, data):
        event = kind - _IRQ
        if event == _GATTS_WRITE:
            self._values.written(b, data)
            args = (a, b)
        elif event in (_CENTRAL_CONNECT, _CENTRAL_DISCONNECT, _PERIPHERAL_CONNECT, _PERIPHERAL_DISCONNECT):
            args = (a, b, data)
        elif event == _SCAN_RESULT:
            args = (c, data[:6], b, a, data[6:])
        elif event == _SCAN_DONE:
            args = ()
        elif event == _SERVICE_RESULT:
            args = (a, b, c, UUID(bytes(data)))
        elif event == _CHARACTERISTIC_RESULT:
            args = (a, b >> 16 & 0xFFFF, b & 0xFFFF, c, UUID(bytes(data)))
        elif event == _DESCRIPTOR_RESULT:
            args = (a, b, UUID(bytes(data)))
        elif event in (_READ_RESULT, _NOTIFY, _INDICATE):
            args = (a, b, data)
        elif event in (_READ_DONE, _WRITE_DONE, _INDICATE_DONE):
            args = (a, b, c)
        elif event == _CONNECTION_UPDATE:
            args = (a, b, 0, c, 0)
        else:  # the end of a discovery: status; MTU exchanged: MTU
            args = (a, b)
        self._notify_handler(event, args)

    def _notify_handler(self, event, args):
        if not self._handler or not self._on:
            return None
        try:
            return self._handler(event, args)
        except Exception as error:
            print("Unhandled exception in the Bluetooth handler; events are off for good")
            sys.print_exception(error)
            self._handler = None


def _plain(item):
    """One characteristic as [uuid, flags, [[uuid, flags] of each descriptor]]."""
    descriptors = item[2] if len(item) > 2 else ()
    return [bytes(item[0]), item[1], [[bytes(uuid), flags] for uuid, flags in descriptors]]


def _signed(n):
    return n - (1 << 32) if n & 0x80000000 else n
