"""The plan file: round trip, the golden file, and that nothing hostile gets past the reader."""

import binascii
import struct

from pacing import planformat as form
from pacing.cost import FACTOR_PM
from pacing.plan import Plan
from pacing.planformat import PlanError
from pacing.planwriter import encode

try:
    from core.golden.make_plan import SPEC
    from core.synthetic import open_plan, spec_of
except ImportError:  # on MicroPython the folder itself is on the path
    from golden.make_plan import SPEC  # pyright: ignore[reportMissingImports]
    from synthetic import open_plan, spec_of  # pyright: ignore[reportMissingImports]

GOLDEN = __file__.rsplit("/", 1)[0] + "/golden/plan-v1.hbp"


def golden() -> bytes:
    with open(GOLDEN, "rb") as file:
        return file.read()


def sealed(body) -> bytes:
    """`body` with its CRC."""
    return bytes(body) + struct.pack("<I", binascii.crc32(bytes(body)) & 0xFFFFFFFF)


def refused(data: bytes) -> str:
    """The reason why `data` is no plan."""
    try:
        open_plan(data)
    except PlanError as error:
        return str(error)
    raise AssertionError("a bad plan was read")


def test_the_writer_still_writes_the_golden_file():
    assert encode(SPEC) == golden()


def test_the_golden_file_is_read():
    plan = open_plan(golden())
    for name, value in SPEC.items():
        if hasattr(plan, name):
            assert getattr(plan, name) == value, name
    assert plan.length_dm == SPEC["points"][-1][2] and plan.has_course
    assert [plan.alt_dm(s_dm) for s_dm in (0, 3200, 3300, 10**6)] == [18000, 18020, 18030, 18600]
    assert plan.grade_pm(5000) == 100


def test_caps_by_place():
    plan = open_plan(golden())
    for s_dm, expected in ((0, 820), (2999, 820), (3000, 860), (10**6, 800), (100, 820)):
        plan.at(s_dm)
        assert plan.cap_pm == expected
    plan.at(3500)
    assert plan.flags == form.HIKE and plan.v_cap_cms == 180


def test_defaults():
    plan = open_plan(encode({"stage_no": 1, "cs_cms": 350}))
    assert plan.head_start == 70 and plan.ease_first_h == 6 and plan.ease_per_h == 4 and plan.debt_limit == 100
    assert not plan.has_course and plan.cap_pm == 0
    assert plan.grade_pm(100) == 0 and plan.alt_dm(100) == 0
    later = open_plan(encode({"stage_no": 2, "cs_cms": 350}))
    assert later.head_start == 20 and later.ease_first_h == 4


def test_stations_fuel_and_gun():
    old = open_plan(golden())  # written before there was a gun
    assert list(old.cutoffs) == [15000, 3600] and old.eat_every_s == 1200 and old.gun_utc_s == 0
    gun = 4000000000  # beyond 31 bits
    stations = [(3000, 900, "b"), (1000, 0, "Hütte"), (2000, 600, "")]
    plan = open_plan(encode(spec_of([(0, 0), (0, 5000)], stations=stations, gun_utc_s=gun)))
    assert list(plan.cutoffs) == [2000, 600, 3000, 900] and plan.eat_every_s == 0 and plan.gun_utc_s == gun
    plan = open_plan(encode({"stage_no": 1, "cs_cms": 350}))
    assert len(plan.cutoffs) == 0 and plan.eat_every_s == 0 and plan.gun_utc_s == 0


def test_a_later_writers_longer_day_is_read_as_far_as_known():
    body = golden()[:-4] + struct.pack(form.SECTION, form.TAG_DAY, 6) + struct.pack("<IH", 1790000000, 7)
    assert open_plan(sealed(body)).gun_utc_s == 1790000000
    cut = golden()[:-4] + struct.pack(form.SECTION, form.TAG_DAY, 3) + b"abc"
    assert "day" in refused(sealed(cut))


def test_hostile_stations_and_fuel():
    for tag, body, reason in (
        (form.TAG_STATIONS, struct.pack(form.STATION, 1, 2, 9), "cut short"),
        (form.TAG_STATIONS, b"12345678", "cut short"),
        (form.TAG_STATIONS, struct.pack(form.STATION, (1 << 23) + 1, 2, 0), "range"),
        (form.TAG_STATIONS, struct.pack(form.STATION, 1, (1 << 20) + 1, 0), "range"),
        (form.TAG_STATIONS, struct.pack(form.STATION, 1, 2, 0) * (form.MAX_STATIONS + 1), "range"),
        (form.TAG_FUEL, struct.pack(form.FUEL, 45, 299), "fuel"),
        (form.TAG_FUEL, b"12345", "fuel"),
        (form.TAG_GUARDS, b"1234567", "guards"),
        (form.TAG_GUARDS, struct.pack(form.GUARDS, 100, 0, 0, 0), "after_stage"),
        (form.TAG_GUARDS, struct.pack(form.GUARDS, 1, 1001, 0, 0), "sink_cms"),
        (form.TAG_GUARDS, struct.pack(form.GUARDS, 1, 0, 0, 5000), "fuel"),
        (form.TAG_FACTORS, b"1234567", "factors"),
        (form.TAG_FACTORS, struct.pack("<H", 1000) * 18 + b"\0\0", "range"),
        (form.TAG_FACTORS, struct.pack("<H", 1001) * 19, "level"),
    ):
        header = encode({"stage_no": 1, "cs_cms": 350})[: len(form.MAGIC) + form.SECTION_SIZE + form.HEADER_SIZE]
        assert reason in refused(sealed(header + struct.pack(form.SECTION, tag, len(body)) + body))


