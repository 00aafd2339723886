"""athlete.toml as text: measured figures go in, and nothing that the runner wrote gets lost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from holdback.athlete.fitting import Measure
from holdback.errors import HoldbackError
from holdback.race.athlete import CRITICAL_SPEED_RANGE_MS, speed_of_result
from holdback.race.problems import ATHLETE_FILE, Problem, RaceError, build, parse_toml, text_of
from holdback.race.schema import AthleteFile, FittedFile
from holdback.race.template import athlete_text, quoted

UNITS = {
    "critical_speed_ms": "m/s on a level road",
    "hr_max_bpm": "bpm, the highest seen",
    "threshold_hr_bpm": "bpm at critical speed",
    "hr_slope_bpm": "bpm from standing to critical speed",
    "pace_factors": "cost of grades, -45 to +45 % in steps of 5 %, the level is 1",
    "durability": "share of critical speed that an hour at it costs",
    "downhill_m_21d": "m of descent in 21 days",
}
FIT_HEAD = "[fit]   # written by holdback athlete fit: its own figures above, and what they rest on"
OPEN_RESULT = re.compile(
    r'^\[result\]\n(?:(?!\[)[^\n]*\n)*?(?:distance_km|time) *= *""[^\n]*\n(?:(?!\[)[^\n]*\n?)*', re.M
)
SWITCHED_OFF = re.compile(r"#\s*\w+\s*=")


@dataclass(frozen=True)
class Change:
    """What became of one figure: "new", "renewed", "same" or "kept", which is the runner's own; both values as text."""

    field: str
    kind: str
    before: str
    after: str


def merge(path: Path, measures: Sequence[Measure]) -> tuple[str, list[Change]]:
    """The new text for the file at `path`, there or not, and each change. Raises RaceError for a file that is broken.

    A figure that stands there and is not this program's own (`[fit]` has it otherwise, or not) is the runner's: kept.
    """
    text, written = _read(path)
    measures = _beyond_result(measures, written)
    changes = [_change(measure, written) for measure in measures]
    taken = [m for m, change in zip(measures, changes, strict=True) if change.kind != "kept"]
    for measure in taken:
        text = _with(text, measure)
    kept = {name: entry for name, entry in (written.fit or {}).items() if _ours(name, written)}
    text = _without_fit(text).rstrip("\n") + "\n" + _fit_section(kept, taken)
    if written.critical_speed_ms or any(m.field == "critical_speed_ms" for m in taken):
        text = OPEN_RESULT.sub(lambda found: re.sub(r"^(?=[^#\n])", "# ", found[0], flags=re.M), text)
    _check(text, path, written, taken)
    return text, changes


