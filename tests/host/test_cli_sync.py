"""`holdback sync` as typed: twice, interrupted anywhere, with two devices, with a recording of another race."""

import asyncio

import pytest
from holdback.cli import asking
from holdback.cli.app import run_async
from holdback.errors import ExitCode
from holdback.evening import Evening
from holdback.race import load_results
from holdback.simulation.clock import run_virtual

from host.cli_rig import FakeScanner, in_the_air, runner
from host.fake_device import FakeDevice
from host.race_folder import make_race, run_stage
from host.recording_samples import recording

TWO = (("Holdback-BEEF", "C0:00:00:00:00:02", -50), ("Holdback-C0DE", "C0:00:00:00:00:01", -60))


@pytest.fixture
def race(tmp_path):
    return make_race(tmp_path)


@pytest.fixture
def device(monkeypatch, tmp_path, race) -> FakeDevice:
    """In the evening of day 1, with the day's recording on it."""
    monkeypatch.setattr(asking, "on_terminal", lambda: False)
    return in_the_air(monkeypatch, tmp_path, FakeDevice(stage_01=run_stage(race, 1)))


@pytest.fixture
def hb(device, capsys):
    return runner(capsys)


def pieces(device: FakeDevice) -> list[int]:
    """Where each piece of a recording that was asked for begins; what each status asks of faults counts not."""
    reads = [body for group, command, body in device.asked if (group, command) == (8, 0) and "data" not in body]
    return [body["off"] for body in reads if body["name"] != "errors"]


def downloads(device: FakeDevice) -> int:
    return len(pieces(device))


def written(race) -> dict[str, int]:
    """When each file of recordings/ was written, but for the one that names the device."""
    return {path.name: path.stat().st_mtime_ns for path in (race / "recordings").glob("stage-*")}


def told(folder) -> list[tuple[int, str, int | None]]:
    return [(entry.stage, entry.ended, entry.rating) for entry in load_results(folder)]


def test_an_evening_in_one_command(hb, device, race):
    code, out, _ = hb("sync", race, "--ended", "finished", "--rating", 6)
    assert code == 0 and (race / "recordings/stage-01.hbr").read_bytes() == device.files["stage-01"]
    assert (race / "recordings/stage-01.fit").read_bytes()[8:12] == b".FIT"
    assert "stage 1: 3.0 km in 0:16:4" in out and "cue" in out and "stage 1: finished, 6 of 10" in out
    assert told(race) == [(1, "finished", 6)]
    assert set(device.files) == {"stage-01", "plan-02", "plan-03"} and device.activated[-1][0] == 2
    assert "stage 2 is on Holdback-C0DE, and armed" in out


def test_twice_does_nothing_twice(hb, device, race):
    assert hb("sync", race, "--ended", "finished", "--rating", 6)[0] == 0
    before = written(race)
    asked = downloads(device)
    code, out, _ = hb("sync", race)
    assert code == 0 and downloads(device) == asked and told(race) == [(1, "finished", 6)]
    assert "nothing new" in out and "nothing to do: stage 2 is on Holdback-C0DE already, and armed" in out
    assert written(race) == before


def test_soon_after_the_first_time_it_is_armed_and_silent_and_says_how_to_open_it(hb, race, monkeypatch):
    assert hb("sync", race, "--rating", 5)[0] == 0
    monkeypatch.setattr(FakeScanner, "heard", ())
    race.rename(race.with_name("my race"))
    code, out, err = hb("sync", "my race")
    assert code == ExitCode.NOT_FOUND and "nothing new" in out
    assert "it was left armed with stage 2, and an armed device is silent" in err
    assert "press its button three times (one buzz answers), and within two minutes: holdback sync 'my race';" in err
    assert "if that stage still runs, end it first" in err and "add --device" in err


def test_a_computer_without_bluetooth_sends_nobody_to_the_button(hb, race, monkeypatch):
    assert hb("sync", race, "--rating", 5)[0] == 0
    monkeypatch.setattr(FakeScanner, "error", OSError("no bus"))
    code, _, err = hb("sync", race)
    assert code == ExitCode.NOT_FOUND and "no usable Bluetooth adapter" in err and "press" not in err


def test_a_plan_that_is_there_but_not_armed_is_armed(hb, device, race):
    assert hb("sync", race, "--rating", 5)[0] == 0
    device.activated = []
    code, out, _ = hb("sync", race)
    assert code == 0 and "nothing to do" not in out and "stage 2 is on Holdback-C0DE already, and armed" in out
    assert device.activated[-1][0] == 2


