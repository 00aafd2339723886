"""LilyGO T-Beam Supreme. README.md beside this says more."""

from drivers.axp2101 import ALDO2, ALDO3, ALDO4

NAME = "t-beam-supreme"
IMAGE = "ESP32_GENERIC_S3"
ROOT = ""
CURRENT_MA = 75  # estimated: a stage at 80 MHz with receiver and strap, screen off
BATTERY_MAH = 2600  # an 18650 cell; the current with the L76K

GNSS_UART = 1
GNSS_BAUD = 9600
GNSS_TX = 8
GNSS_RX = 9
GNSS_ON = ()
MOTOR = 44  # not 43: the ROM's boot messages come out of it
BUTTON = 0
KEY_LINE = -1
HIGH = (7, 10)  # GNSS awake; LoRa not selected
POWER = "axp2101"
I2C = 1  # the other bus hangs without its rails, and nothing on it is asked
SDA = 42
SCL = 41
RAILS = ((ALDO2, 3300), (ALDO3, 0), (ALDO4, 3300))  # the clock chip on this bus, LoRa, GNSS
CHARGE_MA = 500
