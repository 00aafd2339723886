"""The verdict on a stage: what the runner reads in the evening, from runs whose figures are known beforehand."""

from collections.abc import Sequence

import pytest
from holdback.recordings.journal import decode
from holdback.recordings.plans import open_plan
from holdback.recordings.verdict import Verdict, heeding, judge
from holdback.reports.verdict_lines import REMARK_WIDTH, verdict_lines
from holdback.units import KM, MILES, Units
from pacing import cues, planwriter
from pacing.journal import EV_CUE, EV_END, EV_PRESS, EV_START, Journal
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
    presses: Sequence[tuple[int, int]] = (),
    astray_s: int = 1 << 30,
) -> bytes:
    """A recording of legs (seconds, speed in cm/s) due north, with cues (second, code, reason).

    ended_s: the time that the end is dated back to. taken_back_s: when there was an end that was taken back.
    presses: (second, how many). astray_s: from then on 100 m beside the course.
    """
    blocks: list[bytes] = []
    journal = Journal(lambda block: blocks.append(bytes(block)), 1, PLAN.crc, bytes(8), 1_783_058_400, lambda: b"")
    journal.event(EV_START, 1, 0)
    said = {second: code | reason << 4 for second, code, reason in felt}
    s, i, dm = Sample(), 0, 0
    for seconds, speed_cms in legs:
        for _ in range(seconds):
            s.stage_ms, s.speed_cms = i * 1000, speed_cms
            s.lat_e6, s.lon_e6 = 47_000_000 + round(dm / 1.11195), 11_001_320 if i >= astray_s else 11_000_000
            s.alt_dm, s.hr_bpm, s.flags = 5000, 0, FIX_GOOD | ALT_OK
            journal.sample(s, dm)
            if i in said:
                journal.event(EV_CUE, said[i], s.stage_ms)
            for second, count in presses:
                if i == second:
                    journal.event(EV_PRESS, count, s.stage_ms)
            if i == taken_back_s:
                journal.event(EV_END, 2, s.stage_ms)
            i, dm = i + 1, dm + speed_cms // 10
    if ended:
        journal.event(EV_END, ended, (ended_s or i) * 1000)
    journal.close()
    return b"".join(blocks)


def lines(one: Verdict, units: Units = KM) -> list[str]:
    return verdict_lines(one, units)


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
    assert "30 min over in the first hour, 5 min after it" in lines(v)[1]


def test_against_the_plan_only_where_the_course_was_run_to_its_end():
    whole = verdict(run([(4000, EASY)]))
    assert whole.whole and whole.against_plan_s == 300 and "5 min behind the plan" in lines(whole)[0]
    half = verdict(run([(2000, EASY)]))
    assert not half.whole and half.against_plan_s is None and lines(half)[0] == "stage 1: 6.0 km in 0:33:20"
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
    assert v.over_s is None and v.planned_s is None and "its plan is not here" in lines(v)[1]


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
        return lines(Verdict(1, 5000, 9000, 0, 0, asked, heeded, None, False, False))[1]

    assert words(0, 0) == "never over the cap, no cues"
    assert words(1, 0).endswith("1 cue, none heeded") and words(3, 2).endswith("3 cues, 2 heeded")


def test_an_ordinary_day_has_two_lines_and_its_clock_is_rounded_as_everywhere():
    assert len(lines(verdict(run([(1200, EASY)])))) == 2
    assert lines(Verdict(1, 3599.6, 9000, 0, 0, 0, 0, None, False, False))[0] == "stage 1: 9.0 km in 1:00:00"
    assert lines(Verdict(1, 60, 16093.44, 0, 0, 0, 0, None, False, False), MILES)[0].startswith("stage 1: 10.0 mi in")


def test_a_doubtful_plan_is_told_with_what_to_check_and_since_when():
    felt = [(300, EASE, cues.BY_EFFORT), (900, EASE, cues.BY_EFFORT), (1500, EASE, cues.DOUBTFUL)]
    v = verdict(run([(1800, FAST)], felt))
    assert v.doubtful_s == 1500
    assert lines(v)[2].startswith(
        "the plan asked for less than your heart did: one cue an hour from 0:25; check result"
    )
    assert verdict(run([(1800, FAST)], felt), plan=None).doubtful_s == 1500  # the device said so itself
    assert verdict(run([(1800, FAST)], felt[:2])).doubtful_s is None


def test_a_press_off_the_course_is_a_re_route_and_one_on_it_is_not():
    assert verdict(run([(1200, EASY)], presses=[(600, 1)])).rerouted_s is None
    v = verdict(run([(1200, EASY)], presses=[(650, 1), (700, 1)], astray_s=600))
    assert v.rerouted_s == 650 and lines(v)[2] == "re-route accepted at 0:11"
    assert verdict(run([(1200, EASY)], presses=[(650, 3)], astray_s=600)).rerouted_s is None
    assert verdict(run([(1200, EASY)], presses=[(650, 1)], astray_s=640)).rerouted_s is None  # not off it for long


def test_silence_and_a_low_moment_are_told_in_one_line_that_stays_short():
    v = verdict(run([(1300, EASY)], [(960, cues.EAT, cues.LOW_MOMENT)], presses=[(660, 2), (960, 3)], astray_s=600))
    assert (v.quiet_s, v.low_s, v.rerouted_s) == (660, 960, 660)
    assert lines(v)[2:] == ["a low moment at 0:16; re-route accepted at 0:11; pacing silenced at 0:11"]
    everything = lines(Verdict(1, 50_000, 9000, 0, 0, 9, 0, None, False, False, 9000, 8000, 7000, 6000))
    assert len(everything) == 3 and everything[2].startswith("the plan asked") and "low moment" not in everything[2]
    assert len(everything[2]) < REMARK_WIDTH + 20


def test_a_damaged_recording_still_has_a_verdict():
    data = bytearray(run([(1200, FAST)]))
    data[3000:3040] = bytes(40)
    v = verdict(bytes(data))
    assert v.over_s and v.elapsed_s == 1200
