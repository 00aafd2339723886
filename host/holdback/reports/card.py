"""The pocket card of a stage: one A6 page that says without the device what the device will guard.

Read in a tent with a head torch, so black on white, big, and the safety lines first.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pacing import cues
from pacing.pacer import MORNING_MS, MORNING_PM

from holdback.planning import StagePlan
from holdback.race import Race
from holdback.race.schedule import later
from holdback.race.timetable import all_out_ms, deductions, hikes
from holdback.reports.card_profile import draw_profile
from holdback.reports.card_times import draw_times
from holdback.reports.plan_table import hr_words
from holdback.reports.svg import Page, fitted, text_width
from holdback.units import Units, duration, units_of
from holdback.writing import write_whole

WIDTH, HEIGHT, MARGIN = 105.0, 148.0, 5.0  # A6 portrait, mm; home printers leave 3 to 5 mm blank
INNER = WIDTH - 2 * MARGIN
SAFETY = (
    ("Silence is not a health check.", True),
    ("Chest pain, fainting, confusion, dark urine, uncontrolled", False),
    ("vomiting or shivering, a head injury:", False),
    ("stop and get the medic. No three-hour rule applies.", True),
    ("In lightning ignore the device. It never tells how much to drink.", False),
)
LEGEND = (
    (cues.EASE, "slow down or walk"),
    (cues.CLEAR, "carry on"),
    (cues.HIKE, "walk this climb"),
    (cues.EAT, "eat, sip to thirst"),
    (cues.LOOK, "check the route"),
    (cues.CUTOFF, "cut-off: choose"),
    (cues.CHECK, "check me: press"),
    (cues.READY, "go to the start"),
)
BUTTON = (
    "Press: how am I? Twice: quiet for 30 min. Three times: low moment.",
    "By hand: hold 3 s until it buzzes, let go, press: start, or finish.",
)
FIGURE_COLUMNS = (23.5, 28.5, 22.0, 21.0)
MORNING_MM = 4.0
SAFETY_TOP, HEAD_TOP, FIGURES_TOP, PROFILE_TOP, TIMES_TOP, LEGEND_TOP = 4.0, 22.5, 35.5, 49.0, 86.0, 120.0


def write_cards(race: Race, plans: Sequence[StagePlan]) -> list[Path]:
    """Write reports/card-stage-NN.svg for each plan; returns the paths."""
    folder = race.folder / "reports"
    folder.mkdir(exist_ok=True)
    paths = []
    for plan in plans:
        path = folder / f"card-stage-{plan.stage_no:02}.svg"
        write_whole(path, card(race, plan).encode())
        paths.append(path)
    return paths


def card(race: Race, plan: StagePlan) -> str:
    """The card as SVG."""
    units = units_of(race.units)
    gun = race.stage(plan.stage_no).start
    page = Page(WIDTH, HEIGHT, f"{race.name}, stage {plan.stage_no}: {plan.name}")
    _safety(page)
    _head(page, race, plan)
    _figures(page, plan, units)
    if plan.course:
        top = PROFILE_TOP + _morning(page, plan)
        draw_profile(page, plan, units, (MARGIN, top, INNER, TIMES_TOP - top - 2.0))
        draw_times(page, plan, gun, units, (MARGIN, TIMES_TOP, INNER, LEGEND_TOP - TIMES_TOP - 3.0))
    else:
        _morning(page, plan)
        _hours(page, plan, gun, units)
    _legend(page)
    return page.svg()


def _safety(page: Page) -> None:
    page.box(MARGIN, SAFETY_TOP, INNER, 17.0, stroke=0.7, radius=1.2)
    for number, (text, bold) in enumerate(SAFETY):
        page.text(MARGIN + 2.0, SAFETY_TOP + 3.7 + number * 3.05, text, 2.75, bold=bold)


def _head(page: Page, race: Race, plan: StagePlan) -> None:
    """The number as big as the hand that looks for it, the name, and when it starts."""
    gun = race.stage(plan.stage_no).start
    number = str(plan.stage_no)
    page.text(MARGIN, HEAD_TOP + 11.0, number, 14.5, bold=True)
    x = MARGIN + text_width(number, 14.5, bold=True) + 2.0
    width = WIDTH - MARGIN - x
    page.text(x, HEAD_TOP + 5.0, *fitted(plan.name, 5.4, width, bold=True), bold=True)
    words = f"{gun:%a} {gun.day} {gun:%b}, gun {gun:%H:%M} · {plan.role} · {race.name}"
    page.text(x, HEAD_TOP + 10.6, *fitted(words, 3.5, width))


def _figures(page: Page, plan: StagePlan, units: Units) -> None:
    """Four numbers to remember."""
    walks = hikes(plan)
    bound = hr_words(plan).replace("-", "–") if plan.pace.hr.cap_bpm else "none"
    figures = [
        (units.pace(plan.pace.flat_ms), f"/{units.far} on the flat"),
        (bound, "HR ceiling, bpm"),
        (duration(plan.planned_s), "moving, about"),
        (str(len(walks)), f"walks, {duration(sum(walk.time_s for walk in walks))} h")
        if plan.course
        else ("–", "no course"),
    ]
    x = MARGIN
    for (value, label), column in zip(figures, FIGURE_COLUMNS, strict=True):
        page.text(x, FIGURES_TOP + 6.2, *fitted(value, 6.2, column - 0.8, bold=True), bold=True)
        page.text(x, FIGURES_TOP + 9.7, *fitted(label, 2.7, column - 1.0))
        x += column
    _rule(page, FIGURES_TOP + 12.0)


def _morning(page: Page, plan: StagePlan) -> float:
    """How a later day begins; the height that it takes, mm."""
    if plan.stage_no == 1:
        return 0.0
    share, minutes = MORNING_PM / 10, MORNING_MS // 60_000
    text = f"First {minutes} min: start at {share:.0f} %, then the full cap."
    page.text(MARGIN, PROFILE_TOP + 2.2, text, 3.1, bold=True)
    return MORNING_MM


def _hours(page: Page, plan: StagePlan, gun: datetime, units: Units) -> None:
    """A stage without a course: what is left is the effort."""
    page.text(WIDTH / 2, PROFILE_TOP + 24.0, f"{duration(plan.planned_s)} h", 22.0, bold=True, anchor="middle")
    page.text(
        WIDTH / 2,
        PROFILE_TOP + 33.0,
        f"{gun:%H:%M} to {later(gun, plan.planned_s):%H:%M}, no course",
        4.2,
        anchor="middle",
    )
    steps = [f"all out: {units.pace(all_out_ms(plan))} /{units.far}"]
    steps += [f"{step.what} {step.share:+.0%}: {units.pace(step.speed_ms)} /{units.far}" for step in deductions(plan)]
    for number, text in enumerate(steps):
        page.text(WIDTH / 2, PROFILE_TOP + 44.0 + number * 5.5, f"{text} on the flat", 3.8, anchor="middle")


def _legend(page: Page) -> None:
    """Each cue as it feels: a long bar is a long buzz."""
    _rule(page, LEGEND_TOP - 1.6)
    for number, (code, words) in enumerate(LEGEND):
        x = MARGIN + (number % 2) * (INNER / 2 + 2.8)
        y = LEGEND_TOP + (number // 2) * 4.4
        _bars(page, x, y + 0.6, code)
        page.text(x + 18.0, y + 3.0, words, 2.9, bold=True)
    for number, text in enumerate(BUTTON):
        page.text(MARGIN, LEGEND_TOP + 20.3 + number * 3.2, text, 2.6)


def _rule(page: Page, y: float) -> None:
    page.line((MARGIN, y), (WIDTH - MARGIN, y), 0.25)


def _bars(page: Page, x: float, y: float, code: int) -> None:
    mm_per_ms = 16.5 / 3500  # CHECK ME is the longest
    score = cues.pattern(code, 1)[:11]  # LOOK says the same thing twice
    for i, ms in enumerate(score):
        if i % 2 == 0:
            page.box(x, y, ms * mm_per_ms, 2.9, fill="#000")
        x += ms * mm_per_ms