def test_earlier_starts_come_along_and_are_not_charged(hb, device, race):
    device.files["stage-01.1"], device.files["stage-01.2"] = (run_stage(race, 1, seconds=n) for n in (120, 240))
    code, out, err = hb("sync", race, "--rating", 5)
    assert code == 0 and out.count("verified") == 3 and err.count("an earlier start of stage 1: kept, not charged") == 2
    for k in (1, 2):
        assert (race / f"recordings/stage-01.{k}.hbr").read_bytes() == device.files[f"stage-01.{k}"]
    assert told(race) == [(1, "finished", 5)] and out.count("stage 1: 3.0 km") == 1
    asked = downloads(device)
    assert hb("sync", race)[0] == 0 and downloads(device) == asked


def test_an_earlier_start_takes_no_name_that_is_taken(hb, device, race):
    false_start = device.files["stage-01"] = run_stage(race, 1, seconds=200)
    assert hb("sync", race)[0] == 0  # between the false start and the gun
    device.files["stage-01.1"], device.files["stage-01.2"] = false_start, run_stage(race, 1, seconds=300)
    device.files["stage-01"] = run_stage(race, 1)
    (race / "recordings/stage-01.2.hbr").write_bytes(b"precious")
    code, document, _ = hb("sync", race, "--json")
    assert code == 0 and [one["kept"] for one in document["pulled"]] == [0, 2]  # the false start was here already
    assert (race / "recordings/stage-01.1.hbr").read_bytes() == false_start
    assert (race / "recordings/stage-01.2.hbr").read_bytes() == b"precious"
    assert (race / "recordings/stage-01.3.hbr").read_bytes() == device.files["stage-01.2"]


def test_an_earlier_start_goes_on_where_it_was_cut(hb, device, race):
    device.files["stage-01.1"] = run_stage(race, 1, seconds=580)
    assert hb("sync", race, "--rating", 5)[0] == 0
    whole = (race / "recordings/stage-01.1.hbr").read_bytes()
    (race / "recordings/stage-01.1.hbr").unlink()
    arriving = race / "recordings/arriving"
    arriving.mkdir()
    (arriving / "stage-01.1.hbr.part").write_bytes(whole[:700])
    device.asked.clear()
    assert hb("sync", race)[0] == 0 and (race / "recordings/stage-01.1.hbr").read_bytes() == whole
    assert pieces(device)[0] == 700


def test_the_questions_of_the_terminal(hb, race, answers):
    answers += ["perhaps", "", "eleven", "11", " 7 "]
    code, out, err = hb("sync", race)
    assert code == 0 and told(race) == [(1, "finished", 7)] and "7 of 10" in out
    assert err.count("1 is a stroll") <= 2 and "none of finished" in err and not answers
    assert hb("sync", race)[0] == 0  # nobody is asked again: there are no answers left


def test_an_end_of_input_is_4_and_the_question_comes_again(hb, device, race, answers):
    answers += ["shortened"]
    code, _, err = hb("sync", race)
    assert code == ExitCode.INTERRUPTED and told(race) == [] and "next: run the same command again" in err
    answers += ["shortened", ""]
    asked = downloads(device)
    assert hb("sync", race)[0] == 0 and told(race) == [(1, "shortened", None)] and downloads(device) == asked


@pytest.mark.parametrize("options", [("--ended", "lost"), ("--rating", "much"), ("--rating", "0")])
def test_answers_that_are_none_are_refused_before_anything_happens(hb, device, race, options):
    code, _, err = hb("sync", race, *options)
    assert code == ExitCode.USAGE and "next:" in err and device.asked == []


def test_a_device_that_vanishes_at_any_answer_is_4_and_the_next_call_ends_it(hb, device, race):
    whole = len(device.files["stage-01"])
    interruptions = 0
    for after in range(1, 60, 4):
        device.lose_after, device.gone = after, False
        device.twist = lambda _command, answer: setattr(device, "gone", device.lose_after == 0) or answer
        code, _, err = hb("sync", race)
        if code == 0:
            break
        assert code == ExitCode.INTERRUPTED and "run the same command again" in err
        interruptions += 1
    device.lose_after, device.gone, device.twist = None, False, lambda _command, answer: answer
    assert interruptions >= 3 and hb("sync", race)[0] == 0
    assert (race / "recordings/stage-01.hbr").stat().st_size == whole and device.activated[-1][0] == 2
    assert sorted(path.name for path in (race / "recordings").iterdir()) == [
        "device.txt", "stage-01.fit", "stage-01.hbp", "stage-01.hbr",
    ]  # fmt: skip