def write(path: Path, text: str) -> None:
    """Replace the file at `path`, whole or not at all. Raises HoldbackError."""
    half = path.with_name(path.name + ".tmp")
    try:
        half.write_text(text, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise HoldbackError(
            f"{path}: cannot be written", error.strerror or str(error), "choose another --out"
        ) from None


def _read(path: Path) -> tuple[str, AthleteFile]:
    if not path.exists():
        return athlete_text({}), AthleteFile()
    try:
        text = text_of(path).replace("\r\n", "\n")
    except (OSError, ValueError) as error:
        raise HoldbackError(f"{path}: cannot be read", str(error), "choose another --out") from None
    return text, _parsed(text, path)


def _parsed(text: str, path: Path) -> AthleteFile:
    """The file; a result that has not been filled in is none."""
    problems: list[Problem] = []
    try:
        table = parse_toml(text)
    except (ValueError, RecursionError) as error:
        raise RaceError(
            [Problem(ATHLETE_FILE, "", f"not TOML: {error}", "correct that line first")], path.parent
        ) from None
    result = table.get("result")
    if isinstance(result, dict) and "" in (result.get("distance_km"), result.get("time")):
        del table["result"]
    written = build(AthleteFile, table, ATHLETE_FILE, problems)
    if written is None:
        raise RaceError(problems, path.parent)
    return written


def _check(text: str, path: Path, before: AthleteFile, taken: Sequence[Measure]) -> None:
    """Read what is about to be written: only what was measured may differ from what stood there."""
    after, expected = _parsed(text, path), {measure.field: measure.value for measure in taken}
    for field in structs.fields(AthleteFile):
        if field.name != "fit" and getattr(after, field.name) != expected.get(field.name, getattr(before, field.name)):
            what = f"{path}: {field.name} stands where it cannot be changed safely"
            raise HoldbackError(what, "nothing was written", f"put {field.name} on a line of its own above any [table]")


def _beyond_result(measures: Sequence[Measure], written: AthleteFile) -> list[Measure]:
    """Without a critical speed that the runner's own result exceeds: recordings only show what was run in them."""
    if not written.result:
        return list(measures)
    told = speed_of_result(written, [])
    low, high = CRITICAL_SPEED_RANGE_MS
    if not low <= told <= high:
        return list(measures)
    return [m for m in measures if m.field != "critical_speed_ms" or (isinstance(m.value, float) and m.value > told)]


def _change(measure: Measure, written: AthleteFile) -> Change:
    before, after = getattr(written, measure.field), measure.value
    if before is None:
        kind = "new"
    elif not _ours(measure.field, written):
        kind = "kept"
    else:
        kind = "same" if before == after else "renewed"
    return Change(measure.field, kind, _text(before), _text(after))


def _ours(name: str, written: AthleteFile) -> bool:
    entry = (written.fit or {}).get(name)
    return entry is not None and entry.value == getattr(written, name, None)


def _with(text: str, measure: Measure) -> str:
    """The figure on its own line: in place of the one that is there or is switched off, else above the first table."""
    line = f"{measure.field} = {_text(measure.value)}   # {_remark(measure)}"
    head, rest = _above_tables(text)
    for pattern in (rf"^{measure.field}\s*=\s*(?:\[[^\]]*\])?[^\n]*", rf"^#\s*{measure.field}\s*=[^\n]*"):
        changed, count = re.subn(pattern, lambda _: line, head, count=1, flags=re.M)
        if count:
            return changed + rest
    above = head.rstrip("\n") + "\n" if head.strip() else ""
    return f"{above}{line}\n" + (f"\n{rest}" if rest else "")


def _above_tables(text: str) -> tuple[str, str]:
    """(fields, from the first [table] on); a remark right above that table goes with it."""
    lines = text.splitlines(keepends=True)
    at = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    while 0 < at < len(lines) and lines[at - 1].startswith("#") and not SWITCHED_OFF.match(lines[at - 1]):
        at -= 1
    return "".join(lines[:at]), "".join(lines[at:])


def _without_fit(text: str) -> str:
    """What is in that table is this program's, but for remarks."""
    return re.sub(r"^\[fit\][^\n]*\n(?:(?!\[)[^\n]*\n?)*", _remarks, text, flags=re.M)


def _remarks(found: re.Match[str]) -> str:
    return "".join(line.rstrip("\n") + "\n" for line in found[0].splitlines() if line.startswith("#"))


def _fit_section(kept: dict[str, FittedFile], taken: Sequence[Measure]) -> str:
    entries = {name: Measure(name, entry.value, entry.plus_minus, entry.basis) for name, entry in kept.items()}
    entries |= {measure.field: measure for measure in taken}
    lines = [
        f"{m.field} = {{ value = {_text(m.value)}, plus_minus = {m.plus_minus:g}, basis = {quoted(m.basis)} }}"
        for m in entries.values()
    ]
    return "\n".join(("", FIT_HEAD, *lines, "")) if lines else ""


def _remark(measure: Measure) -> str:
    sure = f", ± {measure.plus_minus:g}" if measure.plus_minus else ""
    return f"{UNITS.get(measure.field, '')}{sure}: {measure.basis}"


def _text(value: float | list[float] | None) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(f"{item:g}" for item in value) + "]"
    return "" if value is None else f"{value:g}"
