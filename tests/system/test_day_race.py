"""Starts and ends of a day, as a runner would tell them; the cue timeline is what is expected."""

from pacing.ending import AT_LINE, BY_HAND, ON_WHEELS
from pacing.journal import EV_END, EV_START
from pacing.planformat import NEUTRAL
from system.day import Day, a_day, timeline


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
