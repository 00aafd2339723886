"""The verdict on a stage: what the runner reads in the evening, from runs whose figures are known beforehand."""

from collections.abc import Sequence

import pytest
from holdback.recordings.journal import decode
from holdback.recordings.plans import open_plan
from holdback.recordings.verdict import Verdict, heeding, judge
from pacing import cues, planwriter
from pacing.journal import EV_CUE, EV_END, EV_START, Journal
from pacing.plan import Plan
from pacing.sample import ALT_OK, FIX_GOOD, Sample

LENGTH_M = 12_000
CAP_PM = 800
CS_CMS = 400
FAST, EASY = 380, 300  # cm/s: 950 and 750 per mille of the critical speed, against a cap of 800


def plan_bytes() -> bytes:
    points = [(47_000_000 + round(m / 0.111195), 11_000_000, m * 10) for m in range(0, LENGTH_M + 1, 50)]
    spec = {
        "race": "Verdict", "stage_no": 1, "stage_count": 2, "lat0_e6": 47_000_000, "lon0_e6": 11_000_000,
        "cos_q15": 22347, "cs_cms": CS_CMS, "points": points, "profile": (100, [5000] * (LENGTH_M // 10 + 1)),
        "caps": [(LENGTH_M * 10, CAP_PM, 0, 0)], "planned_s": 3700, "debt_limit": 100, "head_start": 0,
    }  # fmt: skip
    return planwriter.encode(spec)


PLAN = open_plan(plan_bytes())


def run(
    legs: list[tuple[int, int]],
    felt: Sequence[tuple[int, int, int]] = (),
    *,
    ended: int = 2,
    ended_s: int | None = None,
    taken_back_s: int = -1,
) -> bytes:
    """A recording of legs (seconds, speed in cm/s) due north, with cues (second, code, reason).

    ended_s: the time that the end is dated back to. taken_back_s: when there was an end that was taken back.
    """
    blocks: list[bytes] = []
    journal = Journal(lambda block: blocks.append(bytes(block)), 1, PLAN.crc, bytes(8), 1_783_058_400, lambda: b"")
    journal.event(EV_START, 1, 0)
    said = {second: code | reason << 4 for second, code, reason in felt}
    s, i, dm = Sample(), 0, 0
    for seconds, speed_cms in legs:
        for _ in range(seconds):
            s.stage_ms, s.speed_cms = i * 1000, speed_cms
            s.lat_e6, s.lon_e6 = 47_000_000 + round(dm / 1.11195), 11_000_000
            s.alt_dm, s.hr_bpm, s.flags = 5000, 0, FIX_GOOD | ALT_OK
            journal.sample(s, dm)
            if i in said:
                journal.event(EV_CUE, said[i], s.stage_ms)
            if i == taken_back_s:
                journal.event(EV_END, 2, s.stage_ms)
            i, dm = i + 1, dm + speed_cms // 10
    if ended:
        journal.event(EV_END, ended, (ended_s or i) * 1000)
    journal.close()
    return b"".join(blocks)


def verdict(data: bytes, plan: Plan | None = PLAN) -> Verdict:
    return judge(decode(data), data, plan)


def test_minutes_over_the_cap_are_those_that_were_run_too_fast():
    v = verdict(run([(600, FAST), (600, EASY)]))
    assert v.over_s == v.over_first_hour_s == pytest.approx(600, abs=60)  # effort settles within a minute
    assert verdict(run([(1200, EASY)])).over_s == 0


def test_the_first_hour_is_told_apart():
    v = verdict(run([(1800, EASY), (2100, FAST)]))
    assert v.over_first_hour_s == pytest.approx(1800, abs=60)
    assert (v.over_s or 0) - (v.over_first_hour_s or 0) == pytest.approx(300, abs=5)
    assert "30 min over in the first hour, 5 min after it" in v.lines()[1]


def test_against_the_plan_only_where_the_course_was_run_to_its_end():
    whole = verdict(run([(4000, EASY)]))
    assert whole.whole and whole.against_plan_s == 300 and "5 min behind the plan" in whole.lines()[0]
    half = verdict(run([(2000, EASY)]))
    assert not half.whole and half.against_plan_s is None and half.lines()[0] == "stage 1: 6.0 km in 0:33:20"
    assert verdict(run([(2000, EASY)], ended=1)).whole  # the device saw the finish line


def test_an_end_that_was_taken_back_is_none_and_one_that_is_dated_back_counts_from_there():
    went_on = verdict(run([(2000, EASY)], taken_back_s=900))
    assert went_on.elapsed_s == 2000 and went_on.distance_m == pytest.approx(6000, abs=5)
    died = verdict(run([(2000, EASY)], ended=0, taken_back_s=900))
    assert died.elapsed_s == 1999
    bus = verdict(run([(1200, EASY), (120, FAST)], ended=5, ended_s=1200))
    assert bus.elapsed_s == 1200 and bus.distance_m == pytest.approx(3600, abs=5) and not bus.whole
    assert verdict(run([(2000, EASY)], ended=4)).whole


def test_without_its_plan_a_stage_has_no_word_on_effort():
    v = verdict(run([(1200, FAST)]), plan=None)
    assert v.over_s is None and v.planned_s is None and "its plan is not here" in v.lines()[1]


def test_an_end_before_ten_minutes_or_a_kilometre_is_a_false_start():
    assert verdict(run([(599, FAST)])).false_start and verdict(run([(900, 100)])).false_start
    assert not verdict(run([(601, FAST)])).false_start


EASE, HARD, CLEAR = cues.EASE, cues.EASE_HARD, cues.CLEAR


@pytest.mark.parametrize(
    ("felt", "counted"),
    [
        ([], (0, 0)),
        ([(EASE, cues.BY_EFFORT), (CLEAR, cues.OBEYED)], (1, 1)),
        ([(EASE, cues.BY_EFFORT), (EASE, cues.REPEATED), (CLEAR, cues.OBEYED)], (1, 1)),
        ([(EASE, cues.BY_EFFORT), (CLEAR, cues.BY_PRESS)], (1, 0)),
        ([(EASE, cues.BY_PRESS), (CLEAR, cues.OBEYED)], (0, 0)),
        ([(EASE, cues.BY_EFFORT), (HARD, cues.BY_HEART_RATE), (CLEAR, cues.OBEYED)], (2, 1)),
        ([(cues.LOOK, cues.OFF_COURSE), (cues.CHECK, cues.GPS_LOST)], (0, 0)),
    ],
)
def test_cues_and_which_were_heeded(felt, counted):
    assert heeding(felt) == counted


def test_the_words_for_cues():
    def words(asked: int, heeded: int) -> str:
        return Verdict(1, 5000, 9000, 0, 0, asked, heeded, None, False, False).lines()[1]

    assert words(0, 0) == "never over the cap, no cues"
    assert words(1, 0).endswith("1 cue, none heeded") and words(3, 2).endswith("3 cues, 2 heeded")


def test_a_damaged_recording_still_has_a_verdict():
    data = bytearray(run([(1200, FAST)]))
    data[3000:3040] = bytes(40)
    v = verdict(bytes(data))
    assert v.over_s and v.elapsed_s == 1200
