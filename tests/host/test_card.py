"""The pocket card: safety first, everything on the page, nothing over anything else, whatever the race is like."""

import asyncio
import json
import os
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from holdback.cli.app import run_async
from holdback.errors import ExitCode
from holdback.race import init_race, load_race, plan_race, planned
from holdback.reports.card import HEIGHT, WIDTH, card, write_cards
from holdback.reports.card_profile import legs, spread
from holdback.reports.card_times import MOST_STATIONS
from holdback.reports.svg import FONT, fitted, text_width

from host.make_fixtures import hilly, straight, write
from host.test_race import FILLED, edit

NS = "{http://www.w3.org/2000/svg}"
SAFETY = (
    "Silence is not a health check. Chest pain, fainting, confusion, dark urine, uncontrolled vomiting or shivering, "
    "a head injury: stop and get the medic. No three-hour rule applies. In lightning ignore the device. "
    "It never tells how much to drink."
)


def race_of(tmp_path: Path, length_m: float, stations: int = 0, *, units: str = "km", name: str = "Day one") -> Path:
    path = write(tmp_path / "day.gpx", hilly(length_m))
    folder = init_race(tmp_path / "race", [path], **FILLED)
    rows = [
        f'{{ km = {(i + 1) * length_m / 1000 / (stations + 1):.2f}, name = "{name} {i}", cutoff = "Sat 12:00" }}'
        for i in range(stations)
    ]
    edit(folder / "race.toml", 'gpx = "stages', f'cutoff = "Sat 20:00"\nstations = [{", ".join(rows)}]\ngpx = "stages')
    edit(folder / "race.toml", '# units = "km"', f'units = "{units}"')
    return folder


def drawn(folder: Path, stage: int = 1) -> tuple[ET.Element, list[tuple[str, float, float, float, float]]]:
    """The card and its texts as (text, left, top, right, bottom) in mm, by the estimate that layout uses."""
    race = load_race(folder)
    plans = plan_race(race)
    root = ET.fromstring(card(race, plans[stage - 1]))
    boxes = []
    for item in root.iter(f"{NS}text"):
        size, x, y, text = (
            float(item.get("font-size", 0)),
            float(item.get("x", 0)),
            float(item.get("y", 0)),
            item.text or "",
        )
        # What Helvetica's own widths would be is less: this asks whether the layout keeps its own promise.
        wide = text_width(text, size, bold=item.get("font-weight") == "700") * 0.9
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[item.get("text-anchor", "start")]
        boxes.append((text, left, y - size * 0.72, left + wide, y))
    return root, boxes


