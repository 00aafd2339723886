"""As much of MicroPython's machine as the command handlers import. The virtual board has a whole one."""


class RTC:
    """A clock that may be set to anything."""

    def datetime(self, _now=None):
        """Forget it."""
        return None

    def memory(self, _data=None):
        """Nothing is kept."""
        return b""
