"""One cell behind a voltage divider on an ADC's pin, and its charge by its voltage."""

from drivers.battery import Battery


class Adc:
    """machine.ADC, at the pin."""

    def __init__(self, uv):
        self.uv = uv

    def read_uv(self):
        return self.uv


def test_dividers_are_taken_out():
    assert Battery(Adc(1_950_400)).millivolts() == 3900  # two equal resistors
    tracker = Battery(Adc(820_300), 5120, 1000)  # 4.9 x 1.045
    assert tracker.millivolts() == 4198 and tracker.percent() == 100
    assert Battery(Adc(0), 5120, 1000).percent() == 0  # nothing is connected


def test_charge_falls_with_the_voltage_and_stays_in_bounds():
    percents = [Battery(Adc(mv * 500)).percent() for mv in range(4600, 2000, -10)]
    assert percents[0] == 100 and percents[-1] == 0
    assert all([0 <= percents[i] - percents[i + 1] <= 3 for i in range(len(percents) - 1)])
    assert 35 <= Battery(Adc(3_780_000 // 2)).percent() <= 45  # a lithium cell's long middle
