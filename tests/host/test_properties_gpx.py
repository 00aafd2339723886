"""Whatever the bytes: the reader and the planner answer with a document or with a typed error."""

from holdback.errors import HoldbackError
from holdback.gpx import GpxPoint, read_gpx
from holdback.planning import Course, plan_course
from hypothesis import given
from hypothesis import strategies as st

from host.make_fixtures import gpx, hilly

TEXT = gpx(hilly(400), hilly(300), times=True).encode()
degrees = st.one_of(st.floats(46.9, 47.1), st.floats(-90, 90))
elevations = st.one_of(st.none(), st.floats(-1000, 10_000))
points = st.builds(GpxPoint, degrees, degrees, elevations)


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)), st.binary(max_size=12))
def test_damaged_text_is_read_or_refused(first: int, last: int, patch: bytes):
    damaged = TEXT[: min(first, last)] + patch + TEXT[max(first, last) :]
    try:
        document = read_gpx(damaged, "damaged.gpx")
    except HoldbackError as error:
        assert "damaged.gpx" in error.what and error.next_step
    else:
        assert all(-90 <= point.lat <= 90 for part in document.segments for point in part)


@given(st.lists(points, max_size=30), st.integers(0, 40))
def test_odd_points_are_planned_or_refused(odd: list[GpxPoint], at: int):
    track = hilly(800)
    try:
        plan = plan_course([*track[:at], *odd, *track[at:]])
    except HoldbackError as error:
        assert error.next_step
    else:
        course = plan.course
        assert course and plan.planned_s > 0 and len(plan.segments) <= 120
        assert all(a < b for a, b in zip(course.track.s_m, course.track.s_m[1:], strict=False))
        assert plan.segments[-1].end_m == course.length_m


@given(st.floats(0, 1), st.floats(0, 1))
def test_places_along_a_course_are_on_it(one: float, other: float):
    course = Course(hilly(2_000))
    near, far = sorted((one * course.length_m, other * course.length_m))
    (lat_a, lon_a), (lat_b, lon_b) = course.position_at(near), course.position_at(far)
    apart = (((lat_b - lat_a) * 111_200) ** 2 + ((lon_b - lon_a) * 76_100) ** 2) ** 0.5
    assert apart <= (far - near) * 1.005 + 0.01
