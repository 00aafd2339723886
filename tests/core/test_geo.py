"""Integer geometry: the frame against known distances, and that nothing leaves 30 bits."""

from pacing import geo


def test_isqrt_is_exact():
    for n in (0, 1, 2, 3, 4, 8, 9, 15, 16, 17, 999999, 1000000, (1 << 30) - 1):
        root = geo.isqrt(n)
        assert root * root <= n < (root + 1) * (root + 1)


def test_hypot():
    assert geo.hypot_dm(3, -4) == 5
    assert geo.hypot_dm(-30000, 40000) in range(49980, 50001)
    assert abs(geo.hypot_dm(4000000, 3000000) - 5000000) < 1000


def test_scale_matches_the_exact_product():
    for value in (0, 1, -1, 255, -256, 123456, -123457, (1 << 22) - 1, -(1 << 22)):
        for factor in (0, 1, 32768, 36477, 65535):
            assert abs(geo.scale_q15(value, factor) - value * factor // 32768) <= 1


def test_a_degree_in_the_frame():
    # At 60 N a degree of longitude is half as long as one of latitude; 1 degree of a great circle is 111.32 km.
    frame = geo.Frame(60000000, 10000000, 16384)
    frame.place(61000000, 11000000)
    assert abs(frame.y_dm - 1113195) < 40
    assert abs(frame.x_dm - 556597) < 40


def test_over_the_antimeridian():
    frame = geo.Frame(0, 179999000, 32768)
    frame.place(0, -179999000)
    assert abs(frame.x_dm - 2226) <= 1


def test_far_away_is_clamped():
    frame = geo.Frame(89000000, 0, 32768)
    frame.place(-90000000, 180000000)
    assert frame.y_dm < -4600000 and frame.x_dm > 4600000
    assert abs(frame.y_dm) < 5000000 and abs(frame.x_dm) < 5000000
