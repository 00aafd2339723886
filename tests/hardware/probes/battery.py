"""The battery as the firmware reads it."""

from probes.lead import faults, ready_board


def run():
    board = ready_board()
    battery = board.battery()
    found: dict = {"millivolts": battery.millivolts(), "percent": battery.percent()}
    charging = getattr(battery, "charging", None)
    if charging:
        found["charging"] = "yes" if charging() else "no"
    found["faults"] = faults(board)
    return found
