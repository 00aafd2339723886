"""Starts the device, unless safe mode is asked for: then neither watchdog nor radio stands in the way of a copy."""

import machine

SAFE = b"safe"


def main() -> None:
    memory = machine.RTC()
    if memory.memory() == SAFE:
        memory.memory(b"")
        print("Holdback: safe mode, nothing is started. Reset to leave it.")
        return
    from app import supervisor

    from boards.common import Board

    supervisor.run(Board())


main()
