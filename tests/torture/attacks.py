"""Every attack by its name, in the order in which they run. To add one: a module with `run(scale, report) -> Row`."""

from collections.abc import Callable
from functools import partial

from torture.faults import days, flash, power, radio, sensors, soak
from torture.parsers import bulk, device_parsers, fuzz, host_parsers, impostor, sensor_parsers, smp_device
from torture.rows import Report, Row, Scale

Attack = Callable[[Scale, Report], Row]
PARSERS = (
    *sensor_parsers.PARSERS,
    *device_parsers.PARSERS,
    *smp_device.PARSERS,
    *host_parsers.PARSERS,
    *impostor.PARSERS,
)
ATTACKS: dict[str, Attack] = {
    **{parser.name: partial(fuzz.run, parser) for parser in PARSERS},
    "bulk": bulk.run,
    "power": power.run,
    "flash": flash.run,
    "sensors": sensors.run,
    "radio": radio.run,
    "soak": soak.run_day,
    "season": soak.run_season,
    "days": days.run,
}
