"""Finding out what a receiver is, setting it up, and again when it has forgotten; against models of six families."""

import asyncio
import time

from drivers import receiver
from drivers.gnss import Gnss
from pacing.nmea import Nmea
from receivers import EPOCH_MS, Model, sentence, ubx

LISTEN_MS = 160  # for 2200: two epochs and an answer
NAMES = ("", "M8", "M10", "CASIC", "MTK", "AIROHA", "UC6580")


def line(text):
    """A command as a maker's manual writes it, checksum and all."""
    return text.encode() + b"\r\n"


# Each with the checksums that its manual or other firmware have.
EXPECTED = {
    "M8": [
        bytes.fromhex("B5620608" "0600E8030100010001" "39"),
        line("$PUBX,40,GSV,0,0,0,0*59"), line("$PUBX,40,GLL,0,0,0,0*5C"),
        line("$PUBX,40,GSA,0,0,0,0*4E"), line("$PUBX,40,VTG,0,0,0,0*5E"),
        ubx(b"\x06\x24\x24\x00\x01\x00\x03" + bytes(33)),
    ],
    "M10": [
        bytes.fromhex("B562068A10000003000001002130E80302002130010034" "80"),
        bytes.fromhex(
            "B562068A220000030000BB00912001AC00912001CA00912000C000912000C500912000B10091200044" "A2"
        ),
        bytes.fromhex("B562068A090000030000210011200" "3F15C"),
    ],
    "CASIC": [
        line("$PCAS02,1000*2E"), line("$PCAS03,1,0,0,0,1,0,0,0,0,0,,,0,0*02"), line("$PCAS04,7*1E"),
        sentence("PCAS11,2"),
    ],
    "MTK": [
        line("$PMTK220,1000*1F"), line("$PMTK314,0,1,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0*28"), line("$PMTK886,1*29"),
    ],
    "AIROHA": [
        line("$PAIR062,3,0*3D"), line("$PAIR062,2,0*3C"), line("$PAIR062,1,0*3F"), line("$PAIR062,5,0*3B"),
        line("$PAIR050,1000*12"), sentence("PAIR080,1"), line("$PAIR513*3D"),
    ],
    "UC6580": [
        line("$CFGSYS,h35155"), line("$CFGMSG,0,3,0"), line("$CFGMSG,0,2,0"), line("$CFGMSG,6,0,0"),
        line("$CFGMSG,6,1,0"),
    ],
}  # fmt: skip
REST = {
    "M8": bytes.fromhex("B5620241080000000000020000004D3B"),
    "M10": ubx(b"\x02\x41\x10\x00" + bytes(8) + b"\x06\x00\x00\x00\x08\x00\x00\x00"),
    "CASIC": line("$PCAS12,65535*1E"),
    "MTK": line("$PMTK161,0*28"),
}


def new_gnss(model, forget=lambda *modules: None):
    epochs = []
    gnss = Gnss(model, Nmea(), lambda: epochs.append(time.ticks_ms()), forget)
    return gnss, epochs


def set_up(model):
    gnss, epochs = new_gnss(model)
    gnss.family = asyncio.run(receiver.set_up(gnss, LISTEN_MS))
    return gnss, epochs


BAUDS = {"M8": 38400, "M10": 38400, "CASIC": 9600, "MTK": 9600, "AIROHA": 115200, "UC6580": 115200}


def test_each_family_gets_the_right_bytes_in_the_right_order():
    for family, baud in BAUDS.items():
        model = Model(family, baud)
        gnss, _ = set_up(model)
        assert NAMES[gnss.family] == family, (family, gnss.family)
        assert model.port_baud == baud
        assert model.taken == EXPECTED[family], (family, model.taken)
        assert set(model.sends) - {"GLL", "VTG"} == {"RMC", "GGA"}


def test_an_older_u_blox_is_told_what_an_m8_is():
    model = Model("6", 9600)
    gnss, _ = set_up(model)
    assert gnss.family == receiver.M8 and model.taken == EXPECTED["M8"] and set(model.sends) == {"RMC", "GGA"}
    receiver.rest(gnss)
    assert model.asleep


def test_epochs_are_taken_while_it_asks():
    gnss, epochs = set_up(Model("M8", 9600))
    assert len(epochs) >= 4 and gnss.nmea.valid


def test_one_that_says_nothing_of_itself_or_is_of_no_known_family_is_used_as_it_is():
    for family, baud in (("", 38400), ("F20", 9600)):
        model = Model(family, baud)
        gnss, epochs = set_up(model)
        assert gnss.family == receiver.UNKNOWN and model.port_baud == baud and epochs and not model.taken
        receiver.rest(gnss)
        assert not model.asleep


def test_one_that_never_answers_is_given_up_in_time():
    model = Model("M8", 9600)
    model.silent = True
    began = time.ticks_ms()
    gnss, epochs = set_up(model)
    took_ms = time.ticks_diff(time.ticks_ms(), began)
    assert gnss.family == receiver.UNKNOWN and not epochs
    assert 8 * LISTEN_MS <= took_ms < 16 * LISTEN_MS
    assert model.wrong  # it was asked at other bauds, too


