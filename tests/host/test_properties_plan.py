"""Plans that hypothesis makes up: what is written is read, and whatever is read was checked."""

import binascii
import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from pacing import planformat as form
from pacing.geo import Frame
from pacing.plan import Plan
from pacing.planfields import HEADER_FIELDS
from pacing.planformat import PlanError
from pacing.planwriter import encode, frame_for

header_values = st.fixed_dictionaries(
    {"stage_no": st.integers(1, 99), "cs_cms": st.integers(100, 700)},
    optional={
        name: st.integers(least, most)
        for name, least, most, _ in HEADER_FIELDS
        if name not in ("stage_no", "cs_cms", "length_dm", "lat0_e6", "lon0_e6", "cos_q15")
    },
)
moves = st.lists(st.tuples(st.integers(-9000, 9000), st.integers(-9000, 9000), st.integers(1, 15000)), min_size=2)
heights = st.lists(st.integers(-4000, 60000), min_size=2, max_size=600)
caps = st.lists(
    st.tuples(st.integers(1, 9000), st.integers(200, 1500), st.integers(0, 900), st.integers(0, 15)), max_size=40
)


def opened(data: bytes) -> Plan:
    def read(offset, buf):
        assert offset >= 0 and offset + len(buf) <= len(data)
        buf[:] = data[offset : offset + len(buf)]

    return Plan(read, len(data))


def course(origin, steps):
    """Points from steps of (dlat, dlon, ds); s counts from 0."""
    lat_e6, lon_e6 = origin
    points = [(lat_e6, lon_e6, 0)]
    for dlat, dlon, ds in steps:
        lat, lon, s = points[-1]
        points.append(
            (max(-80000000, min(80000000, lat + dlat)), (lon + dlon + 180000000) % 360000000 - 180000000, s + ds)
        )
    return points


@given(header=header_values, race=st.text(max_size=4))
def test_header_round_trip(header, race):
    plan = opened(encode(header | {"race": race.strip("\0")}))
    assert plan.race == race.strip("\0")
    for name, value in header.items():
        assert getattr(plan, name) == value


@settings(max_examples=60)
@given(origin=st.tuples(st.integers(-80000000, 80000000), st.integers(-180000000, 179999999)), steps=moves)
def test_course_round_trip(origin, steps):
    points = course(origin, steps)
    lat0_e6, lon0_e6, cos_q15 = frame_for([p[0] / 1e6 for p in points], [p[1] / 1e6 for p in points])
    spec = {"stage_no": 1, "cs_cms": 350, "lat0_e6": lat0_e6, "lon0_e6": lon0_e6, "cos_q15": cos_q15, "points": points}
    plan = opened(encode(spec))
    assert plan.length_dm == points[-1][2]
    frame = Frame(lat0_e6, lon0_e6, cos_q15)
    wanted = []
    for lat_e6, lon_e6, s_dm in points:
        frame.place(lat_e6, lon_e6)
        wanted.append((frame.x_dm, frame.y_dm, s_dm))
    corners = set()
    for number in range(plan.tiles):
        plan.load_tile(number)
        x, y, s = struct.unpack_from("<iii", plan.tile, 0)
        corners.add((x, y, s))
        for i in range(plan.tile_count):
            dx, dy, ds = struct.unpack_from("<hhH", plan.tile, form.TILE_HEAD + i * form.SEGMENT_SIZE)
            x, y, s = x + dx, y + dy, s + ds
            corners.add((x, y, s))
    assert corners >= set(wanted)


@given(step_dm=st.integers(50, 2000), heights=heights, at=st.integers(-1000, 1500000))
def test_profile_round_trip(step_dm, heights, at):
    plan = opened(encode({"stage_no": 1, "cs_cms": 350, "profile": (step_dm, heights)}))
    for cell in range(0, len(heights), 7):
        assert plan.alt_dm(cell * step_dm) == heights[cell]
    assert min(heights) <= plan.alt_dm(at) <= max(heights)
    assert -1000 <= plan.grade_pm(at) <= 1000


@given(parts=caps, at=st.integers(0, 400000))
def test_caps_round_trip(parts, at):
    end, spec = 0, []
    for length, cap_pm, speed_cms, flags in parts:
        end += length
        spec.append((end, cap_pm, speed_cms, flags))
    plan = opened(encode({"stage_no": 1, "cs_cms": 350, "caps": spec}))
    plan.at(at)
    expected = next((cap for cap in spec if at < cap[0]), spec[-1] if spec else (0, 0, 0, 0))
    assert (plan.cap_pm, plan.v_cap_cms, plan.flags) == expected[1:]


stations = st.lists(
    st.tuples(st.integers(0, 1 << 23), st.integers(0, 1 << 20), st.text(max_size=20)), max_size=form.MAX_STATIONS
)


@given(stations=stations, every_s=st.just(0) | st.integers(300, 65535), gun_utc_s=st.integers(0, (1 << 32) - 1))
def test_day_round_trip(stations, every_s, gun_utc_s):
    spec = {"stage_no": 1, "cs_cms": 350, "stations": stations, "fuel": (45, every_s), "gun_utc_s": gun_utc_s}
    plan = opened(encode(spec))
    wanted = [value for s_dm, cutoff_s, _ in sorted(stations) if cutoff_s for value in (s_dm, cutoff_s)]
    assert list(plan.cutoffs) == wanted
    assert (plan.eat_every_s, plan.gun_utc_s) == (every_s, gun_utc_s)


@settings(max_examples=300)
@given(
    data=st.binary(max_size=200),
    sections=st.lists(st.tuples(st.integers(0, 10), st.binary(max_size=120)), max_size=6),
    whole=st.booleans(),
)
def test_hostile_plans_raise_plan_error_only(data, sections, whole):
    if whole:  # a file that is right on the outside, so that the sections themselves are reached
        good = encode({"stage_no": 1, "cs_cms": 350})[len(form.MAGIC) : len(form.MAGIC) + 6 + form.HEADER_SIZE]
        body = form.MAGIC + good + b"".join(struct.pack(form.SECTION, tag, len(part)) + part for tag, part in sections)
        data = body + struct.pack("<I", binascii.crc32(body))
    try:
        plan = opened(data)
    except PlanError:
        return
    assert abs(plan.grade_pm(1000)) <= 1000
