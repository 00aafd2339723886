"""A board for the simulator that wants what a watch has: power management, a haptic driver, a key behind the first."""

from drivers.axp2101 import BLDO1, BLDO2

NAME = "watch"
ROOT = "/flash"
CURRENT_MA = 46
BATTERY_MAH = 940

GNSS_UART = 2
GNSS_BAUD = 9600
GNSS_TX = 17
GNSS_RX = 16
GNSS_ON = ()
MOTOR = -1
BUTTON = 0
KEY_LINE = 21
HIGH = (5,)
POWER = "axp2101"
I2C = 0
SDA = 10
SCL = 11
RAILS = ((BLDO1, 3300), (BLDO2, 3300))
CHARGE_MA = 400
