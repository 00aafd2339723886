"""The simulator is a board: the same functions as every board, over the stand-ins beside this file. See README.md."""

import blockdev  # pyright: ignore[reportMissingImports] (a stand-in)
from machine import WDT

from boards import common

NAME = "virtual"
ROOT = "/flash"  # littlefs2 on the simulator's block device; "/" is the computer's own disk here
BATTERY_HOURS = 18  # as esp32_devkit
WATCHDOG_MS = 30_000

GNSS_UART, GNSS_BAUD, GNSS_TX, GNSS_RX = 2, 9600, 17, 16
MOTOR, MOTOR_TIMER = 25, 0
BUTTON = 0
BATTERY = 35


def prepare() -> None:
    """Motor off, rails up, files mounted: before anything else."""
    common.silence(MOTOR)
    blockdev.mount(ROOT)


def uart():
    return common.uart(GNSS_UART, GNSS_BAUD, GNSS_TX, GNSS_RX)


def motor():
    return common.motor(MOTOR, MOTOR_TIMER)


def button():
    return common.button(BUTTON)


def battery():
    return common.battery(BATTERY, 2, 1)


def watchdog():
    """Armed from here on, in virtual time."""
    return WDT(timeout=WATCHDOG_MS)
