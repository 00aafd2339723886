"""The plan table: one line a stage, then a block a stage with what the line has no room for. Fits 80 columns.

Lines are rich Texts: coloured on a terminal, plain and aligned when piped. Everything in it is an estimate.
"""

from collections.abc import Iterator, Sequence

from pacing.prompts import MARGIN_S  # below this the device speaks of a cut-off
from rich.text import Text

from holdback.planning import StagePlan
from holdback.race import Race
from holdback.race.timetable import DAY_1_MORE, Arrival, Hike, all_out_ms, arrivals, day_1_price, deductions, hikes
from holdback.units import Units, duration, margin, units_of

WIDTH = 80
HIKES_SHOWN = 4
NAME_WIDTH = 18
ROLE_STYLES = {"hold": "yellow", "push": "green", "survive": "magenta", "train": "cyan"}
LEFT = ("#", "role")  # columns of words; the others are numbers and stand to the right


def plan_lines(race: Race, plans: Sequence[StagePlan]) -> Iterator[Text]:
    """The whole table, line by line."""
    units = units_of(race.units)
    yield Text(race.name, "bold")
    yield from _table(race, plans, units)
    for plan in plans:
        yield Text()
        yield from stage_lines(race, plan, units)
    yield Text()
    total = duration(sum(plan.planned_s for plan in plans))
    yield Text(f"moving time in all {total}; every figure is an estimate", "dim")
    price = day_1_price(race, plans)
    if price:
        yield Text(f"day 1 at {DAY_1_MORE:+.0%}: {change(price[0])} that day, {change(price[1])} in the end", "dim")
    yield Text(f"/{units.far}: pace on a level road; spare: the least margin to a cut-off", "dim")


def change(seconds: float) -> str:
    """Minutes sooner or later."""
    return f"{abs(seconds) / 60:.0f} min {'sooner' if seconds < 0 else 'later'}"


def _table(race: Race, plans: Sequence[StagePlan], units: Units) -> Iterator[Text]:
    head = ["#", "role", units.far, f"up {units.up}", "moving", "finish", f"/{units.far}", "hr max", "hikes", "spare"]
    rows = [head, *(_row(race, plan, units) for plan in plans)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        line = Text()
        for name, cell, width in zip(head, row, widths, strict=True):
            padded = cell.ljust(width) if name in LEFT else cell.rjust(width)
            line.append(padded, _style(name, cell, header=row is head)).append("  ")
        line.rstrip()
        yield line


def _style(column: str, cell: str, *, header: bool) -> str:
    if header:
        return "dim"
    if column == "spare":
        return _margin_style(late=cell.startswith("-") and cell != "-")
    return ROLE_STYLES[cell] if column == "role" else ""


def _margin_style(late: bool, thin: bool = False) -> str:
    return "bold red" if late else "yellow" if thin else ""


def _row(race: Race, plan: StagePlan, units: Units) -> list[str]:
    stops = arrivals(plan, race.stage(plan.stage_no).start)
    walks = hikes(plan)
    margins = [stop.margin_s for stop in stops if stop.margin_s is not None]
    return [
        str(plan.stage_no),
        plan.role,
        units.distance(plan.length_m) if plan.course else "-",
        units.climb(plan.climb_m) if plan.course else "-",
        duration(plan.planned_s),
        f"{stops[-1].clock:%a %H:%M}",
        units.pace(plan.pace.flat_ms),
        hr_words(plan),
        f"{len(walks)} {duration(sum(walk.time_s for walk in walks))}" if walks else "-",
        margin(min(margins)) if margins else "-",
    ]


def hr_words(plan: StagePlan) -> str:
    """The heart-rate bound at the start and, where it rises, at its end."""
    bound = plan.pace.hr
    if not bound.cap_bpm:
        return "-"
    rise = min(bound.drift_max_bpm, bound.drift_bpm_h * plan.planned_s / 3600)
    return f"{bound.cap_bpm}" + (f"-{bound.cap_bpm + rise:.0f}" if rise >= 1 else "")


def stage_lines(race: Race, plan: StagePlan, units: Units) -> Iterator[Text]:
    """The block of a stage."""
    gun = race.stage(plan.stage_no).start
    yield Text.assemble((f"{plan.stage_no} {plan.name}", "bold"), f"  {gun:%a %d %b %Y}, gun {gun:%H:%M}")
    yield from _items("pace", _pace_items(plan, units), " > ")
    if plan.day.neutral_m and plan.course:
        yield from _items("neutral", [f"to {units.far} {units.distance(plan.day.neutral_m)}"])
    yield from _items("walk", _hike_items(hikes(plan), units))
    yield from _station_lines(plan, arrivals(plan, gun), units)


def _items(label: str, items: Sequence[str], between: str = ", ") -> Iterator[Text]:
    """Items behind a label, broken between items where the line is full."""
    line, head = "", f"  {label:<8}"
    for item in items:
        joined = f"{line}{between}{item}" if line else item
        if line and len(head) + len(joined) > WIDTH:
            yield Text.assemble((head, "dim"), line + between.rstrip())
            head, joined = " " * len(head), item
        line = joined
    if line:
        yield Text.assemble((head, "dim"), line)


def _pace_items(plan: StagePlan, units: Units) -> list[str]:
    """All out and each deduction with the pace that it leaves: nothing is stacked unseen."""
    steps = [f"{step.what} {step.share:+.0%} {units.pace(step.speed_ms)}" for step in deductions(plan)]
    return [f"all out {units.pace(all_out_ms(plan))} /{units.far}", *steps]


def _hike_items(walks: Sequence[Hike], units: Units) -> list[str]:
    """The longest climbs to walk, in order along the course, and how many more there are."""
    shown = sorted(sorted(walks, key=lambda walk: -walk.time_s)[:HIKES_SHOWN], key=lambda walk: walk.start_m)
    items = [
        f"{units.far} {units.distance(walk.start_m)}-{units.distance(walk.end_m)} {duration(walk.time_s)}"
        for walk in shown
    ]
    return items + ([f"and {len(walks) - len(shown)} shorter"] if len(walks) > len(shown) else [])


def _station_lines(plan: StagePlan, stops: Sequence[Arrival], units: Units) -> Iterator[Text]:
    overnight = len({moment.date() for stop in stops for moment in (stop.clock, stop.cutoff) if moment}) > 1
    hour = "%a %H:%M" if overnight else "%H:%M"
    width = min(NAME_WIDTH - 4 * overnight, max(len(stop.name) for stop in stops))
    label = "clock"
    for stop in stops:
        at = f"{units.far} {units.distance(stop.at_m):>5}  " if plan.course else ""
        line = Text.assemble((f"  {label:<8}", "dim"), f"{at}{stop.name[:width]:<{width}}  {stop.clock:{hour}}")
        if stop.cutoff and stop.margin_s is not None:
            same_day = stop.cutoff.date() == stop.clock.date()
            line.append(f"  cut-off {stop.cutoff:{'%H:%M' if same_day else hour}}")
            line.append(f"  {margin(stop.margin_s)}", _margin_style(stop.margin_s < 0, stop.margin_s < MARGIN_S))
        if stop.stop_s:
            line.append(f"  stop {stop.stop_s / 60:.0f} min")
        yield line
        label = ""
