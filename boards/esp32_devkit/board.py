"""A plain ESP32 development board with a UART receiver, a motor, a button and one cell. See README.md beside this."""

from machine import WDT

from boards import common

NAME = "esp32-devkit"
ROOT = ""  # plans, recordings and state live at the top of the flash file system
BATTERY_HOURS = 18  # estimated: 1200 mAh at 66 mA
WATCHDOG_MS = 30_000  # three missed beats; the longest flash flush is far below

GNSS_UART, GNSS_BAUD, GNSS_TX, GNSS_RX = 2, 9600, 17, 16
MOTOR, MOTOR_TIMER = 25, 0
BUTTON = 27  # not GPIO0: held at reset, that one enters the ROM loader
BATTERY = 35  # ADC1: ADC2 is taken while a radio is on


def prepare() -> None:
    """Motor off, rails up, files mounted: before anything else."""
    common.silence(MOTOR)


def uart():
    return common.uart(GNSS_UART, GNSS_BAUD, GNSS_TX, GNSS_RX)


def motor():
    return common.motor(MOTOR, MOTOR_TIMER)


def button():
    return common.button(BUTTON)


def battery():
    return common.battery(BATTERY, 2, 1)  # 100 k over 100 k


def watchdog():
    """Armed from here on: it cannot be disarmed and survives a soft reset."""
    return WDT(timeout=WATCHDOG_MS)
