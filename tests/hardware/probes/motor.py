"""The motor plays the score of EASE, twice: whether it was felt only its wearer knows."""

from time import sleep_ms, ticks_diff, ticks_ms

from pacing.cues import EASE, pattern
from probes.lead import faults, ready_board

_PAUSE_MS = 1500
_LIMIT_MS = 10_000


def run():
    board = ready_board()
    motor = board.motor()
    score = pattern(EASE)
    found: dict = {"score_ms": sum(score), "played_ms": 0}
    try:
        for _ in range(2):
            found["played_ms"] = _play(motor, score)
            sleep_ms(_PAUSE_MS)
    finally:
        motor.stop()
    found["faults"] = faults(board)
    return found


def _play(motor, score):
    begun_ms = ticks_ms()
    motor.play(score)
    while motor.busy and ticks_diff(ticks_ms(), begun_ms) < _LIMIT_MS:
        sleep_ms(1)
    return ticks_diff(ticks_ms(), begun_ms)
