"""`holdback cues` and `device strap` as typed: with a device in memory, made-up straps, answers from a list."""

import pytest
from holdback.errors import ExitCode
from pacing import cues

from host.cli_rig import FakeScanner, in_the_air, runner
from host.fake_device import FakeDevice


@pytest.fixture
def device(monkeypatch, tmp_path) -> FakeDevice:
    return in_the_air(monkeypatch, tmp_path, FakeDevice())


@pytest.fixture
def hb(device, capsys):
    return runner(capsys)


def test_show_has_each_cue_with_its_time_line(hb):
    code, out, _ = hb("cues", "show")
    assert code == 0 and "HIKE" in out and "██··██··████████" in out and "do:   Walk it." in out
    code, document, _ = hb("cues", "show", "ease", "--json")
    assert code == 0 and [cue["score_ms"] for cue in document["cues"]] == [[800, 300, 800]]


def test_a_wrong_name_is_3_and_lists_the_names(hb):
    code, _, err = hb("cues", "show", "bzzz")
    assert code == ExitCode.NOT_FOUND and "cut-off" in err and "next: see them all" in err


def test_draw_writes_the_pictures_and_says_where(hb, tmp_path):
    code, out, _ = hb("cues", "draw", tmp_path / "new" / "folder")
    assert code == 0 and "9 pictures" in out and len(list((tmp_path / "new/folder").glob("*.svg"))) == 9
    (tmp_path / "file").write_text("")
    code, _, err = hb("cues", "draw", tmp_path / "file")
    assert code == ExitCode.DOMAIN and "cannot be written" in err and "next:" in err


def test_play_asks_the_device(hb, device):
    code, document, _ = hb("cues", "play", "check-me", "--n", 3, "--json")
    assert code == 0 and device.played == [(cues.CHECK, 3)] and document["cue"] == "check-me"
    assert hb("cues", "play", "hike")[0] == 0 and device.played[-1] == (cues.HIKE, 0)
    assert hb("cues", "play", "ease", "--n", 2)[0] == ExitCode.USAGE and len(device.played) == 2


def test_play_while_a_stage_runs_is_refused_in_words(hb, device):
    device.running = True
    code, _, err = hb("cues", "play", "ease")
    assert code == ExitCode.DOMAIN and "EACCESSDENIED (11)" in err and "end the stage" in err


def test_an_old_firmware_says_that_it_is_old(hb, device):
    device.twist = lambda command, answer: {"rc": 8} if command in ((64, 5), (64, 6)) else answer
    assert "update it" in hb("cues", "play", "ease")[2]
    assert "update it" in hb("device", "strap", "")[2]


def test_quiz_counts_and_says_what_gets_mixed_up(hb, answers):
    answers += ["nonsense", ""] + ["ease"] * 4
    code, out, err = hb("cues", "quiz", "--rounds", 4, "--seed", 5)
    assert code == 0 and "that is no cue" in out and "of 4 right" in out and "you mix up" in out
    assert err.count("\n") == 5  # four cues, one of them twice


def test_quiz_ends_when_the_answers_end(hb, answers):
    assert "0 of 0 right" in hb("cues", "quiz")[1]
    answers += ["1", "q"]
    assert "of 1 right" in hb("cues", "quiz")[1]


def test_quiz_on_the_wrist_survives_a_link_that_went_quiet(hb, device, answers):
    answers += ["1", "2", "3"]

    def hang_up(command, answer):
        if command == (64, 5) and len(device.played) == 1:
            device.lose_after = 0
        return answer

    device.twist = hang_up
    code, _, err = hb("cues", "quiz", "--device", "any", "--no-picture", "--rounds", 3, "--seed", 1)
    assert code == 0 and len(device.played) == 3 and device.connections == 2 and "█" not in err


def test_a_quiz_without_a_picture_needs_a_device(hb):
    assert hb("cues", "quiz", "--no-picture")[0] == ExitCode.USAGE
    assert hb("cues", "quiz", "--rounds", 0)[0] == ExitCode.USAGE


MINE, OTHER = ("HRM 4711", "D0:00:00:00:00:01", -50), ("HRM 0815", "D0:00:00:00:00:02", -70)


def test_straps_are_listed_strongest_first(hb, monkeypatch):
    assert "no strap in the air" in hb("device", "strap")[1]
    monkeypatch.setattr(FakeScanner, "straps", (OTHER, MINE))
    code, out, _ = hb("device", "strap")
    assert code == 0 and out.index("HRM 4711") < out.index("HRM 0815") and "-50 dBm" in out
    assert hb("device", "strap", "--json")[1]["straps"][0] == {
        "name": "HRM 4711", "address": "D0:00:00:00:00:01", "rssi_dbm": -50,
    }  # fmt: skip


def test_a_strap_is_pinned_by_name_and_unpinned(hb, device, monkeypatch):
    monkeypatch.setattr(FakeScanner, "straps", (OTHER, MINE))
    code, out, _ = hb("device", "strap", "hrm 4711")
    assert code == 0 and device.strap == "HRM 4711" and "no other strap" in out
    code, out, _ = hb("device", "strap", "")
    assert code == 0 and device.strap == "" and "any strap" in out


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("HRM 1234", ExitCode.NOT_FOUND, "heard: HRM 4711, HRM 0815"),
        ("twin", ExitCode.USAGE, "2 straps in the air are called twin"),
        ("a strap with far too long a name", ExitCode.USAGE, "32 bytes, 24 fit"),
    ],
)
def test_a_strap_that_cannot_be_meant(hb, device, name, code, words):
    twins = (("twin", "D0:00:00:00:00:03", -80), ("twin", "D0:00:00:00:00:04", -81))
    FakeScanner.straps = (OTHER, MINE, *(twins if name == "twin" else ()))
    got, _, err = hb("device", "strap", name)
    assert got == code and words in err and "next:" in err and device.strap == ""


def test_the_first_thing_that_a_new_user_sees(hb):
    code, out, _ = hb()
    assert code == 0 and "holdback demo" in out and "holdback race init" in out
    code, _, err = hb("evice")
    assert code == ExitCode.USAGE and "did you mean holdback device?" in err
    assert "next: holdback device pull --help" in hb("device", "pull", "--stag", "1")[2]
