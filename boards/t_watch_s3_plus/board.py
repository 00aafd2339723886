"""LilyGO T-Watch S3 Plus. README.md beside this says more."""

from drivers.axp2101 import ALDO2, ALDO3, ALDO4, BLDO1, BLDO2, DC3, DC4

NAME = "t-watch-s3-plus"
IMAGE = "ESP32_GENERIC_S3-SPIRAM_OCT"
ROOT = ""
CURRENT_MA = 46  # estimated: a stage at 80 MHz with receiver and strap, screen off
BATTERY_MAH = 940  # the Plus, assumed; the current with the M10

GNSS_UART = 1
GNSS_BAUD = 38400
GNSS_TX = 42
GNSS_RX = 41
GNSS_ON = ()
MOTOR = -1  # a DRV2605L
BUTTON = 0  # inside the case: only if the power management does not answer
KEY_LINE = 21
HIGH = (5,)  # LoRa not selected
POWER = "axp2101"
I2C = 0
SDA = 10
SCL = 11
# Backlight, display with touch, LoRa; GNSS (the older watches' from DC3, LS550G's core from DC4), motor.
RAILS = ((ALDO2, 0), (ALDO3, 0), (ALDO4, 0), (BLDO1, 3300), (DC3, 3300), (DC4, 850), (BLDO2, 3300))
CHARGE_MA = 400
