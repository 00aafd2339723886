"""BME280 against its calibration and the worked example of Bosch's BMP280 datasheet (BST-BMP280-DS001, 3.12)."""

from struct import pack

from drivers.bme280 import Bme280
from models import ENODEV, Bus, Registers, raises

CALIBRATION = pack("<Hhh", 27504, 26435, -1000) + pack(
    "<Hhhhhhhhh", 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000
)


def model(identity=0x60, pressure=415148, temperature=519888):
    chip = Registers({0xD0: identity})
    for i, value in enumerate(CALIBRATION):
        chip.values[0x88 + i] = value
    for at, raw in ((0xF7, pressure), (0xFA, temperature)):
        chip.values.update({at: raw >> 12, at + 1: raw >> 4 & 255, at + 2: (raw & 15) << 4})
    return chip


def test_the_datasheets_example():
    chip = model()
    sensor = Bme280(Bus(x76=chip))
    sensor.measure()
    assert chip.written == [(0xF5, 0), (0xF4, 0x31)]
    pressure_pa, temp_c100 = sensor.read()
    assert temp_c100 == 2508 and pressure_pa == 100653


def test_less_pressure_is_a_higher_reading_of_the_converter():
    assert Bme280(Bus(x77=model(pressure=500000)), 0x77).read()[0] < 100653


def test_an_empty_calibration_is_no_division_by_zero():
    chip = model()
    for i in range(24):
        chip.values[0x88 + i] = 0
    assert Bme280(Bus(x76=chip)).read()[0] == 0


def test_another_chip_and_none():
    assert raises(Bme280, Bus(x76=model(identity=0x55))).args[0] == ENODEV
    assert raises(Bme280, Bus()).args[0] == ENODEV
    bus = Bus(x76=model())
    bus.failures = 1
    raises(Bme280, bus)
