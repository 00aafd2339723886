"""The device as a peripheral: adverts, the SMP service, Device Information and Battery."""

import asyncio
import struct
from collections import deque

import bluetooth
from micropython import const

_CONNECT = const(1)
_DISCONNECT = const(2)
_WRITE = const(3)
_MTU_EXCHANGED = const(21)

_READ = const(0x02)
_WRITE_NO_RESPONSE = const(0x04)
_NOTIFY = const(0x10)

_ADVERT_US = const(300_000)  # found within a second; a sixth of a milliampere (estimated)
_RETRY_MS = const(10)  # a full queue has room again after one connection interval
_ENOMEM = const(12)
_PIECES = const(16)  # that wait for the server: three whole requests
_WRITE_BYTES = const(512)  # longest single write; the default of 20 truncates without a word

_SMP = "8D53DC1D-1DB7-4CD3-868B-8A527460AA84"
_SMP_BYTES = b"\x84\xaa\x60\x74\x52\x8a\x8b\x86\xd3\x4c\xb7\x1d\x1d\xdc\x53\x8d"  # the same, as adverts carry it
_SMP_CHARACTERISTIC = "DA2E7828-FBCE-4E01-AE9E-261174997C48"
_INFORMATION = ((0x2A29, "manufacturer"), (0x2A24, "model"), (0x2A26, "firmware"), (0x2A25, "serial"))


def _services():
    uuid = bluetooth.UUID
    return (
        (uuid(_SMP), ((uuid(_SMP_CHARACTERISTIC), _WRITE_NO_RESPONSE | _NOTIFY),)),
        (uuid(0x180A), tuple((uuid(number), _READ) for number, _ in _INFORMATION)),
        (uuid(0x180F), ((uuid(0x2A19), _READ | _NOTIFY),)),
    )


class Peripheral:
    """One host at a time. `information` maps the names of Device Information to texts, `percent()` is the battery's.

    The radio must be on, and stay on.
    """

    def __init__(self, radio, information, percent):
        self._ble = ble = radio.ble
        self._percent = percent
        self._advert = b"\x02\x01\x06\x11\x07" + _SMP_BYTES
        name = radio.name.encode()
        self._response = bytes((len(name) + 1, 9)) + name
        self._open = False
        self._conn = -1
        self.mtu = 23
        self.trusted = False  # this host has proved that it has the key: app.doors
        self._pieces = deque([], _PIECES)  # noqa: RUF037 (MicroPython takes no keywords here)
        self._news = asyncio.Event()  # a host has come, written, or gone
        radio.peripheral = self._on_event
        (self._smp,), values, (self._battery,) = ble.gatts_register_services(_services())
        ble.gatts_set_buffer(self._smp, _WRITE_BYTES, True)
        for handle, (_, name) in zip(values, _INFORMATION):  # noqa: B905 (MicroPython's zip)
            ble.gatts_write(handle, information[name].encode())

    @property
    def connected(self) -> bool:
        return self._conn >= 0

    def door(self, is_open: bool) -> None:
        """Advertise from now on, or stop and send the host away."""
        changed = is_open != self._open
        self._open = is_open
        if changed:
            self._advertise()
        if not is_open:
            self.hang_up()

    def hang_up(self) -> None:
        if self._conn >= 0:
            self._ble.gap_disconnect(self._conn)

    def _advertise(self) -> None:
        ble = self._ble
        if not self._open:
            ble.gap_advertise(None)
        elif self._conn < 0:
            ble.gatts_write(self._battery, struct.pack("B", self._percent()))
            ble.gap_advertise(_ADVERT_US, adv_data=self._advert, resp_data=self._response)

    def _on_event(self, event, data) -> None:
        if event == _CONNECT:
            self._conn = data[0]
            self._news.set()
        elif event == _MTU_EXCHANGED and self._conn in (-1, data[0]):
            self.mtu = data[1]  # may come before the connection is told
        elif event == _WRITE and data[1] == self._smp:
            self._pieces.append(data[2])  # a host that does not wait for answers loses its oldest pieces
            self._news.set()
        elif event == _DISCONNECT:
            self._conn = -1
            self.mtu = 23
            self.trusted = False  # before the next one can come: adverts begin below
            while self._pieces:
                self._pieces.popleft()
            self._news.set()
            self._advertise()

    async def host(self) -> None:
        """Wait until a host is connected."""
        while self._conn < 0:
            self._news.clear()
            await self._news.wait()

    async def receive(self):
        """The next piece that the host writes to SMP; None when it has gone."""
        while not self._pieces:
            if self._conn < 0:
                return None
            self._news.clear()
            await self._news.wait()
        return self._pieces.popleft()

    async def send(self, chunk) -> None:
        """Notify the host of up to MTU - 3 bytes. OSError when it has gone."""
        ble = self._ble
        while self._conn >= 0:
            try:
                ble.gatts_notify(self._conn, self._smp, chunk)
                return
            except OSError as error:
                if error.errno != _ENOMEM:
                    raise
            await asyncio.sleep_ms(_RETRY_MS)  # nothing was queued: the same chunk again
        raise OSError(107)  # ENOTCONN
