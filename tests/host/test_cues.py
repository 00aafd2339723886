"""The cues as the runner learns them: one source of scores, pictures that are current, a quiz that counts fairly."""

import asyncio
import random
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from holdback.cues.catalogue import BY_CODE, CATALOGUE, named, number_for
from holdback.cues.picture import drawings, pulses, svg, time_line
from holdback.cues.quiz import Tally, choose, number, perform, understood
from holdback.errors import NotFoundError, UsageError
from pacing import cues

DOCS = Path(__file__).parents[2] / "docs"
SCORED = {code for name, code in vars(cues).items() if name in ("READY", "CHECK")} | set(cues.SCORE)


def test_every_cue_of_the_device_is_explained():
    assert set(BY_CODE) == SCORED and len(BY_CODE) == len(CATALOGUE)
    for cue in CATALOGUE:
        assert cue.score_ms(3 if cue.most else 0) == cues.pattern(cue.code, 3 if cue.most else 0)


def test_the_committed_pictures_are_those_that_the_command_draws():
    assert {path.name: path.read_text() for path in (DOCS / "cues").glob("*.svg")} == drawings()


def test_the_page_shows_every_picture_and_begins_with_safety():
    page = (DOCS / "cues.md").read_text()
    assert set(re.findall(r"\(cues/(.+?\.svg)\)", page)) == set(drawings())
    assert page.index("not a health check") < page.index("cues/")


@pytest.mark.parametrize("cue", CATALOGUE, ids=lambda cue: cue.name)
def test_a_picture_has_a_bar_for_each_pulse_at_one_scale(cue):
    root = ElementTree.fromstring(svg(cue))
    bars = [e for e in root.iter("{http://www.w3.org/2000/svg}rect") if e.get("fill") is None]
    drawn = [float(bar.get(key, 0)) for bar in bars for key in ("x", "width")]
    meant = [px for start, length in pulses(cue.score_ms()) for px in (10 + start * 0.072, length * 0.072)]
    assert drawn == pytest.approx(meant, abs=0.01)
    assert f"on {cue.score_ms()[0]} ms" in root.get("aria-label", "")


def test_a_time_line_has_a_column_for_a_tenth_of_a_second_and_halves():
    assert time_line((400,)) == "████"
    assert time_line((200, 150, 200)) == "██·▐█▌"
    for cue in CATALOGUE:
        line = time_line(cue.score_ms())
        lit_ms = line.count("█") * 100 + (line.count("▌") + line.count("▐")) * 50
        assert lit_ms == sum(cue.score_ms()[::2])


def test_names_are_forgiving_and_wrong_ones_say_which_there_are():
    assert named("Check Me") is named("check-me") is BY_CODE[cues.CHECK]
    assert named("EASE, hard").code == cues.EASE_HARD
    with pytest.raises(NotFoundError) as caught:
        named("buzz")
    assert "check-me" in caught.value.why


def test_numbers_go_with_the_cues_that_carry_them():
    assert number_for(named("ready"), 12) == 12 and number_for(named("ease"), 0) == 0
    for name, n in (("ease", 1), ("check-me", 6), ("check-me", -1), ("ready", 100)):
        with pytest.raises(UsageError):
            number_for(named(name), n)


def test_answers_are_numbers_names_or_beginnings():
    assert understood("1") is CATALOGUE[0] and understood(" LOOK ") is BY_CODE[cues.LOOK]
    assert understood("cut") is BY_CODE[cues.CUTOFF]
    for nonsense in ("", "0", "10", "e", "buzz", "²"):
        assert understood(nonsense) is None


def test_the_tally_knows_which_two_get_mixed_up():
    ease, hike, look = named("ease"), named("hike"), named("look")
    tally = Tally()
    assert tally.worst is None
    for played, answered in ((ease, ease), (ease, hike), (hike, ease), (look, ease)):
        tally.count(played, answered)
    assert (tally.right, tally.asked) == (1, 4) and tally.worst == ("EASE", "HIKE")


def test_what_is_mixed_up_comes_more_often_and_nothing_comes_twice_running():
    rng = random.Random(1)
    ease, hike = named("ease"), named("hike")
    tally = Tally()
    for _ in range(10):
        tally.count(ease, hike)
    drawn = [choose(rng, tally.mixed) for _ in range(500)]
    assert sum(cue in (ease, hike) for cue in drawn) > 300
    assert ease not in [choose(rng, tally.mixed, ease) for _ in range(200)]
    assert {cue.name: max(number(rng, cue) for _ in range(50)) for cue in CATALOGUE if cue.most} == {
        "check-me": 5, "ready": 5,
    }  # fmt: skip


def test_a_performance_takes_the_time_of_the_score():
    shown, slept = [], []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    asyncio.run(perform(cues.pattern(cues.HIKE), shown.append, sleep))
    assert "".join(shown) == "██··██··████████" and sum(slept) == pytest.approx(1.6)
