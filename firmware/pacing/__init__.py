"""The pacing core: integers only; no machine, bluetooth, asyncio, files or clock; the same on CPython and MicroPython."""