def test_ctrl_c_anywhere_says_what_is_kept_and_the_next_call_goes_on(hb, device, race, capsys):
    real = device.twist
    for count in (2, 5, 9, 14, 20, 30, 45):
        left = [count]

        async def interrupted(left=left):
            task = asyncio.create_task(run_async(["sync", str(race)]))

            def stop(_command, answer):
                left[0] -= 1
                if left[0] == 0:
                    task.cancel()
                return answer

            device.twist = stop
            return await asyncio.gather(task, return_exceptions=True)

        [end] = run_virtual(interrupted())
        out, err = capsys.readouterr()
        done = "and armed" in out  # Ctrl-C may come when there is nothing left to interrupt
        assert done or (isinstance(end, asyncio.CancelledError) and "is kept in" in err)
    device.twist = real
    assert hb("sync", race)[0] == 0
    assert (race / "recordings/stage-01.hbr").read_bytes() == device.files["stage-01"]
    assert not (race / "recordings/arriving").exists()


def test_two_devices_want_a_choice_once(hb, device, race, monkeypatch):
    monkeypatch.setattr(FakeScanner, "heard", TWO)
    code, _, err = hb("sync", race)
    assert code == ExitCode.USAGE and "--device" in err and not (race / "recordings/stage-01.hbr").exists()
    assert hb("sync", race, "--device", "c0de")[0] == 0 and Evening(race).device == "C0DE"
    code, document, _ = hb("sync", race, "--json")
    assert code == 0 and document["device"] == "C0DE"
    monkeypatch.setattr(FakeScanner, "heard", TWO[:1])
    code, _, err = hb("sync", race)
    assert code == ExitCode.NOT_FOUND and "no device C0DE" in err and "add --device" in err


def test_a_device_that_is_away_keeps_no_question_from_being_asked(hb, race, monkeypatch, answers):
    assert hb("sync", race)[0] == ExitCode.INTERRUPTED
    monkeypatch.setattr(FakeScanner, "heard", ())
    answers += ["f", "8"]
    code, out, err = hb("sync", race)
    assert code == ExitCode.NOT_FOUND and told(race) == [(1, "finished", 8)] and "stage 1: finished" in out
    assert "no device C0DE in the air" in err


def test_a_recording_of_another_race_is_kept_apart(hb, device, race):
    other = recording(1000, 1)[0]  # its plan is none of these, its day 3 July
    device.files["stage-01"] = other
    stage = (race / "race.toml").read_text().replace("2026-07-03", "2026-08-03")
    (race / "race.toml").write_text(stage)
    code, document, _ = hb("sync", race, "--json")
    assert code == 0 and document["pulled"][0]["ours"] is False and document["stages"] == []
    assert (race / "recordings/other/stage-01.hbr").read_bytes() == other
    assert document["pushed"]["armed"] == 1
    asked = downloads(device)
    assert hb("sync", race)[0] == 0 and downloads(device) == asked


def test_a_second_run_of_a_stage_keeps_the_first_and_its_fit_follows(hb, device, race):
    assert hb("sync", race, "--rating", 5)[0] == 0
    first = device.files["stage-01"]
    device.files["stage-01"] = run_stage(race, 1, 3.3)
    fit = (race / "recordings/stage-01.fit").read_bytes()
    code, document, _ = hb("sync", race, "--json")
    assert code == 0 and (race / "recordings/stage-01.1.hbr").read_bytes() == first
    assert document["stages"][0]["elapsed_s"] == pytest.approx(918, abs=2)
    assert (race / "recordings/stage-01.fit").read_bytes() != fit


def test_a_false_start_does_not_count(hb, device, race):
    device.files["stage-01"] = run_stage(race, 1, seconds=200)
    code, out, _ = hb("sync", race)
    assert code == 0 and "a false start" in out and told(race) == [] and "stage 1 is on" in out


def test_a_rating_alone_does_not_say_how_a_broken_off_stage_ended(hb, device, race):
    device.files["stage-01"] = run_stage(race, 1, seconds=700)
    code, _, err = hb("sync", race, "--rating", 9)
    assert code == ExitCode.USAGE and "--ended" in err and told(race) == []
    assert hb("sync", race, "--rating", 9, "--ended", "dnf")[0] == 0 and told(race) == [(1, "dnf", 9)]


def test_the_last_evening(hb, device, race):
    for stage_no in (2, 3):
        device.files[f"stage-{stage_no:02}"] = run_stage(race, stage_no)
    code, out, err = hb("sync", race)
    assert code == 0 and "that was the last stage" in out and device.activated == []
    assert all(f"how stage {n} ended is open" in err for n in (1, 2, 3))


def test_a_race_toml_in_disorder_keeps_no_recording_out(hb, race):
    (race / "race.toml").write_text("date = \n")
    code, _, err = hb("sync", race)
    assert code == ExitCode.DOMAIN and (race / "recordings/stage-01.hbr").exists() and "race.toml" in err


def test_outside_a_race_folder_it_says_what_to_name(hb, tmp_path):
    code, _, err = hb("sync", tmp_path / "nowhere")
    assert code == ExitCode.NOT_FOUND and "holdback sync RACE_DIR" in err
