"""What the receiver and the strap may send, and what becomes of it: never an error, never metres from nowhere."""

import math

from hypothesis import given
from hypothesis import strategies as st
from pacing.heartrate import HeartRate
from pacing.nmea import Nmea
from pacing.sample import JUMP, Odometer, Sample, Sampler, distance_dm

LAT = st.integers(-90_000_000, 90_000_000)
LON = st.integers(-180_000_000, 180_000_000)
NEAR = st.integers(-60, 60)


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_any_bytes_to_the_receiver_never_raise(chunks):
    nmea = Nmea()
    for chunk in chunks:
        nmea.feed(bytearray(chunk), len(chunk))
    whole = Nmea()
    data = bytearray(b"".join(chunks))
    whole.feed(data, len(data))
    assert (nmea.sentences, nmea.bad) == (whole.sentences, whole.bad)


NUMBER = st.text("0123456789.-", max_size=14)
FIELD = NUMBER | st.sampled_from(("A", "V", "N", "S", "E", "W", "M", "", "1", "4717.11437", "123519.00"))


@given(st.sampled_from(("GPRMC", "GNGGA", "BDRMC", "GPGSV")), st.lists(FIELD, max_size=26), st.integers(1, 40))
def test_sentences_with_a_right_checksum_and_any_fields(kind, fields, size):
    text = ",".join([kind, *fields]).encode()
    xor = 0
    for c in text:
        xor ^= c
    line = b"$" + text + b"*%02X\r\n" % xor
    nmea = Nmea()
    for start in range(0, len(line), size):
        chunk = line[start : start + size]
        nmea.feed(bytearray(chunk), len(chunk))
    assert abs(nmea.lat_e6) <= 90_000_000 and abs(nmea.lon_e6) <= 180_000_000
    for value in (nmea.alt_dm, nmea.speed_cms, nmea.course_cdeg, nmea.hdop_x10, nmea.sats, nmea.utc_ms_of_day):
        assert abs(value) < 2**30


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(2, 7))
def test_places_are_rounded_to_the_microdegree(lat, lon, digits):
    def field(value: float, width: int) -> tuple[str, float]:
        whole = int(abs(value))
        minutes = min(round((abs(value) - whole) * 60, digits), 59.9)
        text = f"{whole:0{width}}{minutes:0{digits + 3}.{digits}f}" if abs(value) < whole + 1 else ""
        return text, math.copysign(whole + minutes / 60, value)

    (lat_text, lat), (lon_text, lon) = field(lat, 2), field(lon, 3)
    if abs(lat) > 90 or abs(lon) > 180:
        return
    hemispheres = ("S" if math.copysign(1, lat) < 0 else "N", "W" if math.copysign(1, lon) < 0 else "E")
    text = f"GNRMC,120000,A,{lat_text},{hemispheres[0]},{lon_text},{hemispheres[1]},1.0,2.0,010120,,"
    data = bytearray()
    for body in (text, "GNRMC,120001,V,,,,,,,010120,,"):
        xor = 0
        for c in body.encode():
            xor ^= c
        data += b"$%s*%02X\r\n" % (body.encode(), xor)
    nmea = Nmea()
    assert nmea.feed(data, len(data)) == 1 and nmea.valid
    assert abs(nmea.lat_e6 - lat * 1e6) < 0.6 and abs(nmea.lon_e6 - lon * 1e6) < 0.6


@given(st.binary(max_size=40))
def test_any_notification_of_a_strap(data):
    hr = HeartRate()
    hr.parse(data)
    assert 0 <= hr.hr_bpm <= 255 and all(0 <= hr.rr_ms(i) <= 64_000 for i in range(hr.rr_count))


@given(LAT, LON, LAT, LON)
def test_distances_fit_a_small_int(lat1, lon1, lat2, lon2):
    assert 0 <= distance_dm(lat1, lon1, lat2, lon2) < 2**30


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_distances_are_right_within_a_percent(lat, lon, north, east):
    ours = distance_dm(round(lat * 1e6), round(lon * 1e6), round((lat + north) * 1e6), round((lon + east) * 1e6))
    middle = math.radians(lat + north / 2)
    metres = math.radians(1) * 6_378_137 * math.hypot(north, east * math.cos(middle))
    # the cosine is taken at the first place: 0.05 degrees off at 80 degrees of latitude is half a percent
    assert abs(ours / 10 - metres) <= 0.012 * metres + 0.3


@given(st.lists(st.tuples(st.integers(0, 5000), NEAR, st.booleans(), st.integers(-500, 3000)), max_size=100))
def test_distance_never_shrinks_and_a_jump_adds_nothing(seconds):
    class Fix:
        valid, lat_e6, lon_e6, alt_dm, has_alt, speed_cms, hdop_x10 = True, 47_000_000, 8_000_000, 0, 1, 0, 10

    fix, sample, sampler, odometer = Fix(), Sample(), Sampler(), Odometer()
    ms = last = 0
    for speed_cms, move, valid, pause in seconds:
        ms += 1000 + pause
        fix.speed_cms, fix.valid = speed_cms, valid
        fix.lat_e6 += move
        before_ms = sample.stage_ms
        sampler.take(sample, fix, 0, ms)
        odometer.step(sample)
        assert sample.stage_ms % 100 == 0 and (sample.stage_ms > before_ms or before_ms == 0)
        assert odometer.dist_dm >= last
        if sample.flags & JUMP:
            assert odometer.dist_dm == last
        last = odometer.dist_dm
