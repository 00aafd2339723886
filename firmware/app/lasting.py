"""Whether the battery lasts. Loaded for a moment when a stage is armed, and with each 5 % of the battery on the way."""

from pacing.saving import LEFT_PERCENT, level, wanted


def lasting(device, seconds: int):
    """(pacing.saving's level for so many seconds, the least percent with which they are not SHORT).

    By the drain that was measured; where none was, by the board's.
    """
    drain = device.store.state.drain or 1000 // device.battery_hours
    return level(device.battery.percent(), drain, seconds), wanted(drain * LEFT_PERCENT[-1] // 100, seconds)
