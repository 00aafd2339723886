"""docs/race-folder.md names every field, and its examples are what the reader takes."""

import re
import tomllib
from pathlib import Path

import pytest
from holdback.race.problems import Problem, build
from holdback.race.schema import (
    AthleteFile,
    GroundFile,
    HourFile,
    RaceFile,
    ResultFile,
    ResultsEntry,
    StageFile,
    StationFile,
)
from msgspec import Struct, structs

TEXT = (Path(__file__).parents[2] / "docs/race-folder.md").read_text(encoding="utf-8")
HEADS = {
    RaceFile: "## race.toml",
    StageFile: "### Each `[[stages]]`",
    StationFile: "### Each of `stations`",
    GroundFile: "### Each of `ground`",
    HourFile: "### Each of `weather`",
    AthleteFile: "## athlete.toml",
    ResultFile: "## athlete.toml",
    ResultsEntry: "## results.toml",
}


def rows_below(head: str) -> set[str]:
    """The first cells of the table below a heading."""
    table = TEXT.split(f"\n{head}\n", 1)[1].split("\n#", 1)[0]
    return set(re.findall(r"^\| `\[*(\w+)\]*` \|", table, re.MULTILINE))


@pytest.mark.parametrize("kind", HEADS, ids=lambda kind: kind.__name__)
def test_each_field_has_its_row(kind: type[Struct]):
    assert {field.name for field in structs.fields(kind)} <= rows_below(HEADS[kind])


def test_no_row_is_of_a_field_that_is_gone():
    for head in set(HEADS.values()):
        known = {field.name for kind, at in HEADS.items() if at == head for field in structs.fields(kind)}
        assert rows_below(head) <= known, head


def test_the_examples_are_good():
    examples = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    problems: list[Problem] = []
    for example in examples:
        assert build(RaceFile, tomllib.loads(example), "race.toml", problems)
    assert len(examples) == 2 and not problems
