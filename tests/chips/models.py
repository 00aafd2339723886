"""Models of chips at their registers, for tests that MicroPython runs: a bus, a timer, a pin, and what hangs on them.

Each was written from the same datasheet as its driver, not from the driver.
"""

EIO = 5
ENODEV = 19
ETIMEDOUT = 116


class Bus:
    """An I2C bus: `chips` by address. `after` more transfers the next `failures` end with the error `failing`."""

    def __init__(self, **chips):
        self.chips = {int(name[1:], 16): chip for name, chip in chips.items()}
        self.failing, self.failures, self.after = EIO, 0, 0

    def _chip(self, address):
        if self.after:
            self.after -= 1
        elif self.failures:
            self.failures -= 1
            raise OSError(self.failing)
        if address not in self.chips:
            raise OSError(ENODEV)
        return self.chips[address]

    def readfrom_mem(self, address, register, count):
        chip = self._chip(address)
        return bytes([chip.read(register + i) for i in range(count)])

    def writeto_mem(self, address, register, data):
        chip = self._chip(address)
        for i, value in enumerate(data):
            chip.write(register + i, value)


class Registers:
    """A chip that keeps what is written; `written` lists (register, value)."""

    def __init__(self, values=()):
        self.values = dict(values)
        self.written = []

    def read(self, register):
        return self.values.get(register, 0)

    def write(self, register, value):
        self.written.append((register, value))
        self.values[register] = value


class Haptic(Registers):
    """DRV2605L: at power on in standby, closed loop, for a resonant actuator."""

    def __init__(self, device=7):
        super().__init__()
        self.device = device
        self.power_on()

    def power_on(self):
        self.values = {0x00: self.device << 5, 0x01: 0x40, 0x02: 0, 0x1A: 0x36 | 0x80, 0x1D: 0xA0 & ~0x20}

    def drives(self):
        """What the motor gets: 0 to 127; None for a drive that is not meant for this motor."""
        if self.values[0x01] != 5 or not self.values[0x02]:
            return 0
        suits = not self.values[0x1A] & 0x80 and self.values[0x1D] & 0x20
        return self.values[0x02] if suits and self.values[0x02] < 0x80 else None


class Power(Registers):
    """An AXP: registers in `events` are cleared by writing ones."""

    def __init__(self, values, events):
        super().__init__(values)
        self.events = events

    def write(self, register, value):
        before = self.read(register)
        super().write(register, value)
        if register in self.events:
            self.values[register] = before & ~value

    def happen(self, register, bits):
        """Bits of an event register."""
        self.values[register] = bits


class Timer:
    """machine.Timer: `fire` is the moment when it is due; `period` is None while it is off."""

    ONE_SHOT = 0

    def __init__(self):
        self.period = None

    def init(self, mode, period, callback):
        assert mode == self.ONE_SHOT
        assert period > 0
        self.period, self._callback = period, callback

    def deinit(self):
        self.period = None

    def fire(self):
        self.period = None
        self._callback(self)


class Line:
    """An input pin."""

    IRQ_FALLING = 2
    IRQ_RISING = 1

    def __init__(self, level=1):
        self.level = level
        self.handler = None

    def irq(self, handler, trigger):
        self.handler, self.trigger = handler, trigger

    def value(self):
        return self.level

    def set(self, level):
        fell = self.level and not level
        changed = self.level != level
        self.level = level
        if self.handler and changed and self.trigger & (self.IRQ_FALLING if fell else self.IRQ_RISING):
            self.handler(self)


class Notes(list):
    """A driver's `note`: what it was told."""

    def __call__(self, what, error):
        assert isinstance(error, OSError)
        self.append(what)


def raises(call, *args):
    """The OSError of a call."""
    try:
        call(*args)
    except OSError as error:
        return error
    raise AssertionError("no OSError")
