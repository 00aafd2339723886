"""Each board's wiring (boards/common.py on its facts) in order: motor off, supplies up, and only then what they supply.

The pins and rails stand here as public sources have them, once more beside the boards' own files.
"""

import sys

from models import ENODEV, Bus, Haptic, Line, Power, Timer

ROOT = __file__.rsplit("/", 3)[0]
OUT, IN, PULL_UP = 3, 1, 2

NEW, OLD = 0x4A, 0x03  # identities: AXP2101, AXP192
# motor, pins high from boot, receiver (UART, baud, TX, RX) and what switches it on, button, battery (pin, attenuation)
# or power management: I2C (number, SDA, SCL), its identity; {switch register: (bits on, bits off)}: GNSS, motor; LoRa.
BOARDS = {
    "esp32_devkit": (25, (), (2, 9600, 17, 16), (), 27, (35, 3)),
    "heltec_tracker": (4, (2, 8), (1, 115200, 34, 33), (3, 35), 0, (1, 1)),
    "xiao_s3_l76k": (2, (1, 9), (1, 9600, 43, 44), (), 8, (4, 3)),
    "t_beam": (13, (18,), (2, 9600, 12, 34), (), 38, ((0, 21, 22), NEW, {0x90: (0x04, 0x02)})),
    "t_beam 1.1": (13, (18,), (2, 9600, 12, 34), (), 38, ((0, 21, 22), OLD, {0x12: (0x09, 0x04)})),
    "t_beam_supreme": (44, (7, 10), (1, 9600, 8, 9), (), 0, ((1, 42, 41), NEW, {0x90: (0x0A, 0x04)})),
    "t_watch_s3_plus": (-1, (5,), (1, 38400, 42, 41), (), 21, ((0, 10, 11), NEW, {0x90: (0x30, 0x0E)})),
}


class Supplied(Haptic):
    """A DRV2605L that answers while its supply is on: BLDO2 of `power`."""

    def __init__(self, power):
        super().__init__()
        self.power = power

    def read(self, register):
        if not self.power.values[0x90] & 0x20:
            raise OSError(ENODEV)
        return super().read(register)


class Machine:
    """`machine`, as far as boards/common.py asks for it: `told` lists in order what was done with it."""

    def __init__(self, identity, after=0, failures=0):
        told = self.told = []
        # As a reset leaves the chips: LoRa's rail on, the receiver's and the motor's off.
        values = {0x03: identity, 0x12: 0x06, 0x80: 0x01, 0x90: 0x0E}
        self.power = power = Power(values, (0x48, 0x49, 0x4A))

        class Pin(Line):
            OUT, IN, PULL_UP = OUT, IN, PULL_UP

            def __init__(self, number, mode=0, pull=None, value=None):
                super().__init__()
                self.number = number
                told.append((number, "in" if mode == IN else value) + (("up",) if pull else ()))

        class I2C(Bus):
            def __init__(self, number, sda, scl, freq):
                super().__init__(x34=power, x5A=Supplied(power))
                self.after, self.failures = after, failures
                told.append(("i2c", number, sda.number, scl.number))

            def _chip(self, address):
                told.append(("asked", address))
                return super()._chip(address)

        class ADC:
            def __init__(self, pin, atten):
                told.append(("adc", pin.number, atten))

        class PWM:
            def __init__(self, pin, freq, duty_u16):
                told.append(("pwm", pin.number, duty_u16))

            def duty_u16(self, duty):
                pass

        self.Pin, self.I2C, self.ADC, self.PWM = Pin, I2C, ADC, PWM
        self.Timer = lambda number: Timer()
        self.WDT = lambda timeout: told.append(("watchdog", timeout))
        self.freq = lambda hz: told.append(("hz", hz))
        self.UART = self.uart

    def uart(self, number, baudrate, tx, rx, rxbuf):
        self.told.append(("uart", number, baudrate, tx, rx))
        assert rxbuf >= 2048
        return (number, baudrate, tx, rx)


def wired(name, *disturbed):
    """(machine, Board) of a board: as after its `prepare`. `disturbed`: see models.Bus, (after, failures)."""
    expected = BOARDS[name][-1]
    machine = Machine(expected[1], *disturbed)
    folder = ROOT + "/boards/" + name.split()[0]
    sys.path[:0] = [folder, ROOT]
    sys.modules["machine"] = machine
    try:
        from boards.common import Board

        board = Board()
        board.prepare()
    finally:
        sys.path.remove(folder)
        sys.path.remove(ROOT)
        for module in ("board", "boards.common", "boards", "machine"):
            sys.modules.pop(module, None)
    return machine, board


