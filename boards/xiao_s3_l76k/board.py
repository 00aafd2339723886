"""Seeed XIAO ESP32S3 with the L76K GNSS module. README.md beside this says more."""

NAME = "xiao-s3-l76k"
IMAGE = "ESP32_GENERIC_S3-SPIRAM_OCT"
ROOT = ""
CURRENT_MA = 75  # estimated: a stage at 80 MHz with receiver and strap, screen off
BATTERY_MAH = 1200

GNSS_UART = 1
GNSS_BAUD = 9600
GNSS_TX = 43
GNSS_RX = 44
GNSS_ON = ()
MOTOR = 2
BUTTON = 8  # D9, for a button of one's own: BOOT is on no pad, and held at reset it enters the ROM loader
KEY_LINE = -1
HIGH = (1, 9)  # GNSS not in standby, not in reset
POWER = "divider"
BATTERY = 4  # a divider of one's own
ATTEN = 3  # 11 dB, to 3.1 V
RATIO_NUM = 2
RATIO_DEN = 1
