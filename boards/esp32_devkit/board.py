"""A plain ESP32 development board with a UART receiver, a motor, a button and one cell. README.md says more."""

NAME = "esp32-devkit"
IMAGE = "ESP32_GENERIC"  # MicroPython's, as micropython.org names it
ROOT = ""  # plans, recordings and state live at the top of the flash file system
CURRENT_MA = 66  # estimated: a stage at 80 MHz with receiver and strap, screen off
BATTERY_MAH = 1200

GNSS_UART = 2
GNSS_BAUD = 9600
GNSS_TX = 17
GNSS_RX = 16
GNSS_ON = ()
MOTOR = 25
BUTTON = 27  # not GPIO0: held at reset, that one enters the ROM loader
KEY_LINE = -1
HIGH = ()
POWER = "divider"
BATTERY = 35  # ADC1: ADC2 is taken while a radio is on
ATTEN = 3  # 11 dB, to 2.45 V
RATIO_NUM = 2  # 100 k over 100 k
RATIO_DEN = 1
