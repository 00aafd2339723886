"""The emulated receiver: well-formed NMEA, and the awkwardness of a real one."""

import math
import statistics
from itertools import pairwise

from holdback.simulation.world.receiver import EXACT, M_PER_DEG, Receiver, ReceiverModel, Truth, sentence

NOON = 1_719_835_200  # 2024-07-01 12:00:00 UTC
HERE = Truth(46.5, -7.25, 1234.5, 2.5, 271.3)


def lines(epoch: bytes) -> list[list[str]]:
    """The fields of each sentence; fails on a bad frame or checksum."""
    found = []
    for raw in epoch.decode("ascii").splitlines(keepends=True):
        assert raw.startswith("$") and raw.endswith("\r\n")
        body, checksum = raw[1:-2].split("*")
        total = 0
        for char in body:
            total ^= ord(char)
        assert f"{total:02X}" == checksum
        found.append(body.split(","))
    return found


def degrees(value: str, sign: str) -> float:
    whole, minutes = divmod(float(value), 100)
    return (whole + minutes / 60) * (-1 if sign in "SW" else 1)


def test_checksum_of_a_sentence_from_a_manual() -> None:
    assert sentence("PCAS10,0") == b"$PCAS10,0*1C\r\n"


def test_an_exact_receiver_says_what_is_true() -> None:
    rmc, gga, *_ = lines(Receiver(0, EXACT).epoch(NOON + 0.25, HERE))
    assert rmc[:3] == ["GNRMC", "120000.25", "A"] and rmc[9] == "010724"
    assert math.isclose(degrees(rmc[3], rmc[4]), 46.5, abs_tol=1e-7)
    assert math.isclose(degrees(rmc[5], rmc[6]), -7.25, abs_tol=1e-7)
    assert math.isclose(float(rmc[7]) * 1852 / 3600, 2.5, abs_tol=1e-3) and rmc[8] == "271.30"
    assert gga[6] == "1" and gga[9:11] == ["1234.5", "M"] and rmc[3:7] == gga[2:6]


def test_minutes_never_round_up_to_sixty() -> None:
    _, gga, *_ = lines(Receiver(0, EXACT).epoch(NOON, HERE._replace(lat_deg=46.999999999)))
    assert gga[2] == "4700.00000"


def test_an_unknown_altitude_is_an_empty_field() -> None:
    _, gga, *_ = lines(Receiver(0, EXACT).epoch(NOON, HERE._replace(alt_m=None)))
    assert gga[9:11] == ["", ""] and gga[6] == "1"


def test_void_without_time_then_with_time_then_a_fix() -> None:
    receiver = Receiver(3, ReceiverModel(ttff_s=30))
    rmcs = [lines(receiver.epoch(NOON + s, HERE))[0] for s in range(32)]
    assert [rmc[2] for rmc in rmcs] == ["V"] * 30 + ["A"] * 2
    assert rmcs[0][1] == "" and rmcs[29][1] == "120029.00" and rmcs[29][3] == ""


def test_dropouts_and_a_covered_sky_are_void() -> None:
    receiver = Receiver(0, ReceiverModel(ttff_s=0, dropouts=((5, 8),)))
    truths = [HERE if second != 1 else None for second in range(10)]
    states = [lines(receiver.epoch(NOON + s, truth))[0][2] for s, truth in enumerate(truths)]
    assert "".join(states) == "AVAAAVVVAA"


def test_random_dropouts_come_about_as_often_as_asked() -> None:
    receiver = Receiver(1, ReceiverModel(ttff_s=0, dropouts_per_h=6, dropout_s=30))
    void = sum(b",V," in receiver.epoch(NOON + s, HERE) for s in range(10 * 3600))
    assert 0.5 * 60 * 30 < void < 1.6 * 60 * 30


def test_the_day_ends_at_midnight_utc() -> None:
    receiver = Receiver(0, EXACT)
    midnight = NOON + 12 * 3600
    assert lines(receiver.epoch(midnight - 1, HERE))[0][1::8] == ["235959.00", "010724"]
    assert lines(receiver.epoch(midnight, HERE))[0][1::8] == ["000000.00", "020724"]


def test_slow_sentences_come_each_fifth_second() -> None:
    receiver = Receiver(0, EXACT)
    counts = [len(lines(receiver.epoch(NOON + s, HERE))) for s in range(10)]
    assert counts == [6, 2, 2, 2, 2] * 2


def test_errors_wander_instead_of_jumping() -> None:
    model = ReceiverModel(ttff_s=0)
    receiver = Receiver(7, model)
    north_m = []
    for second in range(6000):
        rmc = lines(receiver.epoch(NOON + second, HERE))[0]
        north_m.append((degrees(rmc[3], rmc[4]) - HERE.lat_deg) * M_PER_DEG)
    steps = [b - a for a, b in pairwise(north_m)]
    assert 0.6 * model.position_m < statistics.pstdev(north_m) < 1.5 * model.position_m
    assert statistics.pstdev(steps) < 0.25 * model.position_m


def test_the_same_seed_gives_the_same_bytes() -> None:
    def run(seed: int) -> list[bytes]:
        receiver = Receiver(seed)
        return [receiver.epoch(NOON + s, HERE) for s in range(60)]

    assert run(1) == run(1)
    assert run(1) != run(2)
