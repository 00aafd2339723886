"""The scores of the cues: what runner and motor need of each."""

from pacing import cues

CODES = (cues.EASE, cues.EASE_HARD, cues.CLEAR, cues.HIKE, cues.EAT, cues.LOOK, cues.CUTOFF)


def test_durations():
    total_ms = {
        cues.EASE: 1900,
        cues.EASE_HARD: 5300,
        cues.CLEAR: 400,
        cues.HIKE: 1600,
        cues.EAT: 1800,
        cues.LOOK: 2 * (6 * 200 + 5 * 150) + 1000,
        cues.CUTOFF: 1600,
    }
    for code in CODES:
        assert sum(cues.pattern(code)) == total_ms[code]
    assert sum(cues.pattern(cues.CHECK, 3)) == 2200 + 1000 + 3 * 300 + 2 * 300


def test_every_score_can_be_felt():
    scores = [cues.pattern(code) for code in CODES]
    scores += [cues.pattern(cues.CHECK, n) for n in range(1, 6)]
    scores += [cues.pattern(cues.READY, n) for n in range(1, 15)]
    for score in scores:
        assert len(score) % 2 == 1  # begins and ends with the motor on
        assert min(score) >= 150
        assert max([score[i] for i in range(0, len(score), 2)]) <= 1000  # a longer pulse is a stuck motor


def test_check_counts():
    assert [len(cues.pattern(cues.CHECK, n)) for n in (1, 2, 5)] == [7, 9, 15]


def test_ready_spells_the_stage():
    assert cues.pattern(cues.READY, 2) == (400, 400, 400, 1000, 800)
    assert cues.pattern(cues.READY, 5) == (800, 1000, 800)
    assert cues.pattern(cues.READY, 6) == (800, 400, 400, 1000, 800)
    assert cues.pattern(cues.READY, 10) == (800, 400, 800, 1000, 800)


def test_unknown_codes_have_no_score():
    for code in (cues.NONE, 10, -1):
        try:
            cues.pattern(code)
        except ValueError:
            continue
        raise AssertionError(code)
