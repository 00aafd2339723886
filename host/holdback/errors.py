"""The errors a user meets: what happened, why, and what to do next."""

import shlex
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of every command; docs/troubleshooting.md explains them."""

    OK = 0
    DOMAIN = 1
    USAGE = 2
    NOT_FOUND = 3
    INTERRUPTED = 4  # resumable: the same command goes on where this one stopped
    INTEGRITY = 5


def typed(*words: object) -> str:
    """A command of ours as it has to be typed: what has spaces in it is quoted."""
    return shlex.join(("holdback", *map(str, words)))


class HoldbackError(Exception):
    """A failure with a reason and a next step; the command line prints these three and no traceback."""

    exit_code = ExitCode.DOMAIN

    def __init__(self, what: str, why: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step

    def as_dict(self) -> dict[str, str | int]:
        """The document that `--json` prints instead of a result."""
        return {"error": self.what, "why": self.why, "next": self.next_step, "exit_code": int(self.exit_code)}


class UsageError(HoldbackError):
    """The command or its options do not fit together."""

    exit_code = ExitCode.USAGE


class NotFoundError(HoldbackError):
    """A file, a device or an adapter that is not there."""

    exit_code = ExitCode.NOT_FOUND


class InterruptedTransferError(HoldbackError):
    """A transfer stopped half way; what arrived is kept and the next call resumes."""

    exit_code = ExitCode.INTERRUPTED


class IntegrityError(HoldbackError):
    """Data whose checksum, length or structure says that it is damaged."""

    exit_code = ExitCode.INTEGRITY
