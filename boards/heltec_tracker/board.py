"""Heltec Wireless Tracker 1.1. README.md beside this says more."""

NAME = "heltec-tracker"
IMAGE = "ESP32_GENERIC_S3"
ROOT = ""
CURRENT_MA = 81  # estimated: a stage at 80 MHz with receiver and strap, screen off
BATTERY_MAH = 1200

GNSS_UART = 1
GNSS_BAUD = 115200
GNSS_TX = 34
GNSS_RX = 33
GNSS_ON = (3, 35)  # its supply, its reset released: the UC6580 has no standby by command
MOTOR = 4
BUTTON = 0
KEY_LINE = -1
HIGH = (2, 8)  # the battery's divider connected; LoRa not selected
POWER = "divider"
BATTERY = 1
ATTEN = 1  # 2.5 dB, to 1.05 V: a full cell is 0.82 V here
RATIO_NUM = 5120  # 4.9 x 1.045
RATIO_DEN = 1000
