"""Modules that are there only while they work: a host and a stage are never served at once, so they share memory.

Those are imported inside the functions that need them. Whatever was loaded when the device started stays.
"""

import gc
import sys


class Visitors:
    """Knows the modules that live here and shows the others the door."""

    def __init__(self):
        self._home = tuple(sys.modules)

    def leave(self, only: str = "") -> None:
        """Forget every visitor, or `only` this one. What still holds something of theirs keeps it."""
        for name in list(sys.modules):
            if name not in self._home and only in ("", name):
                del sys.modules[name]
                package, _, module = name.partition(".")
                delattr(sys.modules[package], module)
        gc.collect()
