"""Who may talk to the device: a host that proves that it has the key; without one, what the button has opened.

docs/security.md says what this protects, docs/sync-protocol.md has the bytes.
"""

import os

from micropython import const
from pacing import smp

from app.lives import forget
from app.smp_server import Refusal

# Counted in camp's beats of five seconds: ticks wrap, and camp may last for weeks.
WINDOW_BEATS = const(24)
_STRANGER_BEATS = const(6)  # so long a host may stay that has neither key nor window: others want to come in
_PAUSE_BEATS = const(12)  # the longest pause after wrong tries: whoever is to be let in must not wait for an hour

_TRIES = const(3)  # wrong ones until the device hangs up
_NONCE_BYTES = const(16)
_MAC_BYTES = const(32)


class Doors:
    """`link` is the Peripheral: its `trusted` begins with the proof and ends with the connection.

    `window`: beats left in which reads need no key. `stranger`: beats that the host has been here without leave.
    """

    def __init__(self, device, link):
        self._device = device
        self._link = link
        self._nonce = b""  # good for one try
        self._wrong = 0  # tries since the last right one
        self._pause = 0  # beats until the next try
        self.window = self.stranger = 0

    def check(self, request) -> None:
        """Refusal unless the host may ask this. Echo, the OS group's reads and the proof itself are open to all."""
        group, command, is_read = request.group, request.command, request.op == smp.READ
        if self._link.trusted or (is_read and (self.window or group == smp.GROUP_OS)):
            return
        if (group, command) not in ((smp.GROUP_OS, 0), (smp.GROUP_HOLDBACK, 4)):
            raise Refusal(smp.EACCESSDENIED)

    def beat(self) -> None:
        """Five seconds are over."""
        link = self._link
        self._pause = max(0, self._pause - 1)
        self.window = max(0, self.window - 1)
        if link.connected and not link.trusted and not self.window:
            self.stranger += 1
            if self.stranger > _STRANGER_BEATS:
                link.hang_up()

    def challenge(self, _body):
        """What the host is to prove the key with. Refused without a key (ENOENT), and after wrong tries (EBUSY)."""
        from app.proof import read_key

        read_key(self._device.store.root)
        forget("app.proof")
        if self._pause:
            raise Refusal(smp.EBUSY)
        self._nonce = os.urandom(_NONCE_BYTES)
        return {"nonce": self._nonce, "serial": self._device.serial}

    def prove(self, body):
        """The host's proof; the device's own in return."""
        from app.proof import mac, read_key, same

        nonce, self._nonce = self._nonce, b""
        theirs = body["nonce"]
        if not nonce or len(theirs) != _NONCE_BYTES or len(body["mac"]) != _MAC_BYTES:
            raise Refusal(smp.EINVAL)
        key = read_key(self._device.store.root)
        both = nonce + theirs + self._device.serial.encode()
        if not same(mac(key, b"holdback host" + both), body["mac"]):
            self._count_wrong()
        self._wrong = 0
        self._link.trusted = True
        answer = {"mac": mac(key, b"holdback device" + both)}
        forget("app.proof")
        return answer

    def _count_wrong(self) -> None:
        self._wrong += 1
        if self._wrong % _TRIES:
            raise Refusal(smp.EACCESSDENIED)
        self._pause = min(2 * self._wrong // _TRIES, _PAUSE_BEATS)
        raise Refusal(smp.EBUSY)  # the server hangs up
