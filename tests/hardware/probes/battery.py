"""The battery as the firmware reads it."""

from probes.lead import ready_board


def run():
    board = ready_board()
    battery = board.battery()
    found: dict = {"millivolts": battery.millivolts(), "percent": battery.percent()}
    charging = getattr(battery, "charging", None)
    if charging:
        found["charging"] = "yes" if charging() else "no"
    if board.faults:
        found["faults"] = ", ".join(["%s: %s" % fault for fault in board.faults])
    return found
