"""The whole core: what runners hear, that a reset changes nothing, and that every interpreter decides the same."""

import gc

from pacing import cues
from pacing.journal import EV_BATTERY, EV_CUE, EV_END, EV_LEDGER, EV_PRESS, EV_START, EV_UTC, Journal
from pacing.journalreader import Reader
from pacing.pacer import Pacer
from pacing.planformat import DESCENT, HIKE
from pacing.replay import replay

try:
    from core.golden.make_decisions import effort_pm, lines, spoil
    from core.synthetic import Runner, along, plan_of, sample
except ImportError:  # on MicroPython the folder itself is on the path
    from golden.make_decisions import effort_pm, lines, spoil  # pyright: ignore[reportMissingImports]
    from synthetic import Runner, along, plan_of, sample  # pyright: ignore[reportMissingImports]

ROAD = [(0, 0), (0, 1000000)]
SHORT = [(0, 0), (0, 20000), (10000, 20000)]


def listen(runner, effort_of, seconds, **plan):
    """[(second, code, reason)] that `runner` hears at effort_of(second)."""
    pacer = Pacer(plan_of(ROAD, **plan))
    heard = []
    for second in range(seconds):
        if pacer.step(runner.run(effort_of(second))):
            heard.append((second, pacer.reason))
    return heard


def test_an_even_runner_on_plan_hears_nothing_for_hours():
    assert listen(Runner(along(ROAD), 3, 40), lambda _: 800, 4 * 3600, stage_no=1, hr_cap_bpm=160) == []


def test_without_a_strap_too():
    assert listen(Runner(along(ROAD), 4, 40, strap=False), lambda _: 800, 2 * 3600, stage_no=1) == []


def test_real_roughness_on_plan_is_told_seldom():
    heard = listen(Runner(along(ROAD), 5, 130), lambda _: 790, 4 * 3600)
    assert len([1 for _, reason in heard if reason == cues.BY_EFFORT]) <= 4  # once an hour, as on real runs


def test_eagerness_is_told_within_minutes():
    """On the first day, by speed alone and with a strap, on running as rough as real runs are."""
    for excess_pm, most_min in ((80, 14), (120, 10), (200, 9)):
        for strap in (False, True):
            for seed in (1, 2):
                runner = Runner(along(ROAD), seed, 60, strap=strap)
                pace = 800 + 800 * excess_pm // 1000
                heard = listen(runner, lambda _, pace=pace: pace, 1500, stage_no=1)
                assert heard and heard[0][1] == cues.BY_EFFORT
                assert heard[0][0] <= most_min * 60, (excess_pm, strap, seed, heard)


def test_heart_rate_alone_guards_when_speed_says_nothing():
    """Soft sand: slow, and the heart races. The map knows nothing of it."""
    pacer = Pacer(plan_of(ROAD, hr_cap_bpm=155))
    heard = []
    for second in range(600):
        if pacer.step(sample(second, 0, 20 * second, 200, 175)):
            heard.append((pacer.reason, second))
    assert heard[0] == (cues.BY_HEART_RATE, 159)  # 40 bpm-minutes at 15 bpm


