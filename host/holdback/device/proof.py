"""Proving to a device that we hold its key, and having it prove that it does, before anything is handed over.

docs/sync-protocol.md has the bytes, docs/security.md what this protects.
"""

import hmac
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import NoReturn

from smp.error import MGMT_ERR
from smpclient.transport.ble import SMPBLETransport

from holdback.device import link as unproved
from holdback.device.keys import DeviceKey, keyring
from holdback.device.link import DeviceRefusedError, Link, TransportFactory
from holdback.device.messages import NONCE_BYTES, ProofRead, ProofWrite
from holdback.errors import HoldbackError, IntegrityError

BY_USB = "by USB: holdback device key provision"
WINDOW = "to read only: three presses on its button, and within two minutes this command with --window"

# Read without a key, through the window that the button opens. Nobody proves anything then.
through_window: ContextVar[bool] = ContextVar("through_window", default=False)


class NoKeyError(HoldbackError):
    """Host and device have no key in common."""


class ImpostorError(IntegrityError):
    """Something that answers as the device does, and does not have its key."""


def mac(side: str, key: bytes, nonces: bytes, serial: str) -> bytes:
    """What proves the key: HMAC-SHA256 over the side ("host" or "device"), both nonces (device's first), the serial."""
    return hmac.digest(key, f"holdback {side}".encode() + nonces + serial.encode(), "sha256")


@asynccontextmanager
async def connect(address: str, transport: TransportFactory = SMPBLETransport) -> AsyncIterator[Link]:
    """A link over which both sides have proved the key; or one that reads through the window, if that is wanted.

    Raises NoKeyError, ImpostorError, and what the link raises.
    """
    async with unproved.connect(address, transport) as link:
        if not through_window.get():
            await introduce(link)
            yield link
            return
        try:
            yield link
        except DeviceRefusedError as error:
            if error.code != MGMT_ERR.EACCESSDENIED:
                raise
            raise NoKeyError("the device's window is not open", "it stays open for two minutes", WINDOW) from None


async def introduce(link: Link) -> None:
    """Prove ourselves, and check the device's proof. Raises NoKeyError, ImpostorError, and what `link.ask` raises."""
    try:
        challenge = await link.ask(ProofRead())
    except DeviceRefusedError as error:
        _explain(error)
    key = keyring.get()(challenge.serial)
    if key is None:
        what = f"this computer has no key of the device with serial number {challenge.serial}"
        next_step = f"bring it from the computer that has it: holdback device key export | import; {BY_USB}; {WINDOW}"
        raise NoKeyError(what, "it talks to those who have its key", next_step)
    await _prove(link, key, challenge.nonce)


async def _prove(link: Link, key: DeviceKey, theirs: bytes) -> None:
    ours = secrets.token_bytes(NONCE_BYTES)
    both = theirs + ours
    try:
        answer = await link.ask(ProofWrite(mac=mac("host", key.key, both, key.serial), nonce=ours))
    except DeviceRefusedError as error:
        _explain(error)
    if not hmac.compare_digest(answer.mac, mac("device", key.key, both, key.serial)):
        what = f"this is not the device with serial number {key.serial}: it does not have its key"
        raise ImpostorError(what, "nothing was handed over", "is yours out of reach, and another in its place?")


def _explain(error: DeviceRefusedError) -> NoReturn:
    """What a refusal of the proof means."""
    if error.code == MGMT_ERR.ENOENT:
        raise NoKeyError("the device has no key yet", "it lets nobody in without", f"{BY_USB}; {WINDOW}") from None
    if error.code == MGMT_ERR.EACCESSDENIED:
        why = "it was given another one since, or it is another device that says so"
        raise NoKeyError("the device does not take this computer's key", why, f"{BY_USB}; {WINDOW}") from None
    if error.code == MGMT_ERR.EBUSY:
        why = "somebody has tried wrong keys"
        raise NoKeyError("the device takes no key for up to a minute", why, "wait, then the same again") from None
    if error.code == MGMT_ERR.ENOTSUP:
        next_step = "update its firmware"
        raise NoKeyError("the device cannot prove who it is", "its firmware is older than that", next_step) from None
    raise error
