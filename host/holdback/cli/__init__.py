"""The command line: one module a noun. Functions below this package never print and never exit."""

from holdback.cli.app import app, main

__all__ = ["app", "main"]
