"""results.toml: how the stages ended. One entry a stage, whole at every moment, and typed errors for anything else."""

from pathlib import Path

import pytest
from holdback.errors import ExitCode, HoldbackError, UsageError
from holdback.race import RaceError, add_result, load_results
from holdback.race.results import RESULTS_FILE, parse_ending, parse_rating


def test_nothing_is_written_yet(tmp_path: Path):
    assert load_results(tmp_path) == []


def test_results_come_back_in_the_order_of_the_stages_and_a_second_answer_replaces_the_first(tmp_path: Path):
    add_result(tmp_path, 2, "finished", 8)
    add_result(tmp_path, 1, "shortened")
    add_result(tmp_path, 2, "d", " 10 ")
    assert [(entry.stage, entry.ended, entry.rating) for entry in load_results(tmp_path)] == [
        (1, "shortened", None),
        (2, "dnf", 10),
    ]
    assert [path.name for path in tmp_path.iterdir()] == [RESULTS_FILE]


@pytest.mark.parametrize("text", ["hard", "7.5", "0", "11", "-3", "nan", "seven", "½"])
def test_a_rating_that_is_no_number_from_1_to_10(tmp_path: Path, text: str):
    with pytest.raises(UsageError, match=rf'rating: "{text}" is no number from 1 to 10') as caught:
        add_result(tmp_path, 1, "finished", text)
    assert caught.value.exit_code == ExitCode.USAGE and "leave it empty" in caught.value.next_step
    assert not (tmp_path / RESULTS_FILE).exists()


def test_what_a_runner_types_is_understood():
    assert [parse_rating(text) for text in ("7", " 10", "", "  ", None, 3)] == [7, 10, None, None, None, 3]
    assert [parse_ending(text) for text in ("f", "Finished", "s", " DNF ")] == [
        "finished",
        "finished",
        "shortened",
        "dnf",
    ]


@pytest.mark.parametrize(("stage", "ended"), [(0, "dnf"), (65, "dnf"), (1, ""), (1, "won")])
def test_a_stage_or_an_ending_that_there_is_not(tmp_path: Path, stage: int, ended: str):
    with pytest.raises(UsageError):
        add_result(tmp_path, stage, ended)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[[results]]\nstage = 1\nended = "won"',
            'entry 1, ended: "won" will not do; needed: "finished", "shortened"',
        ),
        (
            '[[results]]\nstage = 1\nended = "dnf"\nrating = "hard"',
            'entry 1, rating: "hard" will not do; needed: a wh',
        ),
        (
            '[[results]]\nstage = 1\nended = "dnf"\nrating = 11',
            "entry 1, rating: 11 will not do; needed: a whole number",
        ),
        ('[[results]]\nended = "dnf"', "entry 1, stage: missing"),
        ('[[results]]\nstage = 1\nended = "dnf"\n' * 2, "entry 2, stage: stage 1 stands here twice"),
        ("results", "not TOML"),
    ],
)
def test_a_file_that_was_spoilt_by_hand_is_named_and_left_alone(tmp_path: Path, text: str, says: str):
    (tmp_path / RESULTS_FILE).write_text(text, encoding="utf-8")
    for call in (load_results, lambda folder: add_result(folder, 2, "finished")):
        with pytest.raises(RaceError) as caught:
            call(tmp_path)
        assert isinstance(caught.value, HoldbackError) and says in str(caught.value)
    assert (tmp_path / RESULTS_FILE).read_text(encoding="utf-8") == text