def first(told, what):
    return told.index(next(item for item in told if item[0] == what))


def supplied(machine, switches):
    """Whether the rails are as they should be, on and off."""
    return all([machine.power.values[register] & (on | off) == on for register, (on, off) in switches.items()])


def test_the_motor_is_off_and_lora_is_not_selected_before_anything_else():
    for name, (motor, high, _, on, _, _) in BOARDS.items():
        told = wired(name)[0].told
        off = [(motor, 0)] if motor >= 0 else []
        begin = off + [(pin, 1) for pin in high] + [(pin, 0) for pin in on]
        assert [item for item in told if item[0] != "hz"][: len(begin)] == begin, (name, told)


def test_only_the_power_management_is_asked_before_its_rails_are_up():
    for name, (*_, power) in BOARDS.items():
        if len(power) < 3:
            continue
        machine, board = wired(name)
        bus, identity, switches = power
        assert machine.told[first(machine.told, "i2c")] == ("i2c",) + bus
        assert {item[1] for item in machine.told if item[0] == "asked"} == {0x34}, name
        assert "uart" not in [item[0] for item in machine.told]
        assert not board.faults
        assert supplied(machine, switches), (name, machine.power.values)
        assert machine.power.values[0x12 if identity == NEW else 0x90] == (0x06 if identity == NEW else 0x0E)


def test_the_receiver_is_switched_on_before_it_is_listened_to():
    for name, (_, _, uart, on, _, _) in BOARDS.items():
        machine, board = wired(name)
        before = len(machine.told)
        assert board.uart() == uart
        assert machine.told[before:] == [(pin, 1) for pin in on] + [("uart",) + uart], name


def test_the_haptic_driver_answers_once_its_rail_is_on():
    machine, board = wired("t_watch_s3_plus")
    board.motor().play((200,))
    assert ("asked", 0x5A) in machine.told and not board.faults
    machine.power.values[0x90] = 0x0E
    board.motor().play((200,))
    assert [what for what, _ in board.faults] == ["motor"]


def test_motors_buttons_and_batteries_are_at_their_pins():
    for name, (motor, _, _, _, button, power) in BOARDS.items():
        machine, board = wired(name)
        before = len(machine.told)
        if motor >= 0:
            board.motor()
            assert ("pwm", motor, 0) in machine.told, name
        board.button()
        assert (button, "in") + (() if button == 38 else ("up",)) in machine.told[before:], name
        battery = board.battery()
        if len(power) == 2:
            assert machine.told[-1] == ("adc",) + power, name
        else:
            assert battery.percent() == 0 and not board.faults


def test_a_bus_that_is_disturbed_for_a_moment_costs_no_rail():
    for name in ("t_beam", "t_beam 1.1", "t_beam_supreme", "t_watch_s3_plus"):
        for after in range(40):
            for failures in (1, 2):
                machine, board = wired(name, after, failures)
                assert supplied(machine, BOARDS[name][-1][2]) and not board.faults, (name, after, failures)


def test_a_key_that_is_disturbed_for_a_moment_is_the_button():
    for after in range(6):
        machine, board = wired("t_watch_s3_plus")
        board._bus.after, board._bus.failures = after, 2
        before = len(machine.told)
        board.button()
        assert (0, "in", "up") not in machine.told[before:] and not board.faults


def test_a_key_that_cannot_be_watched_leaves_the_button():
    machine, board = wired("t_watch_s3_plus")

    def gone(*_):
        raise OSError(ENODEV)

    machine.power.read = machine.power.write = gone
    before = len(machine.told)
    board.button()
    assert (0, "in", "up") in machine.told[before:] and [what for what, _ in board.faults] == ["key"]


def test_power_management_that_is_not_there_is_noted_once():
    real = BOARDS["t_beam"]
    BOARDS["t_beam"] = real[:-1] + ((real[-1][0], 0x41, {}),)  # another chip at its address
    try:
        machine, board = wired("t_beam")
    finally:
        BOARDS["t_beam"] = real
    assert [what for what, _ in board.faults] == ["power"]
    assert not machine.power.written
    assert board.battery().percent() == 0
