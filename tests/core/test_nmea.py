"""NMEA: epochs from RMC and GGA, whatever lies between them and wherever the chunks are cut."""

import sys

from pacing.nmea import Nmea

RMC = "GNRMC,083559.00,A,4717.11437,N,00833.91522,E,1.944,77.52,091202,,,A,V"
GGA = "GNGGA,083559.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,"


def sentence(text):
    """The sentence with its checksum, as bytes."""
    xor = 0
    for c in text.encode():
        xor ^= c
    return ("$%s*%02X\r\n" % (text, xor)).encode()


def fed(*texts):
    """A parser that has taken these sentences (or bytes), and how many epochs there were."""
    nmea = Nmea()
    data = b"".join([text if isinstance(text, bytes) else sentence(text) for text in texts])
    return nmea, nmea.feed(bytearray(data), len(data))


def epochs_of(data, size):
    """Every epoch as a tuple, when the bytes come in chunks of `size`."""
    nmea = Nmea()
    found = []
    for start in range(0, len(data), size):
        chunk = bytearray(data[start : start + size])
        at = 0
        while at < len(chunk):
            at = nmea.step(chunk, at, len(chunk))
            if nmea.epoch:
                found.append((nmea.valid, nmea.lat_e6, nmea.lon_e6, nmea.alt_dm, nmea.speed_cms, nmea.utc_ms_of_day))
    return found, nmea.sentences, nmea.bad


def test_rmc_and_gga_make_an_epoch():
    for texts in ((RMC, GGA), (GGA, RMC)):
        nmea, epochs = fed(*texts)
        assert epochs == 1 and nmea.valid == 1 and nmea.has_alt == 1
        assert nmea.lat_e6 in (47285240, 47285233)
        assert nmea.lon_e6 in (8565254, 8565265)
        assert (nmea.alt_dm, nmea.speed_cms, nmea.course_cdeg) == (4996, 100, 7752)
        assert (nmea.hdop_x10, nmea.sats) == (10, 8)
        assert nmea.utc_ms_of_day == ((8 * 60 + 35) * 60 + 59) * 1000
        assert nmea.date_ddmmyy == 91202
        assert (nmea.sentences, nmea.bad) == (2, 0)


def test_any_talker_and_nothing_else():
    for talker in ("GP", "GN", "GL", "GA", "BD", "GB", "QZ", "GI"):
        assert fed(talker + RMC[2:], talker + GGA[2:])[1] == 1
    for other in ("PRMC", "GNRMCX", "PGRMC1", "GPGSV", "GNRM"):
        nmea, epochs = fed(other + RMC[5:], GGA)
        assert epochs == 0 and nmea.sentences == 1


def test_the_next_time_ends_an_epoch():
    nmea, epochs = fed(RMC, RMC.replace("083559", "083600"))
    assert epochs == 1 and nmea.valid == 1 and nmea.has_alt == 0 and nmea.utc_ms_of_day == 30959000
    nmea, epochs = fed(GGA, GGA.replace("083559.00", "083559.10"))
    assert epochs == 1 and nmea.utc_ms_of_day == 30959000 and nmea.speed_cms == 0 and nmea.hdop_x10 == 10


def test_a_second_talker_for_the_same_time_is_no_new_epoch():
    assert fed(RMC, GGA, "GP" + RMC[2:], "GP" + GGA[2:])[1] == 1


def test_void_fixes():
    void = "GPRMC,083559.00,V,,,,,,,091202,,,N"
    nmea, epochs = fed(void, "GPGGA,083559.00,,,,,0,00,99.99,,,,,,")
    assert epochs == 1 and nmea.valid == 0 and nmea.has_alt == 0 and nmea.utc_ms_of_day == 30959000
    assert nmea.hdop_x10 == 999
    assert fed(RMC.replace(",A,", ",V,"), GGA)[0].valid == 0
    for quality, valid in ((0, 0), (1, 1), (2, 1), (4, 1), (5, 1), (6, 0), (7, 0), (8, 0), (9, 1)):
        assert fed(RMC, GGA.replace("E,1,", "E,%d," % quality))[0].valid == valid


def test_no_time_yet():
    cold = ("GPRMC,,V,,,,,,,,,,N", "GPGGA,,,,,,0,00,99.99,,,,,,")
    nmea, epochs = fed(*cold * 3)
    assert epochs == 3 and nmea.valid == 0 and nmea.utc_ms_of_day == -1


def test_places_to_the_microdegree():
    for lat, ns, lon, ew, lat_e6, lon_e6 in (
        ("4717.11", "N", "00833.92", "W", 47285167, -8565333),
        ("4717.1143712", "S", "00833.9159065", "E", -47285240, 8565265),
        ("4717.114371234", "N", "00833.915906499", "E", 47285240, 8565265),
        ("9000.0000", "S", "18000.0000", "W", -90000000, -180000000),
        ("8959.9999999", "N", "17959.9999999", "E", 90000000, 180000000),
        ("4717.11437000000012345678", "N", "00833.91590000000000000000", "E", 47285240, 8565265),
        ("0000.00003", "N", "00000.00002", "E", 1, 0),
        ("0000", "N", "00000", "E", 0, 0),
    ):
        nmea, _ = fed("GPRMC,120000,A,%s,%s,%s,%s,0,0,010120,," % (lat, ns, lon, ew), "GPRMC,120001,V,,,,,,,,,")
        assert (nmea.valid, nmea.lat_e6, nmea.lon_e6) == (1, lat_e6, lon_e6), lat