def test_save_and_load_at_any_second():
    """A pacer that is replaced by a fresh one every 37 s decides the same to the end, state and all."""
    day = {
        "stage_no": 1,
        "hr_cap_bpm": 150,
        "caps": [(9000, 800, 290, 0), (14000, 800, 150, HIKE), (1 << 29, 800, 290, DESCENT)],
        "profile": (200, [5000 - 16 * max(0, i - 70) for i in range(151)]),
        "ecc_cms": 280,
        "ecc_budget_dm": 60,
        "fuel": (45, 400),
        "eat_every_m": 800,
        "stations": [(24000, 1300, "")],
        "gun_utc_s": 1790000000,
    }
    plan = plan_of(SHORT, **day)
    first = Pacer(plan)
    other = Pacer(plan_of(SHORT, **day))
    runner = Runner(along(SHORT), seed=7, rough_pm=50)
    press = (EV_PRESS, 1)
    ledger = (EV_LEDGER, 980)
    events = (ledger, (EV_UTC, 1790000500), (EV_BATTERY, 15), press, press, press, (EV_PRESS, 3), press)
    said = set()
    for second in range(900):
        now = runner.run(effort_pm(second))
        spoil(now, second + 3900)
        code = first.step(now)
        said.add(code)
        assert code == other.step(now)
        assert not code or (first.reason, first.cue_n) == (other.reason, other.cue_n)
        if second % 37 == 0:
            kind, value = events[second // 37 % len(events)]
            assert first.event(kind, value, now.stage_ms) == other.event(kind, value, now.stage_ms)
            kept = other.save()
            other = Pacer(plan)
            other.load(kept)
            assert other.save() == kept
    assert first.save() == other.save()
    assert len(first.save()) <= 200  # of the 280 that a block has for it
    assert said >= {cues.NONE, cues.EASE, cues.HIKE, cues.EAT, cues.CUTOFF, cues.CHECK}
    assert first.brake.fast and first.ledger.owed


def test_bad_states_are_refused():
    plan = plan_of(SHORT)
    pacer = Pacer(plan)
    pacer.step(sample(0))
    good = pacer.save()
    for bad in (b"", b"\x01", good[:-1], bytes([9]) + good[1:], good[:5] + bytes([good[5] ^ 1]) + good[6:]):
        try:
            pacer.load(bad)
        except ValueError:
            assert pacer.save() == good
        else:
            raise AssertionError(bad)


def test_a_state_of_another_plan_is_refused():
    kept = Pacer(plan_of(SHORT)).save()
    try:
        Pacer(plan_of(SHORT, cs_cms=400)).load(kept)
    except ValueError:
        return
    raise AssertionError("another plan's state was taken")


def test_every_interpreter_decides_the_same():
    with open(__file__.rsplit("/", 1)[0] + "/golden/decisions.txt") as file:
        assert lines() == file.read()


def test_nothing_is_said_after_the_end():
    pacer = Pacer(plan_of(SHORT))
    runner = Runner(along(SHORT), seed=2, rough_pm=20)
    while not pacer.finished:
        pacer.step(runner.run(1000))
    assert pacer.course.progress_dm >= 30000 - 200
    assert not any([pacer.step(runner.run(1000)) for _ in range(900)])
    assert pacer.event(EV_PRESS, 1, 0)  # a press still answers


def test_ended_by_hand():
    pacer = Pacer(plan_of(ROAD, stage_no=1))
    pacer.event(EV_END, 2, 0)
    assert pacer.finished


def test_a_long_gap_is_not_charged():
    pacer = Pacer(plan_of(ROAD))
    for second in range(200):
        pacer.step(sample(second, 0, 32 * second, 320))
    before = pacer.governor.debt
    pacer.step(sample(7200, 0, 6400, 320))
    assert pacer.governor.debt <= before + 2


def test_a_training_plan_has_caps_alone():
    pacer = Pacer(plan_of(None, hr_cap_bpm=150, stage_no=1))
    heard = [second for second in range(1200) if pacer.step(sample(second, 0, 34 * second, 340))]
    assert heard and pacer.course.progress_dm == 0 and pacer.dist_dm > 40000


def test_replay_of_a_recording_decides_the_same():
    file = bytearray()
    plan = plan_of(ROAD, stage_no=1)
    pacer = Pacer(plan)
    journal = Journal(file.extend, 1, plan.crc, b"\x00" * 8, 0, pacer.save)
    journal.event(EV_START, 1, 0)
    pacer.event(EV_START, 1, 0)
    runner = Runner(along(ROAD), seed=6, rough_pm=60)
    felt = []
    for second in range(1500):
        now = runner.run(920)
        code = pacer.step(now)
        journal.sample(now, pacer.dist_dm)
        if second == 1000:
            journal.event(EV_PRESS, 1, now.stage_ms)
            code = code or pacer.event(EV_PRESS, 1, now.stage_ms)
        if code:
            felt.append((now.stage_ms, code, pacer.reason))
            journal.event(EV_CUE, code | pacer.reason << 4, now.stage_ms)
    journal.close()

    def read(offset, buf):
        buf[:] = file[offset : offset + len(buf)]

    assert len(felt) >= 3
    assert list(replay(plan, Reader(read, len(file)))) == felt


def test_a_step_allocates_next_to_nothing():
    if not hasattr(gc, "mem_alloc"):
        return  # CPython cannot tell
    pacer = Pacer(plan_of(SHORT, stage_no=1, hr_cap_bpm=170))
    runner = Runner(along(SHORT), seed=2)
    samples = [runner.run(780) for _ in range(120)]
    for now in samples[:20]:
        pacer.step(now)
    gc.collect()
    before = gc.mem_alloc()  # pyright: ignore[reportAttributeAccessIssue]
    for now in samples[20:]:
        pacer.step(now)
    used = gc.mem_alloc() - before  # pyright: ignore[reportAttributeAccessIssue]
    assert used <= 100 * 64, used
