"""AXP192, AXP2101 and which of them it is, against models of their registers."""

import asyncio

from drivers import axp192, axp2101
from drivers.axp import find
from drivers.axp192 import Axp192
from drivers.axp2101 import Axp2101
from drivers.button import Button
from drivers.pmukey import PmuKey
from models import EIO, ENODEV, Bus, Line, Notes, Power, raises


def new_chip():
    """AXP2101 as a watch's bootloader leaves it: all LDOs on, DC1 on, thermistor and charger as by default."""
    return Power(
        {0x03: 0x4A, 0x80: 0x01, 0x90: 0xFF, 0x30: 0x03, 0x50: 0x00, 0x62: 0x08, 0x64: 0x05}, (0x48, 0x49, 0x4A)
    )


def old_chip():
    return Power(
        {0x03: 0x03, 0x12: 0x5F, 0x28: 0xCC, 0x82: 0x00, 0x33: 0xC3, 0x36: 0x5D}, (0x44, 0x45, 0x46, 0x47, 0x4D)
    )


def test_axp2101_rails_voltage_before_switch():
    chip = new_chip()
    rails = ((axp2101.ALDO4, 0), (axp2101.BLDO1, 3300), (axp2101.DC3, 3300), (axp2101.DC4, 850))
    Axp2101(Bus(x34=chip), Notes()).set_up(rails, 400)
    assert chip.written[:7] == [
        (0x90, 0xF7),
        (0x96, 28), (0x90, 0xF7),
        (0x84, 105), (0x80, 0x05),
        (0x85, 35), (0x80, 0x0D),
    ]  # fmt: skip
    assert chip.written[7:] == [(0x30, 0x01), (0x50, 0x10), (0x62, 10), (0x64, 3), (0x27, 0x0C)]


def test_axp2101_charge_current_steps():
    for ma, code in ((100, 4), (200, 8), (300, 9), (500, 11), (1000, 16)):
        chip = new_chip()
        Axp2101(Bus(x34=chip), Notes()).set_up((), ma)
        assert chip.values[0x62] == code


def test_axp2101_tells_charge_and_charging():
    chip = new_chip()
    chip.values.update({0xA4: 83, 0x34: 0x8F, 0x35: 0x3C, 0x01: 0x25})
    notes = Notes()
    power = Axp2101(Bus(x34=chip), notes)
    assert (power.percent(), power.millivolts(), power.charging()) == (83, 0x0F3C, True)
    chip.values.update({0xA4: 255, 0x01: 0x45})  # a gauge that has not begun yet
    assert power.percent() == 100 and not power.charging() and not notes


def test_axp192_rails_voltage_before_switch():
    chip = old_chip()
    Axp192(Bus(x34=chip), Notes()).set_up(((axp192.LDO2, 0), (axp192.LDO3, 3300), (axp192.DC1, 3300)), 500)
    assert chip.written == [
        (0x12, 0x5B), (0x28, 0xCF), (0x12, 0x5B), (0x26, 104), (0x12, 0x5B), (0x82, 0x80), (0x33, 0xC4), (0x36, 0x5F),
    ]  # fmt: skip


def test_axp192_rails_of_the_high_half():
    chip = old_chip()
    Axp192(Bus(x34=chip), Notes()).set_up(((axp192.LDO2, 2800),), 100)
    assert chip.values[0x28] == 0xAC and chip.values[0x33] == 0xC0


def test_axp192_tells_charge_and_charging():
    chip = old_chip()
    chip.values.update({0x78: 0xE3, 0x79: 0x0C, 0x01: 0x70})  # 3644 steps of 1.1 mV
    power = Axp192(Bus(x34=chip), Notes())
    assert power.millivolts() == 4008 and power.percent() == 82 and power.charging()


def test_which_of_both_it_is():
    assert isinstance(find(Bus(x34=old_chip()), Notes()), Axp192)
    assert isinstance(find(Bus(x34=new_chip()), Notes()), Axp2101)
    assert isinstance(find(Bus(), Notes()), Axp2101)


def test_another_chip_is_not_written_to():
    for driver in (Axp192, Axp2101):
        chip = Power({0x03: 0x41}, ())  # AXP202
        error = raises(driver(Bus(x34=chip), Notes()).set_up, ((axp192.LDO2, 0),), 500)
        assert error.args[0] == ENODEV and not chip.written


def test_a_chip_that_never_answers_says_nothing_is_left_and_is_noted():
    for driver in (Axp192, Axp2101):
        notes = Notes()
        power = driver(Bus(), notes)
        assert raises(power.set_up, (), 500).args[0] == ENODEV
        assert power.percent() == 0 and notes == ["power"]


def test_a_bus_error_keeps_the_last_percent():
    for chip, driver in ((old_chip(), Axp192), (new_chip(), Axp2101)):
        chip.values.update({0xA4: 61, 0x78: 0xDD, 0x79: 0})
        bus, notes = Bus(x34=chip), Notes()
        power = driver(bus, notes)
        known = power.percent()
        bus.failing, bus.failures = EIO, 1
        assert known > 40 and power.percent() == known and notes == ["power"]


# --- the key ---


def key_rig():
    chip, line, notes = new_chip(), Line(), Notes()
    bus = Bus(x34=chip)
    key = PmuKey(Axp2101(bus, notes), line, notes)
    assert chip.written == [(0x40, 0), (0x48, 255), (0x41, 3), (0x49, 255), (0x42, 0), (0x4A, 255)]
    return chip, bus, line, notes, key


def happen(chip, line, bits):
    chip.happen(0x49, bits)
    line.set(0)


def look(chip, line, key):
    level = key.value()
    if not chip.values.get(0x49):
        line.set(1)  # nothing more to tell
    return level


def test_the_key_goes_down_and_up_and_its_events_are_cleared():
    chip, _, line, _, key = key_rig()
    assert look(chip, line, key) == 1
    happen(chip, line, 2)
    assert look(chip, line, key) == 0 and chip.values[0x49] == 0 and look(chip, line, key) == 0
    happen(chip, line, 1)
    assert look(chip, line, key) == 1 and look(chip, line, key) == 1


def test_a_bus_error_releases_the_key():
    chip, bus, line, notes, key = key_rig()
    happen(chip, line, 2)
    bus.failures = 1
    assert key.value() == 1 and notes == ["key"]
    assert look(chip, line, key) == 0


def test_the_old_chip_tells_a_short_press():
    chip = old_chip()
    power = Axp192(Bus(x34=chip), Notes())
    power.watch_key()
    assert chip.written == [(0x42, 2), (0x46, 255)] and power.key_events() == 0
    chip.happen(0x46, 3)
    assert power.key_events() == 3 and chip.values[0x46] == 1


def gesture(steps):
    """What drivers.button makes of events of the key: (ms to wait before, bits)."""

    async def main():
        chip, _, line, _, key = key_rig()
        real = key.value

        def value():
            level = real()
            if not chip.values.get(0x49):
                line.set(1)
            return level

        key.value = value
        task = asyncio.create_task(Button(key).gesture())
        for ms, bits in steps:
            await asyncio.sleep_ms(ms)
            happen(chip, line, bits)
        return await asyncio.wait_for_ms(task, 5000)

    return asyncio.run(main())


def test_presses_of_the_key_are_gestures():
    assert gesture(((20, 2), (100, 1))) == 1
    assert gesture(((20, 2), (100, 1), (150, 2), (100, 1))) == 2


def test_a_press_that_has_ended_before_anybody_looked_is_one():
    assert gesture(((20, 3),)) == 1
