"""LilyGO T-Beam 1.1 and 1.2, whichever power management is on it. README.md beside this says more."""

from drivers.axp192 import DC1, LDO2, LDO3
from drivers.axp2101 import ALDO2, ALDO3

NAME = "t-beam"
IMAGE = "ESP32_GENERIC-SPIRAM"
ROOT = ""
CURRENT_MA = 66  # estimated: a stage at 80 MHz with receiver and strap, screen off
BATTERY_MAH = 2600  # an 18650 cell

GNSS_UART = 2
GNSS_BAUD = 9600
GNSS_TX = 12
GNSS_RX = 34
GNSS_ON = ()
MOTOR = 13
BUTTON = 38
KEY_LINE = -1  # the power key stays what it is
HIGH = (18,)  # LoRa not selected
POWER = "axp"
I2C = 0
SDA = 21
SCL = 22
RAILS = ((ALDO2, 0), (ALDO3, 3300))  # LoRa, GNSS
RAILS_192 = ((LDO2, 0), (LDO3, 3300), (DC1, 3300))  # LoRa, GNSS, pins and display
CHARGE_MA = 500
