"""A virtual board: MicroPython in a process that takes turns with the clock, and its Bluetooth on the virtual radio."""
