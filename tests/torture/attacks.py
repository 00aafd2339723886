"""Every attack by its name, in the order in which they run. To add one: a module with `run(scale, report) -> Row`."""

from collections.abc import Callable
from functools import partial

from torture import (
    bulk,
    days,
    device_parsers,
    flash,
    fuzz,
    host_parsers,
    impostor,
    power,
    radio,
    sensor_parsers,
    sensors,
    smp_device,
    soak,
)
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
