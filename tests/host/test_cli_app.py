"""What every command shares: errors as words or as one document, exit codes, and output that stays text."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from holdback.cli import output
from holdback.cli.app import run_async
from holdback.errors import ExitCode, HoldbackError

from host.make_fixtures import hilly, write

MAIN = [sys.executable, "-c", "from holdback.cli import main; main()"]


def document_of(capsys: pytest.CaptureFixture[str], *tokens: str | Path) -> dict[str, str | int]:
    code = asyncio.run(run_async([*map(str, tokens)]))
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["exit_code"] == code and not err
    return document


@pytest.mark.parametrize(
    ("tokens", "next_step"),
    [
        (["nonsense", "--json"], "holdback --help"),
        (["race", "check", "--bogus", "--json"], "holdback race check --help"),
        (["recording", "show", "--json"], "holdback recording show --help"),
        (["simulate", "--seed", "x", "--json=true"], "holdback simulate --help"),
    ],
)
def test_a_usage_error_is_one_document_that_names_the_help(capsys, tokens: list[str], next_step: str):
    document = document_of(capsys, *tokens)
    assert (document["exit_code"], document["next"]) == (ExitCode.USAGE, next_step)


@pytest.mark.parametrize("command", [["race", "check"], ["device", "push"], ["recording", "show"]])
def test_what_the_system_refuses_is_words(capsys, command: list[str]):
    document = document_of(capsys, *command, "x" * 300, "--json")
    assert document["exit_code"] == ExitCode.DOMAIN and "x" * 300 in str(document["error"])
    assert document["why"] == os.strerror(36) and document["next"]


def test_names_are_printed_as_they_are_but_for_control_characters(capsys):
    output.reset(json_document=False)
    output.say("[/x] :car: [red] \x1b[31m\x07\u009b")
    output.note("\x1b[2J")
    output.error(HoldbackError("\x1b]0;title\x07", "[/why]", ":car:"))
    out, err = capsys.readouterr()
    assert out == "[/x] :car: [red] �[31m��\n"
    assert "\x1b" not in err and "[/why]" in err and ":car:" in err


def test_a_table_on_a_terminal_takes_brackets_for_text(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    output.reset(json_document=False)
    output.table(["Name"], [["[/red] :car: \x1b[5m"]], title="[/x]")
    out = capsys.readouterr().out
    assert "[/red] :car: �[5m" in out and "[/x]" in out


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A race whose name is not ASCII."""
    answers = "--date 2026-09-04 --timezone Europe/Vienna --start 07:00 --distance-km 42.2 --time 3:45:00 --name Größe"
    file = str(write(tmp_path / "day.gpx", hilly(9_000)))
    asyncio.run(run_async(["race", "init", str(tmp_path / "alps"), file, *answers.split()]))
    return tmp_path / "alps"


def test_another_encoding_costs_letters_and_not_the_output(folder: Path):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    for tokens in (["race", "plan", folder], ["race", "plan", folder, "--json"]):
        done = subprocess.run([*MAIN, *map(str, tokens)], env=environment, capture_output=True, text=True, check=True)
        assert not done.stderr.count("Traceback")
    assert json.loads(done.stdout)["race"] == "Größe"


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are not text are Linux's")
def test_a_file_name_that_is_not_text(tmp_path: Path):
    name = os.fsencode(tmp_path) + b"/gr\xfc\xdfe.fit"
    for option in ([], ["--json"]):
        done = subprocess.run([*MAIN, "recording", "show", name, *option], capture_output=True, check=False)
        assert done.returncode == ExitCode.NOT_FOUND and b"Traceback" not in done.stderr
    assert os.fsencode(json.loads(done.stdout)["error"]).startswith(name)


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_reader_that_has_gone_is_no_failure(folder: Path, option: list[str]):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*MAIN, "race", "plan", str(folder), *option], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert done.returncode == ExitCode.OK and b"Error" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_full_disk_behind_stdout_is_words(folder: Path, option: list[str]):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*MAIN, "race", "check", str(folder), *option], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (
        done.returncode == ExitCode.DOMAIN
        and b"Traceback" not in done.stderr
        and os.strerror(28).encode() in done.stderr
    )


def test_ctrl_c_behind_the_document_adds_no_second_one(capsys):
    output.reset(json_document=True)
    output.document({"done": True})
    output.error(HoldbackError("interrupted"))
    assert json.loads(capsys.readouterr().out) == {"done": True}


def test_ctrl_c_while_loading_is_no_traceback():
    code = """
import builtins, holdback.cli
real = builtins.__import__
def stop(name, *rest):
    if name == "holdback.cli.app":
        raise KeyboardInterrupt
    return real(name, *rest)
builtins.__import__ = stop
holdback.cli.main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == ExitCode.INTERRUPTED and not done.stderr


@pytest.mark.parametrize(
    ("blocks", "command"),
    [
        ("holdback.race.check.plan_race", "race plan ."),
        ("holdback.device.usb._run", "device logs --port auto"),  # async, but for its cable
    ],
)
def test_ctrl_c_stops_a_command_that_blocks_at_once(folder: Path, blocks: str, command: str):
    """A command that holds the event loop would hear it only at its end, and have said everything by then."""
    module, _, name = blocks.rpartition(".")
    code = f"""
import {module}, os, signal, sys, time
def never_ends(*_, **__):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)
    print("not stopped")
{module}.{name} = never_ends
from holdback.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()],
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == ExitCode.INTERRUPTED and done.stdout == ""
    assert "error: interrupted" in done.stderr and "next: run the same command again" in done.stderr


@pytest.mark.parametrize(
    ("tokens", "missing"),
    [(["race", "init"], "FOLDER"), (["recording", "show"], "FILE"), (["cues", "play"], "NAME")],
)
def test_what_is_missing_is_called_by_its_name(capsys, tokens: list[str], missing: str):
    document = document_of(capsys, *tokens, "--json")
    assert document["error"] == f"holdback {' '.join(tokens)}: {missing} is missing"
