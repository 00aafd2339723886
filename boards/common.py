"""Wiring that boards share. A board names pins; this turns them into drivers. Nothing happens at import."""

from drivers.battery import Battery
from drivers.button import Button
from drivers.motor import Motor
from machine import ADC, PWM, UART, Pin, Timer

RX_BYTES = 2048  # over a second of NMEA at 9600 baud, with room for a flash flush
MOTOR_HZ = 20_000  # above hearing; a small motor sees the mean


def silence(motor_pin: int) -> None:
    """Hold the motor's pin low: the first thing at boot."""
    Pin(motor_pin, Pin.OUT, value=0)


def uart(port: int, baud: int, tx: int, rx: int) -> UART:
    return UART(port, baudrate=baud, tx=tx, rx=rx, rxbuf=RX_BYTES)


def motor(pin: int, timer: int) -> Motor:
    return Motor(PWM(Pin(pin), freq=MOTOR_HZ, duty_u16=0), Timer(timer))


def button(pin: int) -> Button:
    return Button(Pin(pin, Pin.IN, Pin.PULL_UP))


def battery(pin: int, ratio_num: int, ratio_den: int) -> Battery:
    return Battery(ADC(Pin(pin), atten=ADC.ATTN_11DB), ratio_num, ratio_den)
