"""Real recordings through receiver, strap, firmware and sync: nothing is lost and nothing is made up."""

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from holdback.device.plans import open_plan
from holdback.recordings.journal import RecordedSample, to_activity
from holdback.recordings.replay import computed_cues, felt_cues
from holdback.simulation.world.felt import SILENCE_MS
from host.test_fit import by_fit_tool, by_fitdecode, expected
from pacing.journal import EV_CUE, EV_END, EV_RESUME
from pacing.sample import JUMP
from system.replay_rig import (
    DATA,
    NO_DATA,
    RUNS,
    Replayed,
    file_metres,
    file_on_flash,
    replayed,
    replayed_with_resets,
    straight_m,
)

pytestmark = pytest.mark.skipif(not DATA, reason=NO_DATA)

BY_LINE = 1
PART_S, MOVING_MS = 30, 0.5
HOP_M = 3  # what is run slowly is counted when it has led somewhere, so it may fall into the next part
LEFT_M = 45  # the finish is seen 20 m before the course's end, a little earlier where the track wanders
FIT_TOOL_SAMPLES = 6000  # fit-tool takes 0.7 ms a sample
RESETS = (0.31, 0.5, 0.83)


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest) -> Replayed:
    return replayed(request.param)


def test_samples_are_what_was_fed(run: Replayed):
    """Place, altitude and speed of the second; the heart rate of that second or the one before it."""
    assert run.result.recording.damage_bytes == 0
    for number, sample in run.pairs:
        truth, hr_bpm = run.placed[number].truth, run.placed[number].hr_bpm
        assert truth
        assert abs(sample.lat_e6 - truth.lat_deg * 1e6) < 1.1 and abs(sample.lon_e6 - truth.lon_deg * 1e6) < 1.1
        assert truth.alt_m is None or abs(sample.alt_dm - truth.alt_m * 10) <= 1
        assert abs(sample.speed_cms - truth.speed_ms * 100) <= 1.1
        if number and after_a_second(run, number):
            assert sample.hr_bpm in (hr_bpm or 0, run.placed[number - 1].hr_bpm or 0)


def test_no_second_is_missing_up_to_the_finish(run: Replayed):
    taken = [number for number, _ in run.pairs]
    assert taken[0] == 0
    assert sorted({*range(taken[-1])} - {*taken}) == []
    (end,) = [event for event in run.result.recording.events if event.kind == EV_END]
    if taken[-1] + 1 < len(run.placed):
        assert end.value == BY_LINE
        metres = file_metres(run.activity, run.placed)
        assert metres[-1] - metres[taken[-1]] < LEFT_M


def test_the_distance_is_the_files_own(run: Replayed):
    """Within 1 % over the half-minutes without a hole that lead somewhere. What the file jumps is not run, and
    shuffling about in a transition area is metres to one counter and none to another.
    """
    metres = file_metres(run.activity, run.placed)
    own = device = 0.0
    for (start, a), (end, b) in moving_parts(run):
        own += metres[end] - metres[start]
        device += (b.dist_dm - a.dist_dm) / 10
    assert device == pytest.approx(own, rel=0.01, abs=HOP_M)


def moving_parts(run: Replayed) -> list[tuple[tuple[int, RecordedSample], tuple[int, RecordedSample]]]:
    """The first and last pair of each stretch of PART_S seconds that leads on at MOVING_MS or more."""
    parts = []
    for first in range(0, len(run.pairs) - PART_S, PART_S):
        part = run.pairs[first : first + PART_S + 1]
        a, b = run.placed[part[0][0]], run.placed[part[-1][0]]
        whole = b.utc_s - a.utc_s < PART_S + 0.5 and not any(sample.flags & JUMP for _, sample in part)
        if whole and straight_m(a, b) >= MOVING_MS * PART_S:
            parts.append((part[0], part[-1]))
    return parts


def after_a_second(run: Replayed, number: int) -> bool:
    """Whether there is no hole before this second."""
    return number > 0 and run.placed[number].utc_s - run.placed[number - 1].utc_s < 1.5


def test_every_byte_of_the_flash_is_back(run: Replayed):
    assert run.result.path.read_bytes() == file_on_flash(run.flash, "rec/stage-01.hbr")


def test_two_decoders_read_the_fit(run: Replayed):
    """fitdecode always; fit-tool, which is slow, where there are at most FIT_TOOL_SAMPLES."""
    points = to_activity(run.result.recording).points
    for point in points:
        point.time_s -= run.result.shift_s
    points = [points[0], *(b for a, b in pairwise(points) if int(b.time_s) > int(a.time_s))]
    data = run.result.fit.read_bytes()
    rows = by_fitdecode(data)
    assert rows == expected(points)
    if len(rows) <= FIT_TOOL_SAMPLES:
        assert by_fit_tool(data) == rows


def test_the_laptop_decides_the_same(run: Replayed):
    result = run.result
    assert computed_cues(result.path.read_bytes(), open_plan(result.plan.data)) == felt_cues(result.recording)


def test_the_motor_played_what_was_decided(run: Replayed):
    result = run.result
    latest_ms = result.stage.elapsed_s * 1000 - SILENCE_MS - 4000
    decided = [
        event.value & 15 for event in result.recording.events if event.kind == EV_CUE and event.stage_ms < latest_ms
    ]
    played = [cue.code for cue in result.stage.cues]
    assert played[: len(decided)] == decided and len(played) - len(decided) <= 1


@pytest.mark.parametrize("name", ["Garmin", "strava"])
def test_resets_in_the_middle(name: str):
    """Power fails three times: at most the open block is lost each time, and the laptop still decides the same."""
    run = replayed_with_resets(name, RESETS)
    recording = run.result.recording
    assert [event.value for event in recording.events if event.kind == EV_RESUME] == [1, 2, 3]
    times = [sample.stage_ms for sample in recording.samples]
    assert all(a < b for a, b in pairwise(times))
    assert all(a.stage_ms <= b.stage_ms for a, b in pairwise(recording.events))
    whole = replayed(name).result.recording
    assert len(whole.samples) - len(recording.samples) <= 3 * (64 + 4)
    assert computed_cues(run.result.path.read_bytes(), open_plan(run.result.plan.data)) == felt_cues(recording)
    assert felt_cues(recording), "a run without cues proves nothing"


def test_an_old_run_keeps_its_time_of_day():
    """The firmware believes no date before 2024; the FIT has the file's own."""
    run = replayed("Garmin")
    assert run.result.shift_s % 86_400 == 0 and run.result.shift_s > 0
    first = run.activity.points[0].time_s
    assert abs((by_fitdecode(run.result.fit.read_bytes())[0][0] or 0) - first) <= 3


def test_replays_are_repeatable():
    again = replayed_with_resets("multisport leg 3", ())
    assert again.result.path.read_bytes() == replayed("multisport leg 3").result.path.read_bytes()
    assert Path(tempfile.gettempdir()) in again.result.path.parents
