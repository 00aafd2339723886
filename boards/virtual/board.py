"""The simulator is a board: its facts are read as those of any other, over the stand-ins beside this. See README.md."""

NAME = "virtual"
IMAGE = "standard"  # MicroPython's unix port calls itself so
ROOT = "/flash"  # littlefs2 on the simulator's block device; "/" is the computer's own disk here
CURRENT_MA = 66  # estimated: a stage at 80 MHz with receiver and strap, screen off
BATTERY_MAH = 1200  # as esp32_devkit

GNSS_UART = 2
GNSS_BAUD = 9600
GNSS_TX = 17
GNSS_RX = 16
GNSS_ON = ()
MOTOR = 25
BUTTON = 0
KEY_LINE = -1
HIGH = ()
POWER = "divider"
BATTERY = 35
ATTEN = 3
RATIO_NUM = 2
RATIO_DEN = 1
