"""Which chips answer on the board's bus, and at which levels its pins are."""

import board as facts
from machine import Pin
from probes.lead import faults, ready_board

_NAMES = {
    (0x34, 0x03, 0x4A): "AXP2101",
    (0x34, 0x03, 0x03): "AXP192",
    (0x5A, 0x00, 0x60): "DRV2605",
    (0x5A, 0x00, 0xE0): "DRV2605L",
    (0x76, 0xD0, 0x60): "BME280",
    (0x77, 0xD0, 0x60): "BME280",
    (0x76, 0xD0, 0x58): "BMP280",
    (0x77, 0xD0, 0x58): "BMP280",
}


def run():
    board = ready_board()
    found: dict = {"button_level": Pin(facts.BUTTON, Pin.IN).value()}
    if facts.POWER == "divider":
        found["chips"] = "none expected"
        return found
    found["faults"] = faults(board)
    bus = board._bus
    chips = [named(bus, address) for address in bus.scan()]
    found["chips"] = ", ".join(chips) or "none"
    expected = {"axp2101": ("AXP2101",), "axp": ("AXP192", "AXP2101")}[facts.POWER]
    found["power"] = "found" if [name for name in expected if name in chips] else "missing"
    if facts.MOTOR < 0:
        found["haptic"] = "found" if "DRV2605" in chips or "DRV2605L" in chips else "missing"
    return found


def named(bus, address):
    """The chip at an address by its identity, or the address."""
    for (where, register, identity), name in _NAMES.items():
        if where == address:
            try:
                value = bus.readfrom_mem(address, register, 1)[0]
            except OSError:
                continue
            if (value & 0xE0 if address == 0x5A else value) == identity:
                return name
    return "0x%02X" % address