def test_absurd_places_are_no_fix():
    for lat, ns, lon, ew in (
        ("9000.0001", "N", "00833.9", "E"),
        ("4760.0", "N", "00833.9", "E"),
        ("4717.1", "N", "18000.0001", "E"),
        ("999999999999", "N", "00833.9", "E"),
        ("4717.1", "N", "99999999999999", "E"),
        ("4717.1", "X", "00833.9", "E"),
        ("4717.1", "", "00833.9", "E"),
    ):
        nmea, epochs = fed("GPRMC,120000,A,%s,%s,%s,%s,0,0,010120,," % (lat, ns, lon, ew), "GPRMC,120001,V,,,,,,,,,")
        assert epochs == 1 and nmea.valid == 0


def test_speed_and_altitude():
    for knots, cms in (("", 0), ("0.004", 0), ("1", 51), ("5.8", 298), ("022.4", 1152), ("9999999999.9", 102889)):
        assert fed(RMC.replace("1.944", knots), GGA)[0].speed_cms == cms
    for metres, dm in (("-4.56", -46), ("0", 0), ("8848.86", 88489), ("12.04", 120)):
        assert fed(RMC, GGA.replace("499.6", metres))[0].alt_dm == dm


def test_bad_checksums_are_counted_and_ignored():
    broken = sentence(RMC)[:-4] + b"00\r\n"
    nmea, epochs = fed(broken, GGA)
    assert (epochs, nmea.sentences, nmea.bad) == (0, 1, 1)
    for ending in (b"\r\n", b"*\r\n", b"*4\r\n", b"*zz\r\n", b""):
        nmea, epochs = fed(b"$" + RMC.encode() + ending, GGA)
        assert (epochs, nmea.sentences, nmea.bad) == (0, 1, 1), ending
    lower = sentence(RMC)
    assert fed(lower[:-4] + lower[-4:].lower(), GGA)[1] == 1


def test_garbage_and_binary_in_between():
    junk = bytes(range(256))
    for garbage in (junk, b"$$$", b"$GNRMC,0835", b"$GNRMC", b"\xb5b\x06\x08$\x00", b"$G", b"$GNR$GN"):
        nmea, epochs = fed(garbage, RMC, garbage, GGA, garbage)
        assert epochs == 1 and nmea.valid == 1 and nmea.sentences == 2


def test_long_lines():
    nmea, epochs = fed(RMC + "," * 40, GGA)
    assert epochs == 0 and nmea.bad == 1
    long_part = "0" * 120
    nmea, epochs = fed(RMC, GGA.replace("499.6", "499.6" + long_part))
    assert len(sentence(GGA + long_part)) <= 205 and epochs == 1 and nmea.alt_dm == 4996


def test_dates_pass_as_reported():
    for date in ("060180", "070499", "311299"):
        assert fed(RMC.replace("091202", date), GGA)[0].date_ddmmyy == int(date)


def test_midnight():
    before = [RMC.replace("083559", "235959"), GGA.replace("083559", "235959")]
    gga = GGA.replace("083559", "000000")
    rmc = RMC.replace("083559", "000000").replace("091202", "101202")
    assert fed(*before)[0].date_ddmmyy == 91202
    for after in ((gga, rmc), (rmc, gga)):
        nmea, epochs = fed(*before, *after)
        assert (epochs, nmea.date_ddmmyy, nmea.utc_ms_of_day) == (2, 101202, 0)
    nmea, epochs = fed(*before, gga, gga.replace("000000", "000001"))
    assert (epochs, nmea.date_ddmmyy) == (2, 0)  # the new day has not been told yet
    nmea, epochs = fed(before[0], gga, rmc)
    assert (epochs, nmea.date_ddmmyy) == (2, 101202)


def test_chunks_of_any_size_give_the_same():
    data = b"\x00$\xff"
    for second in range(12):
        for text in (RMC, "GPGSV,1,1,01,10,63,137,17", GGA):
            data += sentence(text.replace("083559", "0835%02d" % (second * 4)))
            data += b"$GNRM" if second % 3 == 0 else b""
    whole = epochs_of(data, len(data))
    assert len(whole[0]) == 12
    for size in range(1, 83):
        assert epochs_of(data, size) == whole, size


def test_two_epochs_in_one_chunk_are_seen_one_by_one():
    data = b"".join([sentence(text.replace("083559", at)) for at in ("083559", "083600") for text in (RMC, GGA)])
    assert fed(data)[1] == 2
    assert [epoch[5] for epoch in epochs_of(data, len(data))[0]] == [30959000, 30960000]


def test_any_bytes_never_raise():
    state = 1
    nmea = Nmea()
    alphabet = b"$GNRMCGA,,,,...0123456789*ANSEW-\r\n\x00\xff"
    for _ in range(300):
        chunk = bytearray(50)
        for i in range(50):
            state = (state * 8121 + 28411) % 134456
            chunk[i] = alphabet[state % len(alphabet)]
        nmea.feed(chunk, 50)
        fields = bytes([c for c in chunk if c not in b"$*\r\n\x00\xff"])  # and once with a checksum that is right
        line = sentence("GPGGA," + fields.decode())
        nmea.feed(bytearray(line), len(line))
    assert nmea.sentences + nmea.bad >= 300


def test_nothing_is_allocated():
    if sys.implementation.name != "micropython":
        return  # CPython cannot tell: this is about the heap of the wrist
    import micropython  # pyright: ignore[reportMissingImports]

    data = bytearray()
    for second in range(20):
        for text in (RMC, GGA, "GPGSV,1,1,01,10,63,137,17", "GPRMC,1,V"):
            data.extend(sentence(text.replace("083559", "0835%02d" % second)))
        data.extend(b"$GNRMC,1\x00$GNGGA,9*00")
    nmea = Nmea()
    n = len(data)
    nmea.feed(data, n)
    micropython.heap_lock()
    try:
        epochs = nmea.feed(data, n)
    finally:
        micropython.heap_unlock()
    assert epochs == 20
