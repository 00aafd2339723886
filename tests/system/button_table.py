"""The one button: every gesture in every state, what is felt, and the state after. docs/cues.md shows this table."""

from dataclasses import dataclass

from pacing.cues import CLEAR, EAT, READY
from system.firmware_rig import pulses

# Milliseconds pressed, let go, pressed ...
ONCE = "press once"
TWICE = "press twice"
THREE = "press three times"
MORE = "press four times or more"
LONG = "hold for less than 3 s"
HOLD = "hold 3 s, feel a buzz, let go, press within 5 s"
ALONE = "hold, and no press; or held for 5 s and longer"
LATE = "hold 3 s, and press too late"
GESTURES: dict[str, tuple[tuple[int, ...], ...]] = {
    ONCE: ((120,),),
    TWICE: ((120, 200, 120),),
    THREE: ((120, 200, 120, 200, 120),),
    MORE: ((120, 200) * 3 + (120,), (120, 200) * 5 + (120,)),
    LONG: ((2500,),),
    HOLD: ((3300, 1000, 120),),
    ALONE: ((3300,), (9000,)),
    LATE: ((3300, 5500, 120),),
}

# The states, and what the page calls them. After a stage: a minute finished, then idle.
RUNNING, ARMED, WINDOW, FINISHED, IDLE, SAFE = "running", "armed", "window", "finished", "idle", "safe"
FRESH = "fresh"  # idle, and no stage has been run
COLUMNS = {
    "on the way": (RUNNING,),
    "at the start (armed)": (ARMED,),
    "phone window": (WINDOW,),
    "after a stage": (FINISHED, IDLE),
    "before the first": (FRESH,),
}


@dataclass(frozen=True)
class Cell:
    """What the page says, the pulses that are felt in the test, and the state after if it is another."""

    words: str
    felt: list[int]
    after: str = ""


BUZZ = [200]
ANSWER = pulses(READY, 1)
NEXT = "the next stage: READY, or CHECK ME 4"
AS_ONE = "as one press"
ONE = (pulses(CLEAR), ANSWER, BUZZ, ANSWER, BUZZ)  # what one press is answered with, in each column
OPEN = Cell("a buzz: the window is open", BUZZ)
BEGINS = Cell("CLEAR: the stage begins here", BUZZ + pulses(CLEAR), RUNNING)
NOTHING = Cell("nothing but the buzz", BUZZ)
# One cell a column of COLUMNS.
TABLE: dict[str, tuple[Cell, ...]] = {
    ONCE: (
        Cell("CLEAR, EASE or CHECK ME", ONE[0]),
        Cell("READY or CHECK ME", ONE[1]),
        Cell("a buzz", ONE[2]),
        Cell("READY of the last stage", ONE[3]),
        Cell("a buzz", ONE[4]),
    ),
    TWICE: (
        Cell("the same, and half an hour without pacing cues", pulses(CLEAR)),
        Cell(NEXT, pulses(READY, 2)),
        Cell(NEXT, pulses(READY, 2), ARMED),
        Cell(NEXT, pulses(READY, 2), ARMED),
        Cell(NEXT, ANSWER, ARMED),
    ),
    THREE: (
        Cell("EAT: a low moment begins; or CLEAR: it is over", pulses(EAT)),
        Cell("a buzz: the phone window, 2 min", BUZZ, WINDOW),
        OPEN,
        OPEN,
        OPEN,
    ),
    MORE: tuple(Cell(AS_ONE, felt) for felt in ONE),
    LONG: tuple(Cell(AS_ONE, felt) for felt in ONE),
    HOLD: (
        Cell("a second buzz: the stage ends here", BUZZ * 2, FINISHED),
        BEGINS,
        BEGINS,
        Cell("a second buzz: the end is taken back (30 min)", BUZZ * 2, RUNNING),
        Cell("nothing while a stage is to come; else CLEAR: a run without a plan begins", BUZZ),
    ),
    ALONE: (NOTHING,) * len(COLUMNS),
    LATE: tuple(Cell(AS_ONE, BUZZ + felt) for felt in ONE),
}


def cells(state: str) -> dict[str, Cell]:
    """The cells of a state by gesture. In safe mode nothing is felt."""
    if state == SAFE:
        return dict.fromkeys(TABLE, Cell("", []))
    column = next(i for i, states in enumerate(COLUMNS.values()) if state in states)
    return {gesture: row[column] for gesture, row in TABLE.items()}


def page() -> str:
    """The table as docs/cues.md shows it."""
    head = ["you", *COLUMNS]
    rows = [[gesture, *(cell.words for cell in row)] for gesture, row in TABLE.items()]
    lines = [f"| {' | '.join(line)} |" for line in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])