# The first message for a fix each 2 s; those that have none go on at 1 Hz.
SLOWER = {
    "M8": ubx(b"\x06\x08\x06\x00\xd0\x07\x01\x00\x01\x00"),
    "M10": ubx(b"\x06\x8a\x10\x00\x00\x03\x00\x00\x01\x00\x21\x30\xd0\x07\x02\x00\x21\x30\x01\x00"),
    "MTK": line("$PMTK220,2000*1C"),
}


def test_a_fix_each_two_seconds_where_the_family_can():
    for family in ("M8", "M10", "MTK", "CASIC"):
        model = Model(family, 9600)
        gnss, _ = new_gnss(model)
        gnss.every_s = 2
        asyncio.run(receiver.set_up(gnss, LISTEN_MS))
        assert model.taken == [SLOWER.get(family, EXPECTED[family][0])] + EXPECTED[family][1:], (family, model.taken)
        assert model.every_s == (2 if family in SLOWER else 1), family


def test_who_has_forgotten_the_rate_is_told_it_again():
    model = Model("MTK", 9600)
    model.sends = ("RMC", "GGA")

    def brown_out(gnss):
        gnss.every_s = 2
        model.brown_out()

    watched([model], 2400, brown_out)
    assert model.every_s == 2 and model.taken[0] == SLOWER["MTK"] and set(model.sends) == {"RMC", "GGA"}


def test_standby_and_its_end():
    for family, frame in REST.items():
        model = Model(family, 9600)
        gnss, _ = set_up(model)
        receiver.rest(gnss)
        assert model.taken[-1] == frame and model.asleep
        model.taken.clear()
        gnss.family = asyncio.run(receiver.set_up(gnss, LISTEN_MS))
        assert NAMES[gnss.family] == family and not model.asleep and model.taken == EXPECTED[family]
        assert set(model.sends) - {"GLL", "VTG"} == {"RMC", "GGA"}, family


def test_the_others_have_none():
    for family in ("AIROHA", "UC6580"):
        model = Model(family, 9600)
        gnss, _ = set_up(model)
        receiver.rest(gnss)
        assert model.taken == EXPECTED[family]


def test_a_failing_uart_is_no_end():
    """What is raised while setting up comes out once; then it is read as it is."""

    class Failing(Model):
        def write(self, data):
            raise OSError(5)

    async def main():
        model = Failing("M8", 9600)
        gnss, epochs = new_gnss(model)
        gnss.wake()
        try:
            await asyncio.wait_for_ms(gnss.run(), 1000)
        except OSError:
            pass
        else:
            raise AssertionError("no OSError")
        try:
            await asyncio.wait_for_ms(gnss.run(), 20 * EPOCH_MS)
        except asyncio.TimeoutError:
            pass
        assert len(epochs) > 5

    asyncio.run(main())


def watched(models, ms, at, listen_ms=LISTEN_MS):
    """Run receivers for `ms`; `at(gnss)` once in the middle. What was forgotten, and the epochs of each."""
    forgotten = []
    real = receiver.set_up
    receiver.set_up = lambda gnss: real(gnss, listen_ms)

    async def main():
        rigs = [new_gnss(model, lambda *modules: forgotten.extend(modules)) for model in models]
        tasks = [asyncio.create_task(gnss.run()) for gnss, _ in rigs]
        await asyncio.sleep_ms(ms // 3)
        for gnss, _ in rigs:
            at(gnss)
        await asyncio.sleep_ms(ms - ms // 3)
        for task in tasks:
            task.cancel()
        return [epochs for _, epochs in rigs]

    try:
        return forgotten, asyncio.run(main())
    finally:
        receiver.set_up = real


def test_a_brown_out_is_noticed_and_each_family_set_up_again():
    models = [Model(family, 9600) for family in NAMES[1:]]
    for model in models:
        model.sends = ("RMC", "GGA")
    # Six in one process: each answer has longer to come.
    forgotten, _ = watched(models, 3600, lambda gnss: gnss.stream.brown_out(), 3 * LISTEN_MS)
    for model in models:
        assert model.taken == EXPECTED[model.family], model.family
        assert set(model.sends) - {"GLL", "VTG"} == {"RMC", "GGA"}, model.family
    assert forgotten == ["drivers.receiver"] * len(models)


def test_another_baud_after_a_brown_out_is_found():
    model = Model("MTK", 9600, power_on_baud=115200)
    model.sends = ("RMC", "GGA")
    _, (epochs,) = watched([model], 3600, lambda gnss: model.brown_out())
    assert model.port_baud == 115200 and model.taken == EXPECTED["MTK"] and len(epochs) > 50


def test_who_keeps_to_what_was_asked_is_left_alone():
    model = Model("CASIC", 9600)
    model.sends = ("RMC", "GGA")

    def now_and_then(gnss):
        model._say(sentence("GPTXT,01,01,01,ANTENNA OPEN") * 6)

    forgotten, (epochs,) = watched([model], 1200, now_and_then)
    assert not model.taken and not forgotten and len(epochs) > 30
