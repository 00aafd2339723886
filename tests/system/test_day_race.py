"""Starts and ends of a day, as a runner would tell them; the cue timeline is what is expected."""

from pacing.ending import AT_FINISH, AT_LINE, BY_HAND, ON_WHEELS
from pacing.journal import EV_END, EV_START
from pacing.planformat import HIKE, NEUTRAL
from system.day import Day, a_day, points_of, timeline

LAP = [(0, 0), (0, 600), (500, 600), (500, 0), (0, 0)]


def test_a_gun_with_a_neutral_start() -> None:
    """The warm-up over the line does not count; the neutral kilometre, run too fast, is quiet; then it is not."""

    async def story(day: Day) -> None:
        await day.go(20, 3.0)
        await day.go(20, 0.0)
        day.body.m = -30.0
        await day.go(400)
        await day.go(600, 3.9, 165)

    caps = [(10_000, 0, 0, NEUTRAL), (200_000, 800, 0, 0)]
    recording = a_day(story, gun_in_s=480, caps=caps)
    assert recording.of(EV_START) == [(AT_LINE, 0)]
    assert 580 <= len(recording.samples) <= 610
    assert [name for _, name in timeline(recording)][:1] == ["EASE"]
    assert all(minute >= 4 for minute, _ in timeline(recording))


def test_the_start_was_moved_400_metres_along_the_course() -> None:
    async def story(day: Day) -> None:
        day.body.m = 400.0
        await day.go(120)
        await day.go(800, 2.5)

    recording = a_day(story, gun_in_s=100)
    assert recording.of(EV_START) == [(AT_LINE, 0)]
    assert 770 <= len(recording.samples) <= 790
    assert timeline(recording) == []


def test_the_start_was_moved_400_metres_to_the_side() -> None:
    """The gun goes in a field beside the course: on the way over nothing counts, along the course it does."""

    async def story(day: Day) -> None:
        day.body.east_m, day.body.m = 400.0, 250.0
        await day.go(120)
        await day.way([(400, 250), (0, 250)], 2.5)
        await day.go(800, 2.5)

    recording = a_day(story, gun_in_s=100)
    assert recording.of(EV_START) == [(AT_LINE, 0)]
    assert 770 <= len(recording.samples) <= 785
    assert timeline(recording) == []


def test_a_second_lap_over_the_same_path() -> None:
    """Twice around: the climb that the second lap walks is told then, and the line is the finish only then."""

    async def story(day: Day) -> bool:
        await day.go(12, 2.5)
        await day.way(LAP + LAP[1:], 2.5)
        return True

    caps = [(28_000, 800, 250, 0), (32_000, 800, 100, HIKE), (44_000, 800, 250, 0)]
    recording = a_day(story, points=points_of(LAP + LAP[1:]), length_m=4400, caps=caps)
    ((how, at_ms),) = recording.of(EV_END)
    assert how == AT_LINE and 1_740_000 <= at_ms <= 1_760_000
    assert timeline(recording) == [(18, "HIKE")]


def test_too_fast_all_the_way_to_the_finish() -> None:
    """EASE, once more 90 s later, then quiet; the line ends it."""

    async def story(day: Day) -> bool:
        await day.go(800, 3.9, 165)
        return True

    recording = a_day(story, length_m=3000)
    ((how, at_ms),) = recording.of(EV_END)
    assert how == AT_LINE and 755_000 <= at_ms <= 770_000
    assert timeline(recording) == [(1, "EASE"), (3, "EASE")]


def test_a_false_start() -> None:
    """Off with the wrong gun, called back after two minutes, and away again: the stage is the second one."""

    async def story(day: Day) -> None:
        await day.go(130, 3.9, 165)
        await day.body.hold_and_press()
        await day.go(64)
        day.body.m = -30.0
        await day.go(60)
        await day.go(630, 2.5)

    recording = a_day(story)
    assert [how for how, _ in recording.of(EV_START) + recording.of(EV_END)] == [AT_LINE, BY_HAND]
    assert 605 <= len(recording.samples) <= 630
    assert timeline(recording) == []


def test_rested_beside_the_finish_line() -> None:
    """Ten minutes within sight of the line that was never crossed: over, and dated to when the running ended."""

    async def story(day: Day) -> bool:
        await day.go(780, 2.5)
        await day.go(610)
        return True

    recording = a_day(story, length_m=2000)
    ((how, at_ms),) = recording.of(EV_END)
    assert how == AT_FINISH and 755_000 <= at_ms <= 770_000
    assert timeline(recording) == []


def test_shortened_by_hand() -> None:
    async def story(day: Day) -> None:
        await day.go(900, 2.5)

    recording = a_day(story)
    assert [how for how, _ in recording.of(EV_END)] == [BY_HAND]
    assert timeline(recording) == []


def test_did_not_finish_and_took_the_bus() -> None:
    """Half an hour beside the road, then a bus: the stage ends where it was got on, without a word."""

    async def story(day: Day) -> bool:
        await day.go(900, 2.5)
        await day.go(1800)
        await day.go(90, 15.0)
        return True

    recording = a_day(story)
    ((how, at_ms),) = recording.of(EV_END)
    assert how == ON_WHEELS and 2_670_000 <= at_ms <= 2_690_000
    assert timeline(recording) == []