CASES = {
    "a short one": (1_500, 0, "km", "Day one"),
    "as usual": (22_000, 3, "km", "Hut"),
    "many stations": (90_000, 40, "km", "A station with a name that is far too long for any card"),
    "miles": (42_195, 8, "miles", "WWWWWWWWWWWWWWWWW"),
    "wide letters": (60_000, 12, "km", "最後の山小屋の食事"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_everything_is_on_the_page_and_no_text_lies_on_another(tmp_path: Path, case: tuple[float, int, str, str]):
    length_m, stations, units, name = case
    root, boxes = drawn(race_of(tmp_path, length_m, stations, units=units, name=name))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("105mm", "148mm", "0 0 105 148")
    assert_apart(boxes)


def assert_apart(boxes: list[tuple[str, float, float, float, float]]) -> None:
    """Everything on the page, and no text on another."""
    for text, left, top, right, bottom in boxes:
        assert left >= 3 and top >= 3 and right <= WIDTH - 3 and bottom <= HEIGHT - 3, text
    for one, two in combinations(boxes, 2):
        assert one[3] <= two[1] or two[3] <= one[1] or one[4] <= two[2] or two[4] <= one[2], (one, two)


@pytest.mark.skipif("HOLDBACK_DATA" not in os.environ, reason="HOLDBACK_DATA is not set: no real courses to draw")
@pytest.mark.parametrize("name", ["pretty-gpx/utmb", "pretty-gpx/marathon_new_york", "trail365/kieneck", "gpxpy/route"])
def test_cards_of_real_courses(tmp_path: Path, name: str):
    course = Path(os.environ["HOLDBACK_DATA"]) / "courses" / f"{name}.gpx"
    _, boxes = drawn(init_race(tmp_path / "race", [course], **FILLED))
    assert_apart(boxes)


def test_safety_comes_first_and_is_whole(tmp_path: Path):
    _, boxes = drawn(race_of(tmp_path, 9_000))
    assert " ".join(text for text, *_ in boxes[:5]) == SAFETY
    assert max(bottom for *_, bottom in boxes[:5]) < min(top for _, _, top, _, _ in boxes[5:])


def test_the_card_is_black_on_white_and_needs_nothing_from_elsewhere(tmp_path: Path):
    root, _ = drawn(race_of(tmp_path, 9_000, 2))
    colours = {item.get(key) for item in root.iter() for key in ("fill", "stroke")} - {None, "none"}
    assert colours <= {"#000", "#fff", "#ddd"}
    assert "href" not in ET.tostring(root, encoding="unicode") and root.get("font-family") == FONT
    assert min(float(item.get("font-size", 9)) for item in root.iter(f"{NS}text")) >= 2.4  # 7 points


def test_the_card_says_what_the_plan_says(tmp_path: Path):
    folder = race_of(tmp_path, 22_000, 2, name="Hut")
    race, plans = planned(folder)
    _, boxes = drawn(folder)
    texts = [text for text, *_ in boxes]
    bound = plans[0].pace.hr.cap_bpm
    assert "day" in texts and any(text.startswith("Fri 4 Sep, gun 07:00 · hold · race") for text in texts)
    assert (
        f"{bound}–{bound + plans[0].pace.hr.drift_max_bpm:.0f}" in texts
        and texts.count("12:00") == 2
        and "20:00" in texts
    )
    assert (
        "Hut 0" in texts and "finish" in texts and "slow down or walk" in texts and any("walk 0:" in t for t in texts)
    )
    assert [path.name for path in write_cards(race, plans)] == ["card-stage-01.svg"]


def test_no_more_stations_than_can_be_read_and_those_with_a_cut_off_first(tmp_path: Path):
    folder = race_of(tmp_path, 60_000, 30)
    text = (folder / "race.toml").read_text(encoding="utf-8")
    (folder / "race.toml").write_text(text.replace(', cutoff = "Sat 12:00"', "", 28), encoding="utf-8")
    _, boxes = drawn(folder)
    names = [text for text, *_ in boxes if text.startswith("Day one")]
    assert len(names) == MOST_STATIONS and {"Day one 28", "Day one 29"} <= set(names)
    assert f"{30 - MOST_STATIONS} more stations: see the plan table" in [text for text, *_ in boxes]


def test_stations_that_all_have_a_cut_off_are_chosen_from_the_whole_way(tmp_path: Path):
    _, boxes = drawn(race_of(tmp_path, 60_000, 24))
    numbers = [int(text.split()[-1]) for text, *_ in boxes if text.startswith("Day one ")]
    assert numbers == [1, 4, 7, 10, 13, 16, 19, 22] and "16 more stations: see the plan table" in [b[0] for b in boxes]


def test_later_mornings_begin_slower_and_the_first_does_not(tmp_path: Path):
    folder = race_of(tmp_path, 22_000, 40)
    text = (folder / "race.toml").read_text(encoding="utf-8")
    stage = text[text.index("[[stages]]") :]
    (folder / "race.toml").write_text(
        f"{text}\n{stage}\n[[stages]]\nhours = 3\n".replace("Sat", "Sun"), encoding="utf-8"
    )
    for number in (1, 2, 3):
        _, boxes = drawn(folder, number)
        assert_apart(boxes)
        assert any("First 20 min: start at 90 %, then" in text for text, *_ in boxes) == (number > 1)


def test_a_flat_day_stays_flat(tmp_path: Path):
    write(tmp_path / "flat.gpx", straight(12_000, 0.001))
    folder = init_race(tmp_path / "race", [tmp_path / "flat.gpx"], **FILLED)
    root, _ = drawn(folder)
    line = next(item for item in root.iter(f"{NS}polyline")).get("points", "").split()
    heights = [float(point.split(",")[1]) for point in line]
    assert max(heights) - min(heights) < 2.0


def test_a_card_without_a_course(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = init_race(tmp_path / "race", **FILLED)
    with (folder / "race.toml").open("a", encoding="utf-8") as file:
        file.write("[[stages]]\nhours = 6.5\n")
    _, boxes = drawn(folder)
    texts = [text for text, *_ in boxes]
    assert (
        "6:30 h" in texts
        and "07:00 to 13:30, no course" in texts
        and any(text.startswith("all out: ") for text in texts)
    )


def test_cards_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = race_of(tmp_path, 9_000)

    def holdback(*tokens: str) -> int:
        return asyncio.run(run_async(["race", "card", str(folder), *tokens]))

    assert holdback() == ExitCode.OK
    out = capsys.readouterr().out
    assert str(folder / "reports/card-stage-01.svg") in out and "next: open it in a browser" in out
    assert holdback("--stage", "1", "--json") == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["cards"] == [str(folder / "reports/card-stage-01.svg")]
    assert holdback("--stage", "5") == ExitCode.NOT_FOUND
    assert "there is no stage 5" in capsys.readouterr().err
    edit(folder / "race.toml", "# cancelled = false", "cancelled = true")
    assert holdback("--stage", "1") == ExitCode.DOMAIN
    assert "stage 1 is cancelled" in capsys.readouterr().err


def test_discs_are_moved_apart_and_no_further_than_they_must_be():
    assert spread([10, 30, 50], 4, (0, 90)) == [10, 30, 50]
    assert spread([10, 11, 12], 4, (0, 90)) == [10, 14, 18]
    assert spread([88, 89, 90], 4, (0, 90)) == [82, 86, 90]
    assert spread([], 4, (0, 90)) == []


def test_legs_cover_the_course_and_keep_its_time(tmp_path: Path):
    _, plans = planned(race_of(tmp_path, 60_000))
    parts = legs(plans[0], 5_000)
    assert parts[0][0] == 0 and parts[-1][1] == pytest.approx(plans[0].length_m) and len(parts) > 4
    assert all(end - start >= 5_000 for start, end, _ in parts) and all(a[1] == b[0] for a, b in pairwise(parts))
    assert sum(seconds for *_, seconds in parts) == pytest.approx(plans[0].planned_s)


def test_text_is_made_smaller_then_shorter():
    assert fitted("hut", 4, 40) == ("hut", 4)
    text, size = fitted("a name that is a little too long", 4, 58)
    assert text == "a name that is a little too long" and 3.2 < size < 4
    text, size = fitted("a name that is very much too long for it", 4, 30)
    assert text.endswith("…") and size == pytest.approx(3.2) and text_width(text, size) <= 30
