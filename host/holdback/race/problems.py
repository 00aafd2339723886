"""What is wrong with a runner's file, all of it at once: file, field, what is needed there, the next step."""

import difflib
import re
import tomllib
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from holdback.errors import HoldbackError, typed
from holdback.race.schema import AthleteFile, RaceFile, description, fields_of, nested

T = TypeVar("T", bound=msgspec.Struct)

RACE_FILE = "race.toml"
ATHLETE_FILE = "athlete.toml"
MAX_BYTES = 512 << 10  # 64 stages with 64 stations each are 300 kB
MAX_DOTS = 300  # in a line: the weather of 72 hours in one line has 216


@dataclass(frozen=True)
class Problem:
    """One thing to put right. `field` is empty where a whole file is meant; `why` says what it does to the runner."""

    file: str
    field: str
    what: str
    next_step: str = ""
    why: str = ""

    def __str__(self) -> str:
        field = re.sub(r"(stage|station)s\[(\d+)\]\.?", r"\1 \2, ", self.field)
        field = re.sub(r"(ground|weather)\[(\d+)\]\.?", r"\1 \2, ", field)
        field = re.sub(r"results\[(\d+)\]\.?", r"entry \1, ", field).removesuffix(", ")
        return ": ".join(filter(None, (self.file, field, self.what)))


class RaceError(HoldbackError):
    """A race folder that cannot be used yet; `problems` has everything that was found, the first in the message."""

    def __init__(self, problems: list[Problem], folder: Path | str) -> None:
        first, rest = problems[0], len(problems) - 1
        check = typed("race", "check", folder)
        more = f"and {rest} more problem{'s' if rest > 1 else ''}: {check}" if rest else ""
        super().__init__(str(first), more, first.next_step or f"correct it, then: {check}")
        self.problems = problems

    def as_dict(self) -> dict[str, Any]:
        """With every problem, for `--json`."""
        return super().as_dict() | {"problems": [vars(problem) for problem in self.problems]}


def read_toml(path: Path, problems: list[Problem]) -> dict[str, Any] | None:
    """The tables of a TOML file; a problem and None when it cannot be read."""
    try:
        return parse_toml(text_of(path))
    except tomllib.TOMLDecodeError as error:
        problems.append(_not_toml(path, error))
    except UnicodeDecodeError:
        problems.append(Problem(path.name, "", "not UTF-8 text", "save it as UTF-8"))
    except (ValueError, RecursionError) as error:  # too long, a number of thousands of digits, thousands of brackets
        problems.append(Problem(path.name, "", f"not TOML that can be read: {error}", "take out what is so long"))
    except OSError as error:
        problems.append(Problem(path.name, "", f"cannot be read: {error.strerror}"))
    return None


def text_of(path: Path) -> str:
    """A runner's file as text. Raises OSError, UnicodeDecodeError, ValueError beyond MAX_BYTES."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ValueError(f"{size >> 10} kB; the largest that is read is {MAX_BYTES >> 10} kB")
    return path.read_text(encoding="utf-8-sig")


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a text. Raises TOMLDecodeError; ValueError or RecursionError for what nobody writes by hand.

    tomllib takes time with the square of a key's parts: a key of 64 kB would keep it busy for a minute.
    """
    if any(line.count(".") > MAX_DOTS for line in text.splitlines()):
        raise ValueError(f"a line with more than {MAX_DOTS} dots")
    return tomllib.loads(text)


def _not_toml(path: Path, error: tomllib.TOMLDecodeError) -> Problem:
    """What tomllib says, and in plain words the commonest slip: a field that stands there twice."""
    place = re.search(r"line (\d+)", str(error))
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    line = lines[int(place[1]) - 1] if place and int(place[1]) <= len(lines) else ""
    key = line.partition("=")[0].strip()
    if place and "overwrite" in str(error) and key:
        return Problem(path.name, key, f"stands here twice, again in line {place[1]}", "keep one of the two lines")
    return Problem(path.name, "", f"not TOML: {error}", "correct that line; texts stand in quotes")


def build(kind: type[T], table: dict[str, Any], file: str, problems: list[Problem], at: str = "") -> T | None:
    """`kind` from a TOML table, or None with a problem for each field that is unknown, missing or out of range."""
    before = len(problems)
    fields = fields_of(kind)
    for key in table:
        if key not in fields:
            problems.append(Problem(file, at + key, "there is no such field" + _did_you_mean(key, list(fields), file)))
    values = {}
    for name, field in fields.items():
        if name in table:
            values[name] = _value(field, table[name], file, problems, at + name)
        elif field.required:
            problems.append(Problem(file, at + name, f"missing; needed: {description(field)}"))
    return kind(**values) if len(problems) == before else None


def _value(field: structs.FieldInfo, value: Any, file: str, problems: list[Problem], at: str) -> Any:
    kind, items = nested(field)
    if kind and not items and isinstance(value, dict):
        return build(kind, value, file, problems, at + ".")
    if kind and items and isinstance(value, list) and all(isinstance(item, dict) for item in value):
        if (items.min_length or 0) <= len(value) <= (items.max_length or 999):
            return [build(kind, item, file, problems, f"{at}[{i}].") for i, item in enumerate(value, 1)]
    elif not kind:
        if isinstance(value, time):  # a TOML time without quotes
            value = value.strftime("%H:%M")
        try:
            return msgspec.convert(value, field.type)
        except msgspec.ValidationError:
            pass
    found = "not filled in yet" if value == "" else f"{_short(value)} will not do"
    problems.append(Problem(file, at, f"{found}; needed: {description(field)}"))
    return None


def _short(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _did_you_mean(key: str, names: list[str], file: str) -> str:
    homes = {ATHLETE_FILE: AthleteFile, RACE_FILE: RaceFile}
    for other, kind in homes.items():
        if other != file and key in fields_of(kind):
            return f"; it belongs in {other}"
    close = difflib.get_close_matches(key, names, n=1)
    return f'; did you mean "{close[0]}"?' if close else f"; there are: {', '.join(names)}"
