"""The plan of a run that nobody has planned: the same bytes on device and host, now and later."""

from binascii import crc32
from pathlib import Path

import pytest
from holdback.errors import IntegrityError
from holdback.evening import Evening
from holdback.recordings.plans import open_plan, unplanned_with
from pacing.planwriter import encode
from pacing.unplanned import MOST_BPM, unplanned

from host.recording_samples import write_recording


@pytest.mark.parametrize("hr_cap_bpm", [0, 150, MOST_BPM])
def test_it_is_a_plan_as_the_writer_writes_them(hr_cap_bpm: int) -> None:
    spec = {
        "stage_no": 7, "role": 3, "cs_cms": 700, "hr_cap_bpm": hr_cap_bpm, "head_start": 0,
        "caps": [(1 << 29, 1500, 0, 0)],
    }  # fmt: skip
    plan, written = open_plan(unplanned(7, hr_cap_bpm)), open_plan(encode(spec))
    names = [name for name in vars(written) if name not in ("crc", "read", "offsets", "tile", "_buf")]
    for name in names:
        if isinstance(getattr(written, name), int | bytes | bytearray | tuple):
            assert getattr(plan, name) == getattr(written, name), name
    assert (plan.stage_no, plan.has_course, plan.hr_cap_bpm) == (7, False, hr_cap_bpm)


def test_recordings_of_old_find_their_plan() -> None:
    """These bytes must not change: the CRC-32 in a recording is all that tells its plan."""
    assert crc32(unplanned(1, 0)[:-4]) == 0x1A66382B


def test_the_host_makes_it_again_from_its_checksum() -> None:
    found = unplanned_with(crc32(unplanned(12, 163)[:-4]), 12)
    assert found and (found.stage_no, found.hr_cap_bpm) == (12, 163)
    assert unplanned_with(crc32(unplanned(12, 163)[:-4]), 11) is None
    assert unplanned_with(0, 0) is None
    with pytest.raises(IntegrityError):
        open_plan(unplanned(0, 0))


def test_sync_takes_a_run_without_a_plan_for_no_stage_of_the_race(tmp_path: Path) -> None:
    """Also where no gun tells the days apart."""
    (tmp_path / "race.toml").write_text('name = "Test"\n')
    arriving = tmp_path / "recordings" / "arriving"
    arriving.mkdir(parents=True)
    write_recording(arriving, 60, 2, crc32(unplanned(2, 150)[:-4])).rename(arriving / "stage-02.hbr")
    assert Evening(tmp_path).put_away() == [tmp_path / "recordings" / "other" / "stage-02.hbr"]
