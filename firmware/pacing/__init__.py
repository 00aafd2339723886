"""The pacing core: integers only, no machine, bluetooth, asyncio, files or clock; the same on every interpreter."""
