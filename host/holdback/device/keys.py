"""The keys that this computer holds: one small private file a device, in the user's configuration folder.

A key is 32 random bytes that the device has, too. Whoever holds it can read recordings and write plans.
"""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated

import msgspec
from platformdirs import user_config_path

from holdback.errors import HoldbackError, NotFoundError, UsageError, typed
from holdback.writing import write_whole

KEY_BYTES = 32
_SERIAL = r"^[0-9a-f]{4,64}\Z"


class DeviceKey(msgspec.Struct, frozen=True):
    """The key of the device with this serial number, as it stands in a file. id: the end of the device's name."""

    serial: Annotated[str, msgspec.Meta(pattern=_SERIAL)]
    key: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]

    @property
    def id(self) -> str:
        """The device's id: the end of its serial number, and of its name."""
        return self.serial[-4:].upper()


def fresh(serial: str) -> DeviceKey:
    """A new key, from the system's source of chance. UsageError if `serial` is none."""
    path_of(serial)
    return DeviceKey(serial, secrets.token_bytes(KEY_BYTES))


def folder() -> Path:
    """Where the keys are."""
    return user_config_path("holdback") / "keys"


def path_of(serial: str) -> Path:
    """The file of a serial number. UsageError if it is none: hexadecimal digits are, and the device tells them."""
    if not re.match(_SERIAL, serial):
        raise UsageError(f"{serial!r} is no serial number of a device", "it has 4 to 64 hexadecimal digits")
    return folder() / f"{serial}.key"


def recall(serial: str) -> DeviceKey | None:
    """This computer's key of a device; None if it has none. Raises HoldbackError: damaged, or open to others."""
    known = path_of(serial)
    try:
        key = read(known)
    except NotFoundError:
        return None
    _check_private(known.parent)
    _check_private(known)
    if key.serial != serial:
        raise HoldbackError(f"{known}: the key of another device", f"of serial number {key.serial}", _again())
    return key


# Who is asked for the key of a serial number. A simulated world has its own.
keyring: ContextVar[Callable[[str], DeviceKey | None]] = ContextVar("keyring", default=recall)


def read(path: Path) -> DeviceKey:
    """The key in a file, of ours or exported. Raises NotFoundError, HoldbackError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=DeviceKey)
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such file", "", "holdback device key export FILE makes one") from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise HoldbackError(f"{path}: no key of a device can be read", why or "", _again()) from None


def write(key: DeviceKey, path: Path) -> None:
    """Write a file for the user alone. Raises HoldbackError."""
    try:
        write_whole(path, msgspec.json.format(msgspec.json.encode(key)) + b"\n", private=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise HoldbackError(f"{path}: cannot be written", why, "choose another place, or its rights") from None


def keep(key: DeviceKey) -> Path:
    """Make `key` this computer's key of that device; one that was there is written over. Raises HoldbackError."""
    path = path_of(key.serial)
    _make_folder()
    write(key, path)
    return path


@contextmanager
def exchange(key: DeviceKey) -> Iterator[None]:
    """Inside it the device gets `key`; afterwards it is this computer's. If that fails the old one stays.

    It is written here first: a device must not get a key that can then be kept nowhere. Raises HoldbackError.
    """
    path = path_of(key.serial)
    waiting = path.with_suffix(".new")
    _make_folder()
    write(key, waiting)
    try:
        yield
    except HoldbackError:
        waiting.unlink()
        raise
    waiting.replace(path)


def _make_folder() -> None:
    try:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise HoldbackError(f"{folder()}: cannot be made", why, "change the rights of what it is in") from None
    _check_private(folder())


def choose(device: str) -> DeviceKey:
    """The one key here, or that of the device with this id, name or serial number.

    Raises NotFoundError (none), UsageError (several).
    """
    wanted = device.casefold().removeprefix("holdback-")
    found = [path.stem for path in sorted(folder().glob("*.key")) if path.stem.endswith(wanted)]
    if len(found) > 1:
        next_step = typed("device", "key", "export", "--device", found[0], "FILE")
        raise UsageError(f"{len(found)} keys are here", ", ".join(found), next_step)
    key = recall(found[0]) if found else None
    if key is None:
        what = f"no key of {device} is here" if device else "no key of a device is here"
        raise NotFoundError(what, f"keys are kept in {folder()}", _again())
    return key


def _check_private(path: Path) -> None:
    """A key that others can read is none. Windows has no modes: there the user's profile is private."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        mode = "700" if path.is_dir() else "600"
        raise HoldbackError(f"{path}: other users of this computer have access", "", f"chmod {mode} {path}")


def _again() -> str:
    return "by USB: holdback device key provision; or from another computer's: holdback device key import FILE"
