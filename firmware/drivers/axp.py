"""Whichever of the two power managements a T-Beam has: both are at the same address, and tell who they are."""

from drivers import axp192, axp2101
from drivers.axp192 import Axp192
from drivers.axp2101 import Axp2101
from drivers.chip import Chip


def find(bus, note):
    """The driver of the chip that is there; AXP2101's if none answers, and then that one notes so."""
    try:
        found = Chip(bus, axp2101.ADDRESS).get(axp2101.IC_TYPE)
    except OSError:
        found = 0
    return Axp192(bus, note) if found == axp192.CHIP_ID else Axp2101(bus, note)
