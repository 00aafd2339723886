"""Pin, PWM, ADC, UART and an empty I2C bus of the virtual board."""

import io

import virtual

_UART = const(1)  # noqa: F821
_PIN = const(2)  # noqa: F821
_ADC = const(3)  # noqa: F821
_UART_TX = const(1)  # noqa: F821
_PIN_OUT = const(2)  # noqa: F821
_PWM = const(3)  # noqa: F821
_pins = {}  # id -> Pin: as on ESP32, one object a pin
_uarts = {}
_adc_mv = virtual.config["adc"]  # pin -> mV


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2
    DRIVE_0 = 0
    DRIVE_1 = 1
    DRIVE_2 = 2
    DRIVE_3 = 3

    def __new__(cls, id, *args, **kwargs):
        if id not in _pins:
            pin = _pins[id] = object.__new__(cls)
            pin.id = id
            pin.mode = cls.IN
            pin.handler = None
            pin.trigger = 0
            pin.level = virtual.config["pins"].get(id, 1)
        return _pins[id]

    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        self.init(mode, pull, value=value)

    def init(self, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        if mode != -1:
            self.mode = mode
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return self.level
        level = 1 if level else 0
        self.level = level
        virtual.send(_PIN_OUT, self.id, level)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=3, **kwargs):
        """The handler runs with the pin when its level changes as `trigger` says."""
        self.handler = handler
        self.trigger = trigger
        return self

    def __repr__(self):
        return "Pin(%d)" % self.id


class PWM:
    """The simulator gets each change of duty with its time."""

    def __init__(self, pin, freq=5000, duty_u16=None, duty=None, **kwargs):
        self._pin = pin.id if isinstance(pin, Pin) else pin
        self._freq = freq
        self._duty = 0
        self.init(freq, duty_u16, duty)

    def init(self, freq=None, duty_u16=None, duty=None):
        if freq is not None:
            self._freq = freq
        if duty is not None:
            duty_u16 = duty * 64
        if duty_u16 is not None:
            self.duty_u16(duty_u16)

    def duty_u16(self, value=None):
        if value is None:
            return self._duty
        if value != self._duty:
            virtual.send(_PWM, self._pin, value, self._freq)
        self._duty = value

    def duty(self, value=None):
        if value is None:
            return self._duty // 64
        self.duty_u16(value * 64)

    def freq(self, value=None):
        if value is None:
            return self._freq
        self._freq = value

    def deinit(self):
        self.duty_u16(0)


class ADC:
    """A level in millivolts that the simulation sets; full scale 3.3 V whatever the attenuation."""

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3
    WIDTH_12BIT = 12

    def __init__(self, pin, **kwargs):
        self._pin = pin.id if isinstance(pin, Pin) else pin

    def atten(self, value):
        pass

    def width(self, value):
        pass

    def read_uv(self):
        return _adc_mv.get(self._pin, 0) * 1000

    def read_u16(self):
        return min(65535, _adc_mv.get(self._pin, 0) * 65535 // 3300)

    def read(self):
        return self.read_u16() >> 4


class I2C:
    """A bus on which nobody answers: chips are tried against models of their own (tests/chips)."""

    def __init__(self, id, **kwargs):
        pass

    def readfrom_mem(self, address, register, count):
        raise OSError(19)  # ENODEV, as ESP32's driver says it

    writeto_mem = readfrom_mem


class UART(io.IOBase):
    """A byte stream with ESP32's receive ring: what does not fit is lost and counted in `.lost`."""

    INV_TX = 4
    INV_RX = 8

    def __init__(self, id, baudrate=115200, *, rxbuf=256, **kwargs):
        self._id = id
        self._ring = bytearray(rxbuf)
        self._first = 0
        self._n = 0
        self.lost = 0
        _uarts[id] = self

    def init(self, baudrate=115200, *, rxbuf=None, **kwargs):
        if rxbuf and rxbuf != len(self._ring):
            self.__init__(self._id, baudrate, rxbuf=rxbuf)

    def deinit(self):
        _uarts.pop(self._id, None)

    def any(self):
        return self._n

    def readinto(self, buf, n=-1):
        """Move up to len(buf) received bytes there; returns how many, None if there are none."""
        n = min(self._n, len(buf) if n < 0 else n)
        if not n:
            return None
        ring = self._ring
        first = self._first
        head = min(n, len(ring) - first)
        view = memoryview(ring)
        buf = memoryview(buf)
        buf[:head] = view[first : first + head]
        if n > head:
            buf[head:n] = view[: n - head]
        self._first = (first + n) % len(ring)
        self._n -= n
        return n

    def read(self, n=-1):
        n = self._n if n is None or n < 0 else min(n, self._n)
        if not n:
            return None
        buf = bytearray(n)
        self.readinto(buf)
        return bytes(buf)

    def readline(self):
        """Up to and with the next newline, or what is there."""
        for i in range(self._n):
            if self._ring[(self._first + i) % len(self._ring)] == 10:
                return self.read(i + 1)
        return self.read()

    def write(self, data):
        virtual.send(_UART_TX, self._id, 0, 0, data)
        return len(data)

    def flush(self):
        pass

    def txdone(self):
        return True

    def sendbreak(self):
        pass

    def ioctl(self, request, arg):
        if request == 3:  # MP_STREAM_POLL: 1 readable, 4 writable
            return arg & (5 if self._n else 4)
        return 0

    def _receive(self, data):
        ring = self._ring
        n = min(len(data), len(ring) - self._n)
        self.lost += len(data) - n
        end = (self._first + self._n) % len(ring)
        head = min(n, len(ring) - end)
        ring[end : end + head] = data[:head]
        if n > head:
            ring[: n - head] = data[head:n]
        self._n += n


def _on_uart(kind, a, b, c, data):
    if a in _uarts:
        _uarts[a]._receive(data)


def _on_pin(kind, a, b, c, data):
    pin = Pin(a)
    changed = pin.level != b
    pin.level = b
    if changed and pin.handler and pin.trigger & (Pin.IRQ_RISING if b else Pin.IRQ_FALLING):
        pin.handler(pin)


def _on_adc(kind, a, b, c, data):
    _adc_mv[a] = b


virtual.handlers[_UART] = _on_uart
virtual.handlers[_PIN] = _on_pin
virtual.handlers[_ADC] = _on_adc
