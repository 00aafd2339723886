"""DRV2605L and the motor's score on it, against a model of its registers."""

from drivers.drv2605 import Drv2605
from drivers.motor import Motor
from models import ETIMEDOUT, Bus, Haptic, Notes, Timer


def rig(chip):
    bus = Bus(x5A=chip) if chip else Bus()
    notes, timer = Notes(), Timer()
    return bus, notes, timer, Motor(Drv2605(bus, notes), timer)


def test_full_drive_is_set_up_for_this_motor_before_it_begins():
    chip = Haptic()
    _, notes, timer, motor = rig(chip)
    chip.written.clear()
    motor.play((200, 150, 300))
    assert chip.written[-5:] == [(0x02, 0), (0x1A, 0x36), (0x1D, 0xA0), (0x01, 5), (0x02, 127)]
    assert chip.drives() == 127
    felt = []
    while timer.period:
        felt.append((timer.period, chip.drives()))
        timer.fire()
    assert felt == [(200, 127), (150, 0), (300, 127)]
    assert chip.drives() == 0 and not motor.busy and not notes


class Pwm:
    """machine.PWM on a transistor's pin."""

    def __init__(self):
        self.duty = None

    def duty_u16(self, duty):
        self.duty = duty

    def drives(self):
        return self.duty >> 9


def test_a_motor_behind_a_transistor_has_the_same_score():
    felt = []
    for output, chip in ((Pwm(), None), (None, Haptic())):
        timer = Timer()
        motor = Motor(output or Drv2605(Bus(x5A=chip), Notes()), timer)
        assert (output or chip).drives() == 0  # off from the start
        motor.play((200, 150, 300, 150, 1200))
        steps = []
        while timer.period:
            steps.append((timer.period, (output or chip).drives()))
            timer.fire()
        assert (output or chip).drives() == 0 and not motor.busy
        felt.append(steps)
    assert felt[0] == felt[1] == [(200, 127), (150, 0), (300, 127), (150, 0), (1000, 127)]


def test_the_older_chip_is_one_of_them_and_another_is_not():
    for device, drive in ((3, 127), (4, 0), (0, 0)):
        chip = Haptic(device)
        _, notes, _, motor = rig(chip)
        motor.play((200,))
        assert chip.drives() == drive
        assert notes == ([] if drive else ["motor"])


def test_without_a_chip_a_cue_is_lost_and_noted_once():
    _, notes, timer, motor = rig(None)
    for _ in range(3):
        motor.play((200, 150, 200))
        assert not motor.busy
    for _ in range(5):
        timer.fire()
    assert notes == ["motor"]


def test_a_pulse_that_cannot_be_ended_is_ended_as_soon_as_the_bus_answers():
    chip = Haptic()
    bus, notes, timer, motor = rig(chip)
    motor.play((200, 150, 200))
    bus.failing, bus.failures = ETIMEDOUT, 3
    timer.fire()
    assert chip.drives() == 127 and notes == ["motor"] and not motor.busy
    for _ in range(3):
        assert 0 < timer.period <= 1000
        timer.fire()
    assert chip.drives() == 0 and timer.period is None


def test_a_chip_that_has_lost_its_supply_plays_the_next_pulse():
    chip = Haptic()
    _, notes, timer, motor = rig(chip)
    motor.play((200, 150, 200))
    timer.fire()
    chip.power_on()
    timer.fire()
    assert chip.drives() == 127 and not notes


def test_every_fault_within_a_cue_leaves_the_motor_off():
    """Whichever transfer fails, and however many: when the timer rests the motor rests."""
    for first in range(14):
        for count in (1, 2, 7):
            chip = Haptic()
            bus, _, timer, motor = rig(chip)
            turns = 0
            bus.after, bus.failures = first, count
            motor.play((200, 150, 200))
            while timer.period and turns < 40:
                turns += 1
                timer.fire()
            assert not bus.failures
            assert chip.drives() == 0 and not motor.busy and turns < 40, (first, count)


def test_no_pulse_is_longer_than_a_second_and_none_without_an_end():
    chip = Haptic()
    _, _, timer, motor = rig(chip)
    motor.play((60_000,))
    assert timer.period == 1000
    motor.play((0,))
    assert chip.drives() == 0
    motor.play((200, 150))
    motor.stop()
    assert chip.drives() == 0 and timer.period is None
