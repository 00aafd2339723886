"""Stops, losses and wrong ways of a day, as a runner would tell them; the cue timeline is what is expected."""

from system.day import Day, a_day, timeline
from system.firmware_rig import BATTERY, BUTTON


def test_a_gel_stop_says_nothing() -> None:
    async def story(day: Day) -> None:
        await day.go(300, 2.5)
        await day.go(90)
        await day.go(400, 2.5)

    assert timeline(a_day(story)) == []


def test_fifteen_minutes_of_lunch_with_the_strap_off() -> None:
    """The loss is told once, and the way on is as quiet as the way there."""

    async def story(day: Day) -> None:
        await day.go(600, 2.5)
        day.strap.vanish()
        await day.go(900, hr=0)
        day.strap.come_back()
        await day.go(600, 2.5)

    assert timeline(a_day(story)) == [(10, "CHECK")]


def test_the_strap_is_lost_for_an_hour() -> None:
    async def story(day: Day) -> None:
        await day.go(600, 2.5)
        day.strap.vanish()
        await day.go(3600, 2.5, hr=0)
        day.strap.come_back()
        await day.go(300, 2.5)

    recording = a_day(story)
    assert [name for _, name in timeline(recording)] == ["CHECK"]
    assert sum(not sample[3] for sample in recording.samples[10:]) > 3500
    assert all(sample[3] for sample in recording.samples[-200:-10])


def test_the_receiver_is_dead_under_a_cliff() -> None:
    async def story(day: Day) -> None:
        await day.go(600, 2.5)
        await day.go(300, 2.5, silent=True)
        await day.go(300, 2.5)

    assert timeline(a_day(story)) == [(10, "CHECK")]


def test_the_power_bank_is_plugged_in() -> None:
    """Told once when low; a press says it again; charged it is well."""

    async def story(day: Day) -> None:
        body = day.body
        await day.go(300, 2.5)
        body.board.adc_mv[BATTERY] = 1810
        await day.go(300, 2.5)
        await body.board.press(BUTTON)
        await day.go(60, 2.5)
        body.board.adc_mv[BATTERY] = 2050
        await day.go(120, 2.5)
        await body.board.press(BUTTON)
        await day.go(60, 2.5)

    names = [name for _, name in timeline(a_day(story))]
    assert names == ["CHECK", "CHECK", "CLEAR"]


def test_reset_in_the_first_minute_and_in_the_last() -> None:
    async def story(day: Day) -> bool:
        await day.go(50, 2.5)
        await day.body.board.restart(cause=3)
        await day.go(730, 2.5)
        await day.body.board.restart(cause=3)
        await day.go(90, 2.5)
        return True

    recording = a_day(story, length_m=2000)
    assert timeline(recording) == []
    assert [kind for kind, _, _ in recording.events if kind in (4, 5)] == [5, 5, 4]


def test_off_course_and_back() -> None:
    """LOOK after half a minute, again after three, then never; on the course again nothing."""

    async def story(day: Day) -> None:
        await day.go(600, 2.5)
        day.body.east_m = 150.0
        await day.go(600, 2.5)
        day.body.east_m = 0.0
        await day.go(300, 2.5)

    assert timeline(a_day(story)) == [(10, "LOOK"), (12, "LOOK")]


def test_a_press_accepts_the_moved_course() -> None:
    async def story(day: Day) -> None:
        await day.go(600, 2.5)
        day.body.east_m = 150.0
        await day.go(90, 2.5)
        await day.body.board.press(BUTTON)
        await day.go(600, 2.5)

    assert timeline(a_day(story)) == [(10, "LOOK"), (11, "CLEAR")]
