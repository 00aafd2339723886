"""What this race has overspent so far, stage after stage: it lowers the caps of the stages to come.

Counted are percent-minutes of the same effort as for the governor's debt, over 1.03 of the plan's cap, but a moment
counts 10 % at most: the debt has to be soon, the ledger fair. Standing repays nothing, and easing half: with damage as
the tenth power of effort (docs/models.md) an hour at 1.08 of the plan does 1.16 of its damage too much, and one at .92
spares .57.
"""

BAND_PM = 30
MOST_PM = 100
_UNIT = 600  # a percent-minute is 600 per mille seconds
MOST_OWED = 10000  # percent-minutes
# By the recursion of docs/models.md a percent-minute at .95 of what the day allows costs 2.5e-5 of the next morning's
# critical speed [assumed]. Its square, and what a descent does, are left to the host.
A_PM = 40  # percent-minutes that take 1 per mille off
LEAST_PM = 950  # of the plan's caps, however much is owed: a plan that errs must not stop a race


def share_pm(owed: int) -> int:
    """What `owed` percent-minutes at the morning leave of the caps of a plan that knows nothing of them, per mille."""
    return max(LEAST_PM, 1000 - max(0, owed) // A_PM)


def carried(before: int, owed: int) -> int:
    """Percent-minutes on the morning after a stage: what was owed `before` it fades to .6 in a night [assumed], and
    what the stage itself `owed` comes to that.
    """
    return min(MOST_OWED, before * 6 // 10 + owed)


class Ledger:
    """Ledger().step(...): `owed`, percent-minutes of this stage. `share_pm` of the plan's caps is what the stages
    before have left; set by the journal's LEDGER event.
    """

    STATE = ("share_pm", "owed", "_sum")

    def __init__(self):
        self.share_pm = 1000
        self.owed = 0
        self._sum = 0  # the same in per mille seconds

    def step(self, effort_pm: int, cap_pm: int, seconds: int) -> None:
        """Take `seconds` of running at `effort_pm` under the plan's cap."""
        over = effort_pm * 1000 // (cap_pm * self.share_pm // 1000) - 1000 - BAND_PM
        part = max(-MOST_PM, min(MOST_PM, over)) * seconds
        self._sum = max(0, min(MOST_OWED * _UNIT, self._sum + (part if over > 0 else part // 2)))
        self.owed = self._sum // _UNIT
