"""Drivers: one chip or sensor a file. They take pins, timers and streams, and know no board."""