def test_factors_and_guards():
    for old in (golden(), encode({"stage_no": 1, "cs_cms": 350})):
        plan = open_plan(old)
        assert (plan.after_stage, plan.sink_cms, plan.ecc_budget_dm, plan.eat_every_m) == (0, 0, 0, 0)
        assert plan.factors == FACTOR_PM
    own = [2000 - 111 * i for i in range(9)] + [1000 + 300 * i for i in range(10)]
    spec = spec_of(None, factors=own, after_stage=2, sink_cms=35, ecc_budget_dm=900, fuel=(45, 2000), eat_every_m=5800)
    plan = open_plan(encode(spec))
    assert (plan.after_stage, plan.sink_cms, plan.ecc_budget_dm, plan.eat_every_m) == (2, 35, 900, 5800)
    assert list(plan.factors) == own


def test_guards_of_a_later_writer_are_read_as_far_as_known():
    header = encode({"stage_no": 1, "cs_cms": 350})[: len(form.MAGIC) + form.SECTION_SIZE + form.HEADER_SIZE]
    longer = struct.pack(form.GUARDS, 3, 40, 800, 0) + b"later"
    plan = open_plan(sealed(header + struct.pack(form.SECTION, form.TAG_GUARDS, len(longer)) + longer))
    assert plan.after_stage == 3 and plan.ecc_budget_dm == 800


def test_long_segments_are_split():
    corners = [(0, 0), (0, 250000), (90000, 250000)]
    plan = open_plan(encode(spec_of(corners, profile=(2000, [100, 200]))))
    plan.load_tile(0)
    assert plan.tile_count >= 34 and plan.length_dm == 340000


def test_unknown_sections_are_skipped():
    body = golden()[:-4] + struct.pack(form.SECTION, 999, 3) + b"new"
    assert open_plan(sealed(body)).race == SPEC["race"]


def test_every_cut_and_every_flipped_byte_is_refused():
    data = golden()
    for size in list(range(0, 40)) + list(range(40, len(data), 29)):
        refused(data[:size])
    for at in range(0, len(data), 13):
        broken = bytearray(data)
        broken[at] ^= 0x41
        refused(bytes(broken))


def test_another_version_is_named():
    data = bytearray(golden()[:-4])
    data[3] = 9
    assert "version 9" in refused(sealed(data))


def test_hostile_values_with_a_good_crc():
    """Every byte of a small plan at its extremes: read or refused, never another error, and never a bad number."""
    body = encode(spec_of([(0, 0), (0, 400), (300, 400)], race="R", fuel=(45, 1800), gun_utc_s=1790000000))[:-4]
    for at in range(4, len(body)):
        for value in (0, 127, 128, 255):
            broken = bytearray(body)
            broken[at] = value
            try:
                plan = open_plan(sealed(broken))
            except PlanError:
                continue
            assert abs(plan.grade_pm(300)) <= 1000 and 0 <= plan.length_dm < 1 << 24


def test_bad_specs_name_the_key():
    good = spec_of([(0, 0), (0, 5000)])
    for key, value in (
        ("cs_cms", 5),
        ("race", "a name of seventeen"),
        ("hr_cap_bpm", 900),
        ("profile", (1, [2, 3])),
        ("profile", (200, [0, 70000])),
        ("caps", [(100, 800, 0, 0), (100, 800, 0, 0)]),
        ("caps", [(100, 800, 70000, 0)]),
        ("points", [(0, 0, 0), (0, 0, 0)]),
        ("points", [(0, 0, 0), (0, 10, 50), (0, 20, 40)]),
        ("stations", [(1 << 24, 0, "far")]),
        ("stations", [(100, 1 << 21, "late")]),
        ("fuel", (45, 60)),
        ("gun_utc_s", 1 << 32),
        ("gun_utc_s", "09:00"),
        ("factors", [1000] * 18),
        ("factors", [1001] * 19),
        ("factors", [299] + [1000] * 18),
        ("after_stage", 100),
        ("sink_cms", 1001),
        ("ecc_budget_dm", 1 << 16),
        ("eat_every_m", 5000),
        ("eat_every_m", 499),
        ("colour", 1),
    ):
        try:
            encode(dict(good, **{key: value}))
        except PlanError as error:
            assert key in str(error), error
        else:
            raise AssertionError(key)


def test_reads_are_small():
    data = golden()
    longest = [0]

    def read(offset, buf):
        assert offset + len(buf) <= len(data)
        longest[0] = max(longest[0], len(buf))
        buf[:] = data[offset : offset + len(buf)]

    plan = Plan(read, len(data))
    plan.grade_pm(4000)
    assert longest[0] <= 1024
