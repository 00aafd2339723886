"""0x2A37: every flag, every length. Vectors made from the service's layout."""

from pacing.heartrate import CONTACT_LOST, CONTACT_ON, CONTACT_UNKNOWN, MAX_RR, HeartRate


def parsed(text):
    hr = HeartRate()
    assert hr.parse(bytes.fromhex(text))
    return hr


def as_tuple(hr):
    return (hr.hr_bpm, hr.contact, hr.energy_kj, [hr.rr_ms(i) for i in range(hr.rr_count)])


def test_fields():
    for text, expected in (
        ("0048", (72, CONTACT_UNKNOWN, -1, [])),
        ("014800", (72, CONTACT_UNKNOWN, -1, [])),
        ("0448", (72, CONTACT_LOST, -1, [])),
        ("0648", (72, CONTACT_ON, -1, [])),
        ("0248", (72, CONTACT_UNKNOWN, -1, [])),
        ("08483412", (72, CONTACT_UNKNOWN, 0x1234, [])),
        ("10480004", (72, CONTACT_UNKNOWN, -1, [1000])),
        ("1648540100 02".replace(" ", ""), (72, CONTACT_ON, -1, [332, 500])),
        ("1f48003412000400020001", (72, CONTACT_ON, 0x1234, [1000, 500, 250])),
        ("1048ffff", (72, CONTACT_UNKNOWN, -1, [63999])),
    ):
        assert as_tuple(parsed(text)) == expected, text


def test_a_rate_that_no_heart_has_is_unknown():
    assert parsed("014801").hr_bpm == 0
    assert parsed("01ff00").hr_bpm == 255
    assert parsed("0000").hr_bpm == 0


def test_what_is_cut_short_is_left_out():
    assert as_tuple(parsed("1648")) == (72, CONTACT_ON, -1, [])
    assert as_tuple(parsed("1048000400")) == (72, CONTACT_UNKNOWN, -1, [1000])
    assert as_tuple(parsed("084834")) == (72, CONTACT_UNKNOWN, -1, [])
    assert as_tuple(parsed("184834")) == (72, CONTACT_UNKNOWN, -1, [])


def test_too_short_changes_nothing():
    hr = parsed("16480004")
    before = as_tuple(hr)
    for text in ("", "00", "01", "0148", "16"):
        assert not hr.parse(bytes.fromhex(text))
    assert as_tuple(hr) == before


def test_more_intervals_than_fit():
    hr = parsed("1048" + "0004" * 40)
    assert hr.rr_count == MAX_RR and hr.rr_ms(MAX_RR - 1) == 1000


def test_intervals_of_the_last_notification_do_not_linger():
    hr = parsed("104800040002")
    assert hr.parse(b"\x00\x48") and hr.rr_count == 0


def test_any_flags_at_any_length_never_raise():
    hr = HeartRate()
    for flags in range(256):
        for n in range(24):
            hr.parse(bytearray([flags] + [255] * n))
            hr.parse(memoryview(bytes([flags] * n)))
            assert 0 <= hr.hr_bpm <= 255 and 0 <= hr.rr_count <= MAX_RR
