"""The facts that a board may say, and of which type: what each means is in README.md. boards/NAME/board.py has them."""

NAME: str
IMAGE: str
ROOT: str
CURRENT_MA: int
BATTERY_MAH: int
GNSS_UART: int
GNSS_BAUD: int
GNSS_TX: int
GNSS_RX: int
GNSS_ON: tuple[int, ...]
MOTOR: int
BUTTON: int
KEY_LINE: int
HIGH: tuple[int, ...]
POWER: str
# With a divider.
BATTERY: int
ATTEN: int
RATIO_NUM: int
RATIO_DEN: int
# With power management.
I2C: int
SDA: int
SCL: int
RAILS: tuple[tuple[int, int], ...]
RAILS_192: tuple[tuple[int, int], ...]
CHARGE_MA: int
