"""Questions on a terminal, asked so that Ctrl-C works while the answer is awaited."""

import asyncio
import sys

from holdback.cli import output


def on_terminal() -> bool:
    """Whether there is somebody to ask: input and output are a terminal's."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def ask(prompt: str) -> str | None:
    """The line that is typed after `prompt`, without its end; None at the end of the input."""
    output.ask(prompt)
    if sys.stdin.isatty() and hasattr(asyncio.get_running_loop(), "add_reader") and sys.platform != "win32":
        await _typed()
    line = sys.stdin.readline()
    return line.rstrip("\r\n") if line else None


async def _typed() -> None:
    """Wait until a line is there; a plain readline would keep Ctrl-C from being heard."""
    loop = asyncio.get_running_loop()
    there = asyncio.Event()
    loop.add_reader(sys.stdin, there.set)
    try:
        await there.wait()
    finally:
        loop.remove_reader(sys.stdin)
